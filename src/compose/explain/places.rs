//! Places and excerpts of the texts that were read.

use std::ops::Range;

use super::explanation::Place;
use crate::diagnostic::{SourceMap, Span};

/// Characters of an excerpt.
const EXCERPT: usize = 60;

/// Looks places up.
#[derive(Clone, Copy)]
pub(super) struct Places<'s> {
    pub(super) sources: &'s SourceMap,
}

impl Places<'_> {
    /// Where a span starts.
    pub(super) fn of(self, span: Span) -> Option<Place> {
        let position = self.sources.position(span)?;
        let file = self.sources.name(span.file).to_owned();
        Some(Place { file, line: position.line, column: position.column })
    }

    /// What is written in a span, on one line and not too long.
    pub(super) fn excerpt(self, span: Span) -> String {
        let text = self.sources.file(span.file).map(|file| &*file.text);
        let text = text.and_then(|text| text.get(span.range())).unwrap_or_default().trim();
        let mut lines = text.lines().map(str::trim_end);
        let first = lines.next().unwrap_or_default();
        let more = lines.next().is_some() || first.chars().count() > EXCERPT;
        let mut excerpt: String = first.chars().take(EXCERPT).collect();
        if more {
            excerpt.push_str(" …");
        }
        excerpt
    }

    /// The place of a part of a text that was read from a scalar: exact if it is written as it
    /// reads, else the scalar's.
    pub(super) fn part_of(self, span: Span, text: &str, range: &Range<usize>) -> Span {
        let written = self.sources.file(span.file).and_then(|file| file.text.get(span.range()));
        let Some(start) = written.and_then(|written| written.find(text)) else { return span };
        let start = span.range().start + start + range.start;
        Span::new(span.file, start, start + range.len())
    }
}
