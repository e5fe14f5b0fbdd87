//! How a tree with mistakes is read on: the values that do not fit are broken, misspelt keys take
//! their right names.

use std::collections::{HashMap, HashSet};

use super::suggest;
use super::walk::{Kind, Problem};
use crate::compose::limits;
use crate::compose::yaml::{Node, Value};
use crate::diagnostic::Span;

/// What is to be done to a tree before it is looked at again.
pub(super) struct Recovery {
    /// Places of values, or of their keys, that are wrong.
    broken: HashSet<Span>,
    /// Places of misspelt keys, with what they should be.
    pub(super) renamed: HashMap<Span, &'static str>,
}

impl Recovery {
    /// The recovery from some problems.
    pub(super) fn of(problems: &[Problem<'_>]) -> Self {
        let mut recovery = Self { broken: HashSet::new(), renamed: HashMap::new() };
        // Comparing a key with all attributes is slow, and nobody mends more keys at once.
        let mut guesses = limits::MISTAKES;
        for problem in problems {
            match &problem.kind {
                Kind::Unknown { keys, object } => {
                    for (key, entry) in keys {
                        let near = if guesses > 0 {
                            guesses -= 1;
                            suggest::nearest_attribute(key, object)
                        } else {
                            None
                        };
                        match near {
                            Some(near) => {
                                recovery.renamed.insert(entry.key_span, near);
                            }
                            None => {
                                recovery.broken.insert(entry.key_span);
                            }
                        }
                    }
                }
                // The mapping has other keys that are of use.
                Kind::Missing { .. } => {}
                Kind::BadNames { keys, .. } => {
                    recovery.broken.extend(keys.iter().map(|(_, entry)| entry.key_span));
                }
                _ => {
                    recovery.broken.insert(problem.span);
                }
            }
        }
        recovery
    }

    /// Breaks and renames.
    pub(super) fn apply(&self, tree: &mut Node) {
        tree.mark_broken_at(&self.broken);
        if !self.renamed.is_empty() {
            self.rename(tree);
        }
    }

    fn rename(&self, node: &mut Node) {
        match &mut node.value {
            Value::Sequence(items) => items.iter_mut().for_each(|item| self.rename(item)),
            Value::Mapping(mapping) => {
                mapping.values_mut().for_each(|entry| self.rename(&mut entry.node));
                let misspelt: Vec<(String, &'static str)> = mapping
                    .iter()
                    .filter_map(|(key, entry)| {
                        Some((key.clone(), *self.renamed.get(&entry.key_span)?))
                    })
                    .collect();
                for (key, near) in misspelt {
                    if mapping.contains_key(near) {
                        if let Some(entry) = mapping.get_mut(&key) {
                            entry.node.mark_broken();
                        }
                    } else if let Some(entry) = mapping.shift_remove(&key) {
                        mapping.insert(near.to_owned(), entry);
                    }
                }
            }
            _ => {}
        }
    }
}
