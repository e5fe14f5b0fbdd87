//! What is known of a run: a row for each subject, in the order in which they appeared.

use std::time::Instant;

use indexmap::IndexMap;

use crate::stack::progress::{Event, Status, Subject};

/// A part of a row that has a progress of its own, such as a layer.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// How far it is.
    pub(super) status: Status,
    /// Bytes done and in all.
    pub(super) progress: Option<(u64, u64)>,
}

/// A subject and the last that was said of it.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// What the subject is called.
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
    /// When it was first told of.
    pub(super) began: Instant,
    /// When it ended, unless it goes on.
    pub(super) ended: Option<Instant>,
}

/// All rows of a run.
#[derive(Debug)]
pub(in crate::ui) struct Board {
    /// The word behind `[+]`.
    pub(super) title: &'static str,
    /// The rows.
    pub(super) rows: IndexMap<Subject, Row>,
}

impl Board {
    /// An empty board; `title` is the word behind `[+]`, such as `Running`.
    pub(in crate::ui) fn new(title: &'static str) -> Self {
        Self { title, rows: IndexMap::new() }
    }

    /// Whether there is nothing to show.
    pub(in crate::ui) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether something goes on, so that spinner and clock must move.
    pub(in crate::ui) fn is_active(&self) -> bool {
        self.rows.values().any(|row| row.status == Status::Working)
    }

    /// Takes an event that happened at `now`.
    pub(in crate::ui) fn event(&mut self, event: Event, now: Instant) {
        let id = super::super::line::identity(&Event { part: None, ..event.clone() });
        let row = self.rows.entry(event.subject).or_insert_with(|| Row {
            id: id.clone(),
            status: Status::Working,
            text: String::new(),
            details: String::new(),
            progress: None,
            parts: IndexMap::new(),
            output: String::new(),
            began: now,
            ended: None,
        });
        if let Some(part) = event.part {
            row.parts.insert(part, Part { status: event.status, progress: event.progress });
            return;
        }
        row.id = id;
        row.ended = (event.status != Status::Working).then_some(now);
        row.status = event.status;
        row.text = event.text;
        row.details = event.details;
        row.progress = event.progress;
        if event.status != Status::Working {
            row.output.clear();
        }
    }

    /// Takes a line of output; false when the subject has no row.
    pub(in crate::ui) fn output(&mut self, subject: &Subject, line: &str) -> bool {
        let Some(row) = self.rows.get_mut(subject) else { return false };
        line.clone_into(&mut row.output);
        true
    }
}
