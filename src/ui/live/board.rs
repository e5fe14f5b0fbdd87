//! What is known of a run: a row for each service, and for each thing that belongs to none, in the
//! order in which they appeared.

use std::time::Instant;

use indexmap::IndexMap;

use super::progress::Progress;
use crate::stack::course::{Course, Moment};
use crate::stack::progress::{Event, Status, Subject};

/// A part of a subject that has a progress of its own, such as a layer.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// How far it is.
    pub(super) status: Status,
    /// Bytes done and in all.
    pub(super) progress: Option<(u64, u64)>,
}

/// What a row is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Whose {
    /// A service: its containers, its image, its build.
    Service(String),
    /// Something that belongs to no service.
    Thing(Subject),
}

/// What was last said of a subject.
#[derive(Debug, Clone)]
pub(super) struct State {
    /// What Docker Compose calls it.
    pub(super) id: String,
    /// How far it is.
    pub(super) status: Status,
    /// The last verb.
    pub(super) text: String,
    /// The cause, or an error.
    pub(super) details: String,
    /// Bytes of the subject itself.
    pub(super) progress: Option<(u64, u64)>,
    /// Its parts, by name.
    pub(super) parts: IndexMap<String, Part>,
    /// The last line of its output.
    pub(super) output: String,
    /// When that was said.
    pub(super) at: Instant,
}

/// What is known of one row.
#[derive(Debug, Clone, Default)]
pub(super) struct Activity {
    /// Its subjects, in the order in which they appeared.
    pub(super) subjects: IndexMap<Subject, State>,
    /// When something was begun for it.
    pub(super) began: Option<Instant>,
    /// When it was last over.
    pub(super) ended: Option<Instant>,
}

/// All that is known of a run.
#[derive(Debug)]
pub(in crate::ui) struct Board {
    /// The word behind `[+]`.
    pub(super) title: &'static str,
    /// When the first was said.
    pub(super) began: Option<Instant>,
    /// The rows.
    pub(super) rows: IndexMap<Whose, Activity>,
    /// The steps of the walk that goes on.
    pub(super) progress: Progress,
    /// Whether the run is over: what is not done by now will not be.
    pub(super) over: bool,
}

impl Board {
    /// An empty board; `title` is the word behind `[+]`, such as `Running`.
    pub(in crate::ui) fn new(title: &'static str) -> Self {
        Self {
            title,
            began: None,
            rows: IndexMap::new(),
            progress: Progress::default(),
            over: false,
        }
    }

    /// The run is over.
    pub(in crate::ui) fn end(&mut self) {
        self.over = true;
    }

    /// Whether there is nothing to show.
    pub(in crate::ui) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether something goes on, so that spinner and clock must move.
    pub(in crate::ui) fn is_active(&self) -> bool {
        self.rows.keys().any(|whose| self.status(whose) == Status::Working)
    }

    /// A walk over a plan begins: every service that has a step in it gets a row.
    pub(in crate::ui) fn course(&mut self, course: Course, now: Instant) {
        self.began.get_or_insert(now);
        // What only the walk before was about to begin is none of this one's.
        self.rows.retain(|_, row| !row.subjects.is_empty());
        for service in course.steps.iter().filter_map(|step| step.service.as_ref()) {
            self.rows.entry(Whose::Service(service.clone())).or_default();
        }
        self.progress = Progress::of(course);
    }

    /// What became of a step of the walk.
    pub(in crate::ui) fn step(&mut self, step: usize, moment: &Moment, now: Instant) {
        if let Some(service) = self.progress.step(step, moment) {
            let whose = Whose::Service(service);
            if let Some(row) = self.rows.get_mut(&whose) {
                row.began.get_or_insert(now);
            }
            self.settle(&whose, now);
        }
    }

    /// Takes an event that happened at `now`.
    pub(in crate::ui) fn event(&mut self, event: Event, now: Instant) {
        self.began.get_or_insert(now);
        let id = super::super::line::identity(&Event { part: None, ..event.clone() });
        let whose = self.whose(&event.subject);
        let row = self.rows.entry(whose.clone()).or_default();
        row.began.get_or_insert(now);
        let state = row.subjects.entry(event.subject).or_insert_with(|| State {
            id: id.clone(),
            status: Status::Working,
            text: String::new(),
            details: String::new(),
            progress: None,
            parts: IndexMap::new(),
            output: String::new(),
            at: now,
        });
        state.at = now;
        if let Some(part) = event.part {
            state.parts.insert(part, Part { status: event.status, progress: event.progress });
            return;
        }
        state.id = id;
        state.status = event.status;
        state.text = event.text;
        state.details = event.details;
        state.progress = event.progress;
        if event.status != Status::Working {
            state.output.clear();
        }
        self.settle(&whose, now);
    }

    /// Takes a line of output; false when the subject has no row.
    pub(in crate::ui) fn output(&mut self, subject: &Subject, line: &str) -> bool {
        let whose = self.whose(subject);
        let row = self.rows.get_mut(&whose);
        let Some(state) = row.and_then(|row| row.subjects.get_mut(subject)) else { return false };
        line.clone_into(&mut state.output);
        true
    }

    /// How far a row is.
    pub(super) fn status(&self, whose: &Whose) -> Status {
        let Some(row) = self.rows.get(whose) else { return Status::Done };
        let states = || row.subjects.values().map(|state| state.status);
        if states().any(|status| status == Status::Error) {
            return Status::Error;
        }
        let waits = match whose {
            Whose::Service(service) => {
                self.progress.is_pending(service) || self.is_untouched(service, row)
            }
            Whose::Thing(_) => false,
        };
        if waits || states().any(|status| status == Status::Working) {
            return Status::Working;
        }
        if states().any(|status| status == Status::Warning) {
            return Status::Warning;
        }
        Status::Done
    }

    /// Whether nothing was begun for a service, nor will be when another one has failed.
    fn is_untouched(&self, service: &str, row: &Activity) -> bool {
        row.subjects.is_empty() && self.progress.is_untouched(service)
    }

    /// Notes when a row is over.
    fn settle(&mut self, whose: &Whose, now: Instant) {
        let over = self.status(whose) != Status::Working;
        if let Some(row) = self.rows.get_mut(whose) {
            row.ended = over.then(|| row.ended.unwrap_or(now));
        }
    }

    /// The row of a subject: that in which it is already, or that of its service.
    fn whose(&self, subject: &Subject) -> Whose {
        if let Some(service) = self.progress.service_of(subject) {
            return Whose::Service(service.to_owned());
        }
        let known = self.rows.iter().find(|(_, row)| row.subjects.contains_key(subject));
        match (known, subject) {
            (Some((whose, _)), _) => whose.clone(),
            (
                None,
                Subject::Build(service) | Subject::Service(service) | Subject::Pull(service),
            ) => Whose::Service(service.clone()),
            (None, _) => Whose::Thing(subject.clone()),
        }
    }
}
