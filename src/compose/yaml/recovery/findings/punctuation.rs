//! Colons, dashes, commas, quotes and brackets that are missing.

use super::{FAR, Finding, View};
use crate::compose::yaml::recovery::lines::{open_brackets, open_quote};

impl View<'_, '_> {
    /// A colon without a space behind it, or one that only looks like a colon.
    pub(super) fn colons(&self, found: &mut Vec<Finding>) {
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
    pub(super) fn dash(&self) -> Option<Finding> {
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

    /// A quote that is not closed.
    pub(super) fn quotes(&self, found: &mut Vec<Finding>) {
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
    pub(super) fn brackets(&self, found: &mut Vec<Finding>) {
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
    pub(super) fn comma(&self) -> Option<Finding> {
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
}
