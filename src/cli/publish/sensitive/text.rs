//! Values in a text that is of no known format, each behind its key or alone.
//!
//! A value begins a word, or stands behind `key:`, `key =` or `key :=`; a bracket and a quote may
//! stand around either, and a semicolon behind. So do `.npmrc`, shell scripts and files of programs
//! write it. A word right behind a value that was found is not looked at: Docker Compose has taken
//! the blank between them for the end of the first.

use super::shape::{Shape, is_space};

/// Which keys count as those of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keys {
    /// The key may stand on a line before.
    OnAnyLine,
    /// The key must stand on the line of the value: in Base64 a line may end as keys do.
    OnItsLine,
}

/// A text, and where in it values may begin.
pub(super) struct Text<'a> {
    text: &'a str,
    openings: Vec<Opening<'a>>,
}

/// A place at which a value may begin, brackets and quotes before it aside.
struct Opening<'a> {
    /// Where what is found there begins: the word, or the first word of the key.
    start: usize,
    /// The key, if there is one, and where the delimiter stands behind it.
    key: Option<(&'a str, usize)>,
    /// Where the value begins.
    value: usize,
}

/// A key in a text.
struct Key<'a> {
    /// Where the words begin that it is made of.
    start: usize,
    name: &'a str,
}

impl<'a> Text<'a> {
    /// The text, with its openings in the order in which a search comes by them.
    pub(super) fn new(text: &'a str) -> Self {
        let mut openings: Vec<Opening<'_>> = words(text).chain(behind_keys(text)).collect();
        openings.sort_by_key(|it| (it.start, it.key.is_none()));
        Self { text, openings }
    }

    /// The text itself.
    pub(super) fn as_str(&self) -> &'a str {
        self.text
    }

    /// What has a shape, with its key; the key is empty where there is none.
    pub(super) fn find(&self, shape: &Shape, keys: Keys) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut from = 0;
        let mut line_without = 0..0;
        for opening in &self.openings {
            if opening.value < from || line_without.contains(&opening.value) {
                continue;
            }
            let Some(key) = self.key(opening, from, keys) else { continue };
            if let Some((value, end)) = value_at(self.text, opening.value, shape) {
                from = end;
                found.push((key.trim().to_owned(), value.trim().to_owned()));
            } else if let Shape::Line(_) = shape {
                let rest = self.text.get(opening.value..).unwrap_or_default();
                let length = rest.find('\n').unwrap_or(rest.len());
                line_without = opening.value..opening.value + length;
            }
        }
        found
    }

    /// The key of an opening; `None` if nothing can be found there from that place on.
    fn key(&self, opening: &Opening<'a>, from: usize, keys: Keys) -> Option<&'a str> {
        let is_ahead = opening.start >= from;
        let Some((name, delimiter)) = opening.key else { return is_ahead.then_some("") };
        if keys == Keys::OnItsLine {
            let before = self.text.get(..delimiter)?.trim_end_matches(is_blank).as_bytes();
            let between = self.text.get(delimiter..opening.value)?;
            if matches!(before.last(), Some(b'\n' | b'\r')) || between.contains(['\n', '\r']) {
                return None;
            }
        }
        if is_ahead {
            Some(name)
        } else {
            key_before(self.text, delimiter, from).map(|key| key.name)
        }
    }
}

/// Whether lines of a value have a shape, blanks, brackets and quotes around them aside.
pub(super) fn has_line(value: &str, shape: &Shape) -> bool {
    let starts = value.match_indices('\n').map(|(at, _)| at + 1);
    std::iter::once(0).chain(starts).any(|start| {
        let start = skip_spaces(value.as_bytes(), start);
        let end = value_at(value, start, shape).map(|(_, end)| end);
        end.is_some_and(|end| matches!(value.as_bytes().get(end), None | Some(b'\n')))
    })
}

/// A value of that shape, and where the text goes on behind it.
fn value_at<'a>(text: &'a str, at: usize, shape: &Shape) -> Option<(&'a str, usize)> {
    unwrapped(text, at).find_map(|start| {
        let length = shape.length(text.get(start..)?)?;
        let end = closing(text, start + length)?;
        Some((text.get(start..start + length)?, end))
    })
}

/// Where a value may begin at a place: behind a bracket and a quote if there are any, or with them.
pub(super) fn unwrapped(text: &str, at: usize) -> impl Iterator<Item = usize> {
    let bytes = text.as_bytes();
    let bracket = (bytes.get(at) == Some(&b'[')).then(|| skip_blanks(bytes, at + 1));
    let inner = bracket.unwrap_or(at);
    let quote = bytes.get(inner).filter(|byte| is_quote(**byte)).map(|_| inner + 1);
    [quote, bracket, Some(at)].into_iter().flatten()
}

/// Where the text goes on behind a value: after a quote, a bracket, a semicolon and blanks. `None` if
/// something else stands there.
pub(super) fn closing(text: &str, end: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let quoted = end + usize::from(bytes.get(end).is_some_and(|byte| is_quote(*byte)));
    let blanks = skip_blanks(bytes, quoted);
    let bracket =
        if bytes.get(blanks) == Some(&b']') { skip_blanks(bytes, blanks + 1) } else { blanks };
    let semicolon = bracket + usize::from(bytes.get(bracket) == Some(&b';'));
    let ends = [semicolon, blanks].into_iter().find(|at| {
        let blank_before = at.checked_sub(1).and_then(|last| bytes.get(last));
        bytes.get(*at).is_none_or(|byte| is_space(*byte))
            || (*at > end && blank_before.is_some_and(|byte| is_blank(char::from(*byte))))
    });
    ends.map(|at| skip_blanks(bytes, at))
}

/// Openings at the words of a text.
fn words(text: &str) -> impl Iterator<Item = Opening<'_>> {
    let bytes = text.as_bytes();
    let mut blanks = 0;
    (0..bytes.len()).filter_map(move |at| {
        let byte = *bytes.get(at)?;
        if matches!(byte, b' ' | b'\t') {
            return None;
        }
        let start = std::mem::replace(&mut blanks, at + 1);
        let before = at.checked_sub(1).and_then(|last| bytes.get(last));
        let is_first = start < at || matches!(before, None | Some(b'\n'));
        (is_first && byte != b'\n').then_some(Opening { start, key: None, value: at })
    })
}

/// Openings behind the keys of a text.
fn behind_keys(text: &str) -> impl Iterator<Item = Opening<'_>> {
    let bytes = text.as_bytes();
    text.match_indices([':', '=']).flat_map(move |(at, _)| {
        let key = key_before(text, at, 0);
        let both = bytes.get(at..at + 2) == Some(b":=");
        let ends = [Some(at + 1), both.then_some(at + 2)];
        key.into_iter().flat_map(move |Key { start, name }| {
            ends.into_iter().flatten().map(move |end| {
                let value = skip_spaces(bytes, end);
                Opening { start, key: Some((name, at)), value }
            })
        })
    })
}

/// The key before a delimiter, of what stands at `from` and later.
fn key_before(text: &str, delimiter: usize, from: usize) -> Option<Key<'_>> {
    let before = text.get(from..delimiter)?.trim_end_matches(is_ascii_space);
    let before = before.strip_suffix(']').unwrap_or(before).trim_end_matches(is_blank);
    let before = before.strip_suffix(['"', '\'']).unwrap_or(before);
    let words = before.trim_end_matches(|it| is_blank(it) || is_in_key(it));
    let name = before.get(words.len()..).filter(|name| !name.is_empty())?;
    let start = from + words.len();
    if begins_line(text, start) {
        return Some(Key { start, name: undeclared(name) });
    }
    if let Some(start) = wrapper(text, start, from) {
        return Some(Key { start, name });
    }
    // What is no part of a key ends within this word: the key has only the words behind it.
    let first = name.find(is_blank)?;
    let words = name.get(first..)?;
    let name = words.trim_start_matches(is_blank);
    (!name.is_empty()).then(|| Key { start: start + first, name: undeclared(name) })
}

/// Where the quote or the bracket stands that opens a key, if one does and is the first of its word.
fn wrapper(text: &str, key: usize, from: usize) -> Option<usize> {
    let before = text.get(from..key)?;
    let unquoted = before.strip_suffix(['"', '\'']).map(|rest| (rest, rest.len()));
    let (rest, quote) = unquoted.unwrap_or((before, before.len()));
    let bare = rest.trim_end_matches(is_blank);
    let is_first = |at: usize| begins_line(text, from + at) || rest_ends_blank(before, at);
    if let Some(outer) = bare.strip_suffix('[')
        && is_first(outer.len())
    {
        return Some(from + outer.trim_end_matches(is_blank).len());
    }
    let start = from + rest.trim_end_matches(is_blank).len();
    (unquoted.is_some() && is_first(quote)).then_some(start)
}

fn rest_ends_blank(text: &str, at: usize) -> bool {
    text.get(..at).is_some_and(|rest| rest.ends_with(is_blank))
}

fn begins_line(text: &str, at: usize) -> bool {
    at.checked_sub(1).is_none_or(|last| text.as_bytes().get(last) == Some(&b'\n'))
}

/// A key without the word by which a programming language declares it.
pub(super) fn undeclared(key: &str) -> &str {
    let words = ["var", "let", "set", "dim", "declare", "export", "const", "readonly"];
    let declared = key.split_once(is_blank);
    match declared {
        Some((first, rest)) if words.iter().any(|word| first.eq_ignore_ascii_case(word)) => {
            rest.trim_start_matches(is_blank)
        }
        _ => key,
    }
}

fn skip_blanks(text: &[u8], at: usize) -> usize {
    skip(text, at, |byte| matches!(byte, b' ' | b'\t'))
}

pub(super) fn skip_spaces(text: &[u8], at: usize) -> usize {
    skip(text, at, is_space)
}

fn skip(text: &[u8], at: usize, is_skipped: fn(u8) -> bool) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| !is_skipped(*byte)).unwrap_or(rest.len())
}

fn is_in_key(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '$' | '/' | '_' | '-')
}

pub(super) fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t')
}

pub(super) fn is_ascii_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r' | '\u{c}')
}

fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'')
}
