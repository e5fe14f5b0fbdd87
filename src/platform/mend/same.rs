//! Whether an edit left everything else as it was.

use std::collections::BTreeSet;

use crate::compose::load::Merged;
use crate::compose::scalar_text::scalar_text;
use crate::compose::yaml::{Mapping, Node, Value};
use crate::diagnostic::{Span, has_errors};

/// What of a service may differ.
#[derive(Debug, Clone, Copy)]
pub(super) enum Matter<'a> {
    /// Its platform.
    Platform,
    /// A build argument.
    Argument(&'a str),
}

impl Matter<'_> {
    fn take_from(self, service: &mut Mapping) {
        match self {
            Self::Platform => {
                service.shift_remove("platform");
            }
            Self::Argument(name) => {
                let build = service.get_mut("build").map(|entry| &mut entry.node);
                let args = build.and_then(Node::as_mapping_mut).and_then(|it| it.get_mut("args"));
                let Some(args) = args.map(|entry| &mut entry.node) else { return };
                // Files that are laid over each other make a list of a mapping.
                let mut texts: Vec<String> = match &args.value {
                    Value::Sequence(items) => {
                        items.iter().filter_map(Node::as_str).map(str::to_owned).collect()
                    }
                    Value::Mapping(mapping) => mapping
                        .iter()
                        .map(|(key, entry)| match &entry.node.value {
                            Value::Null => key.clone(),
                            value => format!("{key}={}", scalar_text(value)),
                        })
                        .collect(),
                    _ => return,
                };
                texts.retain(|text| text.split('=').next() != Some(name));
                texts.sort();
                let span = args.span;
                let items = texts.into_iter().map(|text| Node::new(Value::String(text), span));
                args.value = Value::Sequence(items.collect());
            }
        }
    }

    /// Whether what is edited stays where it is, with another value.
    const fn stays(self) -> bool {
        matches!(self, Self::Argument(_))
    }
}

/// Whether two loads say the same but for something of some services. What was edited in its place, by its key or
/// the item of a list, may differ wherever it is repeated and means nothing: in `x-` mappings that anchors share.
pub(super) fn same_but_for(
    services: &BTreeSet<String>,
    matter: Matter<'_>,
    edited: Option<Span>,
    before: &Merged,
    after: &Merged,
) -> bool {
    if has_errors(&after.diagnostics) || before.name != after.name {
        return false;
    }
    let stripped = |merged: &Merged, edited: Option<Span>| {
        let mut tree = merged.tree.clone();
        if let Some(root) = tree.as_mapping_mut() {
            strip(root, services, matter, edited);
        }
        tree
    };
    let still = edited.filter(|_| matter.stays());
    stripped(before, edited).same_value(&stripped(after, still))
}

fn strip(
    root: &mut Mapping,
    services: &BTreeSet<String>,
    matter: Matter<'_>,
    edited: Option<Span>,
) {
    let extensions = |mapping: &mut Mapping| {
        let Some(edited) = edited else { return };
        for (_, entry) in mapping.iter_mut().filter(|(key, _)| key.starts_with("x-")) {
            without(&mut entry.node, edited);
        }
    };
    extensions(root);
    let Some(all) = root.get_mut("services").and_then(|entry| entry.node.as_mapping_mut()) else {
        return;
    };
    for (name, entry) in all {
        let Some(service) = entry.node.as_mapping_mut() else { continue };
        if services.contains(name) {
            matter.take_from(service);
        }
        extensions(service);
    }
}

/// Takes out entries whose key stands at a place, and items that do.
fn without(node: &mut Node, place: Span) {
    // A text that became longer begins where it did.
    let is_there = |span: Span| (span.file, span.start) == (place.file, place.start);
    match &mut node.value {
        Value::Sequence(items) => {
            // A mapping begins where its first key does.
            items.retain(|item| item.as_str().is_none() || !is_there(item.span));
            for item in items {
                without(item, place);
            }
        }
        Value::Mapping(mapping) => {
            mapping.retain(|_, entry| !is_there(entry.key_span));
            for entry in mapping.values_mut() {
                without(&mut entry.node, place);
            }
        }
        _ => {}
    }
}
