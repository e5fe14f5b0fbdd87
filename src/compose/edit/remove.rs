//! Takes an entry out of a mapping.

use std::ops::Range;

use super::{Replacement, lines};
use crate::compose::yaml::{Pair, Pairs, Shape, Written};

/// What becomes of a mapping whose only entry goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Emptied {
    /// It stays, as `{}`.
    Braces,
    /// The entry whose value it is goes, too.
    Leaves,
}

/// What takes the entry out whose key begins at a byte, with the comment behind it on its line. A
/// comment above it stays: it may speak of more.
///
/// An anchor on the value moves to the first alias that is left. `None` where it cannot be done in place.
pub(crate) fn remove(
    text: &str,
    documents: &[Written],
    key: usize,
    emptied: Emptied,
) -> Option<Vec<Replacement>> {
    let (document, found) =
        documents.iter().find_map(|document| Some((document, find(document, None, key)?)))?;
    let Found { parent, pairs, index } = found;
    let pair = pairs.entries.get(index)?;
    let mut replacements = anchor_moved(text, document, pair)?;
    let only = pairs.entries.len() == 1;
    match (only, emptied, parent) {
        (true, Emptied::Leaves, Some(parent)) => {
            // A comment that is not the entry's own has nowhere to stay.
            let between = text.get(parent.key.range.end..pair.key.range.start)?;
            if between.contains('#') {
                return None;
            }
            let key = parent.key.range.start;
            let found = find(document, None, key).filter(|found| found.pairs.entries.len() > 1)?;
            replacements.push(deletion(text, found.pairs, found.index)?);
        }
        (true, Emptied::Braces, parent) if !pairs.flow => {
            replacements.extend(emptied_block(text, parent?, pair)?);
        }
        (true, Emptied::Leaves, None) => return None,
        _ => replacements.push(deletion(text, pairs, index)?),
    }
    Some(replacements)
}

/// An entry in its surroundings.
struct Found<'w> {
    /// The entry whose value is the mapping.
    parent: Option<&'w Pair>,
    pairs: &'w Pairs,
    index: usize,
}

fn find<'w>(written: &'w Written, parent: Option<&'w Pair>, key: usize) -> Option<Found<'w>> {
    if let Some(pairs) = written.pairs() {
        if let Some(index) = pairs.entries.iter().position(|pair| pair.key.range.start == key) {
            return Some(Found { parent, pairs, index });
        }
        return pairs.entries.iter().find_map(|pair| find(&pair.value, Some(pair), key));
    }
    written.parts().find_map(|part| find(part, None, key))
}

/// What takes one of several entries out.
fn deletion(text: &str, pairs: &Pairs, index: usize) -> Option<Replacement> {
    let pair = pairs.entries.get(index)?;
    let range =
        if pairs.flow { in_flow(text, pairs, index)? } else { whole_lines(text, pair, "")? };
    Some(Replacement::deletion(range))
}

/// The lines of an entry that has them for itself, but for a comment and what separates it from the
/// next one.
fn whole_lines(text: &str, pair: &Pair, separator: &str) -> Option<Range<usize>> {
    let (start, end) = (pair.key.range.start, pair.end());
    let before = lines::before(text, start).trim_matches([' ', '\t', '\u{feff}']);
    // A key may have a question mark before it.
    if !matches!(before, "" | "?") {
        return None;
    }
    // The colon of an entry without a value, and anchors and tags of it, stand behind its end.
    let mut rest = lines::after(text, end).trim_start();
    if pair.value.range.is_empty() {
        rest = rest.strip_prefix(':').unwrap_or(rest);
    }
    let rest = rest.strip_prefix(separator)?;
    let first = lines::start(text, start);
    // A byte order mark is the text's, not the entry's.
    let first = if text[first..].starts_with('\u{feff}') { first + 3 } else { first };
    lines::is_idle(rest).then(|| first..lines::next(text, end))
}

fn in_flow(text: &str, pairs: &Pairs, index: usize) -> Option<Range<usize>> {
    let pair = pairs.entries.get(index)?;
    if let Some(range) = whole_lines(text, pair, ",") {
        return Some(range);
    }
    let before = index.checked_sub(1).and_then(|index| pairs.entries.get(index)).map(Pair::end);
    let next = pairs.entries.get(index + 1).map(|next| next.key.range.start);
    let free = |range: &Range<usize>| text.get(range.clone()).is_some_and(|gap| !gap.contains('#'));
    let with_comma_before = before
        .filter(|before| free(&(*before..pair.key.range.start)))
        .map(|before| before..pair.end());
    if let Some(mut range) = with_comma_before {
        if lines::before(text, pair.key.range.start).trim().is_empty()
            && lines::is_idle(lines::after(text, range.end))
        {
            range.end = lines::end(text, range.end);
        }
        return Some(range);
    }
    if let Some(next) = next {
        return Some(pair.key.range.start..next).filter(free);
    }
    // A comma before the closing brace is allowed where comments are.
    whole_lines(text, pair, "").or_else(|| Some(pair.key.range.start..pair.end()))
}

/// What makes `{}` of a mapping in block style whose only entry goes. Comments stay.
fn emptied_block(text: &str, parent: &Pair, pair: &Pair) -> Option<[Replacement; 2]> {
    let between = text.get(parent.key.range.end..pair.key.range.start)?;
    let line = between.lines().next()?;
    let comment = line.match_indices('#').map(|(at, _)| at);
    let mut comment = comment.filter(|at| line[..*at].ends_with([' ', '\t']));
    let content = line[..comment.next().unwrap_or(line.len())].trim_end();
    let at = parent.key.range.end + content.len();
    let lines = whole_lines(text, pair, "")?;
    (at < lines.start)
        .then(|| [Replacement::insertion(at, " {}".to_owned()), Replacement::deletion(lines)])
}

/// What lets the anchors of an entry stand where they are first used.
fn anchor_moved(text: &str, document: &Written, pair: &Pair) -> Option<Vec<Replacement>> {
    let mut anchors = Vec::new();
    collect(&pair.key, &mut |written| anchors.extend(written.anchor));
    collect(&pair.value, &mut |written| anchors.extend(written.anchor));
    let mut replacements = Vec::new();
    for anchor in anchors {
        let mut uses = Vec::new();
        collect(document, &mut |written| {
            let inside =
                pair.key.range.start <= written.range.start && written.range.end <= pair.end();
            if written.shape == Shape::Alias(anchor) && !inside {
                uses.push(written.range.clone());
            }
        });
        let Some(first) = uses.into_iter().min_by_key(|range| range.start) else { continue };
        // Only a value in one piece reads the same in another place.
        if pair.value.anchor != Some(anchor) || pair.value.shape != Shape::Scalar {
            return None;
        }
        let value = text.get(pair.key.range.end..pair.value.range.end)?.trim_start();
        let value = value.strip_prefix(':')?.trim_start();
        if value.contains(['\n', '#']) {
            return None;
        }
        replacements.push(Replacement { range: first, text: value.to_owned() });
    }
    Some(replacements)
}

fn collect(written: &Written, visit: &mut impl FnMut(&Written)) {
    visit(written);
    written.parts().for_each(|part| collect(part, visit));
}
