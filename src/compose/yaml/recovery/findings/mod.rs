//! What its author probably did to a text that is not YAML: guesses from what stands around the
//! place where reading stopped. Each guess comes with changes, and is taken only if the text can
//! be read further with them.

mod indentation;
mod punctuation;
mod strangers;
mod values;

use std::ops::Range;

use super::lines::Lines;
use super::repairs::Change;
use crate::compose::yaml::events::SyntaxError;

/// How many lines back an unclosed quote or bracket is looked for.
const FAR: usize = 200;

/// A guess.
#[derive(Clone)]
pub(in crate::compose::yaml) struct Finding {
    /// Where the mistake is.
    pub(in crate::compose::yaml) place: Range<usize>,
    /// What is there.
    pub(in crate::compose::yaml) label: String,
    /// A place that explains it.
    pub(in crate::compose::yaml) context: Option<(Range<usize>, String)>,
    /// What to do.
    pub(in crate::compose::yaml) help: String,
    /// What would mend it.
    pub(in crate::compose::yaml) changes: Vec<Change>,
    /// Whether the text must be read beyond the whole line of the error for the guess to be good.
    /// Else a change above it may leave a second mistake on the line.
    pub(in crate::compose::yaml) strict: bool,
    /// Whether the changes are shown; else they only help to read on.
    pub(in crate::compose::yaml) offered: bool,
}

impl Finding {
    fn new(place: Range<usize>, label: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            place,
            label: label.into(),
            context: None,
            help: help.into(),
            changes: Vec::new(),
            strict: false,
            offered: true,
        }
    }

    fn with(mut self, range: Range<usize>, replacement: impl Into<String>) -> Self {
        self.changes.push((range, replacement.into()));
        self
    }

    fn beside(mut self, range: Range<usize>, label: impl Into<String>) -> Self {
        self.context = Some((range, label.into()));
        self
    }

    fn for_reading_on(mut self) -> Self {
        self.offered = false;
        self
    }
}

/// The guesses for an error, the most specific first.
pub(super) fn findings(lines: &Lines<'_>, error: &SyntaxError) -> Vec<Finding> {
    let mut found = Vec::new();
    let at = lines.at(error.range.start);
    let view = View { lines, error, at };
    found.extend(view.conflict());
    found.extend(view.template());
    view.tabs(&mut found);
    view.colons(&mut found);
    found.extend(view.dash());
    found.extend(view.literal());
    found.extend(view.braces());
    view.quotes(&mut found);
    view.brackets(&mut found);
    found.extend(view.comma());
    found.extend(view.colon_in_value());
    found.extend(view.mixture());
    found.extend(view.too_deep());
    view.between_columns(&mut found);
    found.extend(view.reserved());
    found.extend(view.escape());
    found
}

struct View<'v, 'text> {
    lines: &'v Lines<'text>,
    error: &'v SyntaxError,
    /// The line of the error.
    at: usize,
}
