//! YAML to trees.

use bireme::compose::render;
use bireme::compose::yaml::{Mapping, Node, Value, parse};
use bireme::diagnostic::{FileId, Severity, SourceMap, Span};

use super::diagnostics;

/// Trees lie within the text, are no larger than the limits allow, and say the same when they are
/// printed and read again.
pub fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (sources, file) = diagnostics::source(&text);
    let parsed = parse(file, &text);
    diagnostics::check(&parsed.diagnostics, &sources);
    let whole = parsed.diagnostics.iter().all(|it| it.severity == Severity::Warning);
    for document in &parsed.documents {
        let mut nodes = 0;
        check_node(document, None, &sources, &mut nodes);
        assert!(nodes <= text.len() + 2_000_000, "{nodes} nodes out of {} bytes", text.len());
        if whole && nodes < 100_000 {
            check_printed(document);
        }
    }
}

fn check_node(node: &Node, key: Option<Span>, sources: &SourceMap, nodes: &mut usize) {
    *nodes += 1;
    diagnostics::check_span(node.span, sources);
    if let Some(key) = key {
        diagnostics::check_span(key, sources);
    }
    for item in node.as_sequence().into_iter().flatten() {
        check_node(item, None, sources, nodes);
    }
    for entry in node.as_mapping().into_iter().flat_map(Mapping::values) {
        check_node(&entry.node, Some(entry.key_span), sources, nodes);
    }
}

fn check_printed(document: &Node) {
    if is_not_printed_as_it_is(document) {
        return;
    }
    let printed = render::tree_yaml(document);
    let again = parse(FileId(0), &printed);
    assert!(again.diagnostics.is_empty(), "what was printed is no YAML: {printed:?}: {again:?}");
    let empty = Node::new(Value::Null, document.span);
    let read = again.documents.first().unwrap_or(&empty);
    assert!(document.same_value(read), "{document:?}\nbecame\n{printed}\nand\n{read:?}");
}

/// Not-a-number equals nothing; a time is printed as the text that Docker Compose makes of it; texts
/// with characters that YAML forbids cannot be printed. A text `<<` is printed without quotes, as Docker
/// Compose does.
fn is_not_printed_as_it_is(node: &Node) -> bool {
    let odd = |text: &str| {
        text == "<<" || text.chars().any(|it| it.is_control() && !matches!(it, '\n' | '\t'))
    };
    match &node.value {
        Value::Float(_) | Value::Timestamp(_) => true,
        Value::String(text) => odd(text),
        Value::Sequence(items) => items.iter().any(is_not_printed_as_it_is),
        Value::Mapping(entries) => {
            entries.iter().any(|(key, entry)| odd(key) || is_not_printed_as_it_is(&entry.node))
        }
        _ => false,
    }
}
