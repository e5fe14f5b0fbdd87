//! YAML: records in the format's order and without what is empty, maps in natural order.

use serde_json::{Map, Value};

use super::tree::{Record, Tree};
use super::{go_yaml, natural, number};

/// A document with a trailing newline.
pub(super) fn print(tree: &Tree) -> String {
    go_yaml::emit(&value(tree))
}

fn value(tree: &Tree) -> Value {
    match tree {
        Tree::Null => Value::Null,
        Tree::Bool(value) => (*value).into(),
        Tree::Int(number) => i64::try_from(*number)
            .map(Value::from)
            .or_else(|_| u64::try_from(*number).map(Value::from))
            .unwrap_or_default(),
        Tree::Zero => 0.into(),
        Tree::Single(number) => number::widened(*number).into(),
        Tree::Double(number) => (*number).into(),
        Tree::Text(text) => text.as_str().into(),
        Tree::List(items) => items.iter().map(value).collect(),
        Tree::Map(entries) => sorted(entries).into(),
        Tree::Record(record) => self::record(record).into(),
    }
}

fn record(record: &Record) -> Map<String, Value> {
    let mut fields: Map<String, Value> = record
        .fields
        .iter()
        .filter(|(_, field)| !field.is_unwritten())
        // The fields of block I/O devices are capitalised in JSON only.
        .map(|(name, field)| (name.to_ascii_lowercase(), value(field)))
        .collect();
    fields.extend(sorted(&record.extensions));
    fields
}

fn sorted(entries: &[(String, Tree)]) -> Map<String, Value> {
    let mut entries: Vec<_> = entries.iter().collect();
    entries.sort_by(|left, right| natural::compare(&left.0, &right.0));
    entries.into_iter().map(|(key, tree)| (key.clone(), value(tree))).collect()
}
