//! The environment files of `docker run --env-file`: lines as they are.

use std::ops::Range;
use std::path::Path;

use indexmap::IndexMap;

use super::{Assignment, Mistaken};
use crate::compose::limits;
use crate::diagnostic::{Diagnostic, FileId, Span, codes};

/// Why a text is no raw environment file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RawError {
    /// A name with a space or a tab in it.
    #[error("variable '{name}' contains whitespaces")]
    NameWithSpace {
        /// The name.
        name: String,
        /// The bytes of the line.
        range: Range<usize>,
    },
    /// A line that starts with `=`.
    #[error("no variable name on line '{text}'")]
    NoName {
        /// The line.
        text: String,
        /// The bytes of the line.
        range: Range<usize>,
    },
    /// More lines that set variables than a file may have.
    #[error("more than {} variables", limits::VARIABLES)]
    TooMany {
        /// The bytes of the line.
        range: Range<usize>,
    },
}

impl RawError {
    /// The bytes of the line.
    pub fn range(&self) -> &Range<usize> {
        match self {
            Self::NameWithSpace { range, .. }
            | Self::NoName { range, .. }
            | Self::TooMany { range } => range,
        }
    }

    /// The mistake with its place in the file at `path`.
    pub fn diagnostic(&self, file: FileId, path: &Path) -> Diagnostic {
        let range = self.range();
        Diagnostic::error(
            codes::DOTENV_SYNTAX,
            format!("failed to read {}: {self}", path.display()),
        )
        .at(Span::new(file, range.start, range.end), "")
    }
}

/// A raw environment file with mistakes, and the variables of its other lines.
pub type RawMistaken = Mistaken<RawError, IndexMap<String, String>>;

/// Reads `NAME=value` lines: no quotes, no expansion, trailing white space belongs to the value.
/// `NAME` alone takes the value of `lookup` and is left out if that has none. Lines whose first
/// character is `#` are comments.
pub fn parse_raw(
    text: &str,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Result<IndexMap<String, String>, RawMistaken> {
    parse_raw_observed(text, lookup, &mut |_| {})
}

/// [`parse_raw`], and tells each assignment, also those that a later one replaces.
pub fn parse_raw_observed(
    text: &str,
    lookup: &dyn Fn(&str) -> Option<String>,
    observe: &mut dyn FnMut(&Assignment<'_>),
) -> Result<IndexMap<String, String>, RawMistaken> {
    let mut variables = IndexMap::new();
    let mut mistakes = Vec::new();
    let mut start = 0;
    for whole in text.split_inclusive('\n') {
        let end = start + whole.len();
        let line = whole.strip_suffix('\n').unwrap_or(whole);
        let line = line.strip_suffix('\r').unwrap_or(line);
        let line = if start == 0 { line.trim_start_matches('\u{feff}') } else { line };
        let line = line.trim_start();
        let range = start..start + whole.trim_end().len();
        start = end;
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, value) = match line.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (line, None),
        };
        if mistakes.len() >= limits::MISTAKES {
            break;
        }
        if name.contains([' ', '\t']) {
            mistakes.push(RawError::NameWithSpace { name: name.to_owned(), range });
            continue;
        }
        if name.is_empty() {
            mistakes.push(RawError::NoName { text: line.to_owned(), range });
            continue;
        }
        if let Some(value) = value.or_else(|| lookup(name)) {
            let place = (range.start, range.end);
            observe(&Assignment { name, value: &value, template: None, range: place });
            variables.insert(name.to_owned(), value);
            if variables.len() > limits::VARIABLES {
                mistakes.push(RawError::TooMany { range });
                break;
            }
        }
    }
    if mistakes.is_empty() { Ok(variables) } else { Err(Mistaken { mistakes, rest: variables }) }
}
