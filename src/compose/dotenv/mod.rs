//! Environment files: `.env`, `env_file:`, `label_file:` and `--env-from-file`.
//!
//! [`parse`] reads Compose's grammar, with quotes, escapes and variables; [`parse_raw`] the plain
//! one of `docker run --env-file`, which `format: raw` asks for. A lookup gives the values that
//! are known from elsewhere, and these win over the file's own in expansions.

mod mistakes;
mod place;
mod raw;
mod recovery;

use std::ops::Range;

use indexmap::IndexMap;

use self::mistakes::ErrorKind;
pub use self::mistakes::{DotenvError, Mistaken};
pub use self::place::EnvFiles;
pub use self::raw::{RawError, RawMistaken, parse_raw, parse_raw_observed};
use self::recovery::Unread;
use super::interpolate::substitute;
use super::limits;
use crate::diagnostic::{Diagnostic, FileId, Span, codes};

/// What an environment file sets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parsed {
    /// The variables in order of first appearance; the last value of each. A key without a value
    /// has the value of the lookup, and is left out if that has none.
    pub variables: IndexMap<String, String>,
    /// Names that are used but not set, and where.
    pub unset: Vec<(String, Range<usize>)>,
}

impl Parsed {
    /// A warning for each variable that is used but not set.
    pub fn warnings(&self, file: FileId) -> impl Iterator<Item = Diagnostic> + '_ {
        self.unset.iter().map(move |(name, range)| {
            Diagnostic::warning(
                codes::DOTENV_UNSET,
                format!("The {name:?} variable is not set. Defaulting to a blank string."),
            )
            .at(Span::new(file, range.start, range.end), "")
        })
    }
}

/// Reads an environment file.
///
/// Values may use variables of `lookup` and, where that has none, of earlier lines. Some outcomes
/// look odd but are Compose's: a last line without `=` and line feed sets the variable with the
/// empty name. After a mistake the reading goes on with the next line, so that all are told.
pub fn parse(text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Parsed, Mistaken> {
    parse_after(IndexMap::new(), text, lookup)
}

/// Reads an environment file that adds to the variables of earlier ones: it may use them, and it
/// replaces those that it sets itself.
pub fn parse_after(
    earlier: IndexMap<String, String>,
    text: &str,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Result<Parsed, Mistaken> {
    parse_observed(earlier, text, lookup, &mut |_| {})
}

/// One line of an environment file that sets a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assignment<'text> {
    /// The variable.
    pub name: &'text str,
    /// Its value, expanded.
    pub value: &'text str,
    /// The value before its variables were expanded, if it has any.
    pub template: Option<&'text str>,
    /// The bytes of name and value in the file.
    pub range: (usize, usize),
}

/// [`parse_after`], and tells each assignment, also those that a later one replaces.
pub fn parse_observed(
    earlier: IndexMap<String, String>,
    text: &str,
    lookup: &dyn Fn(&str) -> Option<String>,
    observe: &mut dyn FnMut(&Assignment<'_>),
) -> Result<Parsed, Mistaken> {
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let parsed = Parsed { variables: earlier, unset: Vec::new() };
    let mut reader = Reader {
        text,
        position: start,
        lookup,
        parsed,
        spent: 0,
        mistakes: Vec::new(),
        unread: Unread::default(),
        template: None,
    };
    while reader.skip_to_statement() {
        let start = reader.position;
        if let Err(error) = reader.statement(observe) {
            reader.recover_from_statement(error, start);
        }
    }
    let Reader { parsed, mistakes, .. } = reader;
    if mistakes.is_empty() { Ok(parsed) } else { Err(Mistaken { mistakes, rest: parsed }) }
}

struct Reader<'run> {
    text: &'run str,
    position: usize,
    lookup: &'run dyn Fn(&str) -> Option<String>,
    parsed: Parsed,
    /// Bytes of the values that were looked up.
    spent: usize,
    mistakes: Vec<DotenvError>,
    unread: Unread,
    /// The value that was read last before its variables were expanded, if it has any.
    template: Option<String>,
}

impl<'run> Reader<'run> {
    fn rest(&self) -> &'run str {
        &self.text[self.position..]
    }

    /// Skips blank lines and comments; whether anything is left.
    fn skip_to_statement(&mut self) -> bool {
        loop {
            self.position = self.text.len() - self.rest().trim_start().len();
            if !self.rest().starts_with('#') {
                return self.position < self.text.len();
            }
            self.position += self.rest().find('\n').unwrap_or(self.rest().len());
        }
    }

    /// Reads a statement. An error is about its name, or ends the reading.
    fn statement(&mut self, observe: &mut dyn FnMut(&Assignment<'_>)) -> Result<(), DotenvError> {
        if let Some(behind) = self.rest().strip_prefix("export")
            && behind.starts_with(char::is_whitespace)
        {
            let left = behind.trim_start_matches(is_blank);
            if left.is_empty() {
                return Err(self.error("export".len(), |_| ErrorKind::NothingExported));
            }
            self.position = self.text.len() - left.len();
        }
        let start = self.position;
        let (key, inherited) = self.key()?;
        self.position = self.text.len() - self.rest().trim_start_matches(is_blank).len();
        let value = if inherited {
            (self.lookup)(key)
        } else {
            match self.value() {
                Ok(value) => Some(value),
                Err(error) => {
                    self.recover_from_value(error, key);
                    return Ok(());
                }
            }
        };
        if let Some(value) = value {
            let written = self.text[start..self.position].trim_end();
            let range = (start, start + written.len());
            let template = self.template.take();
            let template = template.as_deref();
            observe(&Assignment { name: key, value: &value, template, range });
            self.parsed.variables.insert(key.to_owned(), value);
            if self.parsed.variables.len() > limits::VARIABLES {
                self.position = start;
                return Err(self.error(written.len(), ErrorKind::TooMany));
            }
        }
        Ok(())
    }

    /// Reads a key with its separator; whether it has no value because its line ends there.
    fn key(&mut self) -> Result<(&'run str, bool), DotenvError> {
        let rest = self.rest();
        for (offset, character) in rest.char_indices() {
            match character {
                '=' | ':' | '\n' => {
                    let key = rest[..offset].trim_end();
                    if key.contains(' ') {
                        return Err(self.error(offset, ErrorKind::KeyWithSpace));
                    }
                    self.position += offset + 1;
                    return Ok((key, character == '\n'));
                }
                _ if in_name(character) => {}
                _ => {
                    let statement = rest.lines().next().unwrap_or_default().to_owned();
                    let character = character.to_string();
                    return Err(self.error(offset + character.len(), |line| {
                        ErrorKind::UnexpectedCharacter { line, character, statement }
                    }));
                }
            }
        }
        // The last line has neither separator nor line feed: all of it is the empty key's value.
        Ok(("", false))
    }

    fn value(&mut self) -> Result<String, DotenvError> {
        match self.rest().chars().next() {
            Some(quote @ ('"' | '\'')) => self.quoted(quote),
            _ => self.unquoted(),
        }
    }

    fn unquoted(&mut self) -> Result<String, DotenvError> {
        let start = self.position;
        let (line, next) = match self.rest().split_once('\n') {
            Some((line, _)) => (line, line.len() + 1),
            None => (self.rest(), self.rest().len()),
        };
        let value = line.split(" #").next().unwrap_or(line).trim_end();
        self.position += next;
        self.expand(value, start, start..start + value.len())
    }

    fn quoted(&mut self, quote: char) -> Result<String, DotenvError> {
        let start = self.position;
        let mut value = String::new();
        let mut escaped = false;
        for (offset, character) in self.rest().char_indices().skip(1) {
            match character {
                _ if escaped => {
                    escaped = false;
                    if character != quote {
                        value.push('\\');
                    }
                    value.push(character);
                }
                '\\' => escaped = true,
                _ if character == quote => {
                    let end = start + offset + 1;
                    self.position = end;
                    if quote == '"' {
                        return self.expand(&unescape(&value), start + 1, start..end);
                    }
                    return Ok(value);
                }
                _ => value.push(character),
            }
        }
        let value = self.rest().lines().next().unwrap_or_default().to_owned();
        Err(self.error(value.len(), |line| ErrorKind::UnterminatedQuote { line, value }))
    }

    /// Expands the variables of a value that starts at `start` and is written at `place`.
    fn expand(
        &mut self,
        value: &str,
        start: usize,
        place: Range<usize>,
    ) -> Result<String, DotenvError> {
        let earlier = &self.parsed.variables;
        let lookup = |name: &str| (self.lookup)(name).or_else(|| earlier.get(name).cloned());
        // Exact unless escapes moved the characters.
        let within = |range: &Range<usize>| {
            let range = start + range.start..start + range.end;
            if self.text.get(start..start + value.len()) == Some(value) {
                range
            } else {
                place.clone()
            }
        };
        match substitute(value, &lookup, &mut self.spent) {
            Ok(substituted) => {
                self.template = value.contains('$').then(|| value.to_owned());
                let unset = substituted.unset.into_iter();
                let unset = unset.filter(|it| !self.unread.may_have(&it.name)).map(|it| {
                    let range = within(&it.range);
                    (it.name, range)
                });
                let unset: Vec<_> = unset.collect();
                let text = substituted.text.into_owned();
                self.parsed.unset.extend(unset);
                Ok(text)
            }
            Err(error) => {
                let range = within(error.range());
                Err(DotenvError {
                    line: self.line(range.start),
                    range,
                    kind: ErrorKind::Template(error),
                })
            }
        }
    }

    /// An error about the next `length` bytes.
    fn error(&self, length: usize, kind: impl FnOnce(usize) -> ErrorKind) -> DotenvError {
        let line = self.line(self.position);
        DotenvError { line, range: self.position..self.position + length, kind: kind(line) }
    }

    fn line(&self, offset: usize) -> usize {
        self.text[..offset].matches('\n').count() + 1
    }
}

/// Whether a name may have a character; blanks are found later.
fn in_name(character: char) -> bool {
    matches!(character, '_' | '.' | '-' | '[' | ']')
        || character.is_alphanumeric()
        || is_blank(character)
}

/// White space within a line.
fn is_blank(character: char) -> bool {
    matches!(character, '\t' | '\u{b}' | '\u{c}' | '\r' | ' ' | '\u{85}' | '\u{a0}')
}

/// Replaces the escapes of a double-quoted value. `\$` becomes `$$`, which expansion turns into a
/// dollar; an octal escape is `\0` and three digits; anything else unknown stays.
fn unescape(text: &str) -> String {
    let mut unescaped = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(backslash) = rest.find('\\') {
        unescaped.push_str(&rest[..backslash]);
        let behind = &rest[backslash + 1..];
        let replacement = match behind.chars().next() {
            Some('a') => "\u{7}",
            Some('b') => "\u{8}",
            Some('f') => "\u{c}",
            Some('n') => "\n",
            Some('r') => "\r",
            Some('t') => "\t",
            Some('v') => "\u{b}",
            Some('$') => "$$",
            Some('"') => "\"",
            Some('\\') => "\\",
            Some('0') => {
                let digits = behind[1..].bytes().take(3).take_while(u8::is_ascii_digit).count();
                let digits = &behind[1..=digits];
                match u8::from_str_radix(digits, 8) {
                    Ok(code) if digits.len() == 3 => unescaped.push(char::from(code)),
                    // Compose leaves a bad octal escape without its zero.
                    _ => {
                        unescaped.push('\\');
                        unescaped.push_str(digits);
                    }
                }
                rest = &behind[1 + digits.len()..];
                continue;
            }
            _ => {
                unescaped.push('\\');
                rest = behind;
                continue;
            }
        };
        unescaped.push_str(replacement);
        rest = &behind[1..];
    }
    unescaped + rest
}

#[cfg(test)]
mod tests;
