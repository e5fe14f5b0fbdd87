//! The start of containers: dependencies first, each behind what it waits for.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::compose::model::{Dependency, DependencyCondition, Hook, Service};
use crate::stack::StackError;
use crate::stack::desired::{InjectedFile, PreStart, referenced_services};
use crate::stack::plan::{
    Action, Cause, ContainerRef, HookKind, Phase, Plan, Shown, Step, StepId, WaitCondition,
    WaitLimit,
};
use crate::stack::query::ProjectContainer;

/// A service whose containers may have to be started.
pub(in crate::stack) struct Gate<'a> {
    /// The service.
    pub(in crate::stack) service: &'a Service,
    /// Its containers.
    pub(in crate::stack) containers: Vec<Starting>,
    /// Whether none is wanted.
    pub(in crate::stack) scaled_to_zero: bool,
    /// What runs before its containers start.
    pub(in crate::stack) pre_start: Vec<PreStart>,
    /// Containers that hooks of earlier runs have left.
    pub(in crate::stack) leftovers: Vec<ContainerRef>,
}

/// A container that may have to be started.
pub(in crate::stack) struct Starting {
    /// Which one.
    pub(in crate::stack) reference: ContainerRef,
    /// What is known of it before the plan runs.
    pub(in crate::stack) container: ProjectContainer,
    /// Why it must be started; `None` when it runs.
    pub(in crate::stack) cause: Option<Cause>,
    /// Files that are written into it before.
    pub(in crate::stack) files: Vec<InjectedFile>,
    /// Steps that must be done before.
    pub(in crate::stack) ready: Vec<StepId>,
}

/// Adds the steps of a start to a plan.
pub(in crate::stack) struct Starter<'a, 'plan> {
    plan: &'plan mut Plan,
    gates: &'a [Gate<'a>],
    /// The longest time that each wait may take.
    wait_timeout: Option<Duration>,
    /// The last steps of each service's start.
    started: BTreeMap<&'a str, Vec<StepId>>,
    waits: BTreeMap<(&'a str, WaitCondition, bool), StepId>,
}

impl<'a, 'plan> Starter<'a, 'plan> {
    /// Starts the services of `gates`, which come dependencies first; no wait may take longer than
    /// `wait_timeout`.
    pub(in crate::stack) fn new(
        plan: &'plan mut Plan,
        gates: &'a [Gate<'a>],
        wait_timeout: Option<Duration>,
    ) -> Self {
        Self { plan, gates, wait_timeout, started: BTreeMap::new(), waits: BTreeMap::new() }
    }

    /// Adds everything up to the start of the last container.
    ///
    /// # Errors
    /// A required dependency that has no container.
    pub(in crate::stack) fn start(&mut self) -> Result<(), StackError> {
        for gate in self.gates {
            // What runs already waits too: whoever brings it up wants to know that all is well.
            let before = if gate.scaled_to_zero {
                Vec::new()
            } else {
                self.prepare(gate.service, Shown::Alone)?
            };
            let last = self.service(gate, &before);
            self.started.insert(&gate.service.name, last);
        }
        Ok(())
    }

    /// The steps that a service's start comes after; waits among them are added, to be `shown`.
    ///
    /// # Errors
    /// A required dependency that has no container.
    pub(in crate::stack) fn prepare(
        &mut self,
        service: &'a Service,
        shown: Shown,
    ) -> Result<Vec<StepId>, StackError> {
        let mut before = Vec::new();
        for (name, dependency) in &service.depends_on {
            before.extend(self.dependency(service, name, dependency, shown)?);
        }
        Ok(before)
    }

    /// Adds a wait for every service, after all starts (`--wait`). A service that another one waits
    /// to complete must complete; every other one must be running, and healthy if it is probed.
    pub(in crate::stack) fn wait(&mut self) {
        let before: Vec<StepId> = self.started.values().flatten().copied().collect();
        for gate in self.gates {
            let condition = if self.must_complete(&gate.service.name) {
                WaitCondition::CompletedSuccessfully
            } else {
                WaitCondition::RunningOrHealthy
            };
            if is_met(gate, condition) {
                self.tell_met(gate);
                continue;
            }
            let limit = self.wait_timeout.map(WaitLimit::Application);
            let step = wait_step(gate, condition, true, limit, Cause::new("--wait"));
            self.plan.add(step, before.iter().copied());
        }
    }

    fn must_complete(&self, service: &str) -> bool {
        self.gates.iter().any(|gate| {
            gate.service.depends_on.get(service).is_some_and(|dependency| {
                dependency.condition == DependencyCondition::ServiceCompletedSuccessfully
            })
        })
    }

    /// The steps that a dependent's start comes after.
    fn dependency(
        &mut self,
        service: &'a Service,
        name: &'a str,
        how: &Dependency,
        shown: Shown,
    ) -> Result<Vec<StepId>, StackError> {
        let dependent = service.name.as_str();
        let required = how.required;
        let Some(dependency) = self.gates.iter().find(|other| other.service.name == name) else {
            return Ok(Vec::new());
        };
        let condition = match how.condition {
            DependencyCondition::ServiceStarted => {
                return Ok(self.started.get(name).cloned().unwrap_or_default());
            }
            DependencyCondition::ServiceHealthy => WaitCondition::Healthy,
            DependencyCondition::ServiceCompletedSuccessfully => {
                WaitCondition::CompletedSuccessfully
            }
        };
        if dependency.scaled_to_zero {
            return Ok(Vec::new());
        }
        if dependency.containers.is_empty() {
            if required {
                return Err(StackError::MissingDependency {
                    service: dependent.to_owned(),
                    dependency: name.to_owned(),
                });
            }
            self.plan.warn(format!("{dependent} is missing dependency {name}"));
            return Ok(Vec::new());
        }
        if is_met(dependency, condition) {
            if shown != Shown::Untold {
                self.tell_met(dependency);
            }
            return Ok(Vec::new());
        }
        if let Some(step) = self.waits.get(&(name, condition, required)) {
            if shown != Shown::Untold {
                self.plan.wait_along(*step);
            }
            return Ok(vec![*step]);
        }
        let cause = Cause::new(format!("service {dependent:?} depends on it"));
        let limit = self.wait_timeout.map(WaitLimit::Dependency);
        let step = wait_step(dependency, condition, required, limit, cause).shown(shown);
        let before = self.started.get(name).cloned().unwrap_or_default();
        let step = self.plan.add(step, before);
        self.waits.insert((name, condition, required), step);
        Ok(vec![step])
    }

    /// Notes that a service is what is waited for.
    fn tell_met(&mut self, gate: &Gate<'_>) {
        for starting in &gate.containers {
            self.plan.found_healthy(&starting.reference.name);
        }
    }

    /// Starts a service's containers; the last step of each. For one that runs, these are the waits
    /// that its start would have come after.
    fn service(&mut self, gate: &Gate<'a>, before: &[StepId]) -> Vec<StepId> {
        let in_turn = starts_in_turn(gate.service);
        let prepared = self.pre_start(gate, before);
        let mut last = Vec::new();
        let mut previous: Option<StepId> = None;
        for starting in &gate.containers {
            let Some(cause) = &starting.cause else {
                last.extend(before.iter().chain(&starting.ready).copied());
                continue;
            };
            let mut earlier: Vec<StepId> = before.iter().chain(&starting.ready).copied().collect();
            earlier.extend(prepared.get(&starting.reference).into_iter().flatten());
            if in_turn {
                earlier.extend(previous);
            }
            let end = self.container(gate.service, starting, cause, earlier);
            previous = Some(end);
            last.push(end);
        }
        last
    }

    /// Runs what must run before a service starts: the steps to come before each container's
    /// start. A hook that is not for each replica runs only if no replica runs yet.
    fn pre_start(
        &mut self,
        gate: &Gate<'a>,
        before: &[StepId],
    ) -> BTreeMap<ContainerRef, Vec<StepId>> {
        let starting: Vec<&Starting> =
            gate.containers.iter().filter(|one| one.cause.is_some()).collect();
        let runs = starting.len() < gate.containers.len();
        let mut last: BTreeMap<ContainerRef, Vec<StepId>> = BTreeMap::new();
        let Some(first) = starting.first() else { return last };
        if gate.pre_start.is_empty() {
            return last;
        }
        let mut common = before.to_vec();
        for leftover in &gate.leftovers {
            let container = leftover.clone();
            let action = Action::RemoveContainer { container, volumes: true, force: true };
            let cause = Cause::new("a hook of an earlier run has left it");
            let step = Step::new(action, cause).of(&gate.service.name).phase(Phase::Start);
            common.push(self.plan.add(step.shown(Shown::Untold), []));
        }
        for one in &starting {
            let steps = common.iter().chain(&one.ready).copied().collect();
            last.insert(one.reference.clone(), steps);
        }
        for hook in &gate.pre_start {
            if hook.per_replica {
                // They share the name of the hook's container, so one comes after the other.
                let mut previous: Option<StepId> = None;
                for one in &starting {
                    let steps = last.entry(one.reference.clone()).or_default();
                    let earlier: Vec<StepId> = steps.drain(..).chain(previous).collect();
                    let step = self.plan.add(hook_step(gate, hook, one, self.gates), earlier);
                    steps.push(step);
                    previous = Some(step);
                }
            } else if !runs {
                let earlier: Vec<StepId> = last.values().flatten().copied().collect();
                let step = self.plan.add(hook_step(gate, hook, first, self.gates), earlier);
                for steps in last.values_mut() {
                    *steps = vec![step];
                }
            }
        }
        last
    }

    fn container(
        &mut self,
        service: &Service,
        starting: &Starting,
        cause: &Cause,
        mut before: Vec<StepId>,
    ) -> StepId {
        let container = starting.reference.clone();
        if !starting.files.is_empty() {
            let action =
                Action::InjectFiles { container: container.clone(), files: starting.files.clone() };
            let cause = Cause::new("secrets and configs that are not files");
            let step = Step::new(action, cause).of(&service.name).phase(Phase::Start);
            before = vec![self.plan.add(step, before)];
        }
        let action = if starting.container.summary.state == "paused" {
            Action::UnpauseContainer { container: container.clone() }
        } else {
            Action::StartContainer { container: container.clone() }
        };
        let starts = matches!(action, Action::StartContainer { .. });
        let step = Step::new(action, cause.clone()).of(&service.name).phase(Phase::Start);
        let start = self.plan.add(step, before);
        let (kind, before) = (HookKind::PostStart, vec![start]);
        let last = hooks(self.plan, service, &service.post_start, kind, &container, before);
        match last.first() {
            Some(&last) if last != start => {
                if starts {
                    // It has started once its hooks have run.
                    self.plan.show(start, Shown::Begins);
                    self.plan.show(last, Shown::StartEnds);
                }
                last
            }
            _ => start,
        }
    }
}

/// A step that runs a `pre_start` hook for a replica.
fn hook_step(gate: &Gate<'_>, hook: &PreStart, replica: &Starting, gates: &[Gate<'_>]) -> Step {
    let service = gate.service;
    let references = referenced_services(service)
        .into_iter()
        .filter_map(|name| {
            let other = gates.iter().find(|other| other.service.name == name)?;
            let first = other.containers.iter().map(|one| &one.reference).min()?;
            Some((name.to_owned(), first.clone()))
        })
        .collect();
    let action = Action::RunPreStart {
        hook: Box::new(hook.clone()),
        replica: replica.reference.clone(),
        references,
    };
    let cause = Cause::new(format!("a hook of service {:?}", service.name));
    Step::new(action, cause).of(&service.name).phase(Phase::Start)
}

/// Adds hooks, one after the other; the last of them, or `before` when there are none.
pub(in crate::stack) fn hooks(
    plan: &mut Plan,
    service: &Service,
    hooks: &[Hook],
    kind: HookKind,
    container: &ContainerRef,
    mut before: Vec<StepId>,
) -> Vec<StepId> {
    let phase = match kind {
        HookKind::PostStart => Phase::Start,
        HookKind::PreStop => Phase::Create,
    };
    for hook in hooks {
        let action = Action::RunHook {
            container: container.clone(),
            hook: Box::new(hook.clone()),
            kind,
            tty: service.tty,
        };
        let cause = Cause::new(format!("a hook of service {:?}", service.name));
        before = vec![plan.add(Step::new(action, cause).of(&service.name).phase(phase), before)];
    }
    before
}

/// Adds the hooks that run before a container is stopped; the last of them, or `before` when there are none, and how
/// the stop shows after them, which shows as `shown` without. They are a part of the stop, and it is told to begin with
/// the first.
pub(in crate::stack) fn pre_stop(
    plan: &mut Plan,
    service: &Service,
    container: &ContainerRef,
    shown: Shown,
    mut before: Vec<StepId>,
) -> (Vec<StepId>, Shown) {
    let Some((first, others)) = service.pre_stop.split_first().filter(|_| shown == Shown::Alone)
    else {
        let last = hooks(plan, service, &service.pre_stop, HookKind::PreStop, container, before);
        return (last, shown);
    };
    let first = std::slice::from_ref(first);
    before = hooks(plan, service, first, HookKind::PreStop, container, before);
    for step in &before {
        plan.show(*step, Shown::StopBegins);
    }
    (hooks(plan, service, others, HookKind::PreStop, container, before), Shown::Ends)
}

/// Whether replicas start one after the other: hooks run before the next one starts, and a range of
/// host ports is handed out in order.
fn starts_in_turn(service: &Service) -> bool {
    !service.post_start.is_empty() || service.ports.iter().any(|port| port.published.contains('-'))
}

fn wait_step(
    gate: &Gate<'_>,
    condition: WaitCondition,
    required: bool,
    limit: Option<WaitLimit>,
    cause: Cause,
) -> Step {
    let service = &gate.service.name;
    let action = Action::WaitFor {
        service: service.clone(),
        containers: gate.containers.iter().map(|starting| starting.reference.clone()).collect(),
        condition,
        required,
        limit,
        waiters: 1,
    };
    Step::new(action, cause).of(service).phase(Phase::Start)
}

/// Whether the condition holds already, by what the list of containers says.
fn is_met(gate: &Gate<'_>, condition: WaitCondition) -> bool {
    gate.containers.iter().all(|starting| {
        let health = starting.container.health();
        starting.cause.is_none()
            && match condition {
                WaitCondition::Healthy => health == Some("healthy"),
                WaitCondition::RunningOrHealthy => matches!(health, None | Some("healthy")),
                WaitCondition::CompletedSuccessfully => false,
            }
    })
}
