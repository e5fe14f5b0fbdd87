//! Widths of text on a terminal, where a character may take two cells or none. Pure.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Cells that `text` takes; it must hold no escape codes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// `text` with its control characters made harmless, cut to `limit` cells; an ellipsis says that
/// something is missing.
pub(super) fn fit(text: &str, limit: usize) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if clean.width() <= limit {
        return clean;
    }
    let mut cut = String::new();
    let mut used = 0;
    for character in clean.chars() {
        let cells = character.width().unwrap_or(0);
        if used + cells + 1 > limit {
            break;
        }
        used += cells;
        cut.push(character);
    }
    if limit > 0 {
        cut.push('…');
    }
    cut
}

/// A text without control characters, which would draw on the terminal themselves.
pub(super) fn visible(text: &str) -> String {
    text.chars().map(|it| if it.is_control() { '\u{fffd}' } else { it }).collect()
}

/// The text in lines of so many cells, broken where there are blanks. A longer word stays whole.
pub(super) fn wrapped(text: &str, limit: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && width(&line) + 1 + width(word) > limit {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

/// `text` with spaces behind it, up to `cells`.
pub(super) fn pad(text: &str, cells: usize) -> String {
    let missing = cells.saturating_sub(text.width());
    format!("{text}{:missing$}", "")
}

/// `text` without ANSI escape sequences and control characters, for a line that is drawn by us:
/// output of a build may hold its own cursor movements.
pub(super) fn without_escapes(text: &str) -> String {
    let plain = console::strip_ansi_codes(text);
    // A carriage return overwrites: what stands behind the last one is what a terminal would show.
    let shown = plain.trim_end_matches('\r').rsplit('\r').next().unwrap_or_default();
    shown.chars().filter(|c| !c.is_control() || *c == '\t').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_by_cells_not_characters() {
        for (text, limit, expected) in [
            ("short", 10, "short"),
            ("exactly", 7, "exactly"),
            ("too long", 5, "too …"),
            ("日本語テキスト", 7, "日本語…"),
            ("日本語テキスト", 6, "日本…"),
            ("a\tb\nc", 10, "a b c"),
            ("anything", 0, ""),
            ("anything", 1, "…"),
        ] {
            let cut = fit(text, limit);
            assert_eq!(cut, expected, "{text:?} to {limit}");
            assert!(width(&cut) <= limit);
        }
    }

    #[test]
    fn padding_counts_cells() {
        assert_eq!(pad("日本", 6), "日本  ");
        assert_eq!(pad("long", 2), "long");
    }

    #[test]
    fn output_of_others_loses_its_escapes() {
        assert_eq!(without_escapes("\u{1b}[31mred\u{1b}[0m"), "red");
        assert_eq!(without_escapes("10%\r50%\r100%\r"), "100%");
    }
}
