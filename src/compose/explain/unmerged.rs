//! What merge keys (`<<`) overruled: values that the trees of a load never had.
//!
//! The texts are read once more, without merging, and the rules are those of the reader: what a
//! mapping says itself wins, then the earlier one of a list.

use super::find::{Target, identity};
use super::path::Step;
use crate::compose::yaml::{Directive, Entry, MERGE_KEY, Mapping, Node, Value, add_missing};
use crate::diagnostic::Span;

/// Why a merged value is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MergeRule {
    /// The mapping says it itself.
    Own,
    /// A mapping before it in the list says it.
    Earlier,
}

/// An entry that a merge key would have brought, had not a stronger one been there.
#[derive(Debug, Clone)]
pub(super) struct Overruled {
    /// It, at its place in a document that has nothing else.
    pub(super) document: Node,
    pub(super) rule: MergeRule,
    /// The place of the stronger one.
    pub(super) by: Span,
}

/// What was overruled on the way to a target, the strongest first.
pub(super) fn overruled(document: &Node, target: &Target) -> Vec<Overruled> {
    let mut found = Vec::new();
    walk(document, &target.steps, &[], None, &mut found);
    found
}

fn walk(
    node: &Node,
    steps: &[Step],
    way: &[&str],
    lost: Option<(MergeRule, Span)>,
    found: &mut Vec<Overruled>,
) {
    let Some((Step::Key(key), rest)) = steps.split_first() else { return };
    let way: Vec<&str> = way.iter().copied().chain([key.as_str()]).collect();
    for said in says(node, key) {
        let lost = lost.or(said.lost);
        if let (Some((rule, by)), Some(_)) = (lost, said.lost) {
            let node = at(&way, Entry { node: merged(&said.entry.node), ..said.entry.clone() });
            found.push(Overruled { document: node, rule, by });
        }
        walk(&said.entry.node, rest, &way, lost, found);
    }
}

/// An entry that a mapping has under a key, by itself or by its merge key.
struct Said<'n> {
    entry: &'n Entry,
    /// By which rule another one is stronger, and where that is.
    lost: Option<(MergeRule, Span)>,
}

/// The entries that a mapping has under a key, the strongest first.
fn says<'n>(node: &'n Node, key: &str) -> Vec<Said<'n>> {
    let Some(mapping) = node.as_mapping() else { return Vec::new() };
    let mut own = mapping.get(key).filter(|_| key != MERGE_KEY);
    let brought: Vec<Vec<Said<'n>>> =
        sources(mapping).map(|source| says(source, key)).filter(|it| !it.is_empty()).collect();
    // `!reset` takes back what earlier files say, and not what is merged here.
    let resets = own.is_some_and(|it| it.node.directive == Some(Directive::Reset));
    if resets && !brought.is_empty() {
        own = None;
    }
    let mut all: Vec<Said<'n>> = own.map(|entry| Said { entry, lost: None }).into_iter().collect();
    let rule = if own.is_some() { MergeRule::Own } else { MergeRule::Earlier };
    for said in brought.into_iter().flatten() {
        let place = place(said.entry);
        let winner = all.first().map(|winner| self::place(winner.entry));
        // One mapping merged twice says one thing.
        if all.iter().all(|other| self::place(other.entry) != place) {
            let lost = said.lost.or(winner.map(|winner| (rule, winner)));
            all.push(Said { lost, ..said });
        }
    }
    all
}

/// The mappings that a merge key brings in.
fn sources(mapping: &Mapping) -> impl Iterator<Item = &Node> {
    let value = mapping.get(MERGE_KEY).map(|entry| &entry.node);
    value.into_iter().flat_map(|value| match &value.value {
        Value::Sequence(items) => items.as_slice(),
        _ => std::slice::from_ref(value),
    })
}

fn place(entry: &Entry) -> Span {
    identity(Some(entry.key_span), &entry.node)
}

/// An entry at the end of a way, in a document of its own.
fn at(way: &[&str], entry: Entry) -> Node {
    let span = entry.node.span;
    let mut keys = way.iter().rev();
    let within = |key: &str, entry| {
        Node::new(Value::Mapping(Mapping::from_iter([(key.to_owned(), entry)])), span)
    };
    let innermost = within(keys.next().copied().unwrap_or_default(), entry);
    keys.fold(innermost, |node, key| within(key, Entry { key_span: span, node }))
}

/// A value with its merge keys merged, as the reader does it.
fn merged(node: &Node) -> Node {
    put_together(node, &|mapping, source| {
        if let Value::Mapping(entries) = source.value {
            add_missing(mapping, entries);
        }
    })
}

/// A value with all that its merge keys bring, also into mappings that the reader drops whole. Of
/// several values for one key the strongest is there.
pub(super) fn united(node: &Node) -> Node {
    put_together(node, &unite)
}

fn unite(mapping: &mut Mapping, source: Node) {
    let Value::Mapping(entries) = source.value else { return };
    for (key, entry) in entries {
        match mapping.get_mut(&key) {
            None => {
                mapping.insert(key, entry);
            }
            Some(own) => {
                if let Some(own) = own.node.as_mapping_mut() {
                    unite(own, entry.node);
                }
            }
        }
    }
}

fn put_together(node: &Node, add: &dyn Fn(&mut Mapping, Node)) -> Node {
    let value = match &node.value {
        Value::Sequence(items) => {
            Value::Sequence(items.iter().map(|item| put_together(item, add)).collect())
        }
        Value::Mapping(mapping) => {
            let own = mapping.iter().filter(|(key, _)| *key != MERGE_KEY);
            let mut all: Mapping = own
                .map(|(key, entry)| {
                    let node = put_together(&entry.node, add);
                    (key.clone(), Entry { node, ..entry.clone() })
                })
                .collect();
            sources(mapping).for_each(|source| add(&mut all, put_together(source, add)));
            Value::Mapping(all)
        }
        value => value.clone(),
    };
    Node { value, ..node.clone() }
}
