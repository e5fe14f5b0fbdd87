//! YAML: records in the format's order and without what is empty, maps in natural order.

use std::borrow::Cow;

use super::document::Part;
use super::go_yaml::Emitter;
use super::natural;
use super::tree::{Record, Tree};

/// A document with a trailing newline.
pub(super) fn print(tree: &Tree) -> String {
    let mut emitter = Emitter::default();
    emitter.value(tree, 0);
    emitter.finish()
}

/// A document of parts in their order, with a trailing newline and every `$` doubled.
pub(super) fn print_parts<'a>(parts: impl Iterator<Item = (&'a str, Part<'a>)>) -> String {
    let mut emitter = Emitter::doubling();
    for (key, part) in parts {
        match part {
            Part::Value(tree) => emitter.entry(key, &tree, 0),
            Part::Section(entries) if entries.is_empty() => {
                emitter.entry(key, &Tree::Map(Vec::new()), 0);
            }
            Part::Section(mut entries) => {
                entries.sort_by(|(left, _), (right, _)| natural::compare(left, right));
                emitter.key(key, 0);
                for (name, object) in entries {
                    emitter.entry(name, &object.tree(), 1);
                }
            }
        }
    }
    emitter.finish()
}

/// The entries of a map or a record as YAML has them.
pub(super) fn entries(tree: &Tree) -> Vec<(Cow<'_, str>, &Tree)> {
    match tree {
        Tree::Map(entries) => sorted(entries).collect(),
        Tree::Record(record) => fields(record).collect(),
        _ => Vec::new(),
    }
}

fn fields(record: &Record) -> impl Iterator<Item = (Cow<'_, str>, &Tree)> {
    let written = record.fields.iter().filter(|(_, field)| !field.is_unwritten());
    // The fields of block I/O devices are capitalised in JSON only.
    let lowercase = |name: &'static str| {
        if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            name.to_ascii_lowercase().into()
        } else {
            Cow::Borrowed(name)
        }
    };
    written.map(move |(name, field)| (lowercase(name), field)).chain(sorted(&record.extensions))
}

fn sorted(entries: &[(String, Tree)]) -> impl Iterator<Item = (Cow<'_, str>, &Tree)> {
    let mut entries: Vec<_> = entries.iter().collect();
    entries.sort_by(|left, right| natural::compare(&left.0, &right.0));
    entries.into_iter().map(|(key, tree)| (key.as_str().into(), tree))
}
