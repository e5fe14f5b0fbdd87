//! The tree that a YAML text becomes: every node knows its bytes, through merges and extends too.

use std::collections::HashSet;

use super::Mapping;
use crate::diagnostic::Span;

/// A value of a Compose file and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// Where it is written. After a merge: in the file whose value won.
    pub span: Span,
    /// A Compose tag on it.
    pub directive: Option<Directive>,
}

/// What a [`Node`] is, by YAML's core schema as Compose resolves it.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer in base 2, 8, 10 or 16.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// Text.
    String(String),
    /// A date or a moment that nothing quotes, in the form of RFC 3339. YAML has them, Compose files
    /// do not: they may stand in extensions only.
    Timestamp(String),
    /// A list.
    Sequence(Vec<Node>),
    /// A mapping, in the order of the file.
    Mapping(Mapping),
    /// A mistake that was reported. What should stand here is not known, so later stages say
    /// nothing about it, nor about what is missing where it might have been.
    Broken,
}

/// The key under which a broken value says that keys of its mapping are not known: no key of a
/// file is read by that name.
pub(crate) const GAP: &str = "<<";

/// A mapping's value, with the place of its key.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Where the key is written.
    pub key_span: Span,
    /// The value.
    pub node: Node,
}

/// What a later file asks to be done with an earlier file's value (Compose Specification, Merge).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Directive {
    /// `!reset`: the value is removed.
    Reset,
    /// `!override`: the value is replaced whole, not merged.
    Override,
}

impl Node {
    /// A node without a directive.
    pub fn new(value: Value, span: Span) -> Self {
        Self { value, span, directive: None }
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The entries, if it is a mapping.
    pub fn as_mapping(&self) -> Option<&Mapping> {
        match &self.value {
            Value::Mapping(mapping) => Some(mapping),
            _ => None,
        }
    }

    /// The items, if it is a list.
    pub fn as_sequence(&self) -> Option<&[Self]> {
        match &self.value {
            Value::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// The entries, to change them.
    pub fn as_mapping_mut(&mut self) -> Option<&mut Mapping> {
        match &mut self.value {
            Value::Mapping(mapping) => Some(mapping),
            _ => None,
        }
    }

    /// The items, to change them.
    pub fn as_sequence_mut(&mut self) -> Option<&mut Vec<Self>> {
        match &mut self.value {
            Value::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// The value under `key`, to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Self> {
        self.as_mapping_mut()?.get_mut(key).map(|entry| &mut entry.node)
    }

    /// Whether both say the same, wherever they are written and in whatever order their keys are.
    pub fn same_value(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (Value::Sequence(one), Value::Sequence(two)) => {
                one.len() == two.len() && one.iter().zip(two).all(|(one, two)| one.same_value(two))
            }
            (Value::Mapping(one), Value::Mapping(two)) => {
                one.len() == two.len()
                    && one.iter().all(|(key, entry)| {
                        two.get(key).is_some_and(|other| entry.node.same_value(&other.node))
                    })
            }
            (one, two) => one == two,
        }
    }

    /// How much memory it takes, in the unit of an ordinary node: long texts count for several.
    pub fn weight(&self) -> usize {
        match &self.value {
            Value::String(text) => 1 + text.len() / 64,
            Value::Sequence(items) => items.iter().map(Self::weight).sum::<usize>() + 1,
            Value::Mapping(entries) => {
                let entry = |(key, entry): (&String, &Entry)| key.len() / 64 + entry.node.weight();
                entries.iter().map(entry).sum::<usize>() + 1
            }
            _ => 1,
        }
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// Whether a mistake was reported here.
    pub fn is_broken(&self) -> bool {
        matches!(self.value, Value::Broken)
    }

    /// Notes that a mistake was reported here.
    pub fn mark_broken(&mut self) {
        self.value = Value::Broken;
    }

    /// Notes that mistakes were reported at these places: of values, or of their keys.
    pub fn mark_broken_at(&mut self, places: &HashSet<Span>) {
        if places.contains(&self.span) {
            return self.mark_broken();
        }
        match &mut self.value {
            Value::Sequence(items) => items.iter_mut().for_each(|it| it.mark_broken_at(places)),
            Value::Mapping(mapping) => {
                for entry in mapping.values_mut() {
                    if places.contains(&entry.key_span) {
                        entry.node.mark_broken();
                    } else {
                        entry.node.mark_broken_at(places);
                    }
                }
            }
            _ => {}
        }
    }

    /// Whether keys of this mapping may be missing because of a mistake that was reported.
    pub fn is_incomplete(&self) -> bool {
        self.is_broken() || self.get(GAP).is_some_and(Self::is_broken)
    }

    /// Notes that keys of this mapping are not known, since what would say them is broken.
    pub fn mark_incomplete(&mut self) {
        let span = self.span;
        if let Some(mapping) = self.as_mapping_mut() {
            let gap = Self::new(Value::Broken, span);
            mapping.insert(GAP.to_owned(), Entry { key_span: span, node: gap });
        }
    }

    /// The value under `key`, if this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.as_mapping()?.get(key).map(|entry| &entry.node)
    }

    /// The node at a dotted path such as `services.web.ports[1].target`.
    ///
    /// Of several ways to split keys that contain dots, the longest key wins at each level. In a
    /// list of `KEY=value` texts a key finds its item.
    pub fn at_path(&self, path: &str) -> Option<&Self> {
        if path.is_empty() {
            return Some(self);
        }
        match &self.value {
            Value::Mapping(mapping) => {
                let ends = path.match_indices(['.', '[']).map(|(end, _)| end);
                ends.chain([path.len()]).rev().find_map(|end| {
                    let (key, rest) = path.split_at(end);
                    let node = &mapping.get(key)?.node;
                    node.at_path(rest.strip_prefix('.').unwrap_or(rest))
                })
            }
            Value::Sequence(items) => match path.strip_prefix('[') {
                Some(rest) => {
                    let (index, rest) = rest.split_once(']')?;
                    items
                        .get(index.parse::<usize>().ok()?)?
                        .at_path(rest.strip_prefix('.').unwrap_or(rest))
                }
                None => items.iter().rfind(|item| {
                    let rest = item.as_str().and_then(|text| text.strip_prefix(path));
                    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
                }),
            },
            _ => None,
        }
    }
}
