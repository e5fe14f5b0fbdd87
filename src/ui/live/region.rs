//! The lines that a frame holds on the terminal, and how they are replaced by the next.
//!
//! The cursor rests in the first column below the region. It is hidden only inside the one write
//! that draws a frame, so that it is there again however the program ends.

use super::frame::Line;

/// Hide the cursor and, where the terminal can, show nothing until the frame is whole.
const BEGIN: &str = "\u{1b}[?2026h\u{1b}[?25l";
/// The reverse of [`BEGIN`].
const END: &str = "\u{1b}[?25h\u{1b}[?2026l";
/// Clear from the cursor to the end of the line.
const CLEAR_LINE: &str = "\u{1b}[K";
/// Clear from the cursor to the end of the screen.
const CLEAR_BELOW: &str = "\u{1b}[J";

/// What is on the terminal.
#[derive(Debug, Default)]
pub(in crate::ui) struct Region {
    widths: Vec<usize>,
}

impl Region {
    /// The bytes that replace the frame on the terminal, which is `columns` wide now, by `lines`.
    pub(in crate::ui) fn replace(&mut self, lines: &[Line], columns: usize) -> String {
        let mut bytes = String::from(BEGIN);
        bytes.push_str(&self.rewind(columns));
        for line in lines {
            bytes.push_str(&line.text);
            bytes.push_str(CLEAR_LINE);
            bytes.push_str("\r\n");
        }
        bytes.push_str(CLEAR_BELOW);
        bytes.push_str(END);
        self.widths = lines.iter().map(|line| line.width).collect();
        bytes
    }

    /// The bytes that take the frame away and leave the cursor where it began.
    pub(in crate::ui) fn erase(&mut self, columns: usize) -> String {
        if self.widths.is_empty() {
            return String::new();
        }
        let bytes = format!("{}{CLEAR_BELOW}", self.rewind(columns));
        self.widths.clear();
        bytes
    }

    /// Leaves the frame where it is: what comes next stands below it.
    pub(in crate::ui) fn keep(&mut self) {
        self.widths.clear();
    }

    /// Moves to where the region begins. In a window that became narrower, its lines have wrapped
    /// and take more rows than were drawn.
    fn rewind(&self, columns: usize) -> String {
        let rows: usize =
            self.widths.iter().map(|width| width.div_ceil(columns.max(1)).max(1)).sum();
        if rows == 0 { "\r".to_owned() } else { format!("\r\u{1b}[{rows}A") }
    }
}
