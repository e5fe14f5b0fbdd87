//! Where to go on after a mistake, and what may be reported from there: nothing that only follows
//! from the mistake.

use std::collections::HashSet;

use super::mistakes::{DotenvError, ErrorKind};
use super::{Reader, in_name, is_blank};
use crate::compose::interpolate::TemplateError;
use crate::compose::limits;

/// What could not be read.
#[derive(Default)]
pub(super) struct Unread {
    /// Variables whose values are not known.
    names: HashSet<String>,
    /// Whether any variable may be one of them, since a name itself could not be read.
    any: bool,
    /// Statements.
    count: usize,
}

impl Unread {
    /// Whether a variable that is not set may be set on a line that could not be read.
    pub(super) fn may_have(&self, name: &str) -> bool {
        self.any || self.names.contains(name)
    }
}

impl Reader<'_> {
    /// Goes on after a statement, from `start`, whose name is none.
    pub(super) fn recover_from_statement(&mut self, error: DotenvError, start: usize) {
        self.position = start;
        self.skip_statement();
        self.unread.any = true;
        self.note(error);
    }

    /// Goes on after a value of a variable.
    pub(super) fn recover_from_value(&mut self, error: DotenvError, name: &str) {
        if let ErrorKind::UnterminatedQuote { .. } = error.kind {
            self.position = self.next_line(self.position);
            self.skip_to_assignment();
            self.unread.any = true;
        }
        self.note(error);
        self.unread.names.insert(name.to_owned());
    }

    fn note(&mut self, error: DotenvError) {
        self.unread.count += 1;
        if error.ends_reading() || self.unread.count >= limits::MISTAKES {
            self.position = self.text.len();
        }
        match &error.kind {
            ErrorKind::Template(TemplateError::Required { name, .. })
                if !self.mistakes.is_empty() && self.unread.may_have(name) => {}
            _ => self.mistakes.push(error),
        }
    }

    /// Goes behind a statement whose name is none: its value may have several lines.
    fn skip_statement(&mut self) {
        let next = self.next_line(self.position);
        let line = &self.text[self.position..next];
        let Some((name, value)) = line.split_once('=') else {
            self.position = next;
            return;
        };
        let blanks = value.len() - value.trim_start_matches(is_blank).len();
        let start = self.position + name.len() + 1 + blanks;
        let quote = self.text[start..].chars().next().filter(|it| matches!(it, '"' | '\''));
        let end = quote.and_then(|quote| closing(&self.text[start..], quote));
        self.position = end.map_or(next, |end| self.next_line(start + end));
    }

    /// Skips lines that set no variable: they may be the rest of a value that has no end.
    fn skip_to_assignment(&mut self) {
        while !is_assignment(self.rest().lines().next().unwrap_or_default())
            && self.position < self.text.len()
        {
            self.position = self.next_line(self.position);
        }
    }

    /// Where the line after the one of an offset starts.
    fn next_line(&self, offset: usize) -> usize {
        let rest = &self.text[offset..];
        offset + rest.find('\n').map_or(rest.len(), |end| end + 1)
    }
}

/// Where a text that starts with a quote has the one that ends it.
fn closing(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    let found = text.char_indices().skip(1).find(|(_, character)| {
        let ends = !escaped && *character == quote;
        escaped = !escaped && *character == '\\';
        ends
    });
    found.map(|(offset, _)| offset)
}

/// Whether a line can be read as one that sets a variable.
fn is_assignment(line: &str) -> bool {
    line.split_once('=')
        .is_some_and(|(name, _)| !name.trim().is_empty() && name.chars().all(in_name))
}
