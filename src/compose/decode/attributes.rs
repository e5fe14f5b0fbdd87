//! Attributes with a notation of their own: commands, health tests, lists that may be one text.

use indexmap::IndexMap;

use super::pairs::scalar_text;
use super::{Decode, Decoder};
use crate::compose::model::{Command, EnvFile, Extends};
use crate::compose::shell_words;
use crate::compose::yaml::{Node, Value};
use crate::diagnostic::codes;

/// A command: a list of words, or a text that is split as a shell would.
pub(super) fn command(node: &Node, decoder: &mut Decoder) -> Command {
    match &node.value {
        Value::String(text) => Some(
            shell_words::split(text)
                .unwrap_or_else(|error| decoder.reject(node.span, codes::DECODE_COMMAND, error)),
        ),
        Value::Sequence(items) => Some(items.iter().map(scalar_text).collect()),
        _ => decoder.reject_type(node, "list"),
    }
}

/// A health test: a list, or a text that a shell in the container runs.
pub(super) fn health_test(node: &Node, decoder: &mut Decoder) -> Vec<String> {
    match &node.value {
        Value::String(text) => vec!["CMD-SHELL".to_owned(), text.clone()],
        _ => Decode::decode(node, decoder),
    }
}

/// A list of texts, or one.
pub(super) fn text_or_list(node: &Node, decoder: &mut Decoder) -> Vec<String> {
    match &node.value {
        Value::String(text) => vec![text.clone()],
        _ => Decode::decode(node, decoder),
    }
}

/// Environment files: paths or records, a list of them or one.
pub(super) fn env_files(node: &Node, decoder: &mut Decoder) -> Vec<EnvFile> {
    match &node.value {
        Value::String(path) => vec![required_file(path)],
        _ => Decode::decode(node, decoder),
    }
}

impl Decode for EnvFile {
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        match &node.value {
            Value::String(path) => required_file(path),
            Value::Mapping(mapping) => Self {
                path: decoder.field(Some(mapping), "path"),
                required: decoder.field::<Option<bool>>(Some(mapping), "required").unwrap_or(true),
                format: decoder.field(Some(mapping), "format"),
            },
            _ => decoder.reject_type(node, "string"),
        }
    }
}

impl Decode for Extends {
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        let record = node.as_mapping();
        Self { file: decoder.field(record, "file"), service: decoder.field(record, "service") }
    }
}

fn required_file(path: &str) -> EnvFile {
    EnvFile { path: path.to_owned(), required: true, format: String::new() }
}

/// SSH agents and keys: ids with paths, or without for the default agent.
pub(super) fn ssh(node: &Node, decoder: &mut Decoder) -> IndexMap<String, String> {
    match &node.value {
        Value::Mapping(keys) => {
            keys.iter().map(|(id, path)| (id.clone(), scalar_text(&path.node))).collect()
        }
        _ => decoder.reject_type(node, "map"),
    }
}
