//! Steps that stop and remove containers, dependents before what they depend on. Pure.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::plan::{Action, Cause, ContainerRef, Plan, Shown, Step, StepId};
use super::programs::Programs;
use super::programs::provider::{Call, Verb};
use super::query::ProjectContainer;
use super::reconcile::pre_stop;
use super::selection::Selection;
use crate::compose::model::{Project, Service};
use crate::engine::api::Description;

/// What becomes of containers that are stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// They stay.
    Keep,
    /// They go.
    Remove {
        /// Whether their anonymous volumes go too.
        volumes: bool,
        /// Whether they are killed if they still run.
        force: bool,
    },
}

/// Adds steps that take containers down.
pub(super) struct Teardown<'a> {
    /// The plan that grows.
    pub(super) plan: Plan,
    project: &'a Project,
    engine: &'a Description,
    /// Seconds that a stop may take.
    timeout: Option<i64>,
    /// Whether a container that does not run is told to be stopped.
    pub(super) tells_stopped: bool,
    /// The last steps of the stops of each service.
    stopped: BTreeMap<&'a str, Vec<StepId>>,
    /// The removals of each service.
    gone: BTreeMap<&'a str, Vec<StepId>>,
    /// The removals.
    pub(super) removed: Vec<StepId>,
}

impl<'a> Teardown<'a> {
    /// A teardown of containers of `project` on `engine`.
    pub(super) fn new(project: &'a Project, engine: &'a Description, timeout: Option<i64>) -> Self {
        let plan = Plan::new(&project.name);
        Self {
            plan,
            project,
            engine,
            timeout,
            tells_stopped: true,
            stopped: BTreeMap::new(),
            gone: BTreeMap::new(),
            removed: Vec::new(),
        }
    }

    /// Takes down the containers of the selected services; those of a service go once its
    /// dependents have stopped.
    pub(super) fn services(
        &mut self,
        selection: &Selection<'a>,
        containers: &[ProjectContainer],
        then: Then,
        cause: &Cause,
    ) {
        for service in selection.services.iter().rev() {
            let mut before: Vec<StepId> = Vec::new();
            for dependent in &selection.services {
                if dependent.depends_on.contains_key(&service.name) {
                    before.extend(self.stopped.get(&*dependent.name).into_iter().flatten());
                }
            }
            let first_removed = self.removed.len();
            if let Some(call) = self.provider(service, then) {
                let dependents = selection
                    .services
                    .iter()
                    .filter(|dependent| dependent.depends_on.contains_key(&service.name));
                for dependent in dependents {
                    before.extend(self.gone.get(&*dependent.name).into_iter().flatten());
                }
                let step = Step::new(Action::CallProvider { call: Box::new(call) }, cause.clone());
                let step = self.plan.add(step.of(&service.name), before);
                self.removed.push(step);
                self.gone.insert(&service.name, vec![step]);
                self.stopped.insert(&service.name, vec![step]);
                continue;
            }
            let mut last = Vec::new();
            for container in containers.iter().filter(|one| one.service == service.name) {
                last.extend(self.container(Some(service), container, then, cause, &before));
            }
            // A service without containers still stands between its dependents and its
            // dependencies.
            if last.is_empty() {
                last = before;
            }
            self.stopped.insert(&service.name, last);
            self.gone.insert(&service.name, self.removed[first_removed..].to_vec());
        }
    }

    /// What the provider of a service is asked, where it has one.
    fn provider(&self, service: &Service, then: Then) -> Option<Call> {
        service.provider.as_ref()?;
        let verb = match then {
            Then::Keep => Verb::Stop,
            Then::Remove { .. } => Verb::Down,
        };
        Call::new(service, verb, &Arc::new(Programs::of(self.project, self.engine)))
    }

    /// Takes down one container; the steps after which it has stopped.
    pub(super) fn container(
        &mut self,
        service: Option<&Service>,
        container: &ProjectContainer,
        then: Then,
        cause: &Cause,
        before: &[StepId],
    ) -> Vec<StepId> {
        let reference = ContainerRef::existing(&container.id, &container.name);
        let mut last = before.to_vec();
        if !matches!(container.summary.state.as_str(), "created" | "exited" | "dead") {
            let mut shown = Shown::Alone;
            if let Some(service) = service
                && container.is_running()
            {
                (last, shown) = pre_stop(&mut self.plan, service, &reference, shown, last);
            }
            let action =
                Action::StopContainer { container: reference.clone(), timeout: self.timeout };
            let stop = self.add(action, container, cause, last);
            self.plan.show(stop, shown);
            last = vec![stop];
        } else if self.tells_stopped {
            self.plan.keep_stopped(&container.service, &container.name);
        }
        if let Then::Remove { volumes, force } = then {
            let action = Action::RemoveContainer { container: reference, volumes, force };
            let removed = self.add(action, container, cause, last.clone());
            self.removed.push(removed);
        }
        last
    }

    fn add(
        &mut self,
        action: Action,
        container: &ProjectContainer,
        cause: &Cause,
        before: Vec<StepId>,
    ) -> StepId {
        self.plan.add(Step::new(action, cause.clone()).of(&container.service), before)
    }
}
