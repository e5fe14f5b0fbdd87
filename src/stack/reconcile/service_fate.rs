//! What becomes of each container of each service: kept, replaced, removed, or made. [`divergence`] finds what a container
//! has that its service says otherwise.

mod divergence;

use std::collections::{BTreeMap, BTreeSet};

use super::{Input, network_fate, volume_fate};
use crate::compose::model::{Project, Service};
use crate::stack::desired::{Desired, DesiredService, container_name, referenced_services};
use crate::stack::labels;
use crate::stack::observed::Observed;
use crate::stack::plan::Cause;
use crate::stack::query::ProjectContainer;
use crate::stack::up::Recreate;

/// What becomes of a container.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fate {
    /// It stays.
    Keep,
    /// Another takes its place and its anonymous volumes.
    Recreate(Cause),
    /// It goes first and another is made, because a volume of it is removed in between.
    Clear(Cause),
    /// It goes.
    Remove(Cause),
    /// It is made.
    Create(Cause),
}

/// Whether a service goes on in other containers. What goes because it has too many, or comes because it has too few, takes
/// the place of none.
fn is_replaced(decision: &ServiceDecision<'_>) -> bool {
    let has = |is: fn(&Fate) -> bool| decision.containers.iter().any(|other| is(&other.fate));
    has(|fate| matches!(fate, Fate::Recreate(_) | Fate::Clear(_)))
        || (!decision.containers.is_empty() && !has(|it| *it == Fate::Keep))
}

/// One container, existing or not.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Decision<'a> {
    /// The container, if it exists.
    pub(super) existing: Option<&'a ProjectContainer>,
    /// Its number.
    pub(super) number: u32,
    /// Its name once the plan has run. One that is kept may have another before.
    pub(super) name: String,
    /// What becomes of it.
    pub(super) fate: Fate,
}

/// The containers of a service, by number.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ServiceDecision<'a> {
    /// The service.
    pub(super) desired: &'a DesiredService,
    /// Its containers.
    pub(super) containers: Vec<Decision<'a>>,
}

/// Why a container goes, or is renamed, that should not be there at all.
pub(super) const INTERRUPTED: &str = "a run that replaced a container was interrupted";

/// Fates of all services, dependencies first.
pub(super) fn decide<'a>(
    input: &Input<'a>,
    networks: &BTreeMap<&'a str, network_fate::Fate<'a>>,
    volumes: &BTreeMap<&'a str, volume_fate::Fate>,
) -> Vec<ServiceDecision<'a>> {
    let mut decided: Vec<ServiceDecision<'a>> = Vec::new();
    for desired in &input.desired.services {
        let judge = Judge { input, networks, volumes, decided: &decided };
        let containers = judge.service(desired);
        decided.push(ServiceDecision { desired, containers });
    }
    decided
}

/// Ids of the containers whose hash is not the expected one, of which more must be known to say what
/// changed.
pub(in crate::stack) fn with_other_hash(
    desired: &Desired,
    observed: &Observed,
) -> BTreeSet<String> {
    let first = |name: &str| first_id(observed, name);
    desired
        .services
        .iter()
        .flat_map(|desired| {
            observed
                .of_service(&desired.service.name)
                .filter(|container| !labels::hash_matches(container, desired, first))
        })
        .map(|container| container.id.clone())
        .collect()
}

/// The id of the container that stands for a service.
fn first_id(observed: &Observed, service: &str) -> Option<String> {
    first_container(observed.of_service(service)).map(|container| container.id.clone())
}

/// The container that stands for its service where one is shared: the first by name.
fn first_container<'a>(
    containers: impl Iterator<Item = &'a ProjectContainer>,
) -> Option<&'a ProjectContainer> {
    containers.min_by(|a, b| a.name.cmp(&b.name))
}

/// The name of the container of a service that has this number.
pub(super) fn own_name(input: &Input<'_>, service: &Service, number: u32) -> String {
    let setting = &input.setting;
    container_name(&setting.project.name, service, number, setting.compatibility)
}

struct Judge<'a, 'b> {
    input: &'b Input<'a>,
    networks: &'b BTreeMap<&'a str, network_fate::Fate<'a>>,
    volumes: &'b BTreeMap<&'a str, volume_fate::Fate>,
    decided: &'b [ServiceDecision<'a>],
}

impl<'a> Judge<'a, '_> {
    fn project(&self) -> &'a Project {
        self.input.setting.project
    }

    fn service(&self, desired: &'a DesiredService) -> Vec<Decision<'a>> {
        let service = &desired.service;
        let mut existing: Vec<(&ProjectContainer, Option<Fate>)> = self
            .input
            .observed
            .of_service(&service.name)
            .map(|container| (container, self.replacement(desired, container)))
            .collect();
        // Those that may stay come first, then lower numbers, then those that run, then younger ones.
        existing.sort_by_key(|(container, fate)| {
            (fate.is_some(), container.number, !container.is_running(), -container.summary.created)
        });
        let wanted = desired.scale as usize;
        let mut next = existing.iter().map(|(container, _)| container.number).max().unwrap_or(0);
        let mut numbers = BTreeSet::new();
        let mut decisions: Vec<Decision<'a>> = Vec::with_capacity(existing.len());
        for (container, fate) in existing {
            let own = self.name(service, container.number);
            // Of two with one number, one is what an interrupted replacement has left.
            let fate = if numbers.contains(&container.number) {
                Fate::Remove(Cause::new(INTERRUPTED))
            } else if numbers.len() >= wanted {
                Fate::Remove(self.surplus(service, wanted))
            } else {
                numbers.insert(container.number);
                fate.unwrap_or(Fate::Keep)
            };
            let name = match fate {
                Fate::Keep if is_temporary(&container.name, &own) => own,
                Fate::Keep | Fate::Remove(_) => container.name.clone(),
                _ => own,
            };
            let number = container.number;
            decisions.push(Decision { existing: Some(container), number, name, fate });
        }
        let present = numbers.len();
        for _ in present..wanted {
            next += 1;
            let reason = if present == 0 {
                format!("service {:?} has no container", service.name)
            } else {
                format!("service {:?} has {present} of {wanted} containers", service.name)
            };
            let path = format!("services.{}", service.name);
            decisions.push(Decision {
                existing: None,
                number: next,
                name: self.name(service, next),
                fate: Fate::Create(Cause::at(self.project(), &path, reason)),
            });
        }
        decisions.sort_by_key(|decision| decision.number);
        decisions
    }

    fn name(&self, service: &Service, number: u32) -> String {
        own_name(self.input, service, number)
    }

    fn surplus(&self, service: &Service, wanted: usize) -> Cause {
        let path = ["scale", "deploy.replicas"]
            .map(|key| format!("services.{}.{key}", service.name))
            .into_iter()
            .find(|path| self.project().tree.at_path(path).is_some());
        let noun = if wanted == 1 { "container" } else { "containers" };
        let reason = format!("service {:?} shall have {wanted} {noun}", service.name);
        match path {
            Some(path) if !self.input.options.scale.contains_key(&service.name) => {
                Cause::at(self.project(), &path, reason)
            }
            _ => Cause::new(reason),
        }
    }

    /// Why a container cannot stay, if it cannot: the first rule that applies.
    fn replacement(&self, desired: &DesiredService, container: &ProjectContainer) -> Option<Fate> {
        if let Some(cause) = self.cleared(desired, container) {
            return Some(Fate::Clear(cause));
        }
        let options = self.input.options;
        let policy = match (desired.named, options.recreate) {
            (_, Recreate::Never) => Recreate::Never,
            (true, _) if options.renew_anonymous_volumes => Recreate::Force,
            (true, policy) => policy,
            (false, _) if options.always_recreate_dependencies => Recreate::Force,
            (false, _) => Recreate::Diverged,
        };
        match policy {
            Recreate::Never => None,
            Recreate::Force => {
                let flag = match (desired.named, options.renew_anonymous_volumes) {
                    (true, true) => "--renew-anon-volumes",
                    (true, false) => "--force-recreate",
                    (false, _) => "--always-recreate-deps",
                };
                // What has changed goes with it.
                let changes = self.difference(desired, container).map(|cause| cause.changes);
                let cause = Cause::new(flag).with_changes(changes.unwrap_or_default());
                Some(Fate::Recreate(cause))
            }
            Recreate::Diverged => self.divergence(desired, container).map(Fate::Recreate),
        }
    }

    /// Whether a volume of the container, or of one whose volumes it takes over, is made anew.
    fn cleared(&self, desired: &DesiredService, container: &ProjectContainer) -> Option<Cause> {
        let names: BTreeSet<&str> = self
            .volumes
            .iter()
            .filter(|(_, fate)| matches!(fate, volume_fate::Fate::Recreate(_)))
            .filter_map(|(key, _)| Some(self.input.desired.volume(key)?.name.as_str()))
            .collect();
        let mounts = &container.summary.mounts;
        let own = mounts.iter().find(|mount| names.contains(mount.name.as_str()));
        if let Some(mount) = own {
            return Some(Cause::new(format!("volume {} is made anew", mount.name)));
        }
        let source = desired.service.volumes_from.iter().find_map(|source| {
            let name = source.split(':').next().unwrap_or(source);
            self.decision(name)?
                .containers
                .iter()
                .any(|other| matches!(other.fate, Fate::Clear(_)))
                .then_some(name)
        })?;
        Some(Cause::new(format!("it takes over the volumes of service {source:?}")))
    }

    fn divergence(&self, desired: &DesiredService, container: &ProjectContainer) -> Option<Cause> {
        let service = &desired.service;
        for name in referenced_services(service) {
            if let Some(decision) = self.decision(name)
                && is_replaced(decision)
            {
                return Some(Cause::new(format!(
                    "it shares namespaces or volumes with service {name:?}, whose container is \
                     replaced"
                )));
            }
        }
        self.difference(desired, container)
    }

    fn decision(&self, service: &str) -> Option<&ServiceDecision<'a>> {
        self.decided.iter().find(|decision| decision.desired.service.name == service)
    }
}

/// Whether a container still has the name it was created under, because a run that replaced another
/// one was interrupted.
fn is_temporary(name: &str, own: &str) -> bool {
    name.strip_suffix(own)
        .and_then(|rest| rest.strip_suffix('_'))
        .is_some_and(|id| id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
