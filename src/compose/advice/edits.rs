//! Which lines can be taken out of a file without touching anything else.

use crate::diagnostic::{SourceMap, Span};

/// The lines of an entry whose key and value stand at these places; `None` if anything else
/// stands on them, or if the lines define an anchor that others may refer to.
pub(in crate::compose) fn without_lines(
    sources: &SourceMap,
    key: Span,
    value: Span,
) -> Option<Span> {
    if key.file != value.file {
        return None;
    }
    let text = &*sources.file(key.file)?.text;
    let (first, last) = (key.range().start, value.range().end.max(key.range().end));
    let start = text.get(..first)?.rfind('\n').map_or(0, |newline| newline + 1);
    let inside = text.get(first..last)?.trim_end();
    let last = first + inside.len();
    let end = text.get(last..)?.find('\n').map_or(text.len(), |newline| last + newline + 1);
    let before = &text[start..first];
    let after = text[last..end].trim_start_matches(':').trim();
    let alone = before.trim().is_empty() && (after.is_empty() || after.starts_with('#'));
    (alone && !text[first..end].contains('&')).then(|| Span::new(key.file, start, end))
}
