//! Which volumes a plan touches. A named one is never lost without being told of.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Finals, Source, steps};
use crate::engine::api::ContainerCreate;
use crate::stack::plan::Action;
use crate::stack::query::ProjectContainer;

/// What becomes of a volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum VolumeFate {
    /// It stays with its content, and a container that is made anew mounts it again.
    Keep,
    /// It is made, empty.
    Create,
    /// It has no name of its own, and passes with its content to the container that replaces its
    /// own.
    PassOn,
    /// It has no name of its own; the container gets a new one, and it stays behind unused.
    Renew,
    /// It stays with its content, and the container that mounted it does not any more.
    Leave,
    /// It is removed with its content, and made anew.
    Lose,
}

/// A volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VolumePreview {
    /// Its name.
    pub volume: String,
    /// Whether the engine made its name up.
    pub anonymous: bool,
    /// What becomes of it.
    pub fate: VolumeFate,
    /// Containers that are concerned.
    pub containers: Vec<String>,
    /// Where it is mounted, in the first of them.
    pub target: String,
    /// Why it is made or lost; empty for the others.
    pub reason: String,
    /// Where the files say so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

/// The volumes that are touched: first what is lost, then the others by name.
pub(super) fn volumes(source: &Source<'_>) -> Vec<VolumePreview> {
    let mut found = BTreeMap::new();
    of_steps(source, &mut found);
    for (old, new) in containers(source) {
        of_container(old, new, source.options.renew_anonymous_volumes, &mut found);
    }
    let mut volumes: Vec<VolumePreview> = found.into_values().collect();
    volumes.sort_by_key(|volume| std::cmp::Reverse(volume.fate == VolumeFate::Lose));
    volumes
}

/// Volumes that are made and removed by the plan itself.
fn of_steps(source: &Source<'_>, found: &mut BTreeMap<String, VolumePreview>) {
    let removed: BTreeSet<&str> = steps(source.plan)
        .filter_map(|step| match &step.action {
            Action::RemoveVolume { name, .. } => Some(name.as_str()),
            _ => None,
        })
        .collect();
    for step in steps(source.plan) {
        let name = match &step.action {
            Action::CreateVolume { body } => &body.name,
            Action::RemoveVolume { name, .. } => name,
            _ => continue,
        };
        let lost = removed.contains(name.as_str());
        found.entry(name.clone()).or_insert_with(|| VolumePreview {
            volume: name.clone(),
            anonymous: false,
            fate: if lost { VolumeFate::Lose } else { VolumeFate::Create },
            containers: Vec::new(),
            target: String::new(),
            reason: step.cause.reason.clone(),
            place: step.cause.place.clone(),
        });
    }
}

/// A container that is made: its name, and what it is made from.
type Successor<'a> = (&'a str, &'a ContainerCreate);

/// Containers that go, each with what takes its place.
fn containers<'a>(
    source: &Source<'a>,
) -> Vec<(Option<&'a ProjectContainer>, Option<Successor<'a>>)> {
    let finals = Finals::of(source);
    let mut made: BTreeMap<&str, &ContainerCreate> = BTreeMap::new();
    let mut gone = BTreeSet::new();
    for step in steps(source.plan) {
        match &step.action {
            Action::CreateContainer { blueprint, .. } => {
                made.insert(&blueprint.name, blueprint.body_without_references());
            }
            Action::RemoveContainer { container, .. } => {
                gone.extend(container.id.as_deref());
            }
            _ => {}
        }
    }
    let mut pairs: Vec<_> = source
        .observed
        .containers
        .iter()
        .filter(|container| gone.contains(container.id.as_str()))
        .map(|old| (Some(old), finals.name_of(&old.id).and_then(|name| made.remove_entry(name))))
        .collect();
    pairs.extend(made.into_iter().map(|new| (None, Some(new))));
    pairs
}

fn of_container(
    old: Option<&ProjectContainer>,
    new: Option<Successor<'_>>,
    renew: bool,
    found: &mut BTreeMap<String, VolumePreview>,
) {
    let mounted = new.map(|(_, body)| mounted(body)).unwrap_or_default();
    let mut note =
        |volume: &str, anonymous: bool, fate: VolumeFate, container: &str, target: &str| {
            let entry = found.entry(volume.to_owned()).or_insert_with(|| VolumePreview {
                volume: volume.to_owned(),
                anonymous,
                fate,
                containers: Vec::new(),
                target: target.to_owned(),
                reason: String::new(),
                place: None,
            });
            // One that any container goes on with is not left.
            match (entry.fate, fate) {
                (VolumeFate::Leave, VolumeFate::Keep) => {
                    entry.fate = fate;
                    entry.containers.clear();
                }
                (VolumeFate::Keep, VolumeFate::Leave) => return,
                _ => {}
            }
            if entry.target.is_empty() {
                target.clone_into(&mut entry.target);
            }
            if !entry.containers.iter().any(|one| one == container) {
                entry.containers.push(container.to_owned());
            }
        };
    let old_mounts = old.into_iter().flat_map(|old| {
        old.summary.mounts.iter().filter(|mount| mount.r#type == "volume").map(move |it| (old, it))
    });
    for (old, mount) in old_mounts {
        let anonymous = is_anonymous(&mount.name);
        let again = mounted.contains_key(mount.name.as_str());
        let fate = match (anonymous, again) {
            (true, true) => VolumeFate::PassOn,
            (true, false) if new.is_some() && renew => VolumeFate::Renew,
            (false, true) => VolumeFate::Keep,
            (_, false) => VolumeFate::Leave,
        };
        let goes_on = matches!(fate, VolumeFate::PassOn | VolumeFate::Keep);
        let name = new.filter(|_| goes_on).map_or(old.name.as_str(), |(name, _)| name);
        note(&mount.name, anonymous, fate, name, &mount.destination);
    }
    if let Some((name, _)) = new {
        for (volume, target) in mounted.iter().filter(|(volume, _)| !is_anonymous(volume)) {
            note(volume, false, VolumeFate::Keep, name, target);
        }
    }
}

/// Whether the engine made a name up.
fn is_anonymous(volume: &str) -> bool {
    volume.len() == 64 && volume.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Volumes that a container will mount, with their targets.
fn mounted(body: &ContainerCreate) -> BTreeMap<&str, &str> {
    let host = &body.host_config;
    let binds = host.binds.iter().filter_map(|bind| {
        let (source, rest) = bind.split_once(':')?;
        let target = rest.split(':').next().unwrap_or(rest);
        (!source.starts_with('/')).then_some((source, target))
    });
    let mounts = host.mounts.iter().filter(|mount| mount.r#type == "volume");
    let mounts = mounts.map(|mount| (mount.source.as_str(), mount.target.as_str()));
    binds.chain(mounts).filter(|(source, _)| !source.is_empty()).collect()
}
