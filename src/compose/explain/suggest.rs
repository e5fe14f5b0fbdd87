//! What may have been meant by a name that nothing has.

use super::path::{Step, at, child, keys, resolve_start, text};
use crate::compose::render::tree::Tree;

/// Suggestions that are given.
const MOST: usize = 3;

/// The nearest paths of a tree, and the nearest names of variables.
pub(super) fn near<'v>(
    asked: &str,
    tree: &Tree,
    variables: impl Iterator<Item = &'v str>,
) -> Vec<String> {
    let (start, rest) = resolve_start(tree, asked);
    let word: String = rest.trim_start_matches(['"', '\'']).to_owned();
    let (word, behind) = match word.find(['.', '[', ']', '"']) {
        Some(end) => (word[..end].to_owned(), word[end..].trim_start_matches(['.', ']', '"'])),
        None => (word, ""),
    };
    let mut found: Vec<(usize, String)> = Vec::new();
    if let Some(parent) = at(tree, &start) {
        for key in keys(parent) {
            let distance =
                |word: &str| strsim::osa_distance(&key.to_lowercase(), &word.to_lowercase());
            // A key may have dots in it.
            let (distance, behind) = if key.contains('.') && distance(rest) <= limit(rest) {
                (distance(rest), "")
            } else {
                (distance(&word), behind)
            };
            if distance > limit(&word) {
                continue;
            }
            let mut path = start.clone();
            path.push(Step::Key(key.to_owned()));
            // What follows may be right.
            let further = child(parent, &Step::Key(key.to_owned()))
                .map(|child| resolve_start(child, behind))
                .filter(|(_, rest)| rest.is_empty());
            path.extend(further.into_iter().flat_map(|(steps, _)| steps));
            found.push((distance, text(&path)));
        }
        // A whole section or service may have been left out: `web.image`.
        if start.is_empty() {
            for section in keys(tree).filter(|key| !key.starts_with("x-")) {
                let inside = format!("{section}.{asked}");
                let (steps, rest) = resolve_start(tree, &inside);
                if rest.is_empty() && steps.len() > 1 {
                    found.push((0, text(&steps)));
                }
            }
        }
    }
    if !asked.contains(['.', '[']) {
        let name = asked.trim_start_matches('$');
        for variable in variables {
            let distance = strsim::osa_distance(&variable.to_lowercase(), &name.to_lowercase());
            if distance <= limit(name) {
                found.push((distance, variable.to_owned()));
            }
        }
    }
    found.sort();
    found.dedup();
    let nearest = found.first().map_or(0, |(distance, _)| *distance);
    found.retain(|(distance, _)| *distance <= nearest + 1);
    found.into_iter().map(|(_, path)| path).take(MOST).collect()
}

/// How many letters may be wrong in a word.
fn limit(word: &str) -> usize {
    match word.chars().count() {
        0..=1 => 0,
        2 => 1,
        3..=5 => 2,
        _ => 3,
    }
}
