//! The way to a value: `services.web.labels["traefik.enable"]`, `services.web.ports[0]`.

use std::fmt::Write as _;

use crate::compose::render::tree::Tree;

/// One step on the way to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// The entry of a mapping, or the item of a list of `KEY=value`.
    Key(String),
    /// The item of a list, from 0.
    Index(usize),
}

/// Finds the steps that a text means in a tree. Dots separate keys, and keys may contain dots: of
/// several ways to read the text, the longest key wins. A key may stand in brackets, in quotes or
/// without.
pub(super) fn resolve(tree: &Tree, text: &str) -> Option<Vec<Step>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    if let Some((step, rest)) = bracketed(text) {
        let step = match (tree, step) {
            (Tree::List(items), Step::Key(key)) => match key.parse::<usize>() {
                Ok(index) if index < items.len() => Step::Index(index),
                _ => Step::Key(key),
            },
            (_, step) => step,
        };
        let steps = resolve(child(tree, &step)?, after_dot(rest))?;
        return Some(std::iter::once(step).chain(steps).collect());
    }
    keys(tree)
        .filter_map(|key| {
            let rest = text.strip_prefix(key)?;
            let rest = match rest.as_bytes().first() {
                None | Some(b'[') => rest,
                Some(b'.') => &rest[1..],
                Some(_) => return None,
            };
            let step = Step::Key(key.to_owned());
            let steps = resolve(child(tree, &step)?, rest)?;
            Some((key.len(), std::iter::once(step).chain(steps).collect()))
        })
        .max_by_key(|(length, _)| *length)
        .map(|(_, steps)| steps)
}

/// The part of a text that leads somewhere, as steps, and the part that does not.
pub(super) fn resolve_start<'t>(tree: &Tree, text: &'t str) -> (Vec<Step>, &'t str) {
    let mut ends: Vec<usize> = text.match_indices(['.', '[']).map(|(at, _)| at).collect();
    ends.insert(0, 0);
    ends.push(text.len());
    for end in ends.into_iter().rev() {
        if let Some(steps) = resolve(tree, &text[..end]) {
            return (steps, text[end..].trim_start_matches(['.', '[']));
        }
    }
    (Vec::new(), text)
}

/// A step in brackets at the start of a text, and what stands behind it.
fn bracketed(text: &str) -> Option<(Step, &str)> {
    let inner = text.strip_prefix('[')?;
    for quote in ['"', '\''] {
        if let Some(quoted) = inner.strip_prefix(quote) {
            let (key, rest) = quoted.split_once(quote)?;
            return Some((Step::Key(key.to_owned()), rest.strip_prefix(']')?));
        }
    }
    let (key, rest) = inner.split_once(']')?;
    Some((Step::Key(key.to_owned()), rest))
}

fn after_dot(text: &str) -> &str {
    text.strip_prefix('.').unwrap_or(text)
}

/// The keys of a mapping, or of a list of `KEY=value`.
pub(super) fn keys(tree: &Tree) -> Box<dyn Iterator<Item = &str> + '_> {
    match tree {
        Tree::Map(entries) => Box::new(entries.iter().map(|(key, _)| key.as_str())),
        Tree::Record(record) => {
            let extensions = record.extensions.iter().map(|(key, _)| key.as_str());
            Box::new(record.fields.iter().map(|(key, _)| *key).chain(extensions))
        }
        Tree::List(items) => Box::new(items.iter().filter_map(|item| match item {
            Tree::Text(text) => Some(text.split_once('=').map_or(text.as_str(), |(key, _)| key)),
            _ => None,
        })),
        _ => Box::new(std::iter::empty()),
    }
}

/// What stands behind a step.
pub(super) fn child<'t>(tree: &'t Tree, step: &Step) -> Option<&'t Tree> {
    match (tree, step) {
        (Tree::Map(entries), Step::Key(key)) => {
            entries.iter().find(|(other, _)| other == key).map(|(_, value)| value)
        }
        (Tree::Record(record), Step::Key(key)) => {
            let field = record.fields.iter().find(|(other, _)| other == key);
            let extension = || record.extensions.iter().find(|(other, _)| other == key);
            field.map(|(_, value)| value).or_else(|| extension().map(|(_, value)| value))
        }
        (Tree::List(items), Step::Index(index)) => items.get(*index),
        (Tree::List(items), Step::Key(key)) => items.iter().rfind(|item| match item {
            Tree::Text(text) => text
                .strip_prefix(key.as_str())
                .is_some_and(|it| it.is_empty() || it.starts_with('=')),
            _ => false,
        }),
        _ => None,
    }
}

/// What stands at the end of a way.
pub(super) fn at<'t>(tree: &'t Tree, steps: &[Step]) -> Option<&'t Tree> {
    steps.iter().try_fold(tree, child)
}

/// The way as it can be asked for.
pub(super) fn text(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        // Writing to a string cannot fail.
        let _ = match step {
            Step::Index(index) => write!(text, "[{index}]"),
            Step::Key(key) if key.is_empty() || key.contains(['.', '[', ']', '"', ' ']) => {
                write!(text, "[\"{key}\"]")
            }
            Step::Key(key) if text.is_empty() => write!(text, "{key}"),
            Step::Key(key) => write!(text, ".{key}"),
        };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Tree {
        let text = |text: &str| Tree::Text(text.to_owned());
        let map = |entries: Vec<(&str, Tree)>| {
            Tree::Map(entries.into_iter().map(|(key, tree)| (key.to_owned(), tree)).collect())
        };
        map(vec![(
            "services",
            map(vec![
                ("my", map(vec![("app", map(vec![("image", text("inner"))]))])),
                ("my.app", map(vec![("image", text("x")), ("ports", Tree::List(vec![text("p")]))])),
                ("web", map(vec![("labels", map(vec![("a.b", text("1"))]))])),
                ("list", map(vec![("environment", Tree::List(vec![text("A=1"), text("B")]))])),
            ]),
        )])
    }

    #[test]
    fn the_longest_key_wins_and_brackets_hold_a_key_together() {
        for (asked, found) in [
            ("services.my.app.image", Some("services[\"my.app\"].image")),
            ("services.my.app.ports[0]", Some("services[\"my.app\"].ports[0]")),
            ("services[my].app.image", Some("services.my.app.image")),
            ("services.web.labels.a.b", Some("services.web.labels[\"a.b\"]")),
            ("services.web.labels[\"a.b\"]", Some("services.web.labels[\"a.b\"]")),
            ("services['web'].labels['a.b']", Some("services.web.labels[\"a.b\"]")),
            ("services.list.environment.A", Some("services.list.environment.A")),
            ("services.list.environment[1]", Some("services.list.environment[1]")),
            ("services.web.labels.a", None),
            ("services.my.app.ports[1]", None),
            ("services.web.", Some("services.web")),
            ("services.web[", None),
            ("services.web[\"labels", None),
            ("service", None),
            ("", Some("")),
        ] {
            let steps = resolve(&tree(), asked);
            assert_eq!(steps.as_deref().map(text).as_deref(), found, "{asked}");
        }
    }

    #[test]
    fn the_part_that_leads_nowhere_is_told_apart() {
        for (asked, found, rest) in [
            ("services.wep.image", "services", "wep.image"),
            ("services.web.labels.c", "services.web.labels", "c"),
            ("nothing", "", "nothing"),
        ] {
            let tree = tree();
            let (steps, left) = resolve_start(&tree, asked);
            assert_eq!((text(&steps).as_str(), left), (found, rest), "{asked}");
        }
    }
}
