//! Puts an entry into a mapping.

use super::{Replacement, lines};
use crate::compose::yaml::{Pair, Pairs, Shape, Written};

/// Where among the entries of a mapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Where<'k> {
    /// Behind all.
    Last,
    /// Behind the first of these keys that there is; else behind the first entry.
    Behind(&'k [&'k str]),
}

/// What puts an entry into the mapping at a path of keys, which is there. `value` is written as it
/// stands. `None` where it cannot be done in place.
pub(crate) fn insert(
    text: &str,
    documents: &[Written],
    path: &[&str],
    (key, value): (&str, &str),
    place: Where<'_>,
) -> Option<Replacement> {
    documents.iter().rev().find_map(|document| {
        let mut pair = None;
        let mut mapping = document;
        for key in path {
            let found = mapping.pairs()?.get(text, key)?;
            pair = Some(found);
            mapping = &found.value;
        }
        into(text, pair, mapping, &[key], value, place)
    })
}

/// What puts a value at a path of keys, as far as these are not there yet; the value itself is not.
pub(crate) fn set(
    text: &str,
    documents: &[Written],
    path: &[&str],
    value: &str,
) -> Option<Replacement> {
    let root = |document: &&Written| document.pairs().is_some();
    let has = |document: &&Written| {
        path.first()
            .is_some_and(|key| document.pairs().is_some_and(|it| it.get(text, key).is_some()))
    };
    let documents = || documents.iter().rev();
    let Some(document) = documents().find(has).or_else(|| documents().find(root)) else {
        let feed = lines::feed(text);
        let open = if text.is_empty() || text.ends_with('\n') { "" } else { feed };
        let entry = block(path, value, 0, 2, feed);
        return Some(Replacement::insertion(text.len(), format!("{open}{entry}{feed}")));
    };
    let (mut pair, mut mapping, mut rest) = (None, document, path);
    while let Some((key, behind)) = rest.split_first()
        && let Some(found) = mapping.pairs().and_then(|pairs| pairs.get(text, key))
    {
        (pair, mapping, rest) = (Some(found), &found.value, behind);
    }
    if rest.is_empty() {
        return None;
    }
    into(text, pair, mapping, rest, value, Where::Last)
}

fn into(
    text: &str,
    pair: Option<&Pair>,
    mapping: &Written,
    keys: &[&str],
    value: &str,
    place: Where<'_>,
) -> Option<Replacement> {
    // What is JSON stays JSON.
    let quote = |pair: &Pair| match text.get(pair.key.range.clone()) {
        Some(key) if key.starts_with('"') => "\"",
        _ => "",
    };
    match &mapping.shape {
        Shape::Mapping(pairs) if pairs.entries.is_empty() => Some(Replacement {
            range: mapping.range.clone(),
            text: format!("{{{}}}", flow(keys, value, pair.map_or("", quote))),
        }),
        Shape::Mapping(pairs) if pairs.flow => {
            let neighbour = neighbour(text, pairs, place)?;
            let entry = flow(keys, value, quote(neighbour));
            Some(Replacement::insertion(neighbour.end(), format!(", {entry}")))
        }
        Shape::Mapping(pairs) => {
            let neighbour = neighbour(text, pairs, place)?;
            let column = column(text, pairs.entries.first()?)?;
            let step = pair.and_then(|pair| column.checked_sub(self::column(text, pair)?));
            let step = step.filter(|step| *step > 0).or_else(|| inner_step(text, pairs, column));
            let feed = lines::feed(text);
            let entry = block(keys, value, column, step.unwrap_or(2), feed);
            let end = lines::next(text, neighbour.end());
            let behind = text[..end].ends_with('\n');
            Some(Replacement::insertion(
                end,
                if behind { format!("{entry}{feed}") } else { format!("{feed}{entry}") },
            ))
        }
        Shape::Alias(_) => {
            let alias = text.get(mapping.range.clone())?;
            Some(Replacement {
                range: mapping.range.clone(),
                text: format!("{{<<: {alias}, {}}}", flow(keys, value, "")),
            })
        }
        // Nothing is written there yet.
        Shape::Scalar if matches!(text.get(mapping.range.clone()), Some("" | "null" | "~")) => {
            let entry = format!(" {{{}}}", flow(keys, value, pair.map_or("", quote)));
            if !mapping.range.is_empty() {
                return Some(Replacement {
                    range: mapping.range.clone(),
                    text: entry[1..].to_owned(),
                });
            }
            let key = pair?.key.range.end;
            let colon = text.get(key..)?.find(':').map(|at| key + at + 1)?;
            Some(Replacement::insertion(colon, entry))
        }
        _ => None,
    }
}

fn neighbour<'p>(text: &str, pairs: &'p Pairs, place: Where<'_>) -> Option<&'p Pair> {
    match place {
        Where::Last => pairs.entries.last(),
        Where::Behind(keys) => {
            keys.iter().find_map(|key| pairs.get(text, key)).or_else(|| pairs.entries.first())
        }
    }
}

/// The column of an entry that begins its line.
fn column(text: &str, pair: &Pair) -> Option<usize> {
    let before = lines::before(text, pair.key.range.start).trim_start_matches('\u{feff}');
    before.chars().all(|it| it == ' ').then_some(before.len())
}

/// By how much the entries of one of the mappings in a mapping are indented.
fn inner_step(text: &str, pairs: &Pairs, column: usize) -> Option<usize> {
    pairs.entries.iter().find_map(|pair| {
        let inner = pair.value.pairs().filter(|inner| !inner.flow)?.entries.first()?;
        self::column(text, inner)?.checked_sub(column).filter(|step| *step > 0)
    })
}

fn block(keys: &[&str], value: &str, column: usize, step: usize, feed: &str) -> String {
    let lines: Vec<String> = keys
        .iter()
        .enumerate()
        .map(|(depth, key)| {
            let value = if depth + 1 == keys.len() { format!(" {value}") } else { String::new() };
            format!("{}{key}:{value}", " ".repeat(column + depth * step))
        })
        .collect();
    lines.join(feed)
}

fn flow(keys: &[&str], value: &str, quote: &str) -> String {
    let (last, outer) = keys.split_last().unwrap_or((&"", &[]));
    let open: Vec<_> = outer.iter().map(|key| format!("{quote}{key}{quote}: {{")).collect();
    let open = open.concat();
    format!("{open}{quote}{last}{quote}: {value}{}", "}".repeat(outer.len()))
}
