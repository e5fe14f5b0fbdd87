//! Attributes that may be one text, a list or a mapping.

use super::make;
use super::resources::wrap;
use crate::compose::yaml::{Entry, Mapping, Node, Value};
use crate::diagnostic::Span;

/// What is wrong with an item, and which one.
pub(super) type Refusal = (String, Span);

/// `x` → `[x]`
pub(super) fn text_to_list(node: &mut Node) {
    if matches!(node.value, Value::String(_)) {
        let item = Node::new(std::mem::replace(&mut node.value, Value::Null), node.span);
        node.value = Value::Sequence(vec![item]);
    }
}

/// `[a, ""]` → `[a]`
pub(super) fn drop_empty(node: &mut Node) {
    if let Some(items) = node.as_sequence_mut() {
        items.retain(|item| !item.is_null() && item.as_str() != Some(""));
    }
}

/// `[a, b]` → `{a: null, b: null}`
pub(super) fn names_to_mapping(node: &mut Node) {
    list_to_mapping(node, |span| Node::new(Value::Null, span));
}

/// `[a]` → `{a: {condition: service_started, required: true}}`, and defaults of the long form.
pub(super) fn depends_on(node: &mut Node) {
    list_to_mapping(node, |span| Node::new(Value::Mapping(Mapping::new()), span));
    for entry in node.as_mapping_mut().into_iter().flat_map(Mapping::values_mut) {
        let span = entry.key_span;
        let Some(dependency) = entry.node.as_mapping_mut() else { continue };
        dependency
            .get_or_insert_with("condition", || make::entry(make::text("service_started"), span));
        dependency.get_or_insert_with("required", || make::entry(Value::Bool(true), span));
    }
}

fn list_to_mapping(node: &mut Node, value: impl Fn(Span) -> Node) {
    let Value::Sequence(items) = &mut node.value else { return };
    let mapping = std::mem::take(items)
        .into_iter()
        .filter_map(|item| match item.value {
            Value::String(name) => {
                Some((name, Entry { key_span: item.span, node: value(item.span) }))
            }
            _ => None,
        })
        .collect();
    node.value = Value::Mapping(mapping);
}

/// `x` or `[x]` → `[{path: x, required: true}]`
pub(super) fn env_files(node: &mut Node) {
    text_to_list(node);
    for item in node.as_sequence_mut().into_iter().flatten() {
        wrap(item, "path");
        let span = item.span;
        if let Some(file) = item.as_mapping_mut() {
            file.get_or_insert_with("required", || make::entry(Value::Bool(true), span));
        }
    }
}

/// `[s]` → `[{source: s}]`
pub(super) fn file_references(node: &mut Node) {
    for item in node.as_sequence_mut().into_iter().flatten() {
        wrap(item, "source");
    }
}

/// `[default, id=path]` → `{default: null, id: path}`
pub(super) fn ssh_keys(node: &mut Node) -> Result<(), Refusal> {
    pairs(node, |text| {
        (text == "default")
            .then_some(Value::Null)
            .ok_or_else(|| format!("invalid ssh key \"{text}\""))
    })
}

/// `[k=v]` → `{k: v}`
pub(super) fn pairs_to_mapping(node: &mut Node) -> Result<(), Refusal> {
    pairs(node, |text| Err(format!("invalid value {text}, expected key=value")))
}

/// Splits each item at its first `=`; `lone` says what an item without one stands for.
fn pairs(node: &mut Node, lone: impl Fn(&str) -> Result<Value, String>) -> Result<(), Refusal> {
    let Value::Sequence(items) = &node.value else { return Ok(()) };
    let mut mapping = Mapping::with_capacity(items.len());
    for item in items {
        let Some(text) = item.as_str() else { continue };
        let (key, value) = match text.split_once('=') {
            Some((key, value)) => (key, make::text(value)),
            None => (text, lone(text).map_err(|message| (message, item.span))?),
        };
        mapping.insert(key.to_owned(), make::entry(value, item.span));
    }
    node.value = Value::Mapping(mapping);
    Ok(())
}
