//! Fates become steps.

mod networks;
mod services;
mod volumes;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::service_fate::{Decision, Fate, ServiceDecision};
use super::start::{Gate, Starter, Starting, pre_stop};
use super::{FinalContainer, Input, Reconciled, network_fate, orphans, volume_fate};
use crate::compose::model::Service;
use crate::engine::api::ContainerSummary;
use crate::stack::StackError;
use crate::stack::desired::{Blueprint, DesiredService, injected_files, pre_start};
use crate::stack::plan::{Action, Cause, ContainerRef, Shown, Step, StepId};
use crate::stack::query::ProjectContainer;
use crate::stack::query::leftovers;

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

    /// The steps that take a container off networks or put it onto them. Its removal comes after them:
    /// the engine refuses both for a container that is going.
    fn disconnects(&self, container: &ProjectContainer) -> Vec<StepId> {
        self.connects.get(container.id.as_str()).cloned().unwrap_or_default()
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
            if shown != Shown::Hidden {
                self.result.plan.keep_stopped(&container.service, &container.name);
            }
            return before;
        }
        let reference = ContainerRef::existing(&container.id, &container.name);
        let (mut before, mut shown) = (before, shown);
        if shown == Shown::Alone {
            before.extend(self.stop_those_within(container));
        }
        if let Some(service) = service
            && container.is_running()
        {
            let plan = &mut self.result.plan;
            (before, shown) = pre_stop(plan, service, &reference, shown, before);
        }
        let timeout = self.input.options.timeout;
        let action = Action::StopContainer { container: reference, timeout };
        let step = Step::new(action, cause).of(&container.service).shown(shown);
        let step = self.add(step, before);
        self.stops.insert(&container.id, step);
        vec![step]
    }

    /// Stops the containers that stay and whose processes are in the namespace of one that stops: the kernel would end them
    /// with it, and nobody would start them again.
    fn stop_those_within(&mut self, container: &ProjectContainer) -> Vec<StepId> {
        let of_service = self.input.observed.of_service(&container.service);
        let is_shared = of_service.min_by(|a, b| a.name.cmp(&b.name)) == Some(container);
        let within = format!("service:{}", container.service);
        let services = self.services;
        let mut steps = Vec::new();
        for sharer in services.iter().filter(|it| is_shared && it.desired.service.pid == within) {
            let service = &sharer.desired.service;
            let path = format!("services.{}.pid", service.name);
            let reason = format!("its processes end with those of service {:?}", container.service);
            let cause = Cause::at(self.input.setting.project, &path, reason);
            let staying = sharer.containers.iter().filter(|one| one.fate == Fate::Keep);
            for existing in staying.filter_map(|one| one.existing).filter(|one| one.is_running()) {
                let stop =
                    self.stop(Some(service), existing, cause.clone(), Shown::Alone, Vec::new());
                steps.extend(stop);
            }
        }
        steps
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
        let stopped = kept.is_some_and(|container| self.stops.contains_key(&*container.id));
        let container = match (kept, &made.blueprint) {
            (Some(container), _) if stopped => container.clone().stopped(),
            (Some(container), _) => container.clone(),
            (None, Some(blueprint)) => future(desired, blueprint),
            (None, None) => ProjectContainer::default(),
        };
        let cause = match kept {
            None => Some(Cause::new("it was created")),
            Some(_) if stopped => Some(Cause::new("it was stopped for this")),
            Some(container) if !container.is_running() => Some(Cause::new(container.idle())),
            Some(_) => None,
        };
        let files = match &cause {
            Some(_) if !self.input.options.no_start => {
                injected_files(&self.input.setting, &desired.service)?
            }
            _ => Vec::new(),
        };
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
                let runners = &self.input.observed.hook_runners;
                Ok(Gate {
                    service,
                    containers: self.starting.remove(service.name.as_str()).unwrap_or_default(),
                    scaled_to_zero: decision.desired.scale == 0,
                    pre_start: pre_start(&self.input.setting, decision.desired)?,
                    leftovers: leftovers(runners, &service.name),
                })
            })
            .collect::<Result<_, StackError>>()?;
        let decisions = self.services.iter().flat_map(|decision| &decision.containers);
        let now: BTreeMap<&str, ContainerRef> = decisions
            .filter_map(|one| {
                let container = one.existing?;
                let now = ContainerRef::existing(&container.id, &container.name);
                Some((one.name.as_str(), now))
            })
            .collect();
        for starting in gates.iter().flat_map(|gate| &gate.containers) {
            if starting.cause.is_none() {
                self.result
                    .plan
                    .keep_running(&starting.container.service, &starting.reference.name);
            }
            self.result.containers.push(FinalContainer {
                reference: starting.reference.clone(),
                now: now.get(starting.reference.name.as_str()).cloned(),
                container: starting.container.clone(),
                starts: starting.cause.is_some(),
            });
        }
        if self.input.options.no_start {
            return Ok(());
        }
        let options = self.input.options;
        let mut starter = Starter::new(&mut self.result.plan, &gates, options.wait_timeout);
        starter.start()?;
        if let Some(target) = self.input.target {
            // Docker Compose tells nothing of what a one-off waits for.
            starter.prepare(target, Shown::Untold)?;
        }
        if options.wait {
            starter.wait();
        }
        Ok(())
    }
}

/// A step that removes a container and leaves its anonymous volumes.
fn removal(container: &ProjectContainer, cause: &Cause, shown: Shown) -> Step {
    let reference = ContainerRef::existing(&container.id, &container.name);
    let action = Action::RemoveContainer { container: reference, volumes: false, force: true };
    Step::new(action, cause.clone()).of(&container.service).shown(shown)
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
