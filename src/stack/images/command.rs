//! The command `pull`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::policy::{Policy, key, pull_step};
use crate::compose::model::{Project, Service};
use crate::engine::Engine;
use crate::engine::api::ImageDetails;
use crate::stack::execute;
use crate::stack::observed::{self, ImageKey};
use crate::stack::plan::{Cause, OnFailure, Plan};
use crate::stack::progress::Report;
use crate::stack::selection::{Companions, select};
use crate::stack::{StackError, StepError};

/// The flags of `pull`.
#[derive(Debug, Clone, Default)]
pub struct PullOptions {
    /// Services named; empty for all.
    pub services: Vec<String>,
    /// `--include-deps`.
    pub include_dependencies: bool,
    /// `--ignore-buildable`.
    pub ignore_buildable: bool,
    /// `--ignore-pull-failures`.
    pub ignore_failures: bool,
    /// `--policy`: `missing` or `always`.
    pub policy: Option<String>,
    /// What users type before a command: `docker compose`.
    pub program: String,
}

/// Pulls for the command `pull`: every image once, all side by side.
///
/// # Errors
/// A service that does not exist, or an engine that does not answer.
pub async fn plan_pull<E: Engine>(
    project: &Project,
    options: &PullOptions,
    engine: &E,
) -> Result<Plan, StackError> {
    let companions =
        if options.include_dependencies { Companions::Dependencies } else { Companions::None };
    let services = select(project, &options.services, companions)?.services;
    // Only "missing" looks at what is there.
    let wanted: BTreeSet<ImageKey> = services
        .iter()
        .filter(|service| policy(options, service) == Some(Policy::Missing))
        .map(|service| key(project, service))
        .collect();
    let images = observed::images(engine, wanted.iter()).await?;
    let mut plan = Plan::default();
    let mut seen: BTreeMap<ImageKey, &str> = BTreeMap::new();
    for service in services {
        let key = key(project, service);
        if let Some(reason) = skipped(options, service, &key, &images) {
            plan.skip(&service.name, reason);
        } else if let Some(other) = seen.get(&key) {
            plan.skip(&service.name, format!("Image is already being pulled by {other}"));
        } else {
            let on_failure = match (&service.build, options.ignore_failures) {
                (Some(_), _) => OnFailure::Build,
                (None, true) => OnFailure::GoOn,
                (None, false) => OnFailure::Fail,
            };
            plan.add(pull_step(service, &key, on_failure, Cause::new("asked for")), []);
            seen.insert(key, &service.name);
        }
    }
    Ok(plan)
}

/// Carries out a plan of [`plan_pull`]. Of services that could not be pulled but can be built, the
/// user is told how.
///
/// # Errors
/// A pull that failed, unless failures are ignored.
pub async fn run_pull<E: Engine>(
    plan: &Plan,
    options: &PullOptions,
    engine: &E,
    report: &dyn Report,
    cancel: &CancellationToken,
) -> Result<(), StackError> {
    let to_build = execute::run_to_know(plan, engine, report, cancel).await?.to_build;
    let Some((service, reason)) = to_build.first_key_value() else { return Ok(()) };
    let services: Vec<&str> = to_build.keys().map(String::as_str).collect();
    report.warning(&format!(
        "Some service image(s) must be built from source by running:\n    {} build {}",
        options.program,
        services.join(" ")
    ));
    if options.ignore_failures {
        return Ok(());
    }
    Err(StackError::Step(Box::new(StepError {
        service: Some(service.clone()),
        step: "pull image".to_owned(),
        message: reason.clone(),
        ..StepError::default()
    })))
}

/// The policy in force, `None` where it means that the image is pulled, as without one.
fn policy(options: &PullOptions, service: &Service) -> Option<Policy> {
    match options.policy.as_deref().unwrap_or(&service.pull_policy) {
        text @ ("never" | "build" | "missing" | "if_not_present") => Some(Policy::parse(text)),
        _ => None,
    }
}

/// Why a service is not pulled, in Docker Compose's words; `None` when it is.
fn skipped(
    options: &PullOptions,
    service: &Service,
    key: &ImageKey,
    images: &BTreeMap<ImageKey, Arc<ImageDetails>>,
) -> Option<&'static str> {
    if service.image.is_empty() {
        return Some("No image to be pulled");
    }
    match policy(options, service) {
        // Its own policy is reason enough.
        Some(Policy::Never | Policy::Build) => return Some(""),
        Some(Policy::Missing) if images.contains_key(key) && !is_latest(&key.0) => {
            return Some("Image is already present locally");
        }
        _ => {}
    }
    (options.ignore_buildable && service.build.is_some()).then_some("Image can be built")
}

/// Whether a reference means the tag `latest`, written or not.
fn is_latest(reference: &str) -> bool {
    let name = reference.rsplit('/').next().unwrap_or(reference);
    !name.contains('@') && name.split_once(':').is_none_or(|(_, tag)| tag == "latest")
}
