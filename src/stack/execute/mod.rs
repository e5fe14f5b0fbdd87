//! Walks a plan with as much concurrency as its graph allows. Decides nothing: what is done, and in
//! which order, stands in the plan.

mod exec;
mod hook;
mod inject;
mod name_conflict;
mod output;
mod pace;
mod perform;
mod pre_start;
mod programs;
mod remove;
mod vanished;
mod wait;
mod watch;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Mutex;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio_util::sync::CancellationToken;

use super::StackError;
use super::course::{Course, Moment};
use super::error::{FROM_ENGINE, StepError};
use super::images::{Builder, NoBuilder};
use super::plan::{Action, ContainerRef, Phase, Plan, Step, StepId};
use super::programs::Brought;
use super::programs::provider::Verb;
use super::progress::{Event, Report, Status, Subject};
use crate::compose::model::Project;
use crate::engine::Engine;
use pace::Pace;
use watch::Watch;

pub use exec::hook as command;
pub(super) use exec::run_hooks;
pub use exec::test as probe;
pub(super) use inject::inject;

/// Carries a plan out. The first step that fails ends the run: calls that are under way are
/// finished, waits are given up, no further step begins, and what came up stays up. Where a start or
/// a wait fails, all the same everything is made that was to be made, and what waits for nothing is
/// started: what was replaced would be down otherwise, for a reason that is none of its own.
///
/// # Errors
/// The first step that failed, or [`StackError::Cancelled`].
pub async fn run<E: Engine>(
    plan: &Plan,
    engine: &E,
    report: &dyn Report,
    cancel: &CancellationToken,
) -> Result<(), StackError> {
    run_to_know(plan, engine, report, cancel).await.map(drop)
}

/// The same; gives what the steps found out.
pub(super) async fn run_to_know<E: Engine>(
    plan: &Plan,
    engine: &E,
    report: &dyn Report,
    cancel: &CancellationToken,
) -> Result<Known, StackError> {
    let run = Run { engine, builder: &NoBuilder, project: None, report, cancel };
    Executor::new(run, Known::default()).run(plan, &Phase::ALL).await
}

/// What a run works with.
pub(super) struct Run<'a, E, B> {
    pub(super) engine: &'a E,
    pub(super) builder: &'a B,
    /// For builds.
    pub(super) project: Option<&'a Project>,
    pub(super) report: &'a dyn Report,
    pub(super) cancel: &'a CancellationToken,
}

/// What steps have found out for later ones.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    /// Ids of containers that were created, by final name.
    pub(super) created: BTreeMap<String, String>,
    /// Images that were pulled.
    pub(super) pulled: BTreeSet<String>,
    /// What programs of others brought.
    pub(super) brought: Brought,
    /// Services whose images could not be pulled but can be built, and why.
    pub(super) to_build: BTreeMap<String, String>,
    /// Containers that somebody removed before they were started, by name.
    pub(super) vanished: BTreeSet<String>,
}

/// How a step ended that did not end well.
enum Failure {
    /// It failed.
    Failed(StackError),
    /// It was given up because another one failed or the caller cancelled.
    GivenUp,
    /// What it was to remove is left as it is, which has been told and is no failure of the plan.
    Left,
}

impl From<StackError> for Failure {
    fn from(error: StackError) -> Self {
        Self::Failed(error)
    }
}

/// One walk over a plan.
pub(super) struct Executor<'a, E, B> {
    run: Run<'a, E, B>,
    known: Mutex<Known>,
    /// Ends waits, pulls and builds once the run has failed or was cancelled.
    give_up: CancellationToken,
    /// Ends the making of containers and their starts, which another start that failed does not.
    stop_making: CancellationToken,
    pace: Pace,
}

impl<'a, E: Engine, B: Builder> Executor<'a, E, B> {
    /// An executor that begins with what earlier phases found out.
    pub(super) fn new(run: Run<'a, E, B>, known: Known) -> Self {
        let give_up = run.cancel.child_token();
        let stop_making = run.cancel.child_token();
        Self { run, known: Mutex::new(known), give_up, stop_making, pace: Pace::new() }
    }

    /// Once this is cancelled, a step does not begin.
    fn end_of(&self, step: &Step) -> &CancellationToken {
        let is_wait = matches!(step.action, Action::WaitFor { .. });
        if step.phase == Phase::Prepare || is_wait { &self.give_up } else { &self.stop_making }
    }

    /// Carries out the steps of some phases; the others must be done or come later. Gives what the
    /// steps found out.
    pub(super) async fn run(self, plan: &Plan, phases: &[Phase]) -> Result<Known, StackError> {
        let chosen: Vec<StepId> = plan
            .steps()
            .into_iter()
            .filter(|(_, step)| phases.contains(&step.phase))
            .map(|(id, _)| id)
            .collect();
        self.run.report.course(&Course::of(plan, &chosen));
        for event in phases.iter().flat_map(|phase| plan.left_alone(*phase)) {
            self.run.report.event(event);
        }
        for event in plan.passed_over() {
            self.run.report.event(event);
        }
        let waits = chosen.iter().any(|id| matches!(plan.step(*id).action, Action::WaitFor { .. }));
        let suit = self.pace.suit(self.run.engine, chosen.iter().map(|id| &plan.step(*id).action));
        let result = if waits {
            // Open before the first start, so that nothing that follows from one is missed.
            let watch = Watch::open(self.run.engine, plan.project()).await?;
            tokio::select! {
                result = self.walk(plan, &chosen, Some(&watch)) => result,
                never = suit => match never {},
                never = watch.follow() => match never {},
            }
        } else {
            tokio::select! {
                result = self.walk(plan, &chosen, None) => result,
                never = suit => match never {},
            }
        };
        result.map(|()| self.known.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    async fn walk(
        &self,
        plan: &Plan,
        chosen: &[StepId],
        watch: Option<&Watch<'_, E>>,
    ) -> Result<(), StackError> {
        let numbers: HashMap<StepId, usize> =
            chosen.iter().enumerate().map(|(number, id)| (*id, number)).collect();
        let mut missing: HashMap<StepId, usize> = HashMap::with_capacity(chosen.len());
        for id in chosen {
            let before = plan.before(*id).filter(|before| numbers.contains_key(before)).count();
            missing.insert(*id, before);
        }
        let mut ready: VecDeque<StepId> =
            chosen.iter().copied().filter(|id| missing[id] == 0).collect();
        let mut running = FuturesUnordered::new();
        let (mut failed, mut failed_alone) = (None, None);
        loop {
            while let Some(id) = ready.pop_front() {
                if !self.end_of(plan.step(id)).is_cancelled() {
                    let number = numbers[&id];
                    let step = plan.step(id);
                    running.push(self.pace.keep(&step.action, async move {
                        // It may have waited for its turn.
                        if self.end_of(step).is_cancelled() {
                            return (id, Err(Failure::GivenUp));
                        }
                        self.run.report.step(number, Moment::Began);
                        let result = self.step(number, step, watch).await;
                        let moment = match result {
                            Ok(()) | Err(Failure::Left) => Moment::Done,
                            Err(Failure::Failed(_)) => Moment::Failed,
                            Err(Failure::GivenUp) => Moment::GivenUp,
                        };
                        self.run.report.step(number, moment);
                        (id, result)
                    }));
                }
            }
            let Some((id, result)) = running.next().await else { break };
            match result {
                Ok(()) | Err(Failure::Left) => {
                    let mut freed = Vec::new();
                    for later in plan.after(id) {
                        if let Some(count) = missing.get_mut(&later) {
                            *count -= 1;
                            if *count == 0 {
                                freed.push(later);
                            }
                        }
                    }
                    // What others depend on comes first in a plan, and has to be there first.
                    freed.sort_by_key(|later| numbers[later]);
                    ready.extend(freed);
                }
                Err(Failure::Failed(error)) if fails_alone(&plan.step(id).action) => {
                    failed_alone.get_or_insert(error);
                }
                Err(Failure::Failed(error)) => {
                    failed.get_or_insert(error);
                    self.give_up.cancel();
                    if plan.step(id).phase != Phase::Start {
                        self.stop_making.cancel();
                    }
                }
                Err(Failure::GivenUp) => {}
            }
        }
        match failed.or(failed_alone) {
            Some(error) => Err(error),
            None if self.run.cancel.is_cancelled() => Err(StackError::Cancelled),
            None => Ok(()),
        }
    }

    /// One step, with its progress told.
    async fn step(
        &self,
        number: usize,
        step: &Step,
        watch: Option<&Watch<'_, E>>,
    ) -> Result<(), Failure> {
        let (begin, end) = step.words();
        if let Some(begin) = begin {
            self.tell_of(step, Status::Working, begin);
        }
        let result = match &step.action {
            // These may take long and change nothing, or nothing that a second run would not mend.
            Action::PullImage { .. }
            | Action::BuildImage { .. }
            | Action::CallProvider { .. }
            | Action::PrepareModels { .. }
            | Action::PushImage { .. }
            | Action::CopyInto { .. }
            | Action::CopyOutOf { .. }
            | Action::WaitFor { .. }
            | Action::RunPreStart { .. }
            | Action::RunHook { .. } => {
                let end = self.end_of(step);
                let done = end.run_until_cancelled(self.perform(number, step, watch)).await;
                done.unwrap_or(Err(Failure::GivenUp))
            }
            Action::StopContainer { .. } | Action::RestartContainer { .. } => {
                let done =
                    self.run.cancel.run_until_cancelled(self.perform(number, step, watch)).await;
                done.unwrap_or(Err(Failure::GivenUp))
            }
            _ => self.perform(number, step, watch).await,
        };
        match (&result, end) {
            // Somebody else removed it, which is told already.
            (Ok(()), _) if self.has_vanished(step) => {}
            (Ok(()), Some(end)) => self.tell_of(step, Status::Done, end),
            (Err(Failure::Failed(error)), _) if !tells_its_failure(&step.action) => {
                let message = error.to_string();
                let failed = |word: &str| Event::new(step.action.subject(), Status::Error, word);
                let event = match step.action {
                    // Compose tells this one in the place of the word.
                    Action::CreateContainer { .. } => failed(&message),
                    Action::KillContainer { .. } => failed("Error while Killing").details(message),
                    Action::StopContainer { .. } => failed("Error while Stopping").details(message),
                    Action::RemoveContainer { .. } => {
                        failed("Error while Removing").details(message)
                    }
                    // Here the engine needs no introduction.
                    Action::PullImage { .. } => failed("Error")
                        .details(message.strip_prefix(FROM_ENGINE).unwrap_or(&message)),
                    Action::StartContainer { .. }
                    | Action::RestartContainer { .. }
                    | Action::PauseContainer { .. }
                    | Action::UnpauseContainer { .. }
                    | Action::InjectFiles { .. }
                    | Action::RunHook { .. }
                    | Action::RemoveImage { .. }
                    | Action::RemoveVolume { .. }
                    | Action::CopyInto { .. }
                    | Action::CopyOutOf { .. }
                    | Action::CommitContainer { .. } => {
                        failed("Error").details(message).only_live()
                    }
                    _ => failed("Error").details(message),
                };
                for subject in step.action.subjects() {
                    self.run.report.event(Event { subject, ..event.clone() });
                }
            }
            _ => {}
        }
        result
    }

    fn tell_of(&self, step: &Step, status: Status, text: &str) {
        for subject in step.action.subjects() {
            let event = Event::new(subject, status, text);
            self.run.report.event(event.details(step.action.details()));
        }
    }

    fn tell(&self, subject: Subject, status: Status, text: &str) {
        self.run.report.event(Event::new(subject, status, text));
    }

    fn known<T>(&self, look: impl FnOnce(&mut Known) -> T) -> T {
        // A panic while it was held cannot have left it half-changed: every use is one insertion
        // or one look.
        look(&mut self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// The id of a container; one that was to be created must have been.
    fn id(&self, container: &ContainerRef) -> Result<String, StackError> {
        if let Some(id) = &container.id {
            return Ok(id.clone());
        }
        self.known(|known| known.created.get(&container.name).cloned()).ok_or_else(|| {
            StackError::Step(Box::new(StepError {
                service: None,
                step: format!("find container {}", container.name),
                message: format!("no such container: {}", container.name),
                ..StepError::default()
            }))
        })
    }
}

/// Whether the failure of a step ends nothing but what comes after it: a program of somebody else's that takes its own service down
/// keeps no container from going.
fn fails_alone(action: &Action) -> bool {
    matches!(action, Action::CallProvider { call } if matches!(call.verb, Verb::Stop | Verb::Down))
}

/// Whether a step tells of its failure by itself, of several subjects or in words of its own.
fn tells_its_failure(action: &Action) -> bool {
    matches!(
        action,
        Action::WaitFor { .. } | Action::CallProvider { .. } | Action::PrepareModels { .. }
    )
}
