//! Values under keys that are named like a secret.

use super::Finding;
use super::entropy::entropy;
use super::text::{closing, is_ascii_space, is_blank, skip_spaces, undeclared, unwrapped};

/// What it is called, in Docker Compose's words.
pub(super) const NAME: &str = "Keyword Detector";

/// Bits for a character that a value needs at least: names, words and numbers have fewer.
const LEAST_ENTROPY: f64 = 4.0;

/// Words that name a secret, with what may stand between them: nothing, `-` or `_`.
const WORDS: [&[&str]; 20] = [
    &["api", "key"],
    &["access", "key"],
    &["auth", "key"],
    &["service", "key"],
    &["account", "key"],
    &["db", "key"],
    &["database", "key"],
    &["priv", "key"],
    &["private", "key"],
    &["client", "key"],
    &["db", "pass"],
    &["database", "pass"],
    &["key", "pass"],
    &["password"],
    &["passwd"],
    &["pwd"],
    &["secret"],
    &["token"],
    &["contraseña"],
    &["contrasena"],
];

/// Whether a key names a secret and the value could be one: it is no variable, and not too simple.
pub(super) fn is_secret(key: &str, value: &str) -> bool {
    let is_value = |line: &str| is_written(line.trim_matches(is_ascii_space));
    key.split('\n').any(is_path_of_secret)
        && value.split('\n').any(is_value)
        && entropy(value) >= LEAST_ENTROPY
}

/// Whether a line is no variable and no expression, but written out: `${…}` is not.
fn is_written(line: &str) -> bool {
    let bounds = line.starts_with(['$', '{']) || line.ends_with('}');
    !bounds && line.chars().nth(2).is_some()
}

/// Whether a key, all of it, is a path in which a secret is named.
fn is_path_of_secret(key: &str) -> bool {
    let key = undeclared(key.trim_matches(is_ascii_space));
    let wrapped = key.strip_prefix('[').unwrap_or(key).trim_start_matches(is_blank);
    let bare = wrapped.strip_prefix(['"', '\'']).unwrap_or(wrapped);
    let bare = bare.strip_suffix(']').map_or(bare, |inner| inner.trim_end_matches(is_blank));
    names_secret(bare.strip_suffix(['"', '\'']).unwrap_or(bare))
}

/// Whether a path names a secret, and not only behind an index: `secrets[0].file` does,
/// `list[0].secret` does not.
fn names_secret(path: &str) -> bool {
    let lower = path.to_lowercase();
    let mut starts = lower.char_indices().map(|(at, _)| at);
    let word = starts.find_map(|at| {
        let end = at + length_of_word(lower.get(at..)?)?;
        Some((lower.get(..at)?, lower.get(end..)?))
    });
    word.is_some_and(|(before, after)| {
        before.chars().all(|it| it != ']' && is_in_path(it)) && after.chars().all(is_in_path)
    })
}

/// The length of the word that names a secret at the start of a text.
fn length_of_word(text: &str) -> Option<usize> {
    WORDS.iter().find_map(|parts| {
        let rest = parts.iter().enumerate().try_fold(text, |rest, (number, part)| {
            let joined = if number == 0 { None } else { rest.strip_prefix(['-', '_']) };
            joined.unwrap_or(rest).strip_prefix(part)
        });
        rest.map(|rest| text.len() - rest.len())
    })
}

fn is_in_path(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '.' | '[' | ']' | '~' | '-' | '_')
}

/// What stands behind such keys in a text: the rest of the line, or the next one.
pub(super) fn in_text(text: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut from = 0;
    let mut line = Line::default();
    for (at, _) in text.match_indices([':', '=']) {
        if at < from {
            continue;
        }
        let Some(key) = key_before(text, at, from) else { continue };
        let start = skip_spaces(text.as_bytes(), at + 1);
        line.move_to(text, start);
        let value = unwrapped(text, start).find_map(|start| line.value(text, start));
        let Some(value) = value else { continue };
        from = line.end;
        if entropy(value) >= LEAST_ENTROPY {
            let (key, value) = (key.to_owned(), value.to_owned());
            found.push(Finding { kind: NAME, key, value });
        }
    }
    found
}

/// The key before a delimiter, if it names a secret.
fn key_before(text: &str, delimiter: usize, from: usize) -> Option<&str> {
    let before = text.get(from..delimiter)?.trim_end_matches(is_ascii_space);
    let is_in_key = |it| is_in_path(it) || matches!(it, 'ñ' | 'Ñ');
    let unclosed = before.strip_suffix(']').unwrap_or(before).trim_end_matches(is_blank);
    let unquoted = unclosed.strip_suffix(['"', '\'']);
    let before = unquoted.unwrap_or(before);
    let outer = before.trim_end_matches(is_in_key);
    let key = before.get(outer.len()..)?;
    let unquoted = outer.strip_suffix(['"', '\'']);
    let outer = unquoted.unwrap_or(outer);
    let unopened = outer.trim_end_matches(is_blank).strip_suffix('[');
    let begins = |outer: &str| {
        outer.is_empty() && from == 0
            || outer.ends_with([' ', '\t', '\n'])
            || outer.is_empty() && text.as_bytes().get(from.wrapping_sub(1)) == Some(&b'\n')
    };
    let is_first = begins(outer) || unopened.is_some_and(begins);
    let key = if unquoted.is_some() { key } else { key.strip_prefix('[').unwrap_or(key) };
    (is_first && names_secret(key)).then_some(key)
}

/// A line of a text, and where the last value in it could end.
#[derive(Default)]
struct Line {
    start: usize,
    end: usize,
    last: usize,
}

impl Line {
    /// Becomes the line that a place is in.
    fn move_to(&mut self, text: &str, at: usize) {
        if (self.start..self.end).contains(&at) {
            return;
        }
        let rest = text.get(at..).unwrap_or_default();
        let line = rest.split('\n').next().unwrap_or_default();
        let ends = line.char_indices().rev().find_map(|(index, last)| {
            let end = at + index + last.len_utf8();
            let may_be_last = last != '}' && !is_ascii_space(last);
            (may_be_last && closing(text, end).is_some()).then_some(end)
        });
        *self = Self { start: at, end: at + line.len(), last: ends.unwrap_or(at) };
    }

    /// The value that begins at a place of this line.
    fn value<'a>(&self, text: &'a str, start: usize) -> Option<&'a str> {
        let value = text.get(start..self.last)?;
        let is_one = !value.starts_with(['$', '{']) && !value.starts_with(is_ascii_space);
        (is_one && value.chars().nth(2).is_some()).then_some(value)
    }
}
