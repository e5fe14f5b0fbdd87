//! What a plan comes to, for people and for programs: what becomes of each service and why, which
//! images, networks and volumes are touched, how long things are down. Pure.
//!
//! Everything is read off the plan that is run, and off what it was made from; nothing is decided
//! here. [`Preview`] is what `plan --format json` prints: its fields are documented in
//! `docs/plan.md`, and a name that is there keeps its meaning.

mod downtime;
mod fates;
mod finals;
#[cfg(test)]
mod tests;
mod volumes;

use std::collections::BTreeMap;

use serde::Serialize;

use super::desired::{Desired, InjectedFile};
use super::observed::Observed;
use super::plan::{Action, Change, Plan, Step};
use super::reconcile::FinalContainer;
use super::record;
use super::up::Options;
use crate::compose::model::Project;

use finals::Finals;

pub use downtime::Downtime;
pub use volumes::{VolumeFate, VolumePreview};

/// What a preview is made from.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// The project.
    pub project: &'a Project,
    /// What should exist.
    pub desired: &'a Desired,
    /// What exists.
    pub observed: &'a Observed,
    /// How to get there.
    pub options: &'a Options,
    /// Pulls and builds.
    pub images: &'a Plan,
    /// Everything else.
    pub plan: &'a Plan,
    /// The containers once the plan has run.
    pub containers: &'a [FinalContainer],
    /// What would be asked.
    pub questions: &'a [String],
    /// Secrets and configs that are written into the containers of each service.
    pub files: &'a BTreeMap<String, Vec<InjectedFile>>,
}

/// What becomes of a service or a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// It stays as it is.
    Keep,
    /// It stays, and moves between networks or gets another name.
    Update,
    /// It stays, and is started.
    Start,
    /// It stays, and is stopped and started.
    Restart,
    /// It stays, and is stopped.
    Stop,
    /// It goes.
    Remove,
    /// It is made.
    Create,
    /// Another one takes its place.
    Replace,
    /// It belongs to no service of the files.
    Orphan,
}

/// A plan for people and programs.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Preview {
    /// The project.
    pub project: String,
    /// Images that are pulled and built first.
    pub images: Vec<ImagePreview>,
    /// Programs that are asked behind them: providers, and what runs models.
    pub programs: Vec<ProgramPreview>,
    /// Services, dependencies first; behind them orphans.
    pub services: Vec<ServicePreview>,
    /// Networks that are made or removed.
    pub networks: Vec<NetworkPreview>,
    /// Volumes that are touched.
    pub volumes: Vec<VolumePreview>,
    /// How much of everything.
    pub totals: Totals,
    /// Services that are down for a while.
    pub downtime: Vec<Downtime>,
    /// What stays as it is although the files say something else.
    pub notes: Vec<String>,
    /// What to know before.
    pub warnings: Vec<String>,
    /// What `up` would ask.
    pub questions: Vec<String>,
}

/// An image that is pulled or built.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ImagePreview {
    /// `pull` or `build`.
    pub action: &'static str,
    /// Its name.
    pub image: String,
    /// The platform asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// The service it is for; others may use it too.
    pub service: Option<String>,
    /// Why.
    pub reason: String,
    /// Where the files say so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// The id of what the engine has under this name now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub present: Option<String>,
}

/// A program that is asked before containers are made. What it brings is known then.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ProgramPreview {
    /// `provider` or `models`.
    pub action: &'static str,
    /// The service that it provides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Why.
    pub reason: String,
    /// Where the files say so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

/// A service.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ServicePreview {
    /// Its name.
    pub service: String,
    /// What becomes of it: the gravest fate among its containers.
    pub fate: Fate,
    /// Its containers.
    pub containers: Vec<ContainerPreview>,
}

/// A container.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ContainerPreview {
    /// Its name.
    pub name: String,
    /// What becomes of it.
    pub fate: Fate,
    /// Why; empty where nothing is done.
    pub reason: String,
    /// Where the files say so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Fields that differ.
    pub changes: Vec<Change>,
    /// The image by which it will be replaced, if the pull or build brings another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaced_if_new: Option<String>,
    /// For an orphan: whether it is removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub removed: Option<bool>,
}

/// A network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NetworkPreview {
    /// Its name.
    pub network: String,
    /// [`Fate::Create`], [`Fate::Replace`] or [`Fate::Remove`].
    pub fate: Fate,
    /// Why.
    pub reason: String,
    /// Where the files say so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// What differs from what exists.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
}

/// Numbers of containers by fate, and of everything else.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Containers that are made.
    pub create: usize,
    /// Containers that are replaced.
    pub replace: usize,
    /// Containers that are stopped and started.
    pub restart: usize,
    /// Containers that are started.
    pub start: usize,
    /// Containers that are stopped.
    pub stop: usize,
    /// Containers that move between networks or get another name.
    pub update: usize,
    /// Containers that go, orphans among them.
    pub remove: usize,
    /// Containers that stay as they are.
    pub keep: usize,
    /// Orphans that stay.
    pub orphans: usize,
    /// Images that are pulled.
    pub pull: usize,
    /// Images that are built.
    pub build: usize,
    /// Networks that are made, made anew or removed.
    pub networks: usize,
    /// Volumes that are made.
    pub volumes: usize,
    /// Volumes whose content is lost.
    pub volumes_lost: usize,
    /// Steps of the plan.
    pub steps: usize,
}

impl Preview {
    /// The preview of a plan.
    pub fn of(source: &Source<'_>) -> Self {
        let services = fates::services(source);
        let images: Vec<ImagePreview> =
            steps(source.images).filter_map(|step| image(source, step)).collect();
        let networks = networks(source.plan);
        let volumes = volumes::volumes(source);
        let totals = totals(source, &services, &images, &networks, &volumes);
        let notes = notes(source, &services);
        Self {
            project: source.project.name.clone(),
            downtime: downtime::downtime(source, &services),
            programs: steps(source.images).filter_map(program).collect(),
            images,
            services,
            notes,
            networks,
            volumes,
            totals,
            warnings: source.plan.warnings().to_vec(),
            questions: source.questions.to_vec(),
        }
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.totals.steps == 0
    }

    /// Puts a word in place of each value that is nobody's business; or, with `reveal`, lets all
    /// be seen.
    pub fn conceal(&mut self, reveal: bool) {
        let containers = self.services.iter_mut().flat_map(|service| &mut service.containers);
        for change in containers.flat_map(|container| &mut container.changes) {
            if reveal {
                change.hidden = false;
            } else {
                change.old = change.shown_old().map(str::to_owned);
                change.new = change.shown_new().map(str::to_owned);
            }
        }
    }
}

fn steps(plan: &Plan) -> impl Iterator<Item = &Step> {
    plan.steps().into_iter().map(|(_, step)| step)
}

fn image(source: &Source<'_>, step: &Step) -> Option<ImagePreview> {
    let (action, image, platform) = match &step.action {
        Action::PullImage { image, platform, .. } => ("pull", image, platform.clone()),
        Action::BuildImage { image, .. } => ("build", image, None),
        _ => return None,
    };
    let mut known = source.observed.images.iter();
    Some(ImagePreview {
        action,
        image: image.clone(),
        platform,
        service: step.service.clone(),
        reason: step.cause.reason.clone(),
        place: step.cause.place.clone(),
        present: known.find(|(key, _)| key.0 == *image).map(|(_, details)| details.id.clone()),
    })
}

fn program(step: &Step) -> Option<ProgramPreview> {
    let action = match &step.action {
        Action::CallProvider { .. } => "provider",
        Action::PrepareModels { .. } => "models",
        _ => return None,
    };
    Some(ProgramPreview {
        action,
        service: step.service.clone(),
        reason: step.cause.reason.clone(),
        place: step.cause.place.clone(),
    })
}

fn networks(plan: &Plan) -> Vec<NetworkPreview> {
    let mut networks: Vec<NetworkPreview> = Vec::new();
    for step in steps(plan) {
        let (name, fate) = match &step.action {
            Action::CreateNetwork { body } => (&body.name, Fate::Create),
            Action::RemoveNetwork { name, .. } => (name, Fate::Remove),
            _ => continue,
        };
        match networks.iter_mut().find(|network| network.network == *name) {
            Some(network) => network.fate = Fate::Replace,
            None => networks.push(NetworkPreview {
                network: name.clone(),
                fate,
                reason: step.cause.reason.clone(),
                place: step.cause.place.clone(),
                changes: step.cause.changes.clone(),
            }),
        }
    }
    networks
}

/// Containers that run on with a secret or config that has other content now. Only the start of a
/// container writes such a file, and its content is no part of what Docker Compose compares.
fn notes(source: &Source<'_>, services: &[ServicePreview]) -> Vec<String> {
    let finals = Finals::of(source);
    let mut notes = Vec::new();
    for service in services {
        let files = source.files.get(&service.service).map_or(&[][..], Vec::as_slice);
        let stay = |one: &&ContainerPreview| matches!(one.fate, Fate::Keep | Fate::Update);
        for container in service.containers.iter().filter(stay) {
            let mut found = source.observed.of_service(&service.service);
            let found = found.find(|found| finals.name_of(&found.id) == Some(&container.name));
            let record = found.and_then(|found| record::read(&found.summary.labels));
            let Some(record) = record else { continue };
            for file in files {
                if record.files.get(&file.path).is_some_and(|old| *old != record::digest(file)) {
                    notes.push(format!(
                        "{} has other content than when {} was made, which goes on with what it \
                         has; `bireme up --force-recreate {}` brings the new one in",
                        file.path, container.name, service.service
                    ));
                }
            }
        }
    }
    notes
}

fn totals(
    source: &Source<'_>,
    services: &[ServicePreview],
    images: &[ImagePreview],
    networks: &[NetworkPreview],
    volumes: &[VolumePreview],
) -> Totals {
    let mut totals = Totals {
        pull: images.iter().filter(|image| image.action == "pull").count(),
        build: images.iter().filter(|image| image.action == "build").count(),
        networks: networks.len(),
        volumes: volumes.iter().filter(|volume| volume.fate == VolumeFate::Create).count(),
        volumes_lost: volumes.iter().filter(|volume| volume.fate == VolumeFate::Lose).count(),
        steps: source.images.len() + source.plan.len(),
        ..Totals::default()
    };
    for container in services.iter().flat_map(|service| &service.containers) {
        let count = match container.fate {
            Fate::Create => &mut totals.create,
            Fate::Replace => &mut totals.replace,
            Fate::Restart => &mut totals.restart,
            Fate::Start => &mut totals.start,
            Fate::Stop => &mut totals.stop,
            Fate::Update => &mut totals.update,
            Fate::Remove => &mut totals.remove,
            Fate::Keep => &mut totals.keep,
            Fate::Orphan if container.removed == Some(true) => &mut totals.remove,
            Fate::Orphan => &mut totals.orphans,
        };
        *count += 1;
    }
    totals
}
