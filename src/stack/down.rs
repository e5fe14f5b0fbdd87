//! `down`: containers, networks, and on demand volumes and images go.

use std::collections::BTreeSet;

use futures_util::future::{join, join4, try_join_all};

use super::desired::image_name;
use super::plan::{Action, Cause, Plan, Step, StepId};
use super::query::{self, Filter, OneOff, ProjectContainer};
use super::reconcile::is_orphan;
use super::selection::{Companions, Selection, is_rebuilt, select};
use super::teardown::{Teardown, Then};
use super::{StackError, labels};
use crate::compose::model::{Project, Service};
use crate::engine::api::{Description, ImageSummary, NetworkDetails, VolumeDetails};
use crate::engine::{Engine, EngineError};

/// The flags of `down`.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Services named; empty for all.
    pub services: Vec<String>,
    /// `--timeout` in seconds; `None` for the container's own.
    pub timeout: Option<i64>,
    /// `--remove-orphans`.
    pub remove_orphans: bool,
    /// `--volumes`: named and anonymous volumes go too.
    pub volumes: bool,
    /// `--rmi`.
    pub images: RemoveImages,
}

/// Which images `down` removes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RemoveImages {
    /// None.
    #[default]
    None,
    /// Those without a name of their own (`--rmi local`).
    Local,
    /// All that services use (`--rmi all`).
    All,
}

/// What there is to take down.
#[derive(Debug, Clone, Default)]
struct Present {
    containers: Vec<ProjectContainer>,
    /// Containers that hooks have left.
    hook_runners: Vec<ProjectContainer>,
    networks: Vec<NetworkDetails>,
    volumes: Vec<VolumeDetails>,
    /// Names of volumes that the project would use, and that somebody else has made.
    foreign_volumes: Vec<String>,
    /// Images with the project's label.
    labelled: Vec<ImageSummary>,
    /// Names of services' images that the engine has.
    images: Vec<String>,
}

/// Decides what `down` does.
///
/// # Errors
/// A service that does not exist, or an engine that does not answer.
pub async fn plan<E: Engine>(
    project: &Project,
    options: &Options,
    engine: &E,
) -> Result<Plan, StackError> {
    let mut names = options.services.clone();
    if is_rebuilt(project) {
        names.retain(|name| project.services.contains_key(name));
        if names.is_empty() && !options.services.is_empty() {
            let mut plan = Plan::new(&project.name);
            plan.warn(format!(
                "Any of the services [{}] not running in project {:?}",
                options.services.join(" "),
                project.name
            ));
            return Ok(plan);
        }
    }
    // What is named and what that needs is the project; of it, what is named and what depends on
    // that goes.
    let concerned = select(project, &names, Companions::Dependencies)?;
    let mut taken = select(project, &names, Companions::Dependents)?;
    // Where no files were read there is nothing to cut.
    if !is_rebuilt(project) {
        taken.services.retain(|service| concerned.contains(&service.name));
    }
    let present = look(project, options, &concerned, engine).await?;
    Ok(take_down(project, options, engine.describe(), &concerned, &taken, &present))
}

async fn look<E: Engine>(
    project: &Project,
    options: &Options,
    concerned: &Selection<'_>,
    engine: &E,
) -> Result<Present, StackError> {
    let one_off = if options.remove_orphans { OneOff::Include } else { OneOff::Exclude };
    let filter = Filter { all: true, one_off, services: Vec::new() };
    let label = [format!("{}={}", labels::PROJECT, project.name)];
    let resources = async {
        let (networks, volumes) =
            join(engine.list_networks(&label), engine.list_volumes(&label)).await;
        Ok::<_, EngineError>((networks?, volumes?))
    };
    let images = async {
        if options.images == RemoveImages::None {
            return Ok((Vec::new(), Vec::new()));
        }
        let names: BTreeSet<String> = concerned
            .services
            .iter()
            .filter(|service| options.images == RemoveImages::All || service.image.is_empty())
            .map(|service| image_name(project, service))
            .collect();
        let (labelled, found) = join(
            engine.list_images(&label),
            try_join_all(names.into_iter().map(async |name| {
                let found = engine.inspect_image(&name, None).await?.is_some();
                Ok::<_, EngineError>(found.then_some(name))
            })),
        )
        .await;
        Ok::<_, EngineError>((labelled?, found?.into_iter().flatten().collect()))
    };
    let has_hooks = concerned.services.iter().any(|service| !service.pre_start.is_empty());
    let hook_runners = async {
        if has_hooks || is_rebuilt(project) {
            query::hook_runners(engine, &project.name).await
        } else {
            Ok(Vec::new())
        }
    };
    let (containers, resources, images, hook_runners) =
        join4(query::containers(engine, &project.name, &filter), resources, images, hook_runners)
            .await;
    let ((networks, volumes), (labelled, images)) = (resources?, images?);
    let (containers, hook_runners) = (containers?, hook_runners?);
    let foreign_volumes = if options.volumes {
        foreign_volumes(project, concerned, &volumes, engine).await?
    } else {
        Vec::new()
    };
    Ok(Present { containers, hook_runners, networks, volumes, foreign_volumes, labelled, images })
}

/// Volumes that have the names of the project's, but not its label.
async fn foreign_volumes<E: Engine>(
    project: &Project,
    concerned: &Selection<'_>,
    own: &[VolumeDetails],
    engine: &E,
) -> Result<Vec<String>, EngineError> {
    let names = used_volumes(project, concerned).into_iter().filter_map(|key| {
        let name = &project.volumes.get(key)?.name;
        (!name.is_empty() && own.iter().all(|volume| volume.name != *name)).then_some(name)
    });
    let found = try_join_all(names.map(async |name| {
        let found = engine.inspect_volume(name).await?;
        Ok::<_, EngineError>(found.map(|_| name.clone()))
    }));
    Ok(found.await?.into_iter().flatten().collect())
}

fn take_down(
    project: &Project,
    options: &Options,
    engine: &Description,
    concerned: &Selection<'_>,
    taken: &Selection<'_>,
    present: &Present,
) -> Plan {
    let cause = Cause::new("down");
    let mut teardown = Teardown::new(project, engine, options.timeout);
    let then = Then::Remove { volumes: options.volumes, force: true };
    teardown.services(taken, &present.containers, then, &cause);
    if options.remove_orphans {
        let then = Then::Remove { volumes: false, force: true };
        for orphan in present.containers.iter().filter(|container| {
            is_orphan(project, container) && !taken.contains(&container.service)
        }) {
            let cause = Cause::new(format!("service {:?} is not in the files", orphan.service));
            teardown.container(None, orphan, then, &cause, &[]);
        }
    }
    let runners = present.hook_runners.iter();
    for runner in runners.filter(|runner| is_rebuilt(project) || taken.contains(&runner.service)) {
        let cause = Cause::new("a hook has left it");
        let then = Then::Remove { volumes: true, force: true };
        teardown.container(None, runner, then, &cause, &[]);
    }
    let removed = teardown.removed.clone();
    let mut plan = teardown.plan;
    let candidates = resources(project, options, concerned, present, &removed, &mut plan);
    if present.containers.is_empty() && !candidates {
        plan.warn(format!("Warning: No resource found to remove for project {:?}.", project.name));
    }
    plan
}

/// Removes networks, volumes and images, behind the containers. Gives whether the model has any
/// that might have been there.
fn resources(
    project: &Project,
    options: &Options,
    concerned: &Selection<'_>,
    present: &Present,
    removed: &[StepId],
    plan: &mut Plan,
) -> bool {
    let cause = Cause::new("down");
    let networks = used_networks(project, concerned);
    for network in &present.networks {
        let key = network.labels.get(labels::NETWORK).map_or("", String::as_str);
        if networks.contains(key) {
            let action = Action::RemoveNetwork {
                name: network.name.clone(),
                id: network.id.clone(),
                leave_used: true,
            };
            plan.add(Step::new(action, cause.clone()), removed.iter().copied());
        }
    }
    let mut candidates = !networks.is_empty();
    if options.volumes {
        let keys = used_volumes(project, concerned);
        candidates |= !keys.is_empty();
        for volume in &present.volumes {
            let key = volume.labels.get(labels::VOLUME).map_or("", String::as_str);
            if keys.contains(key) {
                let action = Action::RemoveVolume { name: volume.name.clone(), leave_used: true };
                let cause = Cause::new("down --volumes");
                plan.add(Step::new(action, cause), removed.iter().copied());
            }
        }
        for name in &present.foreign_volumes {
            plan.warn(format!(
                "volume {name:?} was not made for project {:?} and stays: docker volume rm {name}",
                project.name
            ));
        }
    }
    for image in images(options, concerned, present) {
        candidates = true;
        let cause = Cause::new("down --rmi");
        plan.add(Step::new(Action::RemoveImage { image }, cause), removed.iter().copied());
    }
    candidates
}

/// Services of the project, also those that are not asked for: what they use is somebody's.
fn every_service(project: &Project) -> impl Iterator<Item = &Service> {
    project.services.values().chain(project.disabled_services.values())
}

/// Keys of the networks that may go: those that the services use, and with `--all-resources` those
/// that no service uses, which are in the project only then.
fn used_networks<'a>(project: &'a Project, concerned: &Selection<'_>) -> BTreeSet<&'a str> {
    project
        .networks
        .iter()
        .filter(|(key, network)| {
            let joins = |service: &Service| service.networks.contains_key(*key);
            let used = concerned.services.iter().any(|service| joins(service));
            let is_nobodys = !every_service(project).any(joins);
            !network.external && (used || is_nobodys || is_rebuilt(project))
        })
        .map(|(key, _)| key.as_str())
        .collect()
}

/// Keys of the volumes that may go: those that the services mount, and with `--all-resources` those
/// that no service mounts.
fn used_volumes<'a>(project: &'a Project, concerned: &Selection<'_>) -> BTreeSet<&'a str> {
    let mounts = |service: &Service, key: &str| {
        service.volumes.iter().any(|mount| mount.r#type == "volume" && mount.source == key)
    };
    let goes = |key: &str| {
        concerned.services.iter().any(|service| mounts(service, key))
            || !every_service(project).any(|service| mounts(service, key))
    };
    project
        .volumes
        .iter()
        .filter(|(key, volume)| !volume.external && (goes(key) || is_rebuilt(project)))
        .map(|(key, _)| key.as_str())
        .collect()
}

/// Images to remove: those built for the project's services, and those named as asked.
fn images(options: &Options, concerned: &Selection<'_>, present: &Present) -> BTreeSet<String> {
    if options.images == RemoveImages::None {
        return BTreeSet::new();
    }
    let built = present.labelled.iter().filter(|image| {
        options.remove_orphans
            || image.labels.get(labels::SERVICE).is_some_and(|name| concerned.contains(name))
    });
    built
        .filter_map(|image| image.repo_tags.first())
        // Older engines write this where an image has lost its name.
        .filter(|name| *name != "<none>:<none>")
        .chain(&present.images)
        .map(|name| with_tag(name))
        .collect()
}

/// A reference with its tag written, so that one image is not removed twice.
fn with_tag(reference: &str) -> String {
    let name = reference.rsplit('/').next().unwrap_or(reference);
    if name.contains(':') || name.contains('@') {
        reference.to_owned()
    } else {
        format!("{reference}:latest")
    }
}
