//! What to say of an alias without an anchor.

use crate::diagnostic::{Diagnostic, Span, codes};

/// The diagnostic of an alias whose anchor does not stand before it.
pub(super) fn unknown(text: &str, name: &str, span: Span) -> Diagnostic {
    let message = format!("yaml: unknown anchor '{name}' referenced");
    let diagnostic = Diagnostic::error(codes::YAML_UNKNOWN_ANCHOR, message);
    let written = &text[span.range()];
    let is_name = |it: char| it.is_alphanumeric() || "_-".contains(it);
    if !name.contains(is_name) || name.starts_with(['.', '/']) {
        let quoted = format!("\"{written}\"");
        return diagnostic
            .at(span, "a value that starts with `*` is an alias")
            .help(format!("put the value in quotes: {quoted}"))
            .edit(span, quoted);
    }
    if let Some((_, start)) = anchors(text).find(|(anchor, _)| *anchor == name) {
        let anchor = Span::new(span.file, start, start + 1 + name.len());
        return diagnostic
            .at(span, "used before it is defined")
            .with_context(anchor, "defined here")
            .help(format!("move what has the anchor `&{name}` above its first use"));
    }
    let near = anchors(text)
        .filter(|(_, start)| *start < span.range().start)
        .map(|(anchor, start)| (strsim::osa_distance(anchor, name), anchor, start))
        .filter(|(distance, _, _)| *distance <= 2)
        .min();
    match near {
        Some((_, near, start)) => diagnostic
            .at(span, "no such anchor")
            .with_context(Span::new(span.file, start, start + 1 + near.len()), "this one exists")
            .help(format!("did you mean `*{near}`?"))
            .edit(span, format!("*{near}")),
        None => diagnostic.at(span, "no such anchor").help(format!(
            "define it with `&{name}` above, in this file: anchors do not reach into other files"
        )),
    }
}

/// Whether a text has an anchor of that name.
pub(super) fn defined(text: &str, name: &str) -> bool {
    anchors(text).any(|(anchor, _)| anchor == name)
}

/// What looks like an anchor: its name, and where its `&` is.
fn anchors(text: &str) -> impl Iterator<Item = (&str, usize)> {
    text.match_indices('&').filter_map(|(start, _)| {
        let fresh = text[..start].ends_with([' ', '\t', '\n', '[', '{', ',']) || start == 0;
        let name = &text[start + 1..];
        let end = name.find(|it: char| it.is_whitespace() || "[]{},".contains(it));
        let name = &name[..end.unwrap_or(name.len())];
        (fresh && !name.is_empty()).then_some((name, start))
    })
}
