//! Merge keys: `<<: *base` and `<<: [*first, *second]`.
//!
//! Keys that the mapping writes itself always win; of a list, the earlier mapping wins
//! (<https://yaml.org/type/merge.html>). The place of a merged value stays where it is written.

use super::{Directive, Mapping, Node, Value};

/// The key.
pub(crate) const MERGE_KEY: &str = "<<";

/// Adds to `mapping` the entries of `value` that it does not have, or says that `value` is no
/// mapping or list of mappings.
pub(super) fn merge(mapping: &mut Mapping, value: Node) -> Result<(), NotMergeable> {
    match value.value {
        Value::Mapping(entries) => {
            add_missing(mapping, entries);
            Ok(())
        }
        Value::Sequence(items) => {
            let mut outcome = Ok(());
            for item in items {
                match item.value {
                    Value::Mapping(entries) => add_missing(mapping, entries),
                    _ => outcome = Err(NotMergeable),
                }
            }
            outcome
        }
        _ => Err(NotMergeable),
    }
}

/// The value of a merge key has no entries to merge.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotMergeable;

/// Adds to `mapping` the entries of another one that it does not have.
pub(crate) fn add_missing(mapping: &mut Mapping, entries: Mapping) {
    for (key, mut entry) in entries {
        match mapping.get_mut(&key) {
            None => {
                mapping.insert(key, entry);
            }
            // `!reset` takes back what earlier files say, and not what is merged here.
            Some(own) if own.node.directive == Some(Directive::Reset) => {
                entry.node.directive = Some(Directive::Override);
                *own = entry;
            }
            Some(_) => {}
        }
    }
}
