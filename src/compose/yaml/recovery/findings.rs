//! What its author probably did to a text that is not YAML: guesses from what stands around the
//! place where reading stopped. Each guess comes with changes, and is taken only if the text can
//! be read further with them.

use std::ops::Range;

use super::lines::{Lines, key, open_brackets, open_quote};
use super::repairs::Change;
use crate::compose::yaml::events::{Complaint, SyntaxError};

/// How many lines back an unclosed quote or bracket is looked for.
const FAR: usize = 200;

/// A guess.
#[derive(Clone)]
pub(in crate::compose::yaml) struct Finding {
    /// Where the mistake is.
    pub(in crate::compose::yaml) place: Range<usize>,
    /// What is there.
    pub(in crate::compose::yaml) label: String,
    /// A place that explains it.
    pub(in crate::compose::yaml) context: Option<(Range<usize>, String)>,
    /// What to do.
    pub(in crate::compose::yaml) help: String,
    /// What would mend it.
    pub(in crate::compose::yaml) changes: Vec<Change>,
    /// Whether the text must be read beyond the whole line of the error for the guess to be good.
    /// Else a change above it may leave a second mistake on the line.
    pub(in crate::compose::yaml) strict: bool,
    /// Whether the changes are shown; else they only help to read on.
    pub(in crate::compose::yaml) offered: bool,
}

impl Finding {
    fn new(place: Range<usize>, label: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            place,
            label: label.into(),
            context: None,
            help: help.into(),
            changes: Vec::new(),
            strict: false,
            offered: true,
        }
    }

    fn with(mut self, range: Range<usize>, replacement: impl Into<String>) -> Self {
        self.changes.push((range, replacement.into()));
        self
    }

    fn beside(mut self, range: Range<usize>, label: impl Into<String>) -> Self {
        self.context = Some((range, label.into()));
        self
    }

    fn for_reading_on(mut self) -> Self {
        self.offered = false;
        self
    }
}

/// The guesses for an error, the most specific first.
pub(super) fn findings(lines: &Lines<'_>, error: &SyntaxError) -> Vec<Finding> {
    let mut found = Vec::new();
    let at = lines.at(error.range.start);
    let view = View { lines, error, at };
    found.extend(view.conflict());
    found.extend(view.template());
    view.tabs(&mut found);
    view.colons(&mut found);
    found.extend(view.dash());
    found.extend(view.literal());
    found.extend(view.braces());
    view.quotes(&mut found);
    view.brackets(&mut found);
    found.extend(view.comma());
    found.extend(view.colon_in_value());
    found.extend(view.mixture());
    found.extend(view.too_deep());
    view.between_columns(&mut found);
    found.extend(view.reserved());
    found.extend(view.escape());
    found
}

struct View<'v, 'text> {
    lines: &'v Lines<'text>,
    error: &'v SyntaxError,
    /// The line of the error.
    at: usize,
}

impl View<'_, '_> {
    /// Lines of a merge that Git could not make.
    fn conflict(&self) -> Option<Finding> {
        let lines = self.lines;
        let starts = |word: &str, from: usize| {
            (from..lines.len()).find(|line| lines.line(*line).starts_with(word))
        };
        let first = starts("<<<<<<<", 0).filter(|first| *first <= self.at)?;
        // Of several conflicts the one in which reading stopped.
        let first = (first..=self.at).rev().find(|it| lines.line(*it).starts_with("<<<<<<<"))?;
        let middle = starts("=======", first)?;
        let last = starts(">>>>>>>", middle)?;
        let other_side = lines.range(middle).start..lines.range(last).end;
        Some(
            Finding::new(
                lines.content_range(first),
                "a merge conflict starts here",
                "keep one side, and remove the lines with `<<<<<<<`, `=======` and `>>>>>>>`",
            )
            .beside(lines.content_range(last), "and ends here")
            .with(lines.range(first), "")
            .with(other_side, "")
            .for_reading_on(),
        )
    }

    /// A template that was not rendered.
    fn template(&self) -> Option<Finding> {
        let content = self.lines.content(self.at);
        let start = content.find("{%").or_else(|| content.find("{{"))?;
        let range = self.lines.content_range(self.at);
        let end = content[start..]
            .find("}}")
            .or_else(|| content[start..].find("%}"))
            .map_or(range.end, |end| range.start + start + end + 2);
        Some(Finding::new(
            range.start + start..end,
            "this is a template",
            "render the template first; Compose itself substitutes `${VARIABLE}` only",
        ))
    }

    /// Tabs where YAML wants spaces.
    fn tabs(&self, found: &mut Vec<Finding>) {
        let lines = self.lines;
        let tabs = |line: usize| -> Vec<usize> {
            let leading = lines.leading(line);
            let tabs = lines.text[leading.clone()].match_indices('\t');
            tabs.map(|(offset, _)| leading.start + offset).collect()
        };
        let tabbed: Vec<usize> =
            (0..lines.len()).filter(|line| !tabs(*line).is_empty()).take(FAR).collect();
        let next = (self.at + 1..lines.len()).find(|line| !lines.is_empty(*line));
        let here = [Some(self.at), next].into_iter().flatten().find(|it| tabbed.contains(it));
        let Some(here) = here else { return };
        let places = tabs(here);
        let (Some(first), Some(last)) = (places.first(), places.last()) else { return };
        // Below a key without a value two columns further, else in the same column.
        let column = lines.previous(here).map_or(2, |before| {
            let deeper = if lines.content(before).ends_with(':') { 2 } else { 0 };
            lines.indentation(before) + deeper
        });
        let own = lines.text[lines.leading(here)].matches(' ').count();
        let fitting = column.saturating_sub(own) / places.len();
        for width in [fitting, 2, 4, 8, 1].into_iter().filter(|width| *width > 0) {
            let label = if first == last { "a tab" } else { "tabs" };
            let mut finding = Finding::new(
                *first..last + 1,
                label,
                "indent with spaces; YAML does not take tabs here",
            );
            for tab in tabbed.iter().flat_map(|line| tabs(*line)) {
                finding = finding.with(tab..tab + 1, " ".repeat(width));
            }
            found.push(finding);
        }
    }

    /// A colon without a space behind it, or one that only looks like a colon.
    fn colons(&self, found: &mut Vec<Finding>) {
        let lines = self.lines;
        let before = lines.previous(self.at);
        for line in [Some(self.at), before].into_iter().flatten() {
            let (content, range) = (lines.content(line), lines.content_range(line));
            if let Some(colon) = content.find('：') {
                let place = range.start + colon..range.start + colon + '：'.len_utf8();
                let rest = &content[colon + '：'.len_utf8()..];
                let ascii = if rest.is_empty() || rest.starts_with(' ') { ":" } else { ": " };
                found.push(
                    Finding::new(place.clone(), "this is not the colon `:`", "write `:`")
                        .with(place, ascii),
                );
                continue;
            }
            let Some((name, value)) = content.split_once(':') else { continue };
            let word = name.starts_with(|it: char| it.is_ascii_alphabetic())
                && name.bytes().all(|it| it.is_ascii_alphanumeric() || b"_-.".contains(&it));
            if word && !value.is_empty() && !value.starts_with([' ', '/']) {
                let colon = range.start + name.len() + 1;
                found.push(
                    Finding::new(
                        range.clone(),
                        "there is no space behind the colon",
                        format!("write `{name}: {value}`"),
                    )
                    .with(colon..colon, " "),
                );
            }
        }
    }

    /// A dash without a space behind it.
    fn dash(&self) -> Option<Finding> {
        let lines = self.lines;
        let content = lines.content(self.at);
        let rest = content.strip_prefix('-').filter(|rest| !rest.starts_with([' ', '-']))?;
        let before = lines.previous(self.at)?;
        let start = lines.content_range(self.at).start;
        lines.content(before).starts_with("- ").then(|| {
            Finding::new(
                start..start + 1,
                "there is no space behind the dash",
                format!("write `- {rest}`"),
            )
            .with(start + 1..start + 1, " ")
        })
    }

    /// Lines of a block of text that are not indented.
    fn literal(&self) -> Option<Finding> {
        let lines = self.lines;
        let head = lines.previous(self.at)?;
        let marks = ["|", ">", "|-", ">-", "|+", ">+"];
        let ends = lines.content(head).rsplit(' ').next().is_some_and(|it| marks.contains(&it));
        let column = lines.indentation(self.at);
        if !ends || column > lines.indentation(head) {
            return None;
        }
        let end = (self.at..lines.len())
            .find(|line| {
                let is_key = key(lines.content(*line)).is_some() && *line > self.at;
                !lines.is_empty(*line) && (lines.indentation(*line) < column || is_key)
            })
            .unwrap_or(lines.len());
        let mark = lines.content_range(head);
        let deeper = " ".repeat(lines.indentation(head) + 2 - column);
        let finding = Finding::new(
            lines.content_range(self.at),
            "this is not indented",
            "indent the lines of the text further than its key",
        )
        .beside(mark.end - 1..mark.end, "the text starts below this");
        Some((self.at..end).filter(|line| !lines.content(*line).is_empty()).fold(
            finding,
            |finding, line| {
                let start = lines.range(line).start;
                finding.with(start..start, deeper.clone())
            },
        ))
    }

    /// A variable in braces within braces or brackets.
    fn braces(&self) -> Option<Finding> {
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

    /// A quote that is not closed.
    fn quotes(&self, found: &mut Vec<Finding>) {
        let lines = self.lines;
        for line in (self.at.saturating_sub(FAR)..=self.at).rev() {
            let content = lines.content(line);
            let Some((start, quote)) = open_quote(content) else { continue };
            let range = lines.content_range(line);
            let closers: String = open_brackets(&content[..start])
                .iter()
                .rev()
                .map(|(_, open)| if *open == '[' { ']' } else { '}' })
                .collect();
            let written = content[start..].trim_end_matches(|it| closers.contains(it));
            let end = range.start + start + written.len();
            let finding = Finding::new(
                range.start + start..range.end,
                "this quote is not closed",
                format!("end the value with `{quote}`"),
            );
            // Where the quote ended, half of a value is left over.
            found.push(Finding { strict: true, ..finding.with(end..end, quote) });
        }
    }

    /// A bracket that is not closed: on its line, or at the end of the text.
    fn brackets(&self, found: &mut Vec<Finding>) {
        let lines = self.lines;
        let mut unclosed = Vec::new();
        for line in (self.at.saturating_sub(FAR)..=self.at).rev() {
            let content = lines.content(line);
            let open = open_brackets(content);
            let Some((first, bracket)) = open.first().copied() else { continue };
            let range = lines.content_range(line);
            let closers: String =
                open.iter().rev().map(|(_, open)| if *open == '[' { ']' } else { '}' }).collect();
            let end = range.start + content.trim_end_matches(',').len();
            let start = range.start + first;
            let finding = || {
                Finding::new(
                    start..start + 1,
                    "this bracket is not closed",
                    format!("close it with `{}`", if bracket == '[' { ']' } else { '}' }),
                )
            };
            // A bracket at the end of its line is meant to be closed further down.
            let opens_lines = content.ends_with(bracket);
            if !opens_lines {
                found.push(finding().with(end..end, closers.clone()));
            }
            unclosed.push((finding(), closers));
        }
        let before = lines.previous(self.at).map(|line| lines.content_range(line).end);
        let ends = [before, Some(lines.text.trim_end().len())];
        for end in ends.into_iter().flatten() {
            for (finding, closers) in &unclosed {
                if finding.place.start < end {
                    found.push(finding.clone().with(end..end, closers.clone()));
                }
            }
        }
    }

    /// No comma between two items.
    fn comma(&self) -> Option<Finding> {
        let text = self.lines.text;
        let start = self.error.range.start;
        let quoted = text[start..].starts_with(['"', '\'']);
        let end = text[..start].trim_end().len();
        let after_value = text[..end].ends_with(|it: char| !",[{:-".contains(it));
        (quoted && after_value).then(|| {
            let rest = &text[start + 1..];
            let length = rest.find(['"', '\'', '\n']).unwrap_or(rest.len());
            Finding::new(
                start..(start + length + 2).min(text.len()),
                "there is no comma before this",
                "put a comma between the two",
            )
            .with(end..end, ",")
        })
    }

    /// `: ` within a value.
    fn colon_in_value(&self) -> Option<Finding> {
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
    fn mixture(&self) -> Option<Finding> {
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

    /// A key below a value, indented as if it were part of it.
    fn too_deep(&self) -> Option<Finding> {
        let lines = self.lines;
        let before = lines.previous(self.at)?;
        let (name, _) = key(lines.content(self.at))?;
        let (above, value) = key(lines.content(before))?;
        let (deep, right) = (lines.indentation(self.at), lines.indentation(before));
        if value.is_empty() || deep <= right {
            return None;
        }
        let start = lines.content_range(self.at).start;
        Some(self.shifted(
            Finding::new(
                start..start + name.len(),
                format!("indented below `{above}`, which has a value already"),
                format!("start `{name}` in the same column as `{above}`"),
            ),
            right,
        ))
    }

    /// A line that starts between the columns of the lines above.
    fn between_columns(&self, found: &mut Vec<Finding>) {
        let lines = self.lines;
        if lines.is_empty(self.at) {
            return;
        }
        let column = lines.indentation(self.at);
        let mut levels: Vec<usize> = Vec::new();
        for line in (self.at.saturating_sub(FAR)..self.at).filter(|line| !lines.is_empty(*line)) {
            let level = lines.indentation(line);
            if !levels.contains(&level) {
                levels.push(level);
            }
        }
        levels.retain(|level| *level != column);
        levels.sort_by_key(|level| (level.abs_diff(column), column > *level));
        let content = lines.content(self.at);
        let range = lines.content_range(self.at);
        let shown = key(content).map_or(content, |(name, _)| name);
        for level in levels.into_iter().take(3) {
            let like = (0..self.at)
                .rev()
                .find(|it| !lines.is_empty(*it) && lines.indentation(*it) == level);
            let mut finding = Finding::new(
                range.start..range.start + shown.len().min(range.len()),
                "this column fits none of the lines above",
                format!("indent it with {level} {}", if level == 1 { "space" } else { "spaces" }),
            );
            if let Some(like) = like {
                finding = finding.beside(lines.content_range(like), "like this, perhaps");
            }
            found.push(self.shifted(finding, level));
        }
    }

    /// A value that starts with a character that YAML reserves.
    fn reserved(&self) -> Option<Finding> {
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
    fn escape(&self) -> Option<Finding> {
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

    /// Moves the block of the line of the error to a column.
    fn shifted(&self, finding: Finding, column: usize) -> Finding {
        let lines = self.lines;
        let now = lines.indentation(self.at);
        lines.block(self.at).filter(|line| !lines.content(*line).is_empty()).fold(
            finding,
            |finding, line| {
                let start = lines.range(line).start;
                if column > now {
                    finding.with(start..start, " ".repeat(column - now))
                } else {
                    let surplus = (now - column).min(lines.indentation(line));
                    finding.with(start..start + surplus, "")
                }
            },
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
