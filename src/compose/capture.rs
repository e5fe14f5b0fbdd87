//! Values that a file takes from variables by name, captured while the environment of the file's
//! own project is at hand: `KEY` items of `environment`, and `environment` of secrets and configs.

use std::collections::BTreeMap;

use super::yaml::{Entry, Mapping, Node, Value};

/// The key that holds the captured content of a secret or config. No file can hold it, since it
/// would be a comment there.
pub const CONTENT: &str = "x-#value";

/// Captures the variables that a tree names.
pub fn variables(tree: &mut Node, environment: &BTreeMap<String, String>) {
    for service in section(tree, "services") {
        let Some(Value::Sequence(items)) =
            service.get_mut("environment").map(|node| &mut node.value)
        else {
            continue;
        };
        for item in items {
            if let Value::String(text) = &mut item.value
                && let Some(value) = environment.get(text.as_str())
            {
                text.push('=');
                text.push_str(value);
            }
        }
    }
    for key in ["secrets", "configs"] {
        for object in section(tree, key) {
            let Some(mapping) = object.as_mapping_mut() else { continue };
            let Some(source) = mapping.get("environment") else { continue };
            let value = source.node.as_str().and_then(|name| environment.get(name));
            if let Some(value) = value {
                let node = Node::new(Value::String(value.clone()), source.node.span);
                let entry = Entry { key_span: source.key_span, node };
                mapping.insert(CONTENT.to_owned(), entry);
            }
        }
    }
}

fn section<'a>(tree: &'a mut Node, key: &str) -> impl Iterator<Item = &'a mut Node> {
    tree.get_mut(key)
        .and_then(Node::as_mapping_mut)
        .into_iter()
        .flat_map(Mapping::values_mut)
        .map(|entry| &mut entry.node)
}
