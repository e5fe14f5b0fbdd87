//! Whether an edit left everything else as it was.

use std::collections::BTreeSet;

use crate::compose::load::Merged;
use crate::compose::yaml::{Mapping, Node, Value};
use crate::diagnostic::{Span, has_errors};

/// Whether two loads say the same but for the platforms of some services. An entry that was taken
/// out may be missing wherever it is repeated and means nothing: in `x-` mappings that anchors share.
pub(super) fn same_but_for(
    services: &BTreeSet<String>,
    removed: Option<Span>,
    before: &Merged,
    after: &Merged,
) -> bool {
    if has_errors(&after.diagnostics) || before.name != after.name {
        return false;
    }
    let stripped = |merged: &Merged, removed: Option<Span>| {
        let mut tree = merged.tree.clone();
        if let Some(root) = tree.as_mapping_mut() {
            strip(root, services, removed);
        }
        tree
    };
    stripped(before, removed).same_value(&stripped(after, None))
}

fn strip(root: &mut Mapping, services: &BTreeSet<String>, removed: Option<Span>) {
    for (key, entry) in &mut *root {
        if key.starts_with("x-")
            && let Some(removed) = removed
        {
            without(&mut entry.node, removed);
        }
    }
    let Some(all) = root.get_mut("services").and_then(|entry| entry.node.as_mapping_mut()) else {
        return;
    };
    for (name, entry) in all {
        let Some(service) = entry.node.as_mapping_mut() else { continue };
        if services.contains(name) {
            service.shift_remove("platform");
        }
        for (key, entry) in service {
            if key.starts_with("x-")
                && let Some(removed) = removed
            {
                without(&mut entry.node, removed);
            }
        }
    }
}

/// Takes entries out whose key stands at a place.
fn without(node: &mut Node, key: Span) {
    match &mut node.value {
        Value::Sequence(items) => items.iter_mut().for_each(|item| without(item, key)),
        Value::Mapping(mapping) => {
            mapping.retain(|_, entry| entry.key_span != key);
            mapping.values_mut().for_each(|entry| without(&mut entry.node, key));
        }
        _ => {}
    }
}
