//! Variables in the values of a document: `$NAME`, `${NAME}` and `${NAME:-default}` with its kin.
//!
//! Keys are never touched, nor values that `!reset` removes. Afterwards texts become numbers and
//! booleans where the attribute wants one, because only then is `${REPLICAS}` known.

mod cast;
mod template;

use std::collections::HashMap;

use indexmap::IndexMap;

use self::cast::cast;
pub use self::template::{
    Operator, Substituted, TemplateError, Unset, Use, UsedOperation, substitute, uses,
};
use self::template::{Piece, pieces};
use super::limits;
use super::yaml::{Directive, Node, Value};
use crate::diagnostic::{Diagnostic, Label, Span, codes};

/// How many uses of one unset variable are told.
const MAX_USES: usize = 100;

/// What the documents of one load have in common.
#[derive(Debug, Clone)]
pub struct Tally {
    /// Whether all variables are known. If mistakes that were reported keep some away, a value that
    /// uses one that is not set is broken, and nothing is said about it.
    pub are_all_known: bool,
    /// Bytes of the values that were looked up.
    spent: usize,
    /// Variables that were reported as not set, and how often they were used.
    unset: HashMap<String, usize>,
}

impl Default for Tally {
    fn default() -> Self {
        Self { are_all_known: true, spent: 0, unset: HashMap::new() }
    }
}

/// Substitutes the variables of every text in a document and casts by path.
///
/// `lookup` gives a variable's value, `None` if it is not set. Reports each unset variable once,
/// also over several calls with the same `tally`. A value with a mistake becomes broken.
pub fn tree(
    node: &mut Node,
    lookup: &dyn Fn(&str) -> Option<String>,
    tally: &mut Tally,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut path = Vec::new();
    Walk { lookup, tally, diagnostics }.node(node, &mut path);
}

struct Walk<'run> {
    lookup: &'run dyn Fn(&str) -> Option<String>,
    tally: &'run mut Tally,
    diagnostics: &'run mut Vec<Diagnostic>,
}

impl Walk<'_> {
    fn node<'tree>(&mut self, node: &'tree mut Node, path: &mut Vec<&'tree str>) {
        if node.directive == Some(Directive::Reset) {
            return;
        }
        if let Value::String(text) = &node.value {
            if let Some(value) = self.text(text, node.span, path) {
                node.value = value;
            }
            return;
        }
        match &mut node.value {
            Value::Sequence(items) => {
                path.push("[]");
                for item in items {
                    self.node(item, path);
                }
                path.pop();
            }
            Value::Mapping(entries) => {
                for (key, entry) in entries {
                    path.push(key);
                    self.node(&mut entry.node, path);
                    path.pop();
                }
            }
            _ => {}
        }
    }

    /// The value that replaces the text, if one does.
    fn text(&mut self, text: &str, span: Span, path: &[&str]) -> Option<Value> {
        let substituted = if text.contains('$') {
            if self.tally.spent > limits::SUBSTITUTED_BYTES {
                // Reported where the limit was passed.
                return Some(Value::Broken);
            }
            match substitute(text, self.lookup, &mut self.tally.spent) {
                Ok(substituted) => {
                    if !self.tally.are_all_known && !substituted.unset.is_empty() {
                        return Some(Value::Broken);
                    }
                    for unset in &substituted.unset {
                        self.unset(unset, text, span);
                    }
                    Some(substituted.text.into_owned())
                }
                Err(error) => {
                    let is_missing = matches!(error, TemplateError::Required { .. });
                    if self.tally.are_all_known || !is_missing {
                        self.diagnostics.push(refused(&error, text, span, path));
                    }
                    return Some(Value::Broken);
                }
            }
        } else {
            None
        };
        let Some(target) = cast(path) else { return substituted.map(Value::String) };
        match target.convert(substituted.as_deref().unwrap_or(text)) {
            Ok((value, warning)) => {
                if let Some(warning) = warning {
                    self.diagnostics.push(
                        Diagnostic::warning(codes::INTERPOLATION_BOOLEAN, warning).at(span, ""),
                    );
                }
                Some(value)
            }
            Err(reason) => {
                let message = format!(
                    "error while interpolating {}: failed to cast to expected type: {reason}",
                    path.join(".")
                );
                self.diagnostics
                    .push(Diagnostic::error(codes::INTERPOLATION_CAST, message).at(span, ""));
                Some(Value::Broken)
            }
        }
    }

    fn unset(&mut self, unset: &Unset, text: &str, span: Span) {
        let name = &unset.name;
        let place = within(span, text, &unset.range);
        let message = format!("The {name:?} variable is not set. Defaulting to a blank string.");
        let uses = self.tally.unset.entry(name.clone()).or_default();
        *uses += 1;
        if *uses > 1 {
            // Once for each variable, with its uses; more than these nobody reads.
            let known = |it: &&mut Diagnostic| {
                it.code == codes::INTERPOLATION_UNSET && it.message == message
            };
            if *uses <= MAX_USES
                && let Some(known) = self.diagnostics.iter_mut().find(known)
                && !known.labels.iter().any(|label| label.span == place)
            {
                known.labels.push(Label { span: place, message: String::new(), primary: true });
            }
            return;
        }
        self.diagnostics.push(
            Diagnostic::warning(codes::INTERPOLATION_UNSET, message).at(place, "").help(format!(
                "write `${{{name}:-}}` if it may be empty, `$${name}` for the text itself"
            )),
        );
    }
}

fn refused(error: &TemplateError, text: &str, span: Span, path: &[&str]) -> Diagnostic {
    let path = path.join(".");
    let place = within(span, text, error.range());
    match error {
        TemplateError::Invalid { .. } => Diagnostic::error(
            codes::INTERPOLATION_FORMAT,
            format!(
                "invalid interpolation format for {path}.\nYou may need to escape any $ with another $.\n{text}"
            ),
        )
        .at(place, "")
        .help("write `$$` for a `$` that starts no variable"),
        TemplateError::TooDeep { .. } | TemplateError::TooLarge { .. } => Diagnostic::error(
            codes::INTERPOLATION_TOO_LARGE,
            format!("error while interpolating {path}: {error}"),
        )
        .at(place, "the limit is passed here"),
        TemplateError::Required { .. } => Diagnostic::error(
            codes::INTERPOLATION_REQUIRED,
            format!("error while interpolating {path}: {error}"),
        )
        .at(place, ""),
    }
}

/// The place of a part of a scalar's text. Exact when the scalar is written as it reads, plain or
/// in quotes; the whole scalar when escapes or folding move its characters.
fn within(span: Span, text: &str, range: &std::ops::Range<usize>) -> Span {
    let shift = match span.range().len().checked_sub(text.len()) {
        Some(0) => 0,
        Some(2) => 1,
        _ => return span,
    };
    let start = span.range().start + shift;
    Span::new(span.file, start + range.start, start + range.end)
}

/// Where a document first uses a variable.
pub fn place_of(node: &Node, name: &str) -> Option<Span> {
    match &node.value {
        Value::String(text) => use_in(text, name, 0).map(|range| within(node.span, text, &range)),
        Value::Sequence(items) => items.iter().find_map(|item| place_of(item, name)),
        Value::Mapping(entries) => entries.values().find_map(|entry| place_of(&entry.node, name)),
        Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Timestamp(_)
        | Value::Broken => None,
    }
}

/// The bytes of the outermost use that has a variable in it.
fn use_in(text: &str, name: &str, depth: usize) -> Option<std::ops::Range<usize>> {
    if depth > limits::VARIABLE_DEPTH {
        return None;
    }
    pieces(text).find_map(|piece| {
        let Piece::Variable { range, name: used, operation } = piece else { return None };
        let found = used == name
            || operation.is_some_and(|it| use_in(it.operand, name, depth + 1).is_some());
        found.then_some(range)
    })
}

/// A variable that a document uses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Whether some use fails without it.
    pub required: bool,
    /// What the first use with a default falls back to, not substituted itself.
    pub default: Option<String>,
    /// What the first use with an alternate puts in its place, not substituted itself.
    pub alternate: Option<String>,
}

/// The variables that a document uses, defaults of defaults included, each once in order of first
/// use. Texts with a format error contribute what stands before the error.
pub fn variables(node: &Node) -> Vec<Variable> {
    let mut found = IndexMap::new();
    collect(node, &mut found);
    found.into_values().collect()
}

/// The names of the variables that a text uses, defaults included.
pub fn names(text: &str) -> impl Iterator<Item = String> {
    let mut found = IndexMap::new();
    collect_text(text, 0, &mut found);
    found.into_keys()
}

fn collect(node: &Node, found: &mut IndexMap<String, Variable>) {
    match &node.value {
        Value::String(text) => collect_text(text, 0, found),
        Value::Sequence(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Mapping(entries) => {
            entries.values().for_each(|entry| collect(&entry.node, found));
        }
        Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Timestamp(_)
        | Value::Broken => {}
    }
}

fn collect_text(text: &str, depth: usize, found: &mut IndexMap<String, Variable>) {
    if depth > limits::VARIABLE_DEPTH {
        return;
    }
    for piece in pieces(text) {
        let Piece::Variable { name, operation, .. } = piece else { continue };
        let variable = found
            .entry(name.to_owned())
            .or_insert_with(|| Variable { name: name.to_owned(), ..Variable::default() });
        let Some(operation) = operation else { continue };
        let operand = || operation.operand.to_owned();
        match operation.operator {
            Operator::Default => {
                variable.default.get_or_insert_with(operand);
            }
            Operator::Alternate => {
                variable.alternate.get_or_insert_with(operand);
            }
            Operator::Required => variable.required = true,
        }
        collect_text(operation.operand, depth + 1, found);
    }
}

#[cfg(test)]
mod tests;
