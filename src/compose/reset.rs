//! `!reset` and `!override` (Compose Specification, Merge): what a document takes out of the files
//! before it.
//!
//! Both are taken off a document's tree before it is merged. Inside lists they have nothing to
//! aim at: a `!reset` item is dropped, an `!override` there is an ordinary value.

use super::yaml::{Directive, Node, Value};

/// The attributes that a document removes or replaces, as paths of keys.
#[derive(Debug, Clone, Default)]
pub struct Resets {
    paths: Vec<Vec<String>>,
}

impl Resets {
    /// Takes the directives off a tree: values under `!reset` go, those under `!override` stay.
    pub fn take(tree: &mut Node) -> Self {
        let mut resets = Self::default();
        // Few documents have any, and paths are not for free.
        if has_directive(tree) {
            tree.directive = None;
            resets.collect(tree, &mut Vec::new());
        }
        resets
    }

    fn collect(&mut self, node: &mut Node, path: &mut Vec<String>) {
        match &mut node.value {
            Value::Mapping(mapping) => mapping.retain(|key, entry| {
                path.push(key.clone());
                let directive = entry.node.directive.take();
                if directive.is_some() {
                    self.paths.push(path.clone());
                }
                let stays = directive != Some(Directive::Reset);
                if stays {
                    self.collect(&mut entry.node, path);
                }
                path.pop();
                stays
            }),
            Value::Sequence(items) => {
                items.retain(|item| item.directive != Some(Directive::Reset));
                for item in items {
                    item.directive = None;
                    Self::default().collect(item, &mut Vec::new());
                }
            }
            _ => {}
        }
    }

    /// Removes the attributes from a tree of earlier files.
    pub fn apply(&self, tree: &mut Node) {
        for path in &self.paths {
            remove(tree, path);
        }
    }

    /// Removes the attributes from what will become service `name`.
    pub fn apply_to_service(&self, name: &str, service: &mut Node) {
        for path in &self.paths {
            if let [section, service_name, rest @ ..] = path.as_slice()
                && section == "services"
                && service_name == name
            {
                remove(service, rest);
            }
        }
    }

    /// Adds another document's.
    pub fn extend(&mut self, other: Self) {
        self.paths.extend(other.paths);
    }
}

fn has_directive(node: &Node) -> bool {
    node.directive.is_some()
        || match &node.value {
            Value::Mapping(mapping) => mapping.values().any(|entry| has_directive(&entry.node)),
            Value::Sequence(items) => items.iter().any(has_directive),
            _ => false,
        }
}

fn remove(tree: &mut Node, path: &[String]) {
    let Some((last, parents)) = path.split_last() else { return };
    let parent = parents.iter().try_fold(tree, |node, key| node.get_mut(key));
    if let Some(Node { value: Value::Mapping(mapping), .. }) = parent {
        mapping.shift_remove(last);
    }
}
