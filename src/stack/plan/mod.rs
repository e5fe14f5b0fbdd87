//! A plan: a graph of steps, each with its cause. A value that is shown or run. Pure.
//!
//! An edge means "only after". Steps that no edge connects may run side by side.

mod action;
mod cause;
mod describe;
mod rehearsal;

use std::collections::{BTreeMap, BTreeSet};

use petgraph::Direction;
use petgraph::stable_graph::{NodeIndex, StableDiGraph};

pub use action::{Action, ContainerRef, HookKind, OnFailure, WaitCondition, WaitLimit};
pub use cause::{Cause, Change, HIDDEN, label_place, place, variable_place};
pub use rehearsal::Rehearsal;

/// Names a step within its plan.
pub type StepId = NodeIndex;

/// What is to be done, and in which order.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    project: String,
    graph: StableDiGraph<Step, ()>,
    running: Vec<String>,
    stopped: Vec<String>,
    healthy: Vec<String>,
    /// The services of those.
    kept: BTreeMap<String, String>,
    skipped: Vec<(String, String)>,
    warnings: Vec<String>,
}

/// One call of the engine, or one wait, and why it is there.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What is done.
    pub action: Action,
    /// The service it is done for.
    pub service: Option<String>,
    /// Why.
    pub cause: Cause,
    /// When, roughly.
    pub phase: Phase,
    /// How it shows in the progress of the run.
    pub shown: Shown,
}

/// The parts of an `up`; no step of an earlier phase follows one of a later phase.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// What decisions depend on is brought: images are pulled and built, providers called, models
    /// made ready.
    Prepare,
    /// Networks, volumes and containers are made and removed.
    #[default]
    Create,
    /// Containers are started and waited for.
    Start,
}

/// How a step shows in the progress of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Shown {
    /// With its own two words (`Creating`, `Created`).
    #[default]
    Alone,
    /// With the first of its words; another step tells the second.
    Begins,
    /// With the second of its words alone.
    Ends,
    /// As the beginning of the stop of a container.
    StopBegins,
    /// Not told, as by Docker Compose.
    Untold,
    /// As the end of the start of a container.
    StartEnds,
    /// As the beginning of the replacement of a container.
    RecreateBegins,
    /// As a part of it that is not told.
    Hidden,
    /// As its end.
    RecreateEnds,
}

/// Something that must be asked before a plan is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The volume that would be removed and made anew.
    pub volume: String,
    /// The question.
    pub text: String,
}

impl Step {
    /// A step of phase [`Phase::Create`] that belongs to no service.
    pub fn new(action: Action, cause: Cause) -> Self {
        Self { action, service: None, cause, phase: Phase::Create, shown: Shown::Alone }
    }

    /// For a service.
    #[must_use]
    pub fn of(mut self, service: &str) -> Self {
        self.service = Some(service.to_owned());
        self
    }

    /// In a phase.
    #[must_use]
    pub fn phase(mut self, phase: Phase) -> Self {
        self.phase = phase;
        self
    }

    /// Shown in another way.
    #[must_use]
    pub fn shown(mut self, shown: Shown) -> Self {
        self.shown = shown;
        self
    }
}

impl Phase {
    /// All of them, in their order.
    pub const ALL: [Self; 3] = [Self::Prepare, Self::Create, Self::Start];
}

impl Plan {
    /// An empty plan for the containers of a project.
    pub fn new(project: &str) -> Self {
        Self { project: project.to_owned(), ..Self::default() }
    }

    /// Name of the project whose containers it is about.
    pub fn project(&self) -> &str {
        &self.project
    }

    /// Adds a step that comes after `before`.
    pub fn add(&mut self, step: Step, before: impl IntoIterator<Item = StepId>) -> StepId {
        let id = self.graph.add_node(step);
        for earlier in before {
            self.graph.update_edge(earlier, id, ());
        }
        id
    }

    /// Shows a step in another way.
    pub fn show(&mut self, step: StepId, shown: Shown) {
        self.graph[step].shown = shown;
    }

    /// Makes `later` come after `earlier`.
    pub fn order(&mut self, earlier: StepId, later: StepId) {
        self.graph.update_edge(earlier, later, ());
    }

    /// Notes a container of a service that is left as it is and runs.
    pub fn keep_running(&mut self, service: &str, container: &str) {
        self.kept.insert(container.to_owned(), service.to_owned());
        self.running.push(container.to_owned());
    }

    /// Notes a container of a service that was to be stopped and does not run.
    pub fn keep_stopped(&mut self, service: &str, container: &str) {
        self.kept.insert(container.to_owned(), service.to_owned());
        self.stopped.push(container.to_owned());
    }

    /// Notes a container that is waited for and healthy already: once for each that waits.
    pub fn found_healthy(&mut self, container: &str) {
        self.healthy.push(container.to_owned());
    }

    /// Notes that one more waits by a step that waits.
    pub fn wait_along(&mut self, step: StepId) {
        if let Action::WaitFor { waiters, .. } = &mut self.graph[step].action {
            *waiters += 1;
        }
    }

    /// Notes that one more service runs the image that a step pulls.
    pub fn pull_along(&mut self, step: StepId, name: &str) {
        if let Action::PullImage { service, others, .. } = &mut self.graph[step].action
            && service != name
            && !others.iter().any(|other| other == name)
        {
            others.push(name.to_owned());
        }
    }

    /// The containers that are left as they are, and their services.
    pub fn kept(&self) -> impl Iterator<Item = (&str, &str)> {
        self.kept.iter().map(|(container, service)| (container.as_str(), service.as_str()))
    }

    /// Notes a service that nothing is done for, and why; without a reason where its own file says so.
    pub fn skip(&mut self, service: &str, reason: impl Into<String>) {
        self.skipped.push((service.to_owned(), reason.into()));
    }

    /// Services that nothing is done for, and why.
    pub fn skipped(&self) -> &[(String, String)] {
        &self.skipped
    }

    /// Adds a warning, once.
    pub fn warn(&mut self, text: impl Into<String>) {
        let text = text.into();
        if !self.warnings.contains(&text) {
            self.warnings.push(text);
        }
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.graph.node_count() == 0
    }

    /// The number of steps.
    pub fn len(&self) -> usize {
        self.graph.node_count()
    }

    /// What the user should be told before.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Containers that run and are left as they are.
    pub fn running(&self) -> &[String] {
        &self.running
    }

    /// Containers that were to be stopped and do not run.
    pub fn stopped(&self) -> &[String] {
        &self.stopped
    }

    /// Containers that are waited for and healthy already, as often as they are waited for.
    pub fn healthy(&self) -> &[String] {
        &self.healthy
    }

    /// A step.
    pub fn step(&self, id: StepId) -> &Step {
        &self.graph[id]
    }

    /// The steps in an order in which they may run; where several may, in the order in which they
    /// were added.
    pub fn steps(&self) -> Vec<(StepId, &Step)> {
        let mut missing: BTreeMap<StepId, usize> =
            self.graph.node_indices().map(|id| (id, self.before(id).count())).collect();
        let mut ready: BTreeSet<StepId> =
            missing.iter().filter(|(_, count)| **count == 0).map(|(id, _)| *id).collect();
        let mut order = Vec::with_capacity(missing.len());
        while let Some(id) = ready.pop_first() {
            order.push((id, &self.graph[id]));
            for later in self.after(id) {
                if let Some(count) = missing.get_mut(&later) {
                    *count -= 1;
                    if *count == 0 {
                        ready.insert(later);
                    }
                }
            }
        }
        order
    }

    /// The steps that must be done before `id`.
    pub fn before(&self, id: StepId) -> impl Iterator<Item = StepId> {
        self.graph.neighbors_directed(id, Direction::Incoming)
    }

    /// The steps that wait for `id`.
    pub fn after(&self, id: StepId) -> impl Iterator<Item = StepId> {
        self.graph.neighbors_directed(id, Direction::Outgoing)
    }
}
