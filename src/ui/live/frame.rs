//! One frame of the live view, as lines that fit the window.

use std::time::{Duration, Instant};

use super::board::{Board, Part};
use super::row::{Row, rows};
use crate::stack::progress::Status;
use crate::ui::format::bytes;
use crate::ui::style::Style;
use crate::ui::text::{fit, pad, width};

/// What a frame must fit, and how it may look.
#[derive(Debug, Clone, Copy)]
pub(in crate::ui) struct Look {
    /// Lines of the window.
    pub(in crate::ui) height: usize,
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
/// Columns from which names may take half of the window.
const ROOMY: usize = 48;
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
    let rows = rows(board);
    let mut lines = vec![header(board, &rows, look, now)];
    // Of the window: one line for the header, one for the cursor.
    let choice = choose(&rows, look.height.saturating_sub(2));
    let label_width = rows.iter().map(|row| width(&row.label)).max().unwrap_or(0);
    let label_width = label_width.min(room_of_labels(&rows, look));
    for (row, _) in rows.iter().zip(&choice.shown).filter(|(_, shown)| **shown) {
        lines.push(draw_row(row, label_width, look, now));
        if !row.output.is_empty() && choice.outputs {
            let mut output = Builder::new(look);
            output.add("   ", None, look.width);
            output.add(row.output, Some(Style::DIM), look.width);
            lines.push(output.finish());
        }
    }
    if let Some(folded) = folded(&rows, &choice.shown) {
        let mut more = Builder::new(look);
        more.add(&folded, Some(Style::DIM), look.width);
        lines.push(more.finish());
    }
    lines
}

/// Cells that names may take: half of the window, or less in a narrow one, where what is waited for
/// says more than the end of a long name.
fn room_of_labels(rows: &[Row<'_>], look: Look) -> usize {
    let half = look.width / 2;
    if look.width >= ROOMY {
        return half;
    }
    let transferred = |row| transfer(row).map_or(0, |text| width(&text) + 1);
    let texts = rows.iter().map(|row| width(shortened(&row.text, 0)) + transferred(row)).max();
    let texts = texts.unwrap_or(0);
    // Glyph, blanks and the time.
    look.width.saturating_sub(texts + 12).clamp(look.width / 3, half)
}

/// A line by itself, such as one that tells of keys.
pub(in crate::ui) fn line_of(text: &str, look: Look) -> Line {
    let mut line = Builder::new(look);
    line.add(text, Some(Style::DIM), look.width.saturating_sub(1));
    line.finish()
}

/// `[+] Running 3/5` and the time, which is also what stays as the summary.
fn header(board: &Board, rows: &[Row<'_>], look: Look, now: Instant) -> Line {
    let done = rows.iter().filter(|row| row.status != Status::Working).count();
    let failed = rows.iter().filter(|row| row.status == Status::Error).count();
    let finished = done == rows.len();
    let ended = rows.iter().filter_map(|row| row.ended).max().filter(|_| finished);
    let began = board.began.unwrap_or(now);
    let timer = seconds(ended.unwrap_or(now).saturating_duration_since(began));
    let limit = look.width.saturating_sub(width(&timer) + 1);
    let mut line = Builder::new(look);
    let title = format!("[+] {} {done}/{}", board.title, rows.len());
    line.add(&title, finished.then_some(Style::ACTIVE), limit);
    if failed > 0 {
        line.add(&format!("  {failed} failed"), Some(Style::ERROR), limit);
    }
    line.fill(limit + 1);
    line.add(&timer, Some(Style::ACTIVE), look.width);
    line.finish()
}

/// Which rows are shown.
struct Choice {
    shown: Vec<bool>,
    /// Whether there is room for the output below them.
    outputs: bool,
}

/// What goes on or failed comes first, then what ended last; the order of the rows stays.
fn choose(rows: &[Row<'_>], room: usize) -> Choice {
    let outputs = rows.iter().filter(|row| !row.output.is_empty()).count();
    if rows.len() <= room {
        return Choice { shown: vec![true; rows.len()], outputs: rows.len() + outputs <= room };
    }
    let room = room.saturating_sub(1);
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by_key(|&index| {
        let row = &rows[index];
        let urgency = match row.status {
            Status::Error => 0,
            Status::Working if !row.waits => 1,
            Status::Working => 2,
            Status::Warning => 3,
            Status::Done => 4,
        };
        (urgency, std::cmp::Reverse(row.ended), index)
    });
    let mut shown = vec![false; rows.len()];
    for &index in order.iter().take(room) {
        shown[index] = true;
    }
    Choice { shown, outputs: false }
}

/// What the rows that are not shown come to: ` ✔ 12 done, 3 more`.
fn folded(rows: &[Row<'_>], shown: &[bool]) -> Option<String> {
    let hidden: Vec<&Row<'_>> =
        rows.iter().zip(shown).filter(|(_, shown)| !**shown).map(|(row, _)| row).collect();
    let done = hidden.iter().filter(|row| row.status == Status::Done).count();
    match (done, hidden.len() - done) {
        (0, 0) => None,
        (0, more) => Some(format!(" … {more} more")),
        (done, 0) => Some(format!(" ✔ {done} done")),
        (done, more) => Some(format!(" … {more} more, {done} done")),
    }
}

fn draw_row(row: &Row<'_>, label_width: usize, look: Look, now: Instant) -> Line {
    let elapsed = row.ended.unwrap_or(now).saturating_duration_since(row.began.unwrap_or(now));
    let timer = seconds(elapsed);
    let limit = look.width.saturating_sub(width(&timer) + 1);
    let (glyph, style) = match row.status {
        Status::Working if row.waits => ('◌', Style::DIM),
        Status::Working => (spinner(elapsed), Style::ACTIVE),
        Status::Done => ('✔', Style::SUCCESS),
        Status::Warning => ('!', Style::WARNING),
        Status::Error => ('✘', Style::ERROR),
    };
    let mut line = Builder::new(look);
    line.add(&format!(" {glyph} "), Some(style), limit);
    line.add(&fit(&row.label, label_width), None, limit);
    line.fill((3 + label_width + 1).min(limit));
    line.add(" ", None, limit);
    if let Some(transfer) = transfer(row) {
        line.add(&transfer, None, limit);
        line.add(" ", None, limit);
    }
    let room = limit.saturating_sub(line.width);
    line.add(shortened(&row.text, room), Some(style), limit);
    if !row.details.is_empty() {
        line.add("  ", None, limit);
        let room = limit.saturating_sub(line.width);
        line.add(told(&row.details, room), Some(Style::DIM), limit);
    }
    line.fill(limit + 1);
    line.add(&timer, Some(Style::ACTIVE), look.width);
    line.finish()
}

/// Where there is no room for an error, what it is says more than whose.
fn told(details: &str, room: usize) -> &str {
    let short = details.strip_prefix("Error response from daemon: ");
    short.filter(|_| width(details) > room).unwrap_or(details)
}

/// Where there is no room for a sentence, the glyph says that something is waited for.
fn shortened(text: &str, room: usize) -> &str {
    let short = text.strip_prefix("Waiting for ").or_else(|| text.strip_prefix("Waiting "));
    short.filter(|_| width(text) > room).unwrap_or(text)
}

/// The bytes of a transfer: a cell for each layer and the sum, while it goes on.
fn transfer(row: &Row<'_>) -> Option<String> {
    let parts = &row.parts;
    if parts.is_empty() {
        return None;
    }
    let mut cells: String = parts.iter().copied().take(MAX_CELLS).map(cell).collect();
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
