//! Values that a service has from elsewhere: through an anchor, `extends` or another file.

use crate::compose::yaml::{Entry, Node, Value};
use crate::diagnostic::{Diagnostic, Label, Span};

/// How many services are named that inherit one value.
const MAX_USERS: usize = 3;

/// Shows the services that have a value that is written outside of them.
pub(super) fn add(error: &mut Diagnostic, place: Span, tree: &Node) {
    let services = tree.get("services").and_then(Node::as_mapping).into_iter().flatten();
    let mut users = Vec::new();
    for (name, service) in services {
        if !holds(service, place) {
            continue;
        }
        if is_within(service, place) {
            return;
        }
        users.push((name, service.key_span));
    }
    let shown = |span: Span| error.labels.iter().any(|label| label.span == span);
    let labels: Vec<Label> = users
        .iter()
        .filter(|(_, span)| !shown(*span))
        .take(MAX_USERS)
        .map(|(name, span)| Label {
            span: *span,
            message: format!("used by service `{name}`"),
            primary: false,
        })
        .collect();
    error.labels.extend(labels);
}

/// Whether a value or a key at a place is part of an entry.
fn holds(entry: &Entry, place: Span) -> bool {
    let touches =
        |span: Span| span.file == place.file && span.start <= place.start && place.end <= span.end;
    if touches(entry.key_span) {
        return true;
    }
    let mut waiting = vec![&entry.node];
    while let Some(node) = waiting.pop() {
        match &node.value {
            Value::Sequence(items) => waiting.extend(items),
            Value::Mapping(mapping) => {
                if mapping.values().any(|inner| touches(inner.key_span)) {
                    return true;
                }
                waiting.extend(mapping.values().map(|inner| &inner.node));
            }
            _ if touches(node.span) => return true,
            _ => {}
        }
    }
    false
}

/// Whether a place lies in the lines of an entry.
fn is_within(entry: &Entry, place: Span) -> bool {
    let (key, value) = (entry.key_span, entry.node.span);
    let end = if value.file == key.file { value.end.max(key.end) } else { key.end };
    place.file == key.file && key.start <= place.start && place.start <= end
}
