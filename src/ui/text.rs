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

/// A line, which may be painted, in lines of so many cells: broken at blanks, and all but the first
/// begin below column `hang`. A longer word stays whole.
pub(super) fn hanging(line: &str, columns: usize, hang: usize) -> String {
    if width(&console::strip_ansi_codes(line)) <= columns {
        return line.to_owned();
    }
    let mut out = String::with_capacity(line.len() + 32);
    let mut column = 0;
    // The code that paints what comes next.
    let mut style = "";
    // Where the last blank stands in `out`, its column, and the paint there.
    let mut blank: Option<(usize, usize, &str)> = None;
    let mut is_indent = true;
    let mut rest = line;
    while let Some(character) = rest.chars().next() {
        if let Some(code) = escape(rest) {
            style = if code == "\u{1b}[0m" { "" } else { code };
            out.push_str(code);
            rest = &rest[code.len()..];
            continue;
        }
        rest = &rest[character.len_utf8()..];
        let cells = character.width().unwrap_or(0);
        if column + cells > columns
            && character != ' '
            && let Some((at, broken, paint)) = blank.take()
        {
            let end = if paint.is_empty() { "" } else { "\u{1b}[0m" };
            // Blanks before it would not fit either.
            let from = out[..at].trim_end_matches(' ').len();
            out.replace_range(from..=at, &format!("{end}\n{}{paint}", " ".repeat(hang)));
            column = hang + (column - broken - 1);
        }
        if character != ' ' {
            is_indent = false;
        } else if !is_indent {
            blank = Some((out.len(), column, style));
        }
        out.push(character);
        column += cells;
    }
    out
}

/// The code for a colour or weight that a text begins with.
fn escape(text: &str) -> Option<&str> {
    let end = text.strip_prefix("\u{1b}[")?.find('m')?;
    Some(&text[..end + 3])
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
    fn lines_that_are_too_long_go_on_below_their_beginning() {
        for (line, columns, hang, expected) in [
            ("fits", 4, 2, "fits"),
            ("one two three", 8, 2, "one two\n  three"),
            ("    name  a reason of words", 18, 10, "    name  a reason\n          of words"),
            ("a longwordthatdoesnotfit b", 8, 1, "a\n longwordthatdoesnotfit\n b"),
            ("ab  cd", 2, 1, "ab\n cd"),
            ("日本 語 語", 6, 0, "日本\n語 語"),
            (
                "x \u{1b}[31mred and blue\u{1b}[0m end",
                9,
                2,
                "x \u{1b}[31mred and\u{1b}[0m\n  \u{1b}[31mblue\u{1b}[0m\n  end",
            ),
        ] {
            assert_eq!(hanging(line, columns, hang), expected, "{line:?} in {columns}");
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
