//! What must hold for every diagnostic, whoever reports it.

use bireme::diagnostic::{
    Diagnostic, Edit, FileId, Severity, SourceMap, Span, Style, render, render_short,
};

/// A map with one text.
pub fn source(text: &str) -> (SourceMap, FileId) {
    let mut sources = SourceMap::default();
    let file = sources.add("/p/compose.yaml", text);
    (sources, file)
}

/// A failure names at least one error.
pub fn check_failure(diagnostics: &[Diagnostic], sources: &SourceMap) {
    assert!(
        diagnostics.iter().any(|it| it.severity == Severity::Error),
        "refused without an error: {diagnostics:?}"
    );
    check(diagnostics, sources);
}

/// Places lie within their texts on whole characters, edits can be made, and everything can be
/// drawn.
pub fn check(diagnostics: &[Diagnostic], sources: &SourceMap) {
    // Thousands of them are drawn alike.
    for diagnostic in diagnostics.iter().take(20) {
        assert!(!diagnostic.message.is_empty(), "{diagnostic:?}");
        for label in &diagnostic.labels {
            check_span(label.span, sources);
        }
        for edit in &diagnostic.edits {
            check_span(edit.span, sources);
        }
        edited(&diagnostic.edits, sources);
        let plain = render(diagnostic, sources, Style::Plain);
        assert!(!plain.contains('\u{1b}'), "an escape code reaches the terminal: {plain:?}");
        render(diagnostic, sources, Style::Coloured);
        let short = render_short(diagnostic, sources);
        assert!(!short.contains(['\u{1b}', '\n']), "one line: {short:?}");
    }
}

/// A place is one.
pub fn check_span(span: Span, sources: &SourceMap) {
    let text = &sources.file(span.file).expect("a place is in a text that was read").text;
    assert!(text.get(span.range()).is_some(), "{span:?} is no part of a text of {}", text.len());
}

/// Every text with its edits made, from the end to the start.
fn edited(edits: &[Edit], sources: &SourceMap) {
    let mut edits: Vec<&Edit> = edits.iter().collect();
    edits.sort_by_key(|edit| (edit.span.file, std::cmp::Reverse(edit.span.start)));
    for group in edits.chunk_by(|one, two| one.span.file == two.span.file) {
        let file = sources.file(group[0].span.file).expect("checked above");
        let mut text = file.text.to_string();
        let mut end = text.len();
        for edit in group {
            assert!(edit.span.range().end <= end, "edits overlap: {group:?}");
            text.replace_range(edit.span.range(), &edit.replacement);
            end = edit.span.range().start;
        }
    }
}
