//! Fates become steps.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::service_fate::{Decision, Fate, ServiceDecision};
use super::start::{Gate, Starter, Starting, hooks};
use super::{FinalContainer, Input, Reconciled, network_fate, orphans, volume_fate};
use crate::compose::model::Service;
use crate::engine::api::{ContainerSummary, NetworkDetails};
use crate::stack::StackError;
use crate::stack::desired::{
    Blueprint, DesiredNetwork, DesiredService, Instance, Purpose, blueprint, referenced_services,
    replaced_name, temporary_name,
};
use crate::stack::plan::{Action, Cause, ContainerRef, HookKind, Shown, Step, StepId};
use crate::stack::query::ProjectContainer;

/// The steps after which a container is there, and what it was made from if it was made.
struct Made {
    last: Vec<StepId>,
    blueprint: Option<Arc<Blueprint>>,
}

/// Turns fates into a plan.
pub(super) struct Emitter<'a, 'b> {
    input: &'b Input<'a>,
    result: Reconciled,
    networks: &'b BTreeMap<&'a str, network_fate::Fate<'a>>,
    volumes: &'b BTreeMap<&'a str, volume_fate::Fate>,
    services: &'b [ServiceDecision<'a>],
    /// The step that makes a network, by key.
    network_steps: BTreeMap<&'a str, StepId>,
    /// The step that makes a volume, by key.
    volume_steps: BTreeMap<&'a str, StepId>,
    /// The step that stops a container, by id.
    stops: BTreeMap<&'a str, StepId>,
    /// The steps that remove containers or take them off a network.
    releases: Vec<StepId>,
    /// The removals of containers that are cleared, by id.
    cleared: BTreeMap<&'a str, StepId>,
    /// Connections of containers that are kept, by id.
    connects: BTreeMap<&'a str, Vec<StepId>>,
    /// The last steps of each service's creation.
    ready: BTreeMap<&'a str, Vec<StepId>>,
    /// Containers made or kept, by service.
    starting: BTreeMap<&'a str, Vec<Starting>>,
}

impl<'a, 'b> Emitter<'a, 'b> {
    /// An emitter that adds to `result`.
    pub(super) fn new(
        input: &'b Input<'a>,
        result: Reconciled,
        networks: &'b BTreeMap<&'a str, network_fate::Fate<'a>>,
        volumes: &'b BTreeMap<&'a str, volume_fate::Fate>,
        services: &'b [ServiceDecision<'a>],
    ) -> Self {
        Self {
            input,
            result,
            networks,
            volumes,
            services,
            network_steps: BTreeMap::new(),
            volume_steps: BTreeMap::new(),
            stops: BTreeMap::new(),
            releases: Vec::new(),
            cleared: BTreeMap::new(),
            connects: BTreeMap::new(),
            ready: BTreeMap::new(),
            starting: BTreeMap::new(),
        }
    }

    /// Networks, volumes, services, orphans, starts.
    pub(super) fn run(mut self) -> Result<Reconciled, StackError> {
        let orphans = self.remove_orphans();
        self.make_networks(&orphans)?;
        self.make_volumes();
        for decision in self.services {
            self.make_service(decision)?;
        }
        self.drop_renamed_networks();
        self.start()?;
        Ok(self.result)
    }

    fn add(&mut self, step: Step, before: impl IntoIterator<Item = StepId>) -> StepId {
        self.result.plan.add(step, before)
    }

    fn remove_orphans(&mut self) -> Vec<StepId> {
        let orphans = orphans::removed(self.input, &mut self.result.plan);
        let mut steps = Vec::new();
        for (orphan, cause) in orphans {
            let reference = ContainerRef::existing(&orphan.id, &orphan.name);
            let stop = self.stop(None, orphan, cause.clone(), Shown::Alone, Vec::new());
            let action =
                Action::RemoveContainer { container: reference, volumes: false, force: true };
            steps.push(self.add(Step::new(action, cause), stop));
        }
        self.releases.extend(&steps);
        steps
    }

    /// Stops a container unless it does not run or is stopped already; the steps to come after.
    fn stop(
        &mut self,
        service: Option<&Service>,
        container: &'a ProjectContainer,
        cause: Cause,
        shown: Shown,
        before: Vec<StepId>,
    ) -> Vec<StepId> {
        if let Some(step) = self.stops.get(container.id.as_str()) {
            return vec![*step];
        }
        if matches!(container.summary.state.as_str(), "created" | "exited" | "dead") {
            return before;
        }
        let reference = ContainerRef::existing(&container.id, &container.name);
        let mut before = before;
        if let Some(service) = service
            && container.is_running()
        {
            let plan = &mut self.result.plan;
            before = hooks(plan, service, &service.pre_stop, HookKind::PreStop, &reference, before);
        }
        let timeout = self.input.options.timeout;
        let action = Action::StopContainer { container: reference, timeout };
        let step = Step::new(action, cause).of(&container.service).shown(shown);
        let step = self.add(step, before);
        self.stops.insert(&container.id, step);
        vec![step]
    }

    fn make_networks(&mut self, orphans: &[StepId]) -> Result<(), StackError> {
        for network in &self.input.desired.networks {
            let Some(fate) = self.networks.get(network.key.as_str()) else { continue };
            let create = |cause: &Cause| {
                Step::new(Action::CreateNetwork { body: network.body.clone() }, cause.clone())
            };
            match fate {
                network_fate::Fate::Keep { .. } => {}
                network_fate::Fate::Create(cause) => {
                    let step = self.add(create(cause), []);
                    self.network_steps.insert(&network.key, step);
                }
                network_fate::Fate::Recreate { old, cause } => {
                    let mut released = self.disconnect_all(old, cause, true);
                    released.extend(orphans);
                    let action = Action::RemoveNetwork {
                        name: old.name.clone(),
                        id: old.id.clone(),
                        leave_used: false,
                    };
                    let removed = self.add(Step::new(action, cause.clone()), released);
                    let step = self.add(create(cause), [removed]);
                    self.network_steps.insert(&network.key, step);
                    self.connect_kept(network, cause)?;
                }
                network_fate::Fate::Rename { old, cause } => {
                    let step = self.add(create(cause), []);
                    self.network_steps.insert(&network.key, step);
                    let released = self.disconnect_all(old, cause, false);
                    self.releases.extend(released);
                    self.connect_kept(network, cause)?;
                }
            }
        }
        Ok(())
    }

    /// Takes the project's containers off a network, stopped first if `stop`.
    fn disconnect_all(
        &mut self,
        network: &NetworkDetails,
        cause: &Cause,
        stop: bool,
    ) -> Vec<StepId> {
        let mut steps = Vec::new();
        let services = self.services;
        for (decision, container) in services.iter().flat_map(|service| {
            service.containers.iter().filter_map(move |one| Some((service, one.existing?)))
        }) {
            let attached = &container.summary.network_settings.networks;
            if !attached.values().any(|endpoint| endpoint.network_id == network.id) {
                continue;
            }
            let before = if stop {
                self.stop(None, container, cause.clone(), Shown::Alone, Vec::new())
            } else {
                Vec::new()
            };
            let action = Action::DisconnectNetwork {
                network: network.name.clone(),
                id: network.id.clone(),
                container: ContainerRef::existing(&container.id, &container.name),
            };
            let step = Step::new(action, cause.clone()).of(&decision.desired.service.name);
            let step = self.add(step, before);
            self.connects.entry(&container.id).or_default().push(step);
            steps.push(step);
        }
        steps
    }

    /// Puts containers that stay onto a network that was made anew.
    fn connect_kept(
        &mut self,
        network: &'a DesiredNetwork,
        cause: &Cause,
    ) -> Result<(), StackError> {
        let services = self.services;
        for (service, decision) in services
            .iter()
            .filter(|service| service.desired.service.networks.contains_key(&network.key))
            .flat_map(|service| service.containers.iter().map(move |one| (service, one)))
        {
            let (Fate::Keep, Some(container)) = (&decision.fate, decision.existing) else {
                continue;
            };
            let blueprint = self.blueprint(service.desired, decision)?;
            let Some(endpoint) = blueprint.endpoint(&network.name) else { continue };
            let action = Action::ConnectNetwork {
                network: network.name.clone(),
                container: ContainerRef::existing(&container.id, &container.name),
                endpoint: Box::new(endpoint.clone()),
            };
            let mut before = self.connects.get(container.id.as_str()).cloned().unwrap_or_default();
            before.extend(self.network_steps.get(network.key.as_str()));
            let step = Step::new(action, cause.clone()).of(&service.desired.service.name);
            let step = self.add(step, before);
            self.connects.entry(&container.id).or_default().push(step);
        }
        Ok(())
    }

    /// Removes networks under their former names, once nothing of the project is on them.
    fn drop_renamed_networks(&mut self) {
        for fate in self.networks.values() {
            if let network_fate::Fate::Rename { old, cause } = fate {
                let action = Action::RemoveNetwork {
                    name: old.name.clone(),
                    id: old.id.clone(),
                    leave_used: true,
                };
                let before = self.releases.clone();
                self.add(Step::new(action, cause.clone()), before);
            }
        }
    }

    fn make_volumes(&mut self) {
        let services = self.services;
        for service in services {
            for decision in &service.containers {
                if let (Fate::Clear(cause), Some(container)) = (&decision.fate, decision.existing) {
                    let before =
                        self.stop(None, container, cause.clone(), Shown::Alone, Vec::new());
                    let step = self.removal(container, cause, Shown::Alone);
                    let step = self.add(step, before);
                    self.cleared.insert(&container.id, step);
                    self.releases.push(step);
                }
            }
        }
        for volume in &self.input.desired.volumes {
            let create = |cause: &Cause| {
                Step::new(Action::CreateVolume { body: volume.body.clone() }, cause.clone())
            };
            let step = match self.volumes.get(volume.key.as_str()) {
                None | Some(volume_fate::Fate::Keep) => continue,
                Some(volume_fate::Fate::Create(cause)) => self.add(create(cause), []),
                Some(volume_fate::Fate::Recreate(cause)) => {
                    let action =
                        Action::RemoveVolume { name: volume.name.clone(), leave_used: false };
                    let before: Vec<StepId> = self.cleared.values().copied().collect();
                    let removed = self.add(Step::new(action, cause.clone()), before);
                    self.add(create(cause), [removed])
                }
            };
            self.volume_steps.insert(&volume.key, step);
        }
    }

    fn removal(&self, container: &ProjectContainer, cause: &Cause, shown: Shown) -> Step {
        let reference = ContainerRef::existing(&container.id, &container.name);
        let action = Action::RemoveContainer { container: reference, volumes: false, force: true };
        Step::new(action, cause.clone()).of(&container.service).shown(shown)
    }

    fn make_service(&mut self, decision: &'b ServiceDecision<'a>) -> Result<(), StackError> {
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
                let stop =
                    self.stop(Some(service), container, cause.clone(), Shown::Alone, Vec::new());
                let step = self.removal(container, cause, Shown::Alone);
                steps.push(self.add(step, stop));
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
        let cause = Cause::new("a run that replaced a container was interrupted");
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
        let made = self.create(desired, decision, temporary, cause, shown, before.to_vec())?;
        let stopped = self.stop(None, old, cause.clone(), Shown::Hidden, made.last.clone());
        let mut before = made.last;
        before.extend(stopped);
        before.extend(self.connects.get(old.id.as_str()).into_iter().flatten());
        let step = self.removal(old, cause, Shown::Hidden);
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
        let blueprint = Arc::new(self.blueprint(desired, decision)?);
        let references = referenced_services(service)
            .into_iter()
            .filter_map(|other| Some((other.to_owned(), self.first_container(other)?)))
            .collect();
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

    fn blueprint(
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
            image: self.input.observed.images.get(&key),
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

    /// Notes a container for the start phase and for the outcome.
    fn note(
        &mut self,
        desired: &'a DesiredService,
        decision: &Decision<'a>,
        made: Made,
    ) -> Result<(), StackError> {
        let kept = decision.existing.filter(|_| made.blueprint.is_none());
        let reference = match kept {
            Some(container) => ContainerRef::existing(&container.id, &decision.name),
            None => ContainerRef::created(&decision.name),
        };
        let container = match (kept, &made.blueprint) {
            (Some(container), _) => container.clone(),
            (None, Some(blueprint)) => future(desired, blueprint),
            (None, None) => ProjectContainer::default(),
        };
        let stopped = kept.is_some_and(|container| self.stops.contains_key(&*container.id));
        let cause = match kept {
            None => Some(Cause::new("it was created")),
            Some(_) if stopped => Some(Cause::new("it was stopped for this")),
            Some(container) if !container.is_running() => {
                Some(Cause::new(format!("it is {}", container.summary.state)))
            }
            Some(_) => None,
        };
        let files =
            if cause.is_some() { self.blueprint(desired, decision)?.files } else { Vec::new() };
        self.starting.entry(&desired.service.name).or_default().push(Starting {
            reference,
            container,
            cause,
            files,
            ready: made.last,
        });
        Ok(())
    }

    /// Everything is there; now it starts, dependencies first.
    fn start(&mut self) -> Result<(), StackError> {
        let gates: Vec<Gate<'_>> = self
            .services
            .iter()
            .map(|decision| {
                let service = &decision.desired.service;
                Gate {
                    service,
                    containers: self.starting.remove(service.name.as_str()).unwrap_or_default(),
                    scaled_to_zero: decision.desired.scale == 0,
                }
            })
            .collect();
        for starting in gates.iter().flat_map(|gate| &gate.containers) {
            if starting.cause.is_none() {
                self.result.plan.keep_running(&starting.reference.name);
            }
            self.result.containers.push(FinalContainer {
                reference: starting.reference.clone(),
                container: starting.container.clone(),
                starts: starting.cause.is_some(),
            });
        }
        if self.input.options.no_start {
            return Ok(());
        }
        let options = self.input.options;
        let mut starter = Starter::new(&mut self.result.plan, &gates);
        starter.start()?;
        if let Some(target) = self.input.target {
            starter.prepare(target)?;
        }
        if options.wait {
            starter.wait(options.wait_timeout);
        }
        Ok(())
    }
}

/// What is known of a container that does not exist yet.
fn future(desired: &DesiredService, blueprint: &Blueprint) -> ProjectContainer {
    ProjectContainer::new(ContainerSummary {
        names: vec![format!("/{}", blueprint.name)],
        image: desired.image.clone(),
        labels: blueprint.body_without_references().labels.clone(),
        state: "created".into(),
        ..ContainerSummary::default()
    })
}
