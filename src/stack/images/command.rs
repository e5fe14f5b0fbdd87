//! The command `pull`.

use std::collections::{BTreeMap, BTreeSet};

use super::policy::{Policy, key, pull_step};
use crate::compose::model::{Project, Service};
use crate::engine::Engine;
use crate::engine::api::ImageDetails;
use crate::stack::StackError;
use crate::stack::observed::{self, ImageKey};
use crate::stack::plan::{Cause, Plan};
use crate::stack::selection::{Companions, select};

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
}

/// Why a service is not pulled.
enum Skipped {
    /// For a reason that is told.
    Told(&'static str),
    /// Because its own policy says so.
    Silently,
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
    let mut seen = BTreeSet::new();
    for service in services {
        let key = key(project, service);
        match skipped(options, service, &key, &images) {
            Some(Skipped::Told(reason)) => plan.skip(&service.name, reason),
            Some(Skipped::Silently) => {}
            None if seen.contains(&key) => {}
            None => {
                let cause = Cause::new("asked for");
                plan.add(pull_step(service, &key, options.ignore_failures, cause), []);
                seen.insert(key);
            }
        }
    }
    Ok(plan)
}

/// The policy in force, `None` where nothing is written: then it is pulled.
fn policy(options: &PullOptions, service: &Service) -> Option<Policy> {
    let text = options.policy.as_deref().unwrap_or(&service.pull_policy);
    (!text.is_empty()).then(|| Policy::parse(text))
}

fn skipped(
    options: &PullOptions,
    service: &Service,
    key: &ImageKey,
    images: &BTreeMap<ImageKey, ImageDetails>,
) -> Option<Skipped> {
    if service.image.is_empty() {
        return Some(Skipped::Told("No image to be pulled"));
    }
    if options.ignore_buildable && service.build.is_some() {
        return Some(Skipped::Told("Image can be built"));
    }
    match policy(options, service) {
        Some(Policy::Never | Policy::Build) => Some(Skipped::Silently),
        Some(Policy::Missing) if images.contains_key(key) && !is_latest(&key.0) => {
            Some(Skipped::Told("Image is already present locally"))
        }
        _ => None,
    }
}

/// Whether a reference means the tag `latest`, written or not.
fn is_latest(reference: &str) -> bool {
    let name = reference.rsplit('/').next().unwrap_or(reference);
    !name.contains('@') && name.split_once(':').is_none_or(|(_, tag)| tag == "latest")
}
