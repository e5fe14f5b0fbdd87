//! Makes nodes that stand for a piece of text, and so have its place.

use crate::compose::yaml::{Entry, Mapping, Node, Value};
use crate::diagnostic::Span;

/// An entry whose key and value both come from `span`.
pub(super) fn entry(value: Value, span: Span) -> Entry {
    Entry { key_span: span, node: Node::new(value, span) }
}

/// A mapping that comes from `span` as a whole.
pub(super) fn mapping<'k>(entries: impl IntoIterator<Item = (&'k str, Value)>, span: Span) -> Node {
    let entries: Mapping =
        entries.into_iter().map(|(key, value)| (key.to_owned(), entry(value, span))).collect();
    Node::new(Value::Mapping(entries), span)
}

/// A text value.
pub(super) fn text(text: impl Into<String>) -> Value {
    Value::String(text.into())
}
