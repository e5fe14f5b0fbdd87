//! Draws a tree as go-yaml does with an indent of two, byte for byte: the form of `config`.
//!
//! Quoting follows libyaml's emitter as go-yaml changed it: lines are never folded, text with line
//! breaks becomes a literal block, and what would be read back as another type is quoted.

use serde_json::Value;

use super::number;
use crate::compose::yaml;

/// The longest text, in bytes, that stands before a colon without a `?`.
const LONGEST_SIMPLE_KEY: usize = 128;

/// The tree as a document with a trailing newline.
pub(super) fn emit(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(entries) if !entries.is_empty() => mapping(&mut out, entries, 0, false),
        Value::Array(items) if !items.is_empty() => sequence(&mut out, items, 0, false),
        scalar => self::scalar(&mut out, scalar, 0),
    }
    out.push('\n');
    while out.ends_with("\n\n") && !ends_in_kept_breaks(value) {
        out.pop();
    }
    out
}

/// Whether the last thing drawn is a block that keeps its trailing line breaks (`|+`).
fn ends_in_kept_breaks(value: &Value) -> bool {
    match value {
        Value::Object(entries) => entries.values().next_back().is_some_and(ends_in_kept_breaks),
        Value::Array(items) => items.last().is_some_and(ends_in_kept_breaks),
        Value::String(text) => text.ends_with("\n\n"),
        _ => false,
    }
}

/// Entries at `indent` columns; `inline` when the first follows a `- ` or `? ` on its line.
fn mapping(
    out: &mut String,
    entries: &serde_json::Map<String, Value>,
    indent: usize,
    mut inline: bool,
) {
    for (key, value) in entries {
        if !std::mem::take(&mut inline) {
            line(out, indent);
        }
        if key.len() > LONGEST_SIMPLE_KEY || key.contains('\n') {
            out.push_str("? ");
            text(out, key, indent + 2, false);
            line(out, indent);
            out.push(':');
        } else {
            text(out, key, indent + 2, true);
            out.push(':');
        }
        match value {
            Value::Object(entries) if !entries.is_empty() => {
                mapping(out, entries, indent + 2, false);
            }
            Value::Array(items) if !items.is_empty() => sequence(out, items, indent + 2, false),
            scalar => {
                out.push(' ');
                self::scalar(out, scalar, indent + 2);
            }
        }
    }
}

fn sequence(out: &mut String, items: &[Value], indent: usize, mut inline: bool) {
    for item in items {
        if !std::mem::take(&mut inline) {
            line(out, indent);
        }
        out.push_str("- ");
        match item {
            Value::Object(entries) if !entries.is_empty() => {
                mapping(out, entries, indent + 2, true);
            }
            Value::Array(items) if !items.is_empty() => sequence(out, items, indent + 2, true),
            scalar => self::scalar(out, scalar, indent + 2),
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

fn scalar(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() => out.push_str(&number::general(float)),
            _ => out.push_str(&number.to_string()),
        },
        Value::String(value) => text(out, value, indent, false),
        Value::Array(_) => out.push_str("[]"),
        Value::Object(_) => out.push_str("{}"),
    }
}

/// Text in the first notation that is allowed: plain, single quotes, a literal block, double quotes.
fn text(out: &mut String, value: &str, indent: usize, key: bool) {
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
        out.push_str(&value.replace('\'', "''"));
        out.push('\'');
    } else {
        double_quoted(out, value);
    }
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

/// A literal block (`|`), with hints where its edges need them.
fn literal(out: &mut String, value: &str, indent: usize) {
    out.push('|');
    if value.starts_with(' ') || value.starts_with(is_break) {
        out.push('2');
    }
    match value.strip_suffix('\n') {
        None => out.push('-'),
        Some(rest) if rest.is_empty() || rest.ends_with('\n') => out.push('+'),
        Some(_) => {}
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
    use std::fmt::Write as _;
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
