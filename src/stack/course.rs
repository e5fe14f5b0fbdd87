//! A walk over a plan as those see it who watch it: which steps there are, whose they are, which of
//! them wait for which, and what became of each. Pure.

use std::collections::BTreeMap;
use std::time::Duration;

use super::plan::{Action, HookKind, Plan, StepId, WaitCondition};
use super::programs::provider::Verb;
use super::progress::Subject;
use super::timeline::Process;

/// The steps of one walk over a plan.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Course {
    /// The steps, in an order in which they may run. A step's number is its index.
    pub steps: Vec<CourseStep>,
    /// The services of containers that are left as they are.
    pub kept: BTreeMap<Subject, String>,
}

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub struct CourseStep {
    /// The service it is done for.
    pub service: Option<String>,
    /// What it is about.
    pub subject: Subject,
    /// What it does.
    pub kind: StepKind,
    /// Numbers of the steps that must be done before.
    pub after: Vec<usize>,
}

/// What a step does, roughly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepKind {
    /// Pulls an image.
    Pull,
    /// Builds an image.
    Build,
    /// Makes or changes something before a start: a network, a volume, a container.
    Create,
    /// Gives a container its own name, once that is free.
    Rename,
    /// Writes configs and secrets into a container that has not started.
    Files,
    /// Runs a hook of a service before the start of its container.
    PreStart,
    /// Starts or restarts a container.
    Start,
    /// Runs a hook in a container that has started.
    PostStart,
    /// Waits for the containers of the step's service.
    Wait(WaitCondition),
    /// Runs a hook in a container that is to stop.
    PreStop,
    /// Stops a container.
    Stop,
    /// Removes something.
    Remove,
    /// Carries files or an image from one place to another; no container changes its state.
    Transfer,
}

/// What becomes of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moment {
    /// It begins.
    Began,
    /// It ended well.
    Done,
    /// It failed.
    Failed,
    /// It was given up: another one failed, or the walk was interrupted.
    GivenUp,
}

/// What was seen of a container at the end of a step that takes time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observation {
    /// How a container became healthy.
    Health {
        /// Name of the container.
        container: String,
        /// The time from the last test that failed, or from the start, to the test that passed;
        /// nobody looked meanwhile.
        unobserved: Duration,
        /// Whether tests were made at `start_interval`, which the healthcheck sets.
        start_interval: bool,
        /// Whether the engine is too old for that.
        old_engine: bool,
    },
    /// How a container that took long to stop ended.
    Stop(Box<Stopped>),
}

/// A container that took long to stop.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stopped {
    /// Name.
    pub container: String,
    /// Exit code; 137 when it was killed.
    pub exit_code: i64,
    /// Seconds it was given.
    pub grace: i64,
    /// Its first process.
    pub process: Process,
    /// Whether an init process passes signals on.
    pub init: bool,
    /// The signal that asks it to stop.
    pub signal: String,
}

impl Course {
    /// The course of the steps `chosen` of a plan, in their order.
    pub fn of(plan: &Plan, chosen: &[StepId]) -> Self {
        let numbers: BTreeMap<StepId, usize> =
            chosen.iter().enumerate().map(|(number, id)| (*id, number)).collect();
        let steps = chosen
            .iter()
            .map(|id| {
                let step = plan.step(*id);
                let before = plan.before(*id).filter_map(|before| numbers.get(&before).copied());
                let mut after: Vec<usize> = before.collect();
                after.sort_unstable();
                CourseStep {
                    service: step.service.clone(),
                    subject: step.action.subject(),
                    kind: kind(&step.action),
                    after,
                }
            })
            .collect();
        let kept = plan.kept().map(|(container, service)| {
            (Subject::Container(container.to_owned()), service.to_owned())
        });
        Self { steps, kept: kept.collect() }
    }

    /// The service that something belongs to, if it belongs to one.
    pub fn service_of(&self, subject: &Subject) -> Option<&str> {
        let of_step = self
            .steps
            .iter()
            .find(|step| step.subject == *subject && !matches!(step.kind, StepKind::Wait(_)));
        of_step
            .and_then(|step| step.service.as_deref())
            .or_else(|| self.kept.get(subject).map(String::as_str))
    }
}

fn kind(action: &Action) -> StepKind {
    match action {
        Action::PullImage { .. } | Action::PrepareModels { .. } => StepKind::Pull,
        Action::CallProvider { call } => match call.verb {
            Verb::Up => StepKind::Create,
            Verb::Stop => StepKind::Stop,
            Verb::Down => StepKind::Remove,
        },
        Action::BuildImage { .. } => StepKind::Build,
        Action::CreateNetwork { .. }
        | Action::ConnectNetwork { .. }
        | Action::DisconnectNetwork { .. }
        | Action::CreateVolume { .. }
        | Action::CreateContainer { .. } => StepKind::Create,
        Action::RenameContainer { .. } => StepKind::Rename,
        Action::InjectFiles { .. } => StepKind::Files,
        Action::RunPreStart { .. } => StepKind::PreStart,
        Action::RestartContainer { .. }
        | Action::UnpauseContainer { .. }
        | Action::StartContainer { .. } => StepKind::Start,
        Action::RunHook { kind: HookKind::PostStart, .. } => StepKind::PostStart,
        Action::WaitFor { condition, .. } => StepKind::Wait(*condition),
        Action::StopContainer { .. }
        | Action::PauseContainer { .. }
        | Action::KillContainer { .. } => StepKind::Stop,
        Action::RunHook { kind: HookKind::PreStop, .. } => StepKind::PreStop,
        Action::RemoveImage { .. }
        | Action::RemoveNetwork { .. }
        | Action::RemoveVolume { .. }
        | Action::RemoveContainer { .. } => StepKind::Remove,
        Action::PushImage { .. }
        | Action::CommitContainer { .. }
        | Action::CopyInto { .. }
        | Action::CopyOutOf { .. } => StepKind::Transfer,
    }
}
