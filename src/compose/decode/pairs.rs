//! Attributes that hold pairs of a key and a text, as a mapping or as a list of `KEY=value`:
//! environments, labels, options, host names.

use std::collections::BTreeMap;

use super::Decoder;
use crate::compose::scalar_text;
use crate::compose::yaml::{Node, Value};
use crate::diagnostic::codes;

/// Pairs of which some may have no value, such as `environment`.
pub(super) fn optional(node: &Node, decoder: &mut Decoder) -> BTreeMap<String, Option<String>> {
    match &node.value {
        Value::Mapping(mapping) => mapping
            .iter()
            .map(|(key, entry)| {
                (key.clone(), (!entry.node.is_null()).then(|| scalar_text(&entry.node)))
            })
            .collect(),
        Value::Sequence(items) => items
            .iter()
            .map(|item| {
                let text = scalar_text(item);
                let (key, value) = match text.split_once('=') {
                    Some((key, value)) => (key, Some(value.to_owned())),
                    None => (text.as_str(), None),
                };
                if key.ends_with(char::is_whitespace) {
                    let reason = format_args!(
                        "environment variable {key} is declared with a trailing space"
                    );
                    decoder.reject::<()>(item.span, codes::DECODE_VALUE, reason);
                }
                (key.to_owned(), value)
            })
            .collect(),
        _ => decoder.reject_type(node, "map"),
    }
}

/// Pairs of which each has a value, if only an empty one, such as `labels`.
pub(super) fn texts(node: &Node, decoder: &mut Decoder) -> BTreeMap<String, String> {
    match &node.value {
        Value::Mapping(mapping) => {
            mapping.iter().map(|(key, entry)| (key.clone(), scalar_text(&entry.node))).collect()
        }
        Value::Sequence(items) => items
            .iter()
            .map(|item| {
                let text = scalar_text(item);
                let (key, value) = text.split_once('=').unwrap_or((&text, ""));
                (key.to_owned(), value.to_owned())
            })
            .collect(),
        _ => decoder.reject_type(node, "map"),
    }
}

/// Pairs of which each has one value or a list of them (`provider.options`).
pub(super) fn lists(node: &Node, decoder: &mut Decoder) -> BTreeMap<String, Vec<String>> {
    match &node.value {
        Value::Mapping(mapping) => mapping
            .iter()
            .map(|(key, entry)| {
                let values = match &entry.node.value {
                    Value::Sequence(items) => items.iter().map(scalar_text).collect(),
                    _ => vec![scalar_text(&entry.node)],
                };
                (key.clone(), values)
            })
            .collect(),
        _ => decoder.reject_type(node, "map"),
    }
}

/// Host names with their addresses: a mapping, or a list of `host:address` and `host=address`,
/// where an address may be several with commas. Brackets around an address are dropped.
pub(super) fn hosts(node: &Node, decoder: &mut Decoder) -> BTreeMap<String, Vec<String>> {
    let mut hosts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    match &node.value {
        Value::Mapping(mapping) => {
            for (host, entry) in mapping {
                let addresses = hosts.entry(host.clone()).or_default();
                match &entry.node.value {
                    Value::Sequence(items) => addresses.extend(items.iter().map(address)),
                    _ => addresses.push(address(&entry.node)),
                }
            }
        }
        Value::Sequence(items) => {
            for item in items.iter().filter(|item| !item.is_broken()) {
                let text = scalar_text(item);
                let Some((host, address)) = text.split_once('=').or_else(|| text.split_once(':'))
                else {
                    let reason = format_args!("invalid additional host, missing IP: {text}");
                    decoder.reject::<()>(item.span, codes::DECODE_VALUE, reason);
                    continue;
                };
                if host.is_empty() {
                    let reason = "bad host name ''";
                    decoder.reject::<()>(item.span, codes::DECODE_VALUE, reason);
                    continue;
                }
                let addresses = address.split(',').map(without_brackets);
                hosts.entry(host.to_owned()).or_default().extend(addresses);
            }
        }
        _ => return decoder.reject_type(node, "map"),
    }
    hosts
}

fn address(node: &Node) -> String {
    without_brackets(&scalar_text(node))
}

fn without_brackets(address: &str) -> String {
    address.trim_matches(['[', ']']).to_owned()
}

/// A scalar as Go prints it: `1.50` becomes `1.5`, null nothing.
pub(super) fn scalar_text(node: &Node) -> String {
    scalar_text::scalar_text(&node.value).into_owned()
}
