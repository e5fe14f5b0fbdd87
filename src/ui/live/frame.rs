//! One frame of the live view, as lines that fit the window.

use std::time::{Duration, Instant};

use super::board::{Board, Part, Row};
use crate::stack::progress::Status;
use crate::ui::format::bytes;
use crate::ui::style::Style;
use crate::ui::text::{fit, pad, width};

/// What a frame must fit, and how it may look.
#[derive(Debug, Clone, Copy)]
pub(in crate::ui) struct Look {
    /// Lines of the window; `None` for as many as it takes (the last frame, which stays).
    pub(in crate::ui) height: Option<usize>,
    /// Columns of the window.
    pub(in crate::ui) width: usize,
    /// Whether colour may be used.
    pub(in crate::ui) colour: bool,
}

/// A line of a frame: its text with escape codes, and the cells it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::ui) struct Line {
    /// The text, without an end of line.
    pub(in crate::ui) text: String,
    /// Cells.
    pub(in crate::ui) width: usize,
}

/// A new spinner glyph every tenth of a second.
const SPINNER: [char; 10] = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
/// Fill of one part's cell, from nothing to all of it.
const CELLS: [char; 9] = ['⠀', '⡀', '⣀', '⣄', '⣤', '⣦', '⣶', '⣷', '⣿'];
/// Parts that get a cell of their own; more are only counted.
const MAX_CELLS: usize = 16;

/// A line that is put together span by span, so that its width is known in spite of its colours.
struct Builder {
    text: String,
    width: usize,
    look: Look,
}

impl Builder {
    fn new(look: Look) -> Self {
        Self { text: String::new(), width: 0, look }
    }

    /// Adds as much of `text` as fits before `limit`.
    fn add(&mut self, text: &str, style: Option<Style>, limit: usize) {
        let text = fit(text, limit.saturating_sub(self.width));
        self.width += width(&text);
        match style {
            Some(style) => self.text.push_str(&style.paint(&text, self.look.colour)),
            None => self.text.push_str(&text),
        }
    }

    fn fill(&mut self, column: usize) {
        if self.width < column {
            self.text.push_str(&pad("", column - self.width));
            self.width = column;
        }
    }

    fn finish(self) -> Line {
        Line { text: self.text, width: self.width }
    }
}

/// The frame at `now`.
pub(in crate::ui) fn draw(board: &Board, look: Look, now: Instant) -> Vec<Line> {
    // The last column stays free: a full line makes some terminals wrap.
    let look = Look { width: look.width.saturating_sub(1), ..look };
    let done = board.rows.values().filter(|row| row.status != Status::Working).count();
    let mut header = Builder::new(look);
    let finished = done == board.rows.len();
    header.add(
        &format!("[+] {} {done}/{}", board.title, board.rows.len()),
        finished.then_some(Style::ACTIVE),
        look.width,
    );
    let mut lines = vec![header.finish()];

    let rows: Vec<&Row> = board.rows.values().collect();
    // Of the window: one line for the header, one for the cursor.
    let (shown, hidden) = match look.height {
        Some(height) => choose(&rows, height.saturating_sub(2)),
        None => (vec![true; rows.len()], 0),
    };
    let id_width = rows.iter().map(|row| width(&row.id)).max().unwrap_or(0);
    let id_width = id_width.min(look.width / 2);
    for (row, _) in rows.iter().zip(&shown).filter(|(_, shown)| **shown) {
        lines.push(draw_row(row, id_width, look, now));
        if shows_output(row) && hidden == 0 {
            let mut output = Builder::new(look);
            output.add("   ", None, look.width);
            output.add(&row.output, Some(Style::DIM), look.width);
            lines.push(output.finish());
        }
    }
    if hidden > 0 {
        let mut more = Builder::new(look);
        more.add(&format!(" … {hidden} more"), Some(Style::DIM), look.width);
        lines.push(more.finish());
    }
    lines
}

fn shows_output(row: &Row) -> bool {
    row.status == Status::Working && !row.output.is_empty()
}

/// Which rows are shown in `room` lines, and how many are not. What goes on or failed comes first,
/// then what ended last; the order of the rows stays.
fn choose(rows: &[&Row], room: usize) -> (Vec<bool>, usize) {
    let outputs = rows.iter().filter(|row| shows_output(row)).count();
    if rows.len() + outputs <= room {
        return (vec![true; rows.len()], 0);
    }
    let room = room.saturating_sub(1);
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by_key(|&index| {
        let row = rows[index];
        let urgency = match row.status {
            Status::Error => 0,
            Status::Working => 1,
            Status::Warning => 2,
            Status::Done => 3,
        };
        (urgency, std::cmp::Reverse(row.ended), index)
    });
    let mut shown = vec![false; rows.len()];
    for &index in order.iter().take(room) {
        shown[index] = true;
    }
    (shown, rows.len().saturating_sub(room))
}

fn draw_row(row: &Row, id_width: usize, look: Look, now: Instant) -> Line {
    let elapsed = row.ended.unwrap_or(now).saturating_duration_since(row.began);
    let timer = seconds(elapsed);
    let limit = look.width.saturating_sub(width(&timer) + 1);
    let (glyph, style) = match row.status {
        Status::Working => (spinner(elapsed), Style::ACTIVE),
        Status::Done => ('✔', Style::SUCCESS),
        Status::Warning => ('!', Style::WARNING),
        Status::Error => ('✘', Style::ERROR),
    };
    let mut line = Builder::new(look);
    line.add(&format!(" {glyph} "), Some(style), limit);
    line.add(&fit(&row.id, id_width), None, limit);
    line.fill((3 + id_width + 1).min(limit));
    line.add(" ", None, limit);
    if let Some(transfer) = transfer(row) {
        line.add(&transfer, None, limit);
        line.add(" ", None, limit);
    }
    line.add(&row.text, Some(style), limit);
    if !row.details.is_empty() {
        line.add("  ", None, limit);
        line.add(&row.details, Some(Style::DIM), limit);
    }
    line.fill(limit + 1);
    line.add(&timer, Some(Style::ACTIVE), look.width);
    line.finish()
}

/// The bytes of a transfer: a cell for each layer and the sum, while it goes on.
fn transfer(row: &Row) -> Option<String> {
    if row.status != Status::Working {
        return None;
    }
    let own = row.progress.map(|progress| Part { status: row.status, progress: Some(progress) });
    let parts: Vec<&Part> = row.parts.values().chain(own.as_ref()).collect();
    if parts.is_empty() {
        return None;
    }
    let mut cells: String = parts.iter().take(MAX_CELLS).map(|part| cell(part)).collect();
    if parts.len() > MAX_CELLS {
        cells.push('…');
    }
    let (current, total) =
        parts.iter().filter_map(|part| part.progress).fold((0_u64, 0_u64), |sum, part| {
            (sum.0.saturating_add(part.0), sum.1.saturating_add(part.1))
        });
    Some(match total {
        0 => format!("[{cells}]"),
        total => format!("[{cells}] {:>7}/{:<7}", bytes(current), bytes(total)),
    })
}

fn cell(part: &Part) -> char {
    let full = CELLS[CELLS.len() - 1];
    match (part.status, part.progress) {
        (Status::Working, Some((current, total))) if total > 0 => {
            let steps = CELLS.len() as u64 - 1;
            let level = (current.min(total).saturating_mul(steps) / total).min(steps);
            usize::try_from(level).ok().and_then(|level| CELLS.get(level)).copied().unwrap_or(full)
        }
        (Status::Working, _) => CELLS[0],
        _ => full,
    }
}

fn spinner(elapsed: Duration) -> char {
    let turn = elapsed.as_millis() / 100 % SPINNER.len() as u128;
    usize::try_from(turn).ok().and_then(|turn| SPINNER.get(turn)).copied().unwrap_or('⠿')
}

/// `0.1s`, `12.3s`, `125.0s`.
fn seconds(elapsed: Duration) -> String {
    format!("{:.1}s", elapsed.as_secs_f64())
}
