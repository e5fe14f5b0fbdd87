//! Draws a tree as go-yaml does with an indent of two, byte for byte: the form of `config`.
//!
//! Quoting follows libyaml's emitter as go-yaml changed it: lines are never folded, text with line
//! breaks becomes a literal block, and what would be read back as another type is quoted.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::tree::Tree;
use super::{double_dollars, number, yaml as notation};
use crate::compose::yaml;

/// The longest text, in bytes, that stands before a colon without a `?`.
const LONGEST_SIMPLE_KEY: usize = 128;

/// The blanks of one level of indentation.
const INDENT: usize = 2;

/// Draws one document, entry by entry.
#[derive(Debug, Default)]
pub(super) struct Emitter {
    out: String,
    /// Whether the last scalar drawn keeps its trailing line breaks (`|+`).
    keeps_breaks: bool,
    /// Whether each `$` is doubled.
    doubling: bool,
}

impl Emitter {
    /// For a document in which each `$` is doubled.
    pub(super) fn doubling() -> Self {
        Self { doubling: true, ..Self::default() }
    }

    /// The document with a trailing newline.
    pub(super) fn finish(mut self) -> String {
        if self.out.is_empty() {
            self.out.push_str("{}");
        }
        // What keeps its breaks has ended its last line.
        if !self.keeps_breaks {
            self.out.push('\n');
            while self.out.ends_with("\n\n") {
                self.out.pop();
            }
        }
        self.out
    }

    /// An entry of a mapping that stands at a level.
    pub(super) fn entry(&mut self, key: &str, value: &Tree, level: usize) {
        let start = self.out.len();
        line(&mut self.out, level * INDENT);
        self.key_and_value(key, value, level * INDENT);
        if self.doubling {
            double_dollars(&mut self.out, start);
        }
    }

    /// The key of a mapping that follows, entry by entry, at the next level.
    pub(super) fn key(&mut self, key: &str, level: usize) {
        line(&mut self.out, level * INDENT);
        self.key_at(key, level * INDENT);
    }

    /// A value that starts on the current line; further lines of it stand at `indent` columns.
    pub(super) fn value(&mut self, value: &Tree, indent: usize) {
        match Block::of(value) {
            Some(block) => self.block(block, indent, true),
            None => self.scalar(value, indent),
        }
    }

    /// Lines at `indent` columns; `inline` when the first is begun already.
    fn block(&mut self, block: Block<'_>, indent: usize, mut inline: bool) {
        let mut line = |out: &mut String| {
            if !std::mem::take(&mut inline) {
                self::line(out, indent);
            }
        };
        match block {
            Block::Mapping(entries) => {
                for (key, value) in entries {
                    line(&mut self.out);
                    self.key_and_value(&key, value, indent);
                }
            }
            Block::Sequence(items) => {
                for item in items {
                    line(&mut self.out);
                    self.out.push_str("- ");
                    self.value(item, indent + INDENT);
                }
            }
        }
    }

    fn key_and_value(&mut self, key: &str, value: &Tree, indent: usize) {
        self.key_at(key, indent);
        if let Some(block) = Block::of(value) {
            self.block(block, indent + INDENT, false);
        } else {
            self.out.push(' ');
            self.scalar(value, indent + INDENT);
        }
    }

    fn key_at(&mut self, key: &str, indent: usize) {
        if key.len() > LONGEST_SIMPLE_KEY || key.contains('\n') {
            self.out.push_str("? ");
            text(&mut self.out, key, indent + INDENT, false);
            line(&mut self.out, indent);
        } else {
            text(&mut self.out, key, indent + INDENT, true);
        }
        self.out.push(':');
    }

    fn scalar(&mut self, value: &Tree, indent: usize) {
        let out = &mut self.out;
        self.keeps_breaks = matches!(value, Tree::Text(text) if keeps_breaks(text));
        match value {
            Tree::Null => out.push_str("null"),
            Tree::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Tree::Int(number) => {
                let _ = write!(out, "{number}");
            }
            Tree::Zero => out.push('0'),
            Tree::Single(number) => float(out, number::widened(*number)),
            Tree::Double(number) => float(out, *number),
            Tree::Text(value) => text(out, value, indent, false),
            Tree::List(_) => out.push_str("[]"),
            Tree::Map(_) | Tree::Record(_) => out.push_str("{}"),
        }
    }
}

/// What takes lines of its own.
enum Block<'tree> {
    Mapping(Vec<(Cow<'tree, str>, &'tree Tree)>),
    Sequence(&'tree [Tree]),
}

impl<'tree> Block<'tree> {
    /// `None` for scalars and what is empty.
    fn of(tree: &'tree Tree) -> Option<Self> {
        match tree {
            Tree::Map(_) | Tree::Record(_) => {
                let entries = notation::entries(tree);
                (!entries.is_empty()).then_some(Self::Mapping(entries))
            }
            Tree::List(items) => (!items.is_empty()).then_some(Self::Sequence(items)),
            _ => None,
        }
    }
}

/// Begins a line, unless the one that was begun is still empty.
fn line(out: &mut String, indent: usize) {
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
    out.extend(std::iter::repeat_n(' ', indent));
}

/// What is no number has no notation that loads again.
fn float(out: &mut String, number: f64) {
    if number.is_finite() {
        out.push_str(&number::general(number));
    } else {
        out.push_str("null");
    }
}

/// Text in the first notation that is allowed: plain, single quotes, a literal block, double quotes.
fn text(out: &mut String, value: &str, indent: usize, key: bool) {
    if is_word(value) {
        out.push_str(value);
        return;
    }
    let look = Look::at(value);
    if value.contains('\n') {
        if key || !look.block_allowed {
            double_quoted(out, value);
        } else {
            literal(out, value, indent);
        }
    } else if !yaml::reads_as_text(value) || is_old_bool(value) || is_base_60(value) {
        double_quoted(out, value);
    } else if look.plain_allowed {
        out.push_str(value);
    } else if look.single_quotes_allowed {
        out.push('\'');
        for (index, part) in value.split('\'').enumerate() {
            out.push_str(if index == 0 { "" } else { "''" });
            out.push_str(part);
        }
        out.push('\'');
    } else {
        double_quoted(out, value);
    }
}

/// Whether a text is plainly a word that needs no quotes, as most keys are. Those of up to five
/// letters may be booleans and the like, and are looked at closely.
fn is_word(value: &str) -> bool {
    value.len() > "false".len()
        && value.starts_with(|first: char| first.is_ascii_alphabetic())
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./".contains(&byte))
}

/// Which notations a text allows (libyaml's `analyze_scalar`).
#[derive(Debug, Clone, Copy)]
struct Look {
    plain_allowed: bool,
    single_quotes_allowed: bool,
    block_allowed: bool,
}

impl Look {
    fn at(value: &str) -> Self {
        let mut indicators = value.starts_with("---") || value.starts_with("...");
        let (mut tabs, mut special, mut breaks) = (false, false, false);
        let (mut break_then_space, mut space_then_break) = (false, false);
        let mut previous = '\0';
        let mut characters = value.chars().peekable();
        while let Some(character) = characters.next() {
            let first = previous == '\0';
            let blank_follows = characters.peek().is_none_or(|next| *next == ' ' || *next == '\t');
            indicators |= match character {
                '#' if first => true,
                ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%'
                | '@' | '`' => first,
                '?' | '-' => first && blank_follows,
                ':' => blank_follows,
                '#' => previous == ' ' || previous == '\t' || is_break(previous),
                _ => false,
            };
            tabs |= character == '\t';
            special |= character != '\t' && !is_printable(character);
            breaks |= is_break(character);
            break_then_space |= character == ' ' && is_break(previous);
            space_then_break |= is_break(character) && previous == ' ';
            previous = character;
        }
        let blank_edge = |edge: Option<char>| edge.is_some_and(|it| it == ' ' || is_break(it));
        let blank_edges = blank_edge(value.chars().next()) || blank_edge(value.chars().next_back());
        let quotes_needed = space_then_break || tabs || special;
        Self {
            plain_allowed: !(blank_edges
                || break_then_space
                || quotes_needed
                || breaks
                || indicators),
            single_quotes_allowed: !(break_then_space || quotes_needed),
            block_allowed: !(value.ends_with(' ') || space_then_break || special),
        }
    }
}

fn is_break(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// What libyaml writes without an escape: not the byte order mark, nothing beyond the basic plane.
fn is_printable(character: char) -> bool {
    matches!(character,
        '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

/// YAML 1.1's other booleans, which go-yaml reads as text and still quotes.
fn is_old_bool(value: &str) -> bool {
    matches!(
        value,
        "y" | "Y"
            | "yes"
            | "Yes"
            | "YES"
            | "on"
            | "On"
            | "ON"
            | "n"
            | "N"
            | "no"
            | "No"
            | "NO"
            | "off"
            | "Off"
            | "OFF"
    )
}

/// YAML 1.1's base-60 numbers (`22:22`), which go-yaml reads as text and still quotes.
fn is_base_60(value: &str) -> bool {
    let unsigned = value.strip_prefix(['+', '-']).unwrap_or(value);
    let mut parts = unsigned.split(':');
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let head = parts.next().unwrap_or_default();
    let mut rest: Vec<&str> = parts.collect();
    let Some(last) = rest.pop() else { return false };
    let (last, fraction) = last.split_once('.').unwrap_or((last, ""));
    let sixty = |part: &str| match part.as_bytes() {
        [ones] => ones.is_ascii_digit(),
        [tens, ones] => matches!(tens, b'0'..=b'5') && ones.is_ascii_digit(),
        _ => false,
    };
    head.starts_with(|first: char| first.is_ascii_digit())
        && digits(head)
        && rest.into_iter().all(sixty)
        && sixty(last)
        && digits(fraction)
}

/// Whether a text ends in line breaks that a literal block would otherwise lose.
fn keeps_breaks(value: &str) -> bool {
    value == "\n" || value.ends_with("\n\n")
}

/// A literal block (`|`), with hints where its edges need them.
fn literal(out: &mut String, value: &str, indent: usize) {
    out.push('|');
    if value.starts_with(' ') || value.starts_with(is_break) {
        out.push('2');
    }
    if keeps_breaks(value) {
        out.push('+');
    } else if !value.ends_with('\n') {
        out.push('-');
    }
    out.push('\n');
    for content in value.split_inclusive('\n') {
        if content != "\n" {
            out.extend(std::iter::repeat_n(' ', indent));
        }
        out.push_str(content);
    }
}

fn double_quoted(out: &mut String, value: &str) {
    out.push('"');
    for character in value.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\0' => out.push_str("\\0"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{b}' => out.push_str("\\v"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            '\u{1b}' => out.push_str("\\e"),
            '\u{85}' => out.push_str("\\N"),
            '\u{2028}' => out.push_str("\\L"),
            '\u{2029}' => out.push_str("\\P"),
            printable if is_printable(printable) => out.push(printable),
            other => {
                // Writing to a string cannot fail.
                let _ = match u32::from(other) {
                    code @ ..=0xff => write!(out, "\\x{code:02X}"),
                    code @ ..=0xffff => write!(out, "\\u{code:04X}"),
                    code => write!(out, "\\U{code:08X}"),
                };
            }
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn emit(value: &serde_json::Value) -> String {
        notation::print(&Tree::of(value))
    }

    #[test]
    fn text_is_quoted_where_go_yaml_quotes() {
        for (value, expected) in [
            ("", "\"\""),
            ("plain", "plain"),
            ("two words", "two words"),
            ("1", "\"1\""),
            ("0x1F", "\"0x1F\""),
            ("08", "\"08\""),
            ("1.5e3", "\"1.5e3\""),
            ("true", "\"true\""),
            ("yes", "\"yes\""),
            ("~", "\"~\""),
            ("22:22", "\"22:22\""),
            ("22:72", "22:72"),
            ("2024-01-01", "\"2024-01-01\""),
            ("2024-01-01T00:00:00Z", "\"2024-01-01T00:00:00Z\""),
            ("10.0.0.1", "10.0.0.1"),
            ("a: b", "'a: b'"),
            ("a:b", "a:b"),
            ("a #b", "'a #b'"),
            ("a#b", "a#b"),
            ("#a", "'#a'"),
            ("- a", "'- a'"),
            ("-a", "-a"),
            ("it's", "it's"),
            ("'q'", "'''q'''"),
            ("\"q\"", "'\"q\"'"),
            ("[a", "'[a'"),
            ("{{.Name}}", "'{{.Name}}'"),
            ("*", "'*'"),
            ("?x", "?x"),
            ("? x", "'? x'"),
            (" a", "' a'"),
            ("a ", "'a '"),
            ("a\tb", "\"a\\tb\""),
            ("é", "é"),
            ("\u{1f600}", "\"\\U0001F600\""),
            ("\u{feff}", "\"\\uFEFF\""),
            ("---", "'---'"),
        ] {
            assert_eq!(emit(&json!({ "k": value })), format!("k: {expected}\n"), "{value:?}");
        }
    }

    #[test]
    fn lines_become_a_literal_block() {
        for (value, expected) in [
            ("a\nb", "k: |-\n  a\n  b\nz: 1\n"),
            ("a\nb\n", "k: |\n  a\n  b\nz: 1\n"),
            ("a\n\nb\n\n", "k: |+\n  a\n\n  b\n\nz: 1\n"),
            (" a\nb", "k: |2-\n   a\n  b\nz: 1\n"),
            ("a \nb", "k: \"a \\nb\"\nz: 1\n"),
            ("a\tb\nc", "k: |-\n  a\tb\n  c\nz: 1\n"),
            ("a\r\nb", "k: \"a\\r\\nb\"\nz: 1\n"),
            ("\n", "k: |2+\n\nz: 1\n"),
            ("\nfoo", "k: |2-\n\n  foo\nz: 1\n"),
        ] {
            assert_eq!(emit(&json!({ "k": value, "z": 1 })), expected, "{value:?}");
        }
        // At the end of the document, too, nothing is lost.
        for (value, expected) in
            [("\n", "k: |2+\n\n"), ("a\n", "k: |\n  a\n"), ("a\n\n", "k: |+\n  a\n\n")]
        {
            assert_eq!(emit(&json!({ "k": value })), expected, "{value:?}");
        }
    }

    #[test]
    fn nesting_is_indented_by_two() {
        let tree = json!({
            "a": [{ "b": 1, "c": [[2, 3]] }, [], {}, null],
            "d": { "e": {}, "f": [true] },
            "g": 0.5,
            "h": 1_500_000.5,
        });
        assert_eq!(
            emit(&tree),
            "a:\n  - b: 1\n    c:\n      - - 2\n        - 3\n  - []\n  - {}\n  - null\nd:\n  e: {}\n  \
             f:\n    - true\ng: 0.5\nh: 1.5000005e+06\n"
        );
        assert_eq!(emit(&json!({})), "{}\n");
    }

    #[test]
    fn long_keys_take_a_question_mark() {
        let key = "k".repeat(LONGEST_SIMPLE_KEY + 1);
        assert_eq!(emit(&json!({ (key.clone()): 1 })), format!("? {key}\n: 1\n"));
    }
}
