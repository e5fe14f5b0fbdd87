//! Takes down when the steps of a run begin and end.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::stack::course::{Course, CourseStep, Moment, Observation, StepKind};
use crate::stack::plan::WaitCondition;
use crate::stack::progress::{Event, Report, Subject};
use crate::stack::timeline::{Health, Kind, Outcome, Stopped, TimedStep, Timeline};

/// Passes everything on, and takes down the times.
pub(in crate::cli) struct Recorder<'a> {
    inner: &'a dyn Report,
    command: &'static str,
    began: Instant,
    began_at: SystemTime,
    record: Mutex<Record>,
}

/// What was taken down.
#[derive(Default)]
struct Record {
    /// Each with whether it was begun and has ended.
    steps: Vec<(TimedStep, bool, bool)>,
    /// Where the steps of the course that goes on begin.
    first: usize,
}

impl<'a> Recorder<'a> {
    /// The run of a command begins.
    pub(in crate::cli) fn new(inner: &'a dyn Report, command: &'static str) -> Self {
        Self {
            inner,
            command,
            began: Instant::now(),
            began_at: SystemTime::now(),
            record: Mutex::default(),
        }
    }

    /// What was recorded; `None` when no step was begun.
    pub(in crate::cli) fn finish(&self, project: &str) -> Option<Timeline> {
        let now = self.now();
        let since_1970 = self.began_at.duration_since(UNIX_EPOCH).unwrap_or_default();
        let recorded = self.record().steps.clone();
        let planned = recorded.len();
        let steps = begun(recorded, now);
        let has = |outcome| steps.iter().any(|step| step.outcome == outcome);
        let is_whole = steps.len() == planned && !has(Outcome::Cancelled);
        let interrupted = !is_whole && !has(Outcome::Failed);
        (!steps.is_empty()).then(|| Timeline {
            project: project.to_owned(),
            command: self.command.to_owned(),
            began: i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX),
            interrupted,
            steps,
        })
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        // Every change of it is one assignment.
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The steps that were begun, under new numbers; at `now` they have an end.
fn begun(recorded: Vec<(TimedStep, bool, bool)>, now: u64) -> Vec<TimedStep> {
    let mut numbers = vec![None; recorded.len()];
    let mut steps: Vec<TimedStep> = Vec::new();
    for (old, (mut step, begun, ended)) in recorded.into_iter().enumerate() {
        if !begun {
            continue;
        }
        step.after = step.after.iter().filter_map(|before| numbers[*before]).collect();
        if !ended {
            step.ended = now;
            step.outcome = Outcome::Cancelled;
        }
        numbers[old] = Some(steps.len());
        steps.push(step);
    }
    steps
}

impl Record {
    /// Adds the steps of a course. It follows the course before, so those of its steps that wait
    /// for nothing else waited for what ended last in that.
    fn begin(&mut self, course: &Course) {
        let barrier = (0..self.steps.len()).max_by_key(|number| self.steps[*number].0.ended);
        self.first = self.steps.len();
        for step in &course.steps {
            let mut after: Vec<usize> = step.after.iter().map(|at| at + self.first).collect();
            if after.is_empty() {
                after.extend(barrier);
            }
            self.steps.push((TimedStep { after, ..timed(step) }, false, false));
        }
    }
}

fn timed(step: &CourseStep) -> TimedStep {
    TimedStep {
        service: step.service.clone(),
        subject: match &step.subject {
            Subject::Container(name) => format!("container {name}"),
            Subject::Network(name) => format!("network {name}"),
            Subject::Volume(name) => format!("volume {name}"),
            Subject::Pull(name) => format!("image of {name}"),
            Subject::Image(name) | Subject::Push(name) => {
                format!("image {name}")
            }
            Subject::Files(name) => name.clone(),
            Subject::Model(name) => format!("model {name}"),
            Subject::Build(name) | Subject::Service(name) => format!("service {name}"),
        },
        kind: match step.kind {
            StepKind::Pull => Kind::Pull,
            StepKind::Transfer => Kind::Transfer,
            StepKind::Build => Kind::Build,
            StepKind::Create => Kind::Create,
            StepKind::Rename => Kind::Rename,
            StepKind::Files => Kind::Files,
            StepKind::PreStart => Kind::PreStart,
            StepKind::Start => Kind::Start,
            StepKind::PostStart => Kind::PostStart,
            StepKind::Wait(WaitCondition::CompletedSuccessfully) => Kind::Completion,
            StepKind::Wait(_) => Kind::Health,
            StepKind::PreStop => Kind::PreStop,
            StepKind::Stop => Kind::Stop,
            StepKind::Remove => Kind::Remove,
        },
        ..TimedStep::default()
    }
}

impl Report for Recorder<'_> {
    fn event(&self, event: Event) {
        self.inner.event(event);
    }

    fn warning(&self, message: &str) {
        self.inner.warning(message);
    }

    fn output(&self, subject: &Subject, line: &str) {
        self.inner.output(subject, line);
    }

    fn debug(&self, message: &str) {
        self.inner.debug(message);
    }

    fn course(&self, course: &Course) {
        self.record().begin(course);
        self.inner.course(course);
    }

    fn step(&self, step: usize, moment: Moment) {
        let now = self.now();
        let mut record = self.record();
        let number = record.first + step;
        if let Some((timed, begun, ended)) = record.steps.get_mut(number) {
            match moment {
                Moment::Began => timed.began = now,
                Moment::Done => timed.outcome = Outcome::Done,
                Moment::Failed => timed.outcome = Outcome::Failed,
                Moment::GivenUp => timed.outcome = Outcome::Cancelled,
            }
            *begun = true;
            *ended = moment != Moment::Began;
            timed.ended = now;
        }
        drop(record);
        self.inner.step(step, moment);
    }

    fn observed(&self, step: usize, observation: Observation) {
        let mut record = self.record();
        let number = record.first + step;
        if let Some((timed, ..)) = record.steps.get_mut(number) {
            match &observation {
                Observation::Health { unobserved, start_interval, old_engine, .. } => {
                    let unobserved = u64::try_from(unobserved.as_millis()).unwrap_or(u64::MAX);
                    timed.health = Some(Health {
                        unobserved,
                        start_interval: *start_interval,
                        old_engine: *old_engine,
                    });
                }
                Observation::Stop(stopped) => {
                    timed.stopped = Some(Stopped {
                        exit_code: stopped.exit_code,
                        grace: stopped.grace,
                        process: stopped.process.clone(),
                        init: stopped.init,
                        signal: stopped.signal.clone(),
                    });
                }
            }
        }
        drop(record);
        self.inner.observed(step, observation);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nobody;

    impl Report for Nobody {
        fn event(&self, _: Event) {}
        fn warning(&self, _: &str) {}
        fn output(&self, _: &Subject, _: &str) {}
    }

    fn step(service: &str, kind: StepKind, after: &[usize]) -> CourseStep {
        CourseStep {
            service: Some(service.to_owned()),
            subject: Subject::Container(format!("shop-{service}-1")),
            kind,
            after: after.to_vec(),
        }
    }

    #[test]
    fn courses_follow_each_other_and_what_was_not_begun_is_left_out() {
        let recorder = Recorder::new(&Nobody, "up");
        let course = |steps| Course { steps, ..Course::default() };
        recorder.course(&course(vec![step("web", StepKind::Pull, &[])]));
        recorder.step(0, Moment::Began);
        recorder.step(0, Moment::Done);
        recorder.course(&course(vec![
            step("never", StepKind::Create, &[]),
            step("db", StepKind::Start, &[]),
            step("web", StepKind::Start, &[1]),
        ]));
        recorder.step(1, Moment::Began);
        recorder.step(1, Moment::Done);
        recorder.step(2, Moment::Began);
        let timeline = recorder.finish("shop").expect("steps were begun");
        let told: Vec<_> = timeline
            .steps
            .iter()
            .map(|step| (step.name(), step.kind, step.after.clone(), step.outcome))
            .collect();
        assert_eq!(
            told,
            [
                ("web", Kind::Pull, vec![], Outcome::Done),
                ("db", Kind::Start, vec![0], Outcome::Done),
                ("web", Kind::Start, vec![1], Outcome::Cancelled),
            ]
        );
        assert!(timeline.interrupted);
        assert_eq!(Recorder::new(&Nobody, "up").finish("shop"), None);
    }

    #[test]
    fn only_what_neither_failed_nor_came_to_its_end_was_interrupted() {
        for (moments, interrupted) in [
            (&[Moment::Done, Moment::Done][..], false),
            (&[Moment::Failed, Moment::GivenUp], false),
            (&[Moment::Done, Moment::GivenUp], true),
            // The call that went on was finished, and no other was begun.
            (&[Moment::Done], true),
        ] {
            let recorder = Recorder::new(&Nobody, "up");
            let steps = ["web", "db"].map(|service| step(service, StepKind::Start, &[]));
            recorder.course(&Course { steps: steps.to_vec(), ..Course::default() });
            for (number, moment) in moments.iter().enumerate() {
                recorder.step(number, Moment::Began);
                recorder.step(number, moment.clone());
            }
            let timeline = recorder.finish("shop").expect("steps were begun");
            assert_eq!(timeline.interrupted, interrupted, "{moments:?}");
        }
    }
}
