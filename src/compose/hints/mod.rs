//! What else there is to say of an error once everything is loaded: how to write the value, where
//! a variable got its value, which service inherits what is wrong.
//!
//! Runs on failures only, so it may look at texts and trees as often as it likes.

mod commands;
mod inherited;
mod numbers;
mod ports;
mod templates;
mod variables;

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::yaml::Node;
use crate::diagnostic::{Diagnostic, Severity, SourceMap, Span, codes};

/// How many errors are looked at: more are hardly read.
const MAX_ERRORS: usize = 200;

/// What is known when a load has failed.
pub(super) struct Known<'a> {
    /// The merged tree.
    pub(super) tree: &'a Node,
    /// All texts.
    pub(super) sources: &'a SourceMap,
    /// The variables of the project.
    pub(super) environment: &'a BTreeMap<String, String>,
    /// The environment files that were asked for.
    pub(super) env_files: &'a [PathBuf],
}

/// Adds help, edits and places to errors.
pub(super) fn add(diagnostics: &mut [Diagnostic], known: &Known<'_>) {
    let errors = diagnostics.iter_mut().filter(|it| it.severity == Severity::Error);
    for error in errors.take(MAX_ERRORS) {
        let Some(value) = Written::of(error, known.sources) else { continue };
        match error.code {
            codes::SHORT_SYNTAX => ports::add(error, &value),
            codes::DECODE_VALUE => numbers::add_to_value(error, &value),
            codes::INTERPOLATION_CAST => numbers::add_to_cast(error, &value),
            codes::DECODE_COMMAND
            | codes::DOTENV_SYNTAX
            | codes::FILE_UNREADABLE
            | codes::VARIABLES_UNREADABLE => commands::add(error, &value),
            codes::INTERPOLATION_FORMAT | codes::INTERPOLATION_REQUIRED => {
                templates::add(error, &value, known);
            }
            _ => {}
        }
        variables::add(error, &value, known);
        let is_circle = matches!(error.code, codes::EXTENDS_CYCLE | codes::INCLUDE_CYCLE);
        if !is_circle {
            inherited::add(error, value.span, known.tree);
        }
    }
}

/// A value as it is written where an error points.
pub(super) struct Written<'a> {
    /// Without quotes.
    text: &'a str,
    /// The place without quotes.
    span: Span,
}

impl<'a> Written<'a> {
    fn of(error: &Diagnostic, sources: &'a SourceMap) -> Option<Self> {
        let label = error.labels.iter().find(|label| label.primary)?;
        let text = sources.file(label.span.file)?.text.get(label.span.range())?;
        let quoted = text.len() >= 2
            && ['"', '\''].iter().any(|quote| text.starts_with(*quote) && text.ends_with(*quote));
        let (text, span) = if quoted {
            let span = Span { start: label.span.start + 1, end: label.span.end - 1, ..label.span };
            (&text[1..text.len() - 1], span)
        } else {
            (text, label.span)
        };
        Some(Self { text, span })
    }

    /// Whether the value is what is written: nothing is substituted or escaped in it.
    fn is_verbatim(&self) -> bool {
        !self.text.contains(['$', '\\', '\n'])
    }

    /// The place of a part of the value, if it is there once.
    fn part(&self, part: &str) -> Option<Span> {
        let mut found = self.text.match_indices(part);
        let (start, _) = found.next()?;
        if part.is_empty() || found.next().is_some() {
            return None;
        }
        let offset = |bytes: usize| self.span.start + u32::try_from(bytes).unwrap_or(u32::MAX);
        Some(Span { start: offset(start), end: offset(start + part.len()), ..self.span })
    }
}

/// Points an error at another place, with another label.
fn point(error: &mut Diagnostic, span: Span, message: impl Into<String>) {
    if let Some(label) = error.labels.iter_mut().find(|label| label.primary) {
        label.span = span;
        label.message = message.into();
    }
}

/// Puts another text to the place that an error points at.
fn say(error: &mut Diagnostic, message: impl Into<String>) {
    if let Some(label) = error.labels.iter_mut().find(|label| label.primary) {
        label.message = message.into();
    }
}

/// Offers to write the whole value in another way, or only says so when it is not written here.
fn rewrite(error: &mut Diagnostic, value: &Written<'_>, better: &str) {
    error.help = Some(format!("write `{better}`"));
    if value.is_verbatim() {
        edit(error, value.span, better);
    }
}

fn edit(error: &mut Diagnostic, span: Span, replacement: &str) {
    error.edits.push(crate::diagnostic::Edit { span, replacement: replacement.to_owned() });
}
