//! What is known of a service, as the one row that is shown of it.

use std::time::Instant;

use super::board::{Activity, Board, Part, State, Whose};
use crate::stack::progress::{Status, Subject};

/// One row.
pub(super) struct Row<'board> {
    /// What it is about: `web`, `web ×3`, `Network shop_default`.
    pub(super) label: String,
    /// How far it is.
    pub(super) status: Status,
    /// Whether nothing is under way for it yet.
    pub(super) waits: bool,
    /// What is done, or what it waits for.
    pub(super) text: String,
    /// The cause, or an error.
    pub(super) details: String,
    /// What it is transferring.
    pub(super) parts: Vec<&'board Part>,
    /// The last line of output.
    pub(super) output: &'board str,
    /// When it was begun; of what waits for that, when the run was.
    pub(super) began: Option<Instant>,
    /// When the row was over, unless it goes on.
    pub(super) ended: Option<Instant>,
}

/// All rows of a board.
pub(super) fn rows(board: &Board) -> Vec<Row<'_>> {
    board.rows.iter().map(|(whose, activity)| row(board, whose, activity)).collect()
}

fn row<'board>(board: &'board Board, whose: &Whose, activity: &'board Activity) -> Row<'board> {
    let status = board.status(whose);
    let speaking = speaking(activity, status);
    let is_under_way = speaking.is_some_and(|state| state.status == Status::Working);
    let mut row = Row {
        label: label(whose, activity),
        status,
        waits: status == Status::Working && !is_under_way,
        text: speaking.map(|state| state.text.clone()).unwrap_or_default(),
        details: speaking.map(|state| state.details.clone()).unwrap_or_default(),
        parts: Vec::new(),
        output: "",
        began: activity.began.or(board.began),
        ended: activity.ended,
    };
    if status == Status::Working && board.over {
        row.waits = true;
        if is_under_way {
            "Interrupted".clone_into(&mut row.text);
        } else if row.text.is_empty() {
            "Not begun".clone_into(&mut row.text);
        }
    } else if status == Status::Working {
        let working = activity.subjects.values().filter(|state| state.status == Status::Working);
        row.parts = working.flat_map(|state| state.parts.values()).collect();
        row.output = speaking.map_or("", |state| state.output.as_str());
        if let Whose::Service(service) = whose {
            explain(board, service, activity, &mut row);
        }
    }
    row
}

/// Says of a service that is not ready yet what is missing.
fn explain(board: &Board, service: &str, activity: &Activity, row: &mut Row<'_>) {
    if row.text == "Waiting"
        && let Some(awaited) = board.progress.awaited(service)
    {
        row.text = format!("Waiting {awaited}");
    } else if row.waits {
        let reasons = board.progress.waits_for(service);
        match reasons.as_slice() {
            [] => {}
            reasons => row.text = format!("Waiting for {}", reasons.join(", ")),
        }
        row.details.clear();
    } else {
        let same = |state: &&State| state.status == Status::Working && state.text == row.text;
        let doing = activity.subjects.values().filter(same).count();
        if doing > 1 {
            row.text = format!("{} {doing}", row.text);
        }
    }
}

/// The subject that speaks for the row: one that failed, one that goes on, or the one that ended
/// last.
fn speaking(activity: &Activity, status: Status) -> Option<&State> {
    let subjects = || activity.subjects.values();
    let alike = subjects().filter(|subject| subject.status == status);
    alike.max_by_key(|subject| subject.at).or_else(|| subjects().max_by_key(|subject| subject.at))
}

fn label(whose: &Whose, activity: &Activity) -> String {
    match whose {
        Whose::Service(service) => {
            let is_container = |subject: &&Subject| matches!(subject, Subject::Container(_));
            match activity.subjects.keys().filter(is_container).count() {
                0 | 1 => service.clone(),
                replicas => format!("{service} ×{replicas}"),
            }
        }
        Whose::Thing(subject) => {
            activity.subjects.get(subject).map(|state| state.id.clone()).unwrap_or_default()
        }
    }
}
