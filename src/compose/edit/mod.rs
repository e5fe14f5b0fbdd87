//! Edits of a YAML text in place: an entry is taken out, or put in, and every other byte stays as it
//! is: comments, anchors, style and line ends.
//!
//! An edit is a proposal. It goes by how the text is laid out and does not know what the file means, so whoever
//! asks for one loads the edited text and compares.

mod insert;
mod lines;
mod remove;

#[cfg(test)]
mod tests;

use std::ops::Range;

pub(crate) use insert::{Where, insert, set};
pub(crate) use remove::{Emptied, remove};

/// A text to put in the place of some bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Replacement {
    /// The bytes; empty to insert.
    pub(crate) range: Range<usize>,
    /// The text.
    pub(crate) text: String,
}

impl Replacement {
    fn deletion(range: Range<usize>) -> Self {
        Self { range, text: String::new() }
    }

    fn insertion(at: usize, text: String) -> Self {
        Self { range: at..at, text }
    }
}

/// The text with replacements, which do not overlap. `None` if they do, or lie outside.
pub(crate) fn apply(text: &str, mut replacements: Vec<Replacement>) -> Option<String> {
    replacements.sort_by_key(|one| (one.range.start, one.range.end));
    let mut edited = String::with_capacity(text.len());
    let mut done = 0;
    for Replacement { range, text: new } in replacements {
        edited.push_str(text.get(done..range.start)?);
        edited.push_str(&new);
        done = range.end;
    }
    edited.push_str(text.get(done..)?);
    Some(edited)
}
