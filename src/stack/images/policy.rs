//! Which images must be pulled or built before containers can be made. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::compose::image_name::is_same_image;
use crate::compose::model::{Project, Service};
use crate::engine::api::ImageDetails;
use crate::stack::desired::{hook_image, image_name, mounted_key, platform};
use crate::stack::observed::ImageKey;
use crate::stack::plan::{Action, Cause, OnFailure, Phase, Plan, Step, StepId};
use crate::stack::up::Build;

/// What decides over images besides the services.
#[derive(Clone, Copy)]
pub(in crate::stack) struct Circumstances<'a> {
    /// The project.
    pub(in crate::stack) project: &'a Project,
    /// Images that the engine has.
    pub(in crate::stack) images: &'a BTreeMap<ImageKey, Arc<ImageDetails>>,
    /// `--build`, `--no-build`.
    pub(in crate::stack) build: Build,
    /// `--pull`.
    pub(in crate::stack) pull: Option<&'a str>,
    /// The time, for policies such as `daily`.
    pub(in crate::stack) now: DateTime<Utc>,
}

/// When an image is pulled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Policy {
    Always,
    Never,
    Missing,
    Build,
    /// When the local one is older than this.
    After(chrono::TimeDelta),
}

/// The image of a service with the platform it is needed for.
pub(in crate::stack) fn key(project: &Project, service: &Service) -> ImageKey {
    (image_name(project, service), platform(project, service).to_owned())
}

impl Policy {
    /// As it is written in a file or a flag; unknown words mean "when missing".
    pub(super) fn parse(text: &str) -> Self {
        match text {
            "always" => Self::Always,
            "never" => Self::Never,
            "build" => Self::Build,
            "daily" => Self::After(chrono::TimeDelta::days(1)),
            "weekly" => Self::After(chrono::TimeDelta::weeks(1)),
            _ => text
                .strip_prefix("every_")
                .and_then(|period| crate::compose::units::parse_duration(period).ok())
                .map_or(Self::Missing, |period| {
                    Self::After(chrono::TimeDelta::nanoseconds(period.0))
                }),
        }
    }
}

/// The pulls and builds that services need, dependencies first.
pub(in crate::stack) fn plan<'a>(
    around: &Circumstances<'a>,
    services: impl Iterator<Item = &'a Service>,
) -> Plan {
    let mut plan = Plan::default();
    let mut pulls: BTreeMap<ImageKey, StepId> = BTreeMap::new();
    let mut builds: BTreeMap<&str, StepId> = BTreeMap::new();
    for service in services {
        let key = key(around.project, service);
        let mut before = Vec::new();
        if let Some(cause) = pull_cause(around, service, &key) {
            let step = pulls.entry(key.clone()).or_insert_with(|| {
                // With `--no-build` too it is the creation that fails, as by Docker Compose.
                let built = service.build.is_some();
                let on_failure = if built { OnFailure::Build } else { OnFailure::Fail };
                plan.add(pull_step(service, &key, on_failure, cause), [])
            });
            before.push(*step);
            plan.pull_along(*step, &service.name);
        }
        if let Some(cause) = build_cause(around, service, &key) {
            let action = Action::BuildImage {
                service: service.name.clone(),
                image: key.0.clone(),
                unless_pulled: !before.is_empty(),
            };
            before.extend(contexts(service).filter_map(|name| builds.get(name)));
            let step = Step::new(action, cause).of(&service.name).phase(Phase::Prepare);
            builds.insert(&service.name, plan.add(step, before));
        }
        for (index, hook) in service.pre_start.iter().enumerate() {
            let key = (hook_image(&key.0, hook).to_owned(), key.1.clone());
            if key.0 != image_name(around.project, service) && !around.images.contains_key(&key) {
                let path = format!("services.{}.pre_start[{index}]", service.name);
                let cause =
                    Cause::at(around.project, &path, "a hook runs in it and it is not here");
                pulls.entry(key.clone()).or_insert_with(|| {
                    plan.add(pull_step(service, &key, OnFailure::Fail, cause), [])
                });
            }
        }
        for (index, mount) in service.volumes.iter().enumerate() {
            let key = mounted_key(mount);
            if mount.r#type == "image" && !around.images.contains_key(&key) {
                let builder = around.project.services.values().find(|other| {
                    is_built(around, other) && image_name(around.project, other) == key.0
                });
                if builder.is_some_and(|builder| builder.image.is_empty()) {
                    // No registry has an image that nobody named.
                    continue;
                }
                let path = format!("services.{}.volumes[{index}]", service.name);
                let cause = Cause::at(around.project, &path, "it is mounted and not here");
                pulls.entry(key.clone()).or_insert_with(|| {
                    let on_failure =
                        if builder.is_some() { OnFailure::Build } else { OnFailure::Fail };
                    plan.add(pull_step(service, &key, on_failure, cause), [])
                });
            }
        }
    }
    ask_last(&mut plan, &pulls);
    plan
}

/// Pulls what is asked for by platform after what is not: where the store keeps one image under a name, the service that
/// asks for one could not be made of the other.
fn ask_last(plan: &mut Plan, pulls: &BTreeMap<ImageKey, StepId>) {
    let (unasked, asked): (Vec<_>, Vec<_>) =
        pulls.iter().partition(|((_, platform), _)| platform.is_empty());
    for ((image, _), last) in asked {
        for (_, first) in unasked.iter().filter(|((other, _), _)| is_same_image(other, image)) {
            plan.order(**first, *last);
        }
    }
}

/// Makes builds come after those whose images they need. `needs` is asked only where there are several.
pub(in crate::stack) fn order_builds(
    plan: &mut Plan,
    needs: impl FnOnce() -> BTreeMap<String, BTreeSet<String>>,
) {
    let builds: BTreeMap<String, StepId> = plan
        .steps()
        .into_iter()
        .filter_map(|(id, step)| match &step.action {
            Action::BuildImage { service, .. } => Some((service.clone(), id)),
            _ => None,
        })
        .collect();
    if builds.len() < 2 {
        return;
    }
    for (service, needed) in needs() {
        let Some(step) = builds.get(&service) else { continue };
        for before in needed.iter().filter_map(|name| builds.get(name)) {
            plan.order(*before, *step);
        }
    }
}

/// Whether the copy of a service's image that the engine has is used as it is: neither pulled nor
/// built anew. `pull` is the policy that a flag gives.
pub fn is_kept(
    project: &Project,
    service: &Service,
    image: &Arc<ImageDetails>,
    build: Build,
    pull: Option<&str>,
    now: DateTime<Utc>,
) -> bool {
    let key = key(project, service);
    let images = [(key.clone(), Arc::clone(image))].into();
    let around = Circumstances { project, images: &images, build, pull, now };
    pull_cause(&around, service, &key).is_none() && build_cause(&around, service, &key).is_none()
}

/// Services whose images this one's build starts from.
fn contexts(service: &Service) -> impl Iterator<Item = &str> {
    service
        .build
        .iter()
        .flat_map(|build| build.additional_contexts.values())
        .filter_map(|context| context.strip_prefix("service:"))
}

/// A step that pulls.
pub(super) fn pull_step(
    service: &Service,
    key: &ImageKey,
    on_failure: OnFailure,
    cause: Cause,
) -> Step {
    let action = Action::PullImage {
        service: service.name.clone(),
        others: Vec::new(),
        image: key.0.clone(),
        platform: (!key.1.is_empty()).then(|| key.1.clone()),
        on_failure,
    };
    Step::new(action, cause).of(&service.name).phase(Phase::Prepare)
}

fn is_built(around: &Circumstances<'_>, service: &Service) -> bool {
    service.build.is_some() && around.build != Build::Never
}

/// The policy in force: a flag's, else the file's.
fn policy(around: &Circumstances<'_>, service: &Service) -> Policy {
    if service.build.is_some() && around.build == Build::Always {
        return Policy::Build;
    }
    Policy::parse(around.pull.unwrap_or(&service.pull_policy))
}

fn pull_cause(around: &Circumstances<'_>, service: &Service, key: &ImageKey) -> Option<Cause> {
    if service.image.is_empty() {
        return None;
    }
    let path = format!("services.{}.pull_policy", service.name);
    let by_policy = |policy: &str| match around.pull {
        Some(flag) => Cause::new(format!("--pull {flag}")),
        None => Cause::at(around.project, &path, format!("pull_policy {policy}")),
    };
    let found = around.images.get(key);
    match (policy(around, service), found) {
        (Policy::Always, _) => Some(by_policy("always")),
        (Policy::After(age), Some(image)) => {
            is_older(image, age, around.now).then(|| by_policy(&service.pull_policy))
        }
        (Policy::Missing | Policy::After(_), None) => Some(missing(around, service, key)),
        (Policy::Build, None) if !is_built(around, service) => Some(missing(around, service, key)),
        (Policy::Never | Policy::Build, _) | (Policy::Missing, Some(_)) => None,
    }
}

fn missing(around: &Circumstances<'_>, service: &Service, key: &ImageKey) -> Cause {
    let other = around.images.keys().any(|(image, platform)| *image == key.0 && *platform != key.1);
    let reason = if other && !key.1.is_empty() {
        format!("the engine does not have it for {}", key.1)
    } else {
        "the engine does not have it".to_owned()
    };
    Cause::at(around.project, &format!("services.{}.image", service.name), reason)
}

fn is_older(image: &ImageDetails, age: chrono::TimeDelta, now: DateTime<Utc>) -> bool {
    DateTime::parse_from_rfc3339(&image.metadata.last_tag_time)
        .is_ok_and(|tagged| now.signed_duration_since(tagged) > age)
}

fn build_cause(around: &Circumstances<'_>, service: &Service, key: &ImageKey) -> Option<Cause> {
    if !is_built(around, service) {
        return None;
    }
    let path = format!("services.{}.build", service.name);
    match policy(around, service) {
        Policy::Build if around.build == Build::Always => Some(Cause::new("--build")),
        Policy::Build => Some(Cause::at(around.project, &path, "pull_policy build")),
        _ if around.images.contains_key(key) => None,
        _ if key.1.is_empty() => {
            Some(Cause::at(around.project, &path, "the engine does not have it"))
        }
        _ => {
            let reason = format!("the engine does not have it for {}", key.1);
            Some(Cause::at(around.project, &path, reason))
        }
    }
}
