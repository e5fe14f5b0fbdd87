//! Places as programs read them: lines and columns of both ends, bytes, and the text between.

use std::ops::Range;

use super::{Position, SourceFile, SourceMap, Span};

/// A part of a text.
#[derive(Debug, Clone)]
pub(super) struct Region<'a> {
    pub(super) source: &'a SourceFile,
    /// Where it begins.
    pub(super) start: Position,
    /// Where it ends: the position behind the last character.
    pub(super) end: Position,
    /// The same in bytes, within the text and on boundaries of characters.
    pub(super) bytes: Range<usize>,
}

impl<'a> Region<'a> {
    /// What a label underlines; `None` if its text is not there.
    pub(super) fn of_label(span: Span, sources: &'a SourceMap) -> Option<Self> {
        let source = sources.file(span.file)?;
        Some(Self::new(source, within(&source.text, span)))
    }

    /// What an edit replaces; `None` if its text is not there.
    pub(super) fn of_edit(span: Span, sources: &'a SourceMap) -> Option<Self> {
        let source = sources.file(span.file)?;
        Some(Self::new(source, clipped(&source.text, span)))
    }

    fn new(source: &'a SourceFile, bytes: Range<usize>) -> Self {
        let start = Position::of(&source.text, bytes.start);
        let end = Position::of(&source.text, bytes.end);
        Self { source, start, end, bytes }
    }

    /// The text of the region.
    pub(super) fn text(&self) -> &'a str {
        &self.source.text[self.bytes.clone()]
    }

    /// The lines that the region touches, whole, without the last line break.
    pub(super) fn lines(&self) -> &'a str {
        let text = &self.source.text;
        let start = text[..self.bytes.start].rfind('\n').map_or(0, |newline| newline + 1);
        let end = text[self.bytes.end..].find('\n').map_or(text.len(), |at| self.bytes.end + at);
        text[start..end].trim_end_matches('\r')
    }
}

/// The bytes of a place, clipped to the text and to whole characters; trailing white space of a
/// longer place is left out, since nobody means it.
pub(super) fn within(text: &str, span: Span) -> Range<usize> {
    let Range { start, end } = clipped(text, span);
    let trimmed = text[start..end].trim_end().len();
    if trimmed == 0 { start..end } else { start..start + trimmed }
}

/// The bytes of a place, clipped to the text and to whole characters.
fn clipped(text: &str, span: Span) -> Range<usize> {
    let range = span.range();
    let start = text.floor_char_boundary(range.start.min(text.len()));
    let end = text.ceil_char_boundary(range.end.min(text.len())).max(start);
    start..end
}
