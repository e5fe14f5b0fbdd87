//! The values at a path of one tree, and the scalars below them.

use super::path::Step;
use crate::compose::unicity;
use crate::compose::yaml::{Directive, Node, Value};
use crate::diagnostic::Span;

/// The way to a value through trees in which lists may have other items before it.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) steps: Vec<Step>,
    /// For each index among the steps: which item is meant.
    pub(super) items: Vec<Option<Item>>,
}

/// Tells an item of a list from the others.
#[derive(Debug, Clone)]
pub(super) struct Item {
    /// What names it, if anything does.
    name: Option<String>,
    span: Span,
}

/// A value at the target of a search.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found<'n> {
    pub(super) node: &'n Node,
    pub(super) key_span: Option<Span>,
}

/// A value without values below it.
#[derive(Debug, Clone)]
pub(super) struct Leaf {
    /// The way to it from the target.
    pub(super) label: String,
    /// The last key on the way to it.
    pub(super) key: Option<String>,
    /// Its place, with its key.
    pub(super) id: Span,
    /// Its place.
    pub(super) span: Span,
    /// What it is; of an item `KEY=value`, the value if it was asked for by key.
    pub(super) value: Value,
}

impl Leaf {
    /// Whether both are one value at two stages of a load.
    pub(super) fn is(&self, other: &Self) -> bool {
        let keys = match (&self.key, &other.key) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        };
        keys && (self.id == other.id
            || self.span == other.span
            || self.id == other.span
            || self.span == other.id)
    }
}

impl Target {
    /// A target whose items are those at the indices in `tree`, if it has them.
    pub(super) fn new(steps: &[Step], tree: Option<&Node>) -> Self {
        let mut items = vec![None; steps.len()];
        let mut node = tree;
        let mut path: Vec<&str> = Vec::new();
        for (step, item) in steps.iter().zip(&mut items) {
            node = match (step, node.map(|node| (node, &node.value))) {
                (Step::Key(key), Some((node, Value::Mapping(_)))) => node.get(key),
                (Step::Index(index), Some((_, Value::Sequence(list)))) => {
                    let found = list.get(*index);
                    *item = found.map(|found| Item {
                        name: unicity::item_name(&path, found),
                        span: found.span,
                    });
                    found
                }
                _ => None,
            };
            path.push(match step {
                Step::Key(key) => key,
                Step::Index(_) => "[]",
            });
        }
        Self { steps: steps.to_vec(), items }
    }

    /// The same target below another service.
    pub(super) fn of_service(&self, name: &str) -> Self {
        let mut target = self.clone();
        if let Some(step) = target.steps.get_mut(1) {
            *step = Step::Key(name.to_owned());
        }
        target
    }

    /// The service that the target is of.
    pub(super) fn service(&self) -> Option<&str> {
        match self.steps.as_slice() {
            [Step::Key(section), Step::Key(name), ..] if section == "services" => Some(name),
            _ => None,
        }
    }

    /// The keys on the way, `[]` for an index.
    pub(super) fn keys(&self) -> Vec<&str> {
        self.steps
            .iter()
            .map(|step| match step {
                Step::Key(key) => key.as_str(),
                Step::Index(_) => "[]",
            })
            .collect()
    }

    /// Everything that stands at the target; several values if a list says one key twice.
    pub(super) fn find<'n>(&self, tree: &'n Node) -> Vec<Found<'n>> {
        let mut found = vec![Found { node: tree, key_span: None }];
        let keys = self.keys();
        for (depth, step) in self.steps.iter().enumerate() {
            found = found
                .into_iter()
                .flat_map(|found| self.step(found.node, depth, step, &keys))
                .collect();
        }
        found
    }

    fn step<'n>(&self, node: &'n Node, depth: usize, step: &Step, keys: &[&str]) -> Vec<Found<'n>> {
        let item = |node| Found { node, key_span: None };
        match (&node.value, step) {
            (Value::Mapping(mapping), Step::Key(key)) => mapping
                .get(key)
                .map(|entry| Found { node: &entry.node, key_span: Some(entry.key_span) })
                .into_iter()
                .collect(),
            (Value::Sequence(items), Step::Key(key)) => {
                let hosts = keys[..depth].last() == Some(&"extra_hosts");
                let named = |item: &&Node| {
                    has_key(item, key) || (hosts && host(item) == Some(key.as_str()))
                };
                items.iter().filter(named).map(item).collect()
            }
            (Value::Sequence(items), Step::Index(index)) => {
                let Some(wanted) = self.items.get(depth).and_then(Option::as_ref) else {
                    return items.get(*index).map(item).into_iter().collect();
                };
                let name = |item: &Node| unicity::item_name(&keys[..depth], item);
                let mut matching: Vec<_> = items
                    .iter()
                    .filter(|it| match &wanted.name {
                        Some(wanted) => name(it).as_ref() == Some(wanted),
                        None => it.span == wanted.span,
                    })
                    .collect();
                if matching.is_empty() && wanted.name.is_none() {
                    matching.extend(items.get(*index));
                } else if matching.is_empty() {
                    // Its name may have changed: a path becomes absolute.
                    matching.extend(items.iter().filter(|it| it.span == wanted.span));
                }
                matching.into_iter().map(item).collect()
            }
            _ => Vec::new(),
        }
    }

    /// All values without values below them, at the target and below it.
    pub(super) fn leaves(&self, tree: &Node) -> Vec<Leaf> {
        let mut leaves = Vec::new();
        let keys = self.keys();
        for found in self.find(tree) {
            let key = match self.steps.last() {
                Some(Step::Key(key)) => Some(key.as_str()),
                _ => None,
            };
            collect(found, key, "", &keys, &mut leaves);
        }
        leaves
    }
}

/// The place of a value together with its key, as merging makes it of a `KEY: value` pair.
pub(super) fn identity(key_span: Option<Span>, node: &Node) -> Span {
    match key_span {
        Some(key) if key.file == node.span.file && key.start <= node.span.start => {
            Span { end: node.span.end, ..key }
        }
        _ => node.span,
    }
}

/// The host of `host:address`.
fn host(item: &Node) -> Option<&str> {
    item.as_str()?.split_once(':').map(|(host, _)| host)
}

fn has_key(item: &Node, key: &str) -> bool {
    let rest = item.as_str().and_then(|text| text.strip_prefix(key));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
}

fn collect(
    found: Found<'_>,
    key: Option<&str>,
    label: &str,
    path: &[&str],
    leaves: &mut Vec<Leaf>,
) {
    let Found { node, key_span } = found;
    match &node.value {
        Value::Mapping(mapping) if !mapping.is_empty() => {
            for (key, entry) in mapping {
                let below: Vec<&str> = path.iter().copied().chain([key.as_str()]).collect();
                let label = if label.is_empty() { key.clone() } else { format!("{label}.{key}") };
                let found = Found { node: &entry.node, key_span: Some(entry.key_span) };
                collect(found, Some(key), &label, &below, leaves);
            }
        }
        Value::Sequence(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                let below: Vec<&str> = path.iter().copied().chain(["[]"]).collect();
                let found = Found { node: item, key_span: None };
                let keyed = item.as_str().filter(|_| unicity::is_keyed(path));
                let key = keyed.map(|text| text.split_once('=').map_or(text, |(key, _)| key));
                let own = match key {
                    Some(key) => format!(".{key}"),
                    None => match unicity::item_name(path, item) {
                        Some(name) => format!("[{name}]"),
                        None => format!("[{index}]"),
                    },
                };
                let label = format!("{label}{own}").trim_start_matches('.').to_owned();
                collect(found, key, &label, &below, leaves);
            }
        }
        value => {
            let value = match (value, key) {
                // Only an item of a list is a text with its own key in it.
                (Value::String(text), Some(key)) if key_span.is_none() && has_key(node, key) => {
                    match text.split_once('=') {
                        Some((_, value)) => Value::String(value.to_owned()),
                        None => Value::Null,
                    }
                }
                (value, _) => value.clone(),
            };
            leaves.push(Leaf {
                label: label.to_owned(),
                key: key.map(str::to_owned),
                id: identity(key_span, node),
                span: node.span,
                value,
            });
        }
    }
}

/// A `!reset` or `!override` at a target, above it or below it.
#[derive(Debug, Clone)]
pub(super) struct Tag {
    pub(super) directive: Directive,
    /// The place of the entry that it is on.
    pub(super) id: Span,
    /// The way to it from the target; empty if it is at the target or above.
    pub(super) label: String,
    /// Whether it is at the target or above it.
    pub(super) covers: bool,
}

impl Target {
    /// The tags of a document that concern the target.
    pub(super) fn tags(&self, document: &Node) -> Vec<Tag> {
        let mut tags = Vec::new();
        let mut node = document;
        for step in &self.steps {
            let Step::Key(key) = step else { return tags };
            let Some(entry) = node.as_mapping().and_then(|mapping| mapping.get(key)) else {
                return tags;
            };
            node = &entry.node;
            if let Some(directive) = node.directive {
                let id = identity(Some(entry.key_span), node);
                tags.push(Tag { directive, id, label: String::new(), covers: true });
                if directive == Directive::Reset {
                    return tags;
                }
            }
        }
        below(node, "", &mut tags);
        tags
    }
}

fn below(node: &Node, label: &str, tags: &mut Vec<Tag>) {
    for (key, entry) in node.as_mapping().into_iter().flatten() {
        let label = if label.is_empty() { key.clone() } else { format!("{label}.{key}") };
        if let Some(directive) = entry.node.directive {
            let id = identity(Some(entry.key_span), &entry.node);
            tags.push(Tag { directive, id, label: label.clone(), covers: false });
        }
        below(&entry.node, &label, tags);
    }
}
