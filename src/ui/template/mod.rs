//! Go templates, as people give them to `--format`: `{{.Name}}`, `{{json .}}`,
//! `{{range $i, $port := .Publishers}}…{{end}}`, `{{define "x"}}…{{end}}`: the language of Go's package
//! `text/template` with the functions that the Docker CLI adds, and its messages, which name the place
//! in the template.
//!
//! [`lex`] cuts a text into words, [`parse`] makes a [`tree`] of them, [`execute`] runs it over a
//! [`Value`]. Pure.

mod execute;
mod functions;
mod lex;
mod parse;
mod printf;
mod tree;
mod value;

#[cfg(test)]
mod tests;

pub use functions::Functions;
pub use parse::Template;
pub use value::{Labels, Record, RecordKind, Value};

/// Why a template cannot be used, in the words of Go's package.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("template: {0}")]
pub struct TemplateError(String);
