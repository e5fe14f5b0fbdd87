//! What becomes of each container, read off the steps of a plan.

use std::collections::{BTreeMap, BTreeSet};

use super::{ContainerPreview, Fate, Finals, ServicePreview, Source, steps};
use crate::stack::plan::{Action, Cause, Step};
use crate::stack::reconcile::is_orphan;

/// The steps that concern containers, by the containers' final names.
#[derive(Default)]
struct Steps<'a> {
    created: BTreeMap<&'a str, &'a Step>,
    removed: BTreeMap<&'a str, &'a Step>,
    stopped: BTreeMap<&'a str, &'a Step>,
    started: BTreeMap<&'a str, &'a Step>,
    updated: BTreeMap<&'a str, &'a Step>,
}

impl<'a> Steps<'a> {
    fn of(source: &Source<'a>, finals: &Finals<'a>) -> Self {
        let mut all = Self::default();
        for step in steps(source.plan) {
            let (map, name) = match &step.action {
                Action::CreateContainer { blueprint, .. } => {
                    (&mut all.created, blueprint.name.as_str())
                }
                Action::RemoveContainer { container, .. } => {
                    (&mut all.removed, finals.name(container))
                }
                Action::StopContainer { container, .. }
                | Action::KillContainer { container, .. } => {
                    (&mut all.stopped, finals.name(container))
                }
                Action::StartContainer { container }
                | Action::UnpauseContainer { container }
                | Action::RestartContainer { container, .. } => {
                    (&mut all.started, finals.name(container))
                }
                Action::ConnectNetwork { container, .. }
                | Action::DisconnectNetwork { container, .. }
                | Action::RenameContainer { container, .. }
                    if container.id.is_some() =>
                {
                    (&mut all.updated, finals.name(container))
                }
                _ => continue,
            };
            map.entry(name).or_insert(step);
        }
        all
    }

    /// What becomes of a container, and for what cause.
    fn fate(&self, name: &str) -> (Fate, Option<&'a Cause>) {
        let of = |map: &BTreeMap<&str, &'a Step>| map.get(name).map(|step| &step.cause);
        let (created, removed) = (of(&self.created), of(&self.removed));
        let (stopped, started) = (of(&self.stopped), of(&self.started));
        match (created, removed, stopped, started) {
            (Some(cause), Some(_), ..) => (Fate::Replace, Some(cause)),
            (Some(cause), None, ..) => (Fate::Create, Some(cause)),
            (None, Some(cause), ..) => (Fate::Remove, Some(cause)),
            (.., Some(cause), Some(_)) => (Fate::Restart, Some(cause)),
            (.., Some(cause), None) => (Fate::Stop, Some(cause)),
            (.., None, Some(cause)) => (Fate::Start, Some(cause)),
            _ => match of(&self.updated) {
                Some(cause) => (Fate::Update, Some(cause)),
                None => (Fate::Keep, None),
            },
        }
    }
}

/// Services in their order, and orphans behind them.
pub(super) fn services(source: &Source<'_>) -> Vec<ServicePreview> {
    let finals = Finals::of(source);
    let all = Steps::of(source, &finals);
    let new_images: BTreeSet<&str> = steps(source.images)
        .filter_map(|step| match &step.action {
            Action::PullImage { image, .. } | Action::BuildImage { image, .. } => {
                Some(image.as_str())
            }
            _ => None,
        })
        .collect();
    let mut services: Vec<ServicePreview> = Vec::new();
    for desired in &source.desired.services {
        let service = &desired.service.name;
        let last = source.containers.iter().filter(|last| last.container.service == *service);
        let mut names: Vec<&str> = last.map(|last| last.reference.name.as_str()).collect();
        // Those that go have no place among the final ones.
        let existing = source.observed.of_service(service);
        let going = existing.filter(|container| finals.name_of(&container.id).is_none());
        let going = going.map(|container| container.name.as_str());
        names.extend(going.filter(|name| all.removed.contains_key(*name)));
        let mut seen = BTreeSet::new();
        names.retain(|name| seen.insert(*name));
        let containers: Vec<ContainerPreview> = names
            .into_iter()
            .map(|name| {
                let mut container = preview(name, all.fate(name));
                if !matches!(container.fate, Fate::Create | Fate::Replace | Fate::Remove) {
                    let new = desired.images().find(|image| new_images.contains(image));
                    container.replaced_if_new = new.map(str::to_owned);
                }
                container
            })
            .collect();
        let fate = containers.iter().map(|one| one.fate).max().unwrap_or(Fate::Keep);
        services.push(ServicePreview { service: service.clone(), fate, containers });
    }
    services.extend(orphans(source, &all));
    services
}

fn preview(name: &str, (fate, cause): (Fate, Option<&Cause>)) -> ContainerPreview {
    ContainerPreview {
        name: name.to_owned(),
        fate,
        reason: cause.map(|cause| cause.reason.clone()).unwrap_or_default(),
        place: cause.and_then(|cause| cause.place.clone()),
        changes: cause.map(|cause| cause.changes.clone()).unwrap_or_default(),
        replaced_if_new: None,
        removed: None,
    }
}

fn orphans(source: &Source<'_>, all: &Steps<'_>) -> Vec<ServicePreview> {
    let mut services: Vec<ServicePreview> = Vec::new();
    let orphans = source.observed.containers.iter().filter(|one| is_orphan(source.project, one));
    for orphan in orphans {
        let removed = all.removed.get(orphan.name.as_str());
        let reason = match removed {
            Some(step) => step.cause.reason.clone(),
            None if orphan.one_off => "one-off container that has ended; left alone".to_owned(),
            None => format!("service {:?} is not in the files; left alone", orphan.service),
        };
        let container = ContainerPreview {
            reason,
            removed: Some(removed.is_some()),
            ..preview(&orphan.name, (Fate::Orphan, None))
        };
        match services.iter_mut().find(|service| service.service == orphan.service) {
            Some(service) => service.containers.push(container),
            None => services.push(ServicePreview {
                service: orphan.service.clone(),
                fate: Fate::Orphan,
                containers: vec![container],
            }),
        }
    }
    services
}
