//! Go templates in the forms that people give to `--format`: `{{.Name}}`, `{{json .}}`,
//! `{{.Label "k"}}`, `{{.Names | upper}}`, `{{if .Health}}…{{end}}`, `{{range .Publishers}}…{{end}}`,
//! `table {{.Name}}\t{{.Status}}`. Variables and nested definitions are not offered.
//!
//! [`parse`] turns text into a [`Template`], [`eval`] renders it over JSON values. Pure.

mod eval;
mod functions;
mod parse;

pub use eval::{Data, render};
pub use parse::{Template, TemplateError};
