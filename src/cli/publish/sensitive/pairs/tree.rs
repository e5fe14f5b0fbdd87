//! JSON and YAML: `a.b[0]` for the first item of the list under `b` of `a`.

use super::Pairs;
use crate::compose::scalar_text::scalar_text;
use crate::compose::yaml::{self, Node, Value};
use crate::diagnostic::{FileId, has_errors};

/// The pairs of a JSON object.
pub(super) fn of_json(text: &str) -> Option<Pairs> {
    if !text.starts_with('{') {
        return None;
    }
    let value = serde_json::from_str(text).ok()?;
    let mut pairs = Pairs::new();
    add_json(&value, String::new(), &mut pairs);
    Some(pairs)
}

fn add_json(value: &serde_json::Value, path: String, pairs: &mut Pairs) {
    match value {
        serde_json::Value::Object(entries) => {
            for (key, value) in entries {
                add_json(value, below(&path, key), pairs);
            }
        }
        serde_json::Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                add_json(value, format!("{path}[{index}]"), pairs);
            }
        }
        serde_json::Value::String(text) => {
            pairs.insert(path, text.clone());
        }
        // No number and no truth value looks like a secret.
        _ => {}
    }
}

/// The pairs of the first document of a YAML text, if it is a mapping or empty.
pub(super) fn of_yaml(text: &str) -> Option<Pairs> {
    let parsed = yaml::parse(FileId(0), text);
    if has_errors(&parsed.diagnostics) {
        return None;
    }
    let mut pairs = Pairs::new();
    match parsed.documents.first() {
        None => {}
        Some(document) if document.is_null() => {}
        Some(document) if document.as_mapping().is_some() => {
            add_node(document, String::new(), &mut pairs);
        }
        Some(_) => return None,
    }
    Some(pairs)
}

fn add_node(node: &Node, path: String, pairs: &mut Pairs) {
    match &node.value {
        Value::Mapping(entries) => {
            for (key, entry) in entries {
                add_node(&entry.node, below(&path, key), pairs);
            }
        }
        Value::Sequence(items) => {
            for (index, item) in items.iter().enumerate() {
                add_node(item, format!("{path}[{index}]"), pairs);
            }
        }
        value => {
            pairs.insert(path, scalar_text(value).into_owned());
        }
    }
}

fn below(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}
