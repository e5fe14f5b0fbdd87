//! Steps that make, replace and remove the containers of a service.

use std::sync::Arc;

use super::super::differences::outside_fields;
use super::super::service_fate::{Decision, Fate, INTERRUPTED, ServiceDecision};
use super::{Emitter, Made, removal};
use crate::compose::model::Service;
use crate::stack::desired::{
    Blueprint, DesiredService, Instance, Purpose, blueprint, injected_files, mounted_digests,
    named_containers, referenced_services, replaced_name, temporary_name,
};
use crate::stack::plan::{Action, Cause, ContainerRef, Shown, Step, StepId};
use crate::stack::programs::provider;
use crate::stack::query::ProjectContainer;
use crate::stack::record::Record;
use crate::stack::{StackError, labels};

impl<'a, 'b> Emitter<'a, 'b> {
    pub(super) fn make_service(
        &mut self,
        decision: &'b ServiceDecision<'a>,
    ) -> Result<(), StackError> {
        let service = &decision.desired.service;
        let mut before = self.needs(service);
        if decision.containers.iter().any(|one| matches!(one.fate, Fate::Recreate(_))) {
            before.extend(self.stop_dependents(&service.name));
        }
        let freed = self.remove_surplus(decision);
        let mut ready = Vec::new();
        for one in &decision.containers {
            let made = match (&one.fate, one.existing) {
                (Fate::Keep, Some(container)) => {
                    Made { last: self.keep(one, container, &freed), blueprint: None }
                }
                (Fate::Recreate(cause), Some(old)) => {
                    self.replace(decision.desired, one, old, cause, &before, &freed)?
                }
                (Fate::Create(cause) | Fate::Clear(cause), existing) => {
                    let mut before = before.clone();
                    before.extend(existing.and_then(|old| self.cleared.get(old.id.as_str())));
                    let name = one.name.clone();
                    self.create(decision.desired, one, name, cause, Shown::Alone, before)?
                }
                _ => continue,
            };
            ready.extend(&made.last);
            self.note(decision.desired, one, made)?;
        }
        self.ready.insert(&decision.desired.service.name, ready);
        Ok(())
    }

    /// Removes the containers that are too many, and with them their names.
    fn remove_surplus(&mut self, decision: &'b ServiceDecision<'a>) -> Vec<StepId> {
        let service = &decision.desired.service;
        let mut steps = Vec::new();
        for one in &decision.containers {
            if let (Fate::Remove(cause), Some(container)) = (&one.fate, one.existing) {
                let mut before =
                    self.stop(Some(service), container, cause.clone(), Shown::Alone, Vec::new());
                before.extend(self.disconnects(container));
                let step = removal(container, cause, Shown::Alone);
                steps.push(self.add(step, before));
            }
        }
        self.releases.extend(&steps);
        steps
    }

    /// Leaves a container as it is, but for a name that an interrupted run has left it with.
    fn keep(
        &mut self,
        decision: &Decision<'a>,
        container: &'a ProjectContainer,
        freed: &[StepId],
    ) -> Vec<StepId> {
        let last = self.connects.get(container.id.as_str()).cloned().unwrap_or_default();
        if container.name == decision.name {
            return last;
        }
        let action = Action::RenameContainer {
            container: ContainerRef::existing(&container.id, &container.name),
            to: decision.name.clone(),
        };
        let cause = Cause::new(INTERRUPTED);
        let step = Step::new(action, cause).of(&container.service);
        vec![self.add(step, last.into_iter().chain(freed.iter().copied()))]
    }

    /// What must exist before a container of the service can.
    fn needs(&self, service: &Service) -> Vec<StepId> {
        let mut needs: Vec<StepId> = Vec::new();
        needs.extend(service.networks.keys().filter_map(|key| self.network_steps.get(&**key)));
        needs.extend(
            service.volumes.iter().filter_map(|mount| self.volume_steps.get(&*mount.source)),
        );
        let linked = service.links.iter().map(|link| link.split(':').next().unwrap_or(link));
        for name in referenced_services(service).into_iter().chain(linked) {
            needs.extend(self.ready.get(name).into_iter().flatten());
        }
        let named = named_containers(service);
        if !named.is_empty() {
            let is_named = |one: &Decision<'_>| named.contains(&&*one.name);
            let others = self.services.iter().filter(|other| other.containers.iter().any(is_named));
            let ready = others.filter_map(|other| self.ready.get(&*other.desired.service.name));
            needs.extend(ready.flatten());
        }
        needs
    }

    /// Stops what asks to be restarted with a service (`depends_on` … `restart: true`).
    fn stop_dependents(&mut self, name: &str) -> Vec<StepId> {
        let mut steps = Vec::new();
        let services = self.services;
        for dependent in services {
            let service = &dependent.desired.service;
            if !service.depends_on.get(name).is_some_and(|dependency| dependency.restart) {
                continue;
            }
            let reason = format!("service {name:?} is replaced, and it restarts with it");
            let path = format!("services.{}.depends_on.{name}", service.name);
            let cause = Cause::at(self.input.setting.project, &path, reason);
            for container in dependent.containers.iter().filter_map(|one| one.existing) {
                let stop =
                    self.stop(Some(service), container, cause.clone(), Shown::Alone, Vec::new());
                steps.extend(stop);
            }
        }
        steps
    }

    /// The new container comes first, under a name of its own; then the old one makes room.
    fn replace(
        &mut self,
        desired: &'a DesiredService,
        decision: &Decision<'a>,
        old: &'a ProjectContainer,
        cause: &Cause,
        before: &[StepId],
        freed: &[StepId],
    ) -> Result<Made, StackError> {
        let temporary = temporary_name(&old.id, &decision.name);
        let shown = Shown::RecreateBegins;
        let mut before = before.to_vec();
        if self.is_taken(&temporary) {
            // An interrupted run has left a container of this name, which goes first.
            before.extend(freed);
        }
        let made = self.create(desired, decision, temporary, cause, shown, before)?;
        let stopped = self.stop(None, old, cause.clone(), Shown::Hidden, made.last.clone());
        let mut before = made.last;
        before.extend(stopped);
        before.extend(self.disconnects(old));
        let step = removal(old, cause, Shown::Hidden);
        let removed = self.add(step, before);
        self.releases.push(removed);
        let action = Action::RenameContainer {
            container: ContainerRef::created(&decision.name),
            to: decision.name.clone(),
        };
        let step =
            Step::new(action, cause.clone()).of(&desired.service.name).shown(Shown::RecreateEnds);
        let renamed = self.add(step, freed.iter().copied().chain([removed]));
        Ok(Made { last: vec![renamed], blueprint: made.blueprint })
    }

    /// Whether a container of the project has this name.
    fn is_taken(&self, name: &str) -> bool {
        self.input.observed.containers.iter().any(|container| container.name == name)
    }

    /// Creates a container and joins it to the networks that the engine does not take at creation.
    fn create(
        &mut self,
        desired: &'a DesiredService,
        decision: &Decision<'a>,
        name: String,
        cause: &Cause,
        shown: Shown,
        before: Vec<StepId>,
    ) -> Result<Made, StackError> {
        let service = &desired.service;
        let mut blueprint = self.blueprint(desired, decision)?;
        let project = self.input.setting.project;
        let outside = outside_fields(project, service);
        let given = provider::given(project, service);
        // What lacks the content of one of them is said where it starts.
        let files = injected_files(&self.input.setting, service).unwrap_or_default();
        let record = Record::new(cause, decision.existing, outside, given, &files);
        blueprint.label(labels::RECORD, record.to_label());
        if let Some(digests) = mounted_digests(service, &self.input.observed.images) {
            blueprint.label(labels::IMAGE_VOLUME_DIGEST, digests);
        }
        let blueprint = Arc::new(blueprint);
        let references = referenced_services(service)
            .into_iter()
            .map(|other| match self.first_container(other) {
                Some(container) => Ok((other.to_owned(), container)),
                None => Err(StackError::nothing_to_share(service, other)),
            })
            .collect::<Result<_, _>>()?;
        let later = blueprint.later_endpoints.clone();
        let action =
            Action::CreateContainer { name, blueprint: Arc::clone(&blueprint), references };
        let step = Step::new(action, cause.clone()).of(&service.name).shown(shown);
        let mut last = self.add(step, before);
        for (network, endpoint) in later {
            let action = Action::ConnectNetwork {
                network,
                container: ContainerRef::created(&decision.name),
                endpoint: Box::new(endpoint),
            };
            let cause = Cause::new("this engine takes one network at creation");
            last = self.add(Step::new(action, cause).of(&service.name), [last]);
        }
        Ok(Made { last: vec![last], blueprint: Some(blueprint) })
    }

    pub(super) fn blueprint(
        &mut self,
        desired: &DesiredService,
        decision: &Decision<'_>,
    ) -> Result<Blueprint, StackError> {
        let service = &desired.service;
        let key = desired.image_key();
        let inherits = !self.input.options.renew_anonymous_volumes;
        let linked = service
            .links
            .iter()
            .map(|link| link.split(':').next().unwrap_or(link))
            .map(|name| (name.to_owned(), self.final_names(name)))
            .collect();
        let recreated = matches!(decision.fate, Fate::Recreate(_));
        let instance = Instance {
            name: &decision.name,
            purpose: Purpose::Replica(decision.number),
            image: self.input.observed.images.get(&key).map(AsRef::as_ref),
            inherited: decision
                .existing
                .filter(|_| inherits)
                .map_or(&[], |old| old.summary.mounts.as_slice()),
            replaces: recreated.then(|| replaced_name(service, decision.number)),
            linked,
        };
        let mut warnings = Vec::new();
        let blueprint = blueprint(&self.input.setting, desired, &instance, &mut warnings)?;
        for warning in warnings {
            self.result.plan.warn(warning);
        }
        Ok(blueprint)
    }

    fn final_names(&self, service: &str) -> Vec<String> {
        self.starting
            .get(service)
            .into_iter()
            .flatten()
            .map(|starting| starting.reference.name.clone())
            .collect()
    }

    /// The container that stands for a service where one is shared: the first by name.
    fn first_container(&self, service: &str) -> Option<ContainerRef> {
        let containers = self.starting.get(service)?;
        containers.iter().map(|starting| &starting.reference).min().cloned()
    }
}
