//! The merged tree becomes typed values.
//!
//! It assumes a tree that fits the schema, in long syntax; what the schema leaves open, such as
//! the unit of a size, is decided here. Every attribute is decoded whatever became of the others,
//! so that all mistakes are told at once; a mistaken attribute gets its default.

mod attributes;
mod pairs;
mod records;
mod scalars;

use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::capture;
use super::model::{Extensions, FileObject, Model, Network, Service, Volume};
use super::yaml::{Entry, Mapping, Node, Value};
use crate::diagnostic::{Code, Diagnostic, Span, codes};

/// What the sections of a Compose file say.
#[derive(Debug, Clone, Default)]
pub struct Sections {
    /// Services by name.
    pub services: IndexMap<String, Service>,
    /// Networks by key.
    pub networks: BTreeMap<String, Network>,
    /// Volumes by key.
    pub volumes: BTreeMap<String, Volume>,
    /// Secrets by key.
    pub secrets: BTreeMap<String, FileObject>,
    /// Configs by key.
    pub configs: BTreeMap<String, FileObject>,
    /// Models by key.
    pub models: BTreeMap<String, Model>,
    /// `x-` keys beside the sections.
    pub extensions: Extensions,
}

/// Decodes a whole tree, and says what could not be decoded and has its default: all are errors,
/// in the order of the model.
pub fn decode(tree: &Node) -> (Sections, Vec<Diagnostic>) {
    let mut decoder = Decoder::default();
    let section = |name| tree.get(name).filter(|node| !node.is_null());
    let written = section("services").and_then(Node::as_mapping);
    let mut services: IndexMap<String, Service> =
        IndexMap::with_capacity(written.map_or(0, Mapping::len));
    for (name, entry) in written.into_iter().flatten() {
        let path = format!("services[{name}]");
        let mut service: Service = decoder.at(path, |decoder| Decode::decode(&entry.node, decoder));
        service.name.clone_from(name);
        services.insert(name.clone(), service);
    }
    let mut sections = Sections {
        services,
        networks: decoder.section("networks", section("networks")),
        volumes: decoder.section("volumes", section("volumes")),
        secrets: decoder.section("secrets", section("secrets")),
        configs: decoder.section("configs", section("configs")),
        models: decoder.section("models", section("models")),
        extensions: tree.as_mapping().map(extensions).unwrap_or_default(),
    };
    for object in sections.secrets.values_mut().chain(sections.configs.values_mut()) {
        if let Some(serde_json::Value::String(content)) = object.extensions.remove(capture::CONTENT)
        {
            object.content = content;
        }
    }
    (sections, decoder.problems)
}

/// A type that a node can become.
trait Decode: Default {
    /// The value of a node that is there and is not null, unless the type knows null.
    fn decode(node: &Node, decoder: &mut Decoder) -> Self;
}

/// Where decoding is, and what went wrong so far.
#[derive(Debug, Default)]
struct Decoder {
    /// The way to the current value as Docker Compose writes it: `services[web].ports[0].target`.
    path: String,
    problems: Vec<Diagnostic>,
}

impl Decoder {
    /// Decodes something at a place below the current one.
    fn at<T>(&mut self, step: impl AsRef<str>, decode: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.path.len();
        self.path.push_str(step.as_ref());
        let value = decode(self);
        self.path.truncate(length);
        value
    }

    /// The entries of a top-level section.
    fn section<T: Decode>(&mut self, name: &str, node: Option<&Node>) -> BTreeMap<String, T> {
        node.map(|node| self.at(name, |decoder| Decode::decode(node, decoder))).unwrap_or_default()
    }

    /// A field of a record; its default when it is not there or null.
    fn field<T: Decode>(&mut self, record: Option<&Mapping>, name: &str) -> T {
        self.field_with(record, name, T::decode)
    }

    /// A field of a record in a notation of its own.
    fn field_with<T: Default>(
        &mut self,
        record: Option<&Mapping>,
        name: &str,
        decode: impl FnOnce(&Node, &mut Self) -> T,
    ) -> T {
        match record.and_then(|record| record.get(name)) {
            Some(Entry { node, .. }) if !node.is_null() && !node.is_broken() => {
                self.at(format!(".{name}"), |decoder| decode(node, decoder))
            }
            _ => T::default(),
        }
    }

    /// Notes that the current value is wrong, in Docker Compose's words, and gives a default.
    fn reject<T: Default>(&mut self, span: Span, code: Code, reason: impl std::fmt::Display) -> T {
        let message = format!("'{}' {reason}", self.path);
        self.problems.push(Diagnostic::error(code, message).at(span, reason.to_string()));
        T::default()
    }

    /// Notes that the current value has a type that `wanted` cannot be made of.
    fn reject_type<T: Default>(&mut self, node: &Node, wanted: &str) -> T {
        let found = match &node.value {
            Value::Null => "nil",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Float(_) => "float64",
            Value::String(_) => "string",
            Value::Timestamp(_) => "time.Time",
            Value::Sequence(_) => "[]interface {}",
            Value::Mapping(_) => "map[string]interface {}",
            Value::Broken => return T::default(),
        };
        self.reject(
            node.span,
            codes::DECODE_TYPE,
            format_args!("expected type '{wanted}', got unconvertible type '{found}'"),
        )
    }
}

impl<T: Decode> Decode for Option<T> {
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        (!node.is_null() && !node.is_broken()).then(|| T::decode(node, decoder))
    }
}

impl<T: Decode> Decode for Box<T> {
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        Self::new(T::decode(node, decoder))
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        match &node.value {
            Value::Null => Self::new(),
            Value::Sequence(items) => items
                .iter()
                .enumerate()
                .map(|(index, item)| {
                    decoder.at(format!("[{index}]"), |decoder| T::decode(item, decoder))
                })
                .collect(),
            _ => decoder.reject_type(node, "list"),
        }
    }
}

impl<T: Decode> Decode for BTreeMap<String, T> {
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        match &node.value {
            Value::Null => Self::new(),
            Value::Mapping(mapping) => mapping
                .iter()
                .map(|(key, entry)| {
                    let value =
                        decoder.at(format!("[{key}]"), |decoder| T::decode(&entry.node, decoder));
                    (key.clone(), value)
                })
                .collect(),
            _ => decoder.reject_type(node, "map"),
        }
    }
}

/// The `x-` keys of a mapping.
fn extensions(mapping: &Mapping) -> Extensions {
    mapping
        .iter()
        .filter(|(key, _)| key.starts_with("x-"))
        .map(|(key, entry)| (key.clone(), json(&entry.node)))
        .collect()
}

/// A node as JSON.
fn json(node: &Node) -> serde_json::Value {
    match &node.value {
        Value::Null | Value::Broken => serde_json::Value::Null,
        Value::Bool(value) => (*value).into(),
        Value::Int(value) => (*value).into(),
        Value::Float(value) => (*value).into(),
        Value::String(text) | Value::Timestamp(text) => text.as_str().into(),
        Value::Sequence(items) => items.iter().map(json).collect(),
        Value::Mapping(mapping) => {
            mapping.iter().map(|(key, entry)| (key.clone(), json(&entry.node))).collect()
        }
    }
}

#[cfg(test)]
mod tests;
