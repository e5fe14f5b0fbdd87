//! How far a walk over a plan is, and what a service waits for meanwhile.

use std::collections::{BTreeSet, HashMap};

use crate::stack::course::{Course, CourseStep, Moment, StepKind};
use crate::stack::plan::WaitCondition;
use crate::stack::progress::Subject;

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Pending,
    Running,
    Done,
    /// It failed, or will not be done because another one did.
    Failed,
}

/// The steps of a walk.
#[derive(Debug, Default)]
pub(super) struct Progress {
    course: Course,
    stages: Vec<Stage>,
    /// The services of subjects.
    services: HashMap<Subject, String>,
    /// Steps of each service that are not done yet.
    pending: HashMap<String, usize>,
}

impl Progress {
    /// Of a walk that has just begun.
    pub(super) fn of(course: Course) -> Self {
        let mut services: HashMap<Subject, String> = course
            .kept
            .iter()
            .map(|(subject, service)| (subject.clone(), service.clone()))
            .collect();
        let mut pending: HashMap<String, usize> = HashMap::new();
        for step in course.steps.iter().filter(|step| !is_wait(step)) {
            if let Some(service) = &step.service {
                services.entry(step.subject.clone()).or_insert_with(|| service.clone());
            }
        }
        for service in course.steps.iter().filter_map(|step| step.service.as_ref()) {
            *pending.entry(service.clone()).or_default() += 1;
        }
        let stages = vec![Stage::Pending; course.steps.len()];
        Self { course, stages, services, pending }
    }

    /// Notes what became of a step, and gives the service that it is for.
    pub(super) fn step(&mut self, number: usize, moment: &Moment) -> Option<String> {
        let stage = self.stages.get_mut(number)?;
        *stage = match moment {
            Moment::Began => Stage::Running,
            Moment::Done => Stage::Done,
            Moment::Failed | Moment::GivenUp => Stage::Failed,
        };
        let service = self.course.steps.get(number)?.service.clone()?;
        if matches!(moment, Moment::Done)
            && let Some(count) = self.pending.get_mut(&service)
        {
            *count = count.saturating_sub(1);
        }
        Some(service)
    }

    /// The service that something belongs to, if it belongs to one.
    pub(super) fn service_of(&self, subject: &Subject) -> Option<&str> {
        self.services.get(subject).map(String::as_str)
    }

    /// Whether something is still to be done for a service.
    pub(super) fn is_pending(&self, service: &str) -> bool {
        self.pending.get(service).is_some_and(|count| *count > 0)
    }

    /// Whether a service has steps, and none of them was begun.
    pub(super) fn is_untouched(&self, service: &str) -> bool {
        let steps = self.course.steps.iter().zip(&self.stages);
        let mut own = steps.filter(|(step, _)| step.service.as_deref() == Some(service)).peekable();
        own.peek().is_some() && own.all(|(_, stage)| *stage == Stage::Pending)
    }

    /// What is waited for of a service, if somebody does: `to be healthy`.
    pub(super) fn awaited(&self, service: &str) -> Option<&'static str> {
        let mut own = self.running().filter(|step| step.service.as_deref() == Some(service));
        own.find_map(|step| awaited(step.kind))
    }

    /// What a service waits for that has nothing under way: `db to be healthy`.
    pub(super) fn waits_for(&self, service: &str) -> Vec<String> {
        let mut seen = BTreeSet::new();
        let mut open: Vec<usize> = (0..self.course.steps.len())
            .filter(|number| {
                let step = &self.course.steps[*number];
                step.service.as_deref() == Some(service) && self.stages[*number] == Stage::Pending
            })
            .collect();
        let mut reasons = BTreeSet::new();
        while let Some(number) = open.pop() {
            for before in &self.course.steps[number].after {
                let step = &self.course.steps[*before];
                match self.stages.get(*before) {
                    Some(Stage::Running) if step.service.as_deref() != Some(service) => {
                        reasons.extend(reason(step));
                    }
                    Some(Stage::Pending) if seen.insert(*before) => open.push(*before),
                    _ => {}
                }
            }
        }
        reasons.into_iter().collect()
    }

    fn running(&self) -> impl Iterator<Item = &CourseStep> {
        let steps = self.course.steps.iter().zip(&self.stages);
        steps.filter(|(_, stage)| **stage == Stage::Running).map(|(step, _)| step)
    }
}

fn is_wait(step: &CourseStep) -> bool {
    matches!(step.kind, StepKind::Wait(_))
}

fn awaited(kind: StepKind) -> Option<&'static str> {
    match kind {
        StepKind::Wait(WaitCondition::Healthy) => Some("to be healthy"),
        StepKind::Wait(WaitCondition::CompletedSuccessfully) => Some("to complete"),
        StepKind::Wait(WaitCondition::RunningOrHealthy) => Some("to be ready"),
        _ => None,
    }
}

/// What somebody else waits for in a step that is under way.
fn reason(step: &CourseStep) -> Option<String> {
    let what = match step.kind {
        StepKind::Wait(_) => awaited(step.kind)?,
        StepKind::PreStop | StepKind::Stop => "to stop",
        StepKind::Files | StepKind::PreStart | StepKind::Start | StepKind::PostStart => "to start",
        StepKind::Pull | StepKind::Build | StepKind::Create | StepKind::Rename => "to be created",
        StepKind::Remove => "to be removed",
        StepKind::Transfer => "to be transferred",
    };
    match (&step.service, &step.subject) {
        (Some(service), _) => Some(format!("{service} {what}")),
        (None, Subject::Network(name)) => Some(format!("network {name} {what}")),
        (None, Subject::Volume(name)) => Some(format!("volume {name} {what}")),
        _ => None,
    }
}
