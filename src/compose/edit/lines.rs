//! Lines of a text, by byte offsets.

/// Where the line of an offset begins.
pub(super) fn start(text: &str, offset: usize) -> usize {
    text[..offset].rfind('\n').map_or(0, |feed| feed + 1)
}

/// Where the line of an offset ends, before its line break.
pub(super) fn end(text: &str, offset: usize) -> usize {
    let end = text[offset..].find('\n').map_or(text.len(), |feed| offset + feed);
    if text[offset..end].ends_with('\r') { end - 1 } else { end }
}

/// Where the line behind the one of an offset begins.
pub(super) fn next(text: &str, offset: usize) -> usize {
    text[offset..].find('\n').map_or(text.len(), |feed| offset + feed + 1)
}

/// What stands before an offset on its line.
pub(super) fn before(text: &str, offset: usize) -> &str {
    &text[start(text, offset)..offset]
}

/// What stands behind an offset on its line.
pub(super) fn after(text: &str, offset: usize) -> &str {
    &text[offset..end(text, offset)]
}

/// Whether nothing counts in a rest of a line: blanks, and a comment.
pub(super) fn is_idle(rest: &str) -> bool {
    let content = rest.trim_start();
    content.is_empty() || content.starts_with('#')
}

/// The line break of a text: that of its first line.
pub(super) fn feed(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}
