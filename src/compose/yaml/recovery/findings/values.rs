//! Values that only quotes, or another form, let be what they are meant to be.

use std::ops::Range;

use super::{FAR, Finding, View};
use crate::compose::yaml::events::Complaint;
use crate::compose::yaml::recovery::lines::key;

impl View<'_, '_> {
    /// A variable in braces within braces or brackets.
    pub(super) fn braces(&self) -> Option<Finding> {
        let text = self.lines.text;
        let brace = self.error.range.start;
        if !text[brace..].starts_with('{') || !text[..brace].ends_with('$') {
            return None;
        }
        let before = text[..brace - 1].rfind([' ', ',', '[', '{', '\n']).map_or(0, |it| it + 1);
        let closed = brace + text[brace..].find('}')? + 1;
        let end =
            text[closed..].find([' ', ',', ']', '}', '\n']).map_or(text.len(), |it| closed + it);
        Some(
            Finding::new(before..end, "braces within `{}` or `[]`", "put the value in quotes")
                .with(before..before, "\"")
                .with(end..end, "\""),
        )
    }

    /// `: ` within a value.
    pub(super) fn colon_in_value(&self) -> Option<Finding> {
        if self.error.complaint != Complaint::MappingValue {
            return None;
        }
        let range = self.value(self.at)?;
        if range.start >= self.error.range.start {
            return None;
        }
        let quoted = quoted(&self.lines.text[range.clone()])?;
        Some(
            Finding::new(range.clone(), "the value has `: ` in it", "put the value in quotes")
                .with(range, quoted),
        )
    }

    /// Items among `KEY: value` lines, or the other way about.
    pub(super) fn mixture(&self) -> Option<Finding> {
        let lines = self.lines;
        let column = lines.indentation(self.at);
        let above = (0..self.at)
            .rev()
            .take(FAR)
            .filter(|line| !lines.is_empty(*line))
            .find(|line| lines.indentation(*line) <= column)?;
        if lines.indentation(above) != column {
            return None;
        }
        let is_item = |line: usize| lines.content(line).starts_with("- ");
        let to_item = is_item(above);
        if to_item == is_item(self.at) {
            return None;
        }
        let equals = lines.content(above).contains('=');
        let rewritten = |line: usize| -> Option<String> {
            let content = lines.content(line);
            if to_item {
                let (name, value) = key(content)?;
                let value = value.trim_matches(['"', '\'']);
                Some(if equals { format!("- {name}={value}") } else { format!("- {content}") })
            } else {
                let item = content.strip_prefix("- ")?.trim();
                match item.split_once('=') {
                    Some((name, value)) => Some(format!("{name}: {}", scalar(value)?)),
                    None => key(item).map(|_| item.to_owned()),
                }
            }
        };
        let (label, help) = if to_item {
            ("a key, below a list", "write the line as an item, like those above")
        } else {
            ("an item, among keys", "write the line as `KEY: value`, like those above")
        };
        let mut finding = Finding::new(lines.content_range(self.at), label, help)
            .beside(lines.content_range(above), "the lines above are like this");
        for line in self.at..lines.len() {
            if lines.is_empty(line) {
                continue;
            }
            if lines.indentation(line) != column || is_item(line) == to_item {
                break;
            }
            finding = finding.with(lines.content_range(line), rewritten(line)?);
        }
        Some(finding)
    }

    /// A value that starts with a character that YAML reserves.
    pub(super) fn reserved(&self) -> Option<Finding> {
        let text = self.lines.text;
        let start = self.error.range.start;
        let start = if text[..start].ends_with(['*', '&']) { start - 1 } else { start };
        let character = text[start..].chars().next().filter(|it| "%@`*&?".contains(*it))?;
        let range = start..self.lines.content_range(self.lines.at(start)).end;
        let quoted = quoted(&text[range.clone()])?;
        Some(
            Finding::new(
                range.clone(),
                match character {
                    '`' => "a value cannot start with a backtick".to_owned(),
                    _ => format!("a value cannot start with `{character}`"),
                },
                "put the value in quotes",
            )
            .with(range, quoted),
        )
    }

    /// A backslash in double quotes that is no escape.
    pub(super) fn escape(&self) -> Option<Finding> {
        let text = self.lines.text;
        let content = self.lines.content_range(self.at);
        let backslash = content.start + text[content.clone()].find('\\')?;
        let open = text[..backslash].rfind('"').filter(|open| *open >= content.start)?;
        let close = content.start + text[content.clone()].rfind('"')?;
        if close <= open || text[open..close].contains('\'') {
            return None;
        }
        let character = text[backslash + 1..].chars().next()?;
        Some(
            Finding::new(
                backslash..backslash + 1 + character.len_utf8(),
                "in double quotes a backslash starts an escape",
                "use single quotes, in which a backslash is only that",
            )
            .with(open..open + 1, "'")
            .with(close..close + 1, "'"),
        )
    }

    /// The bytes of the value behind a line's first `: `.
    fn value(&self, line: usize) -> Option<Range<usize>> {
        let (content, range) = (self.lines.content(line), self.lines.content_range(line));
        let start = content.find(": ")? + 2;
        let start = start + (content[start..].len() - content[start..].trim_start().len());
        let end = content[start..].find(" #").map_or(content.len(), |end| start + end);
        let value = &content[start..end];
        let is_plain = !value.starts_with(['"', '\'', '[', '{']);
        is_plain.then(|| range.start + start..range.start + start + value.trim_end().len())
    }
}

/// A text in quotes, if that needs no escapes.
fn quoted(text: &str) -> Option<String> {
    if !text.contains(['"', '\\', '\n']) {
        Some(format!("\"{text}\""))
    } else if !text.contains(['\'', '\n']) {
        Some(format!("'{text}'"))
    } else {
        None
    }
}

/// A text as a plain scalar where that reads as text, else in quotes.
fn scalar(text: &str) -> Option<String> {
    let plain = !text.is_empty()
        && text.bytes().all(|it| it.is_ascii_alphanumeric() || b"_-./".contains(&it))
        && !text.starts_with('-');
    if plain { Some(text.to_owned()) } else { quoted(text) }
}
