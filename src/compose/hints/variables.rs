//! Where the variables in a wrong value got their values.

use std::path::Path;

use super::{Known, Written};
use crate::diagnostic::{Diagnostic, FileId, Span, codes};

/// How many variables of one value are explained.
const MAX_VARIABLES: usize = 3;

/// Shows what the variables in a value stand for, and where that is written.
pub(super) fn add(error: &mut Diagnostic, value: &Written<'_>, known: &Known<'_>) {
    let about_syntax = matches!(
        error.code,
        codes::INTERPOLATION_FORMAT | codes::INTERPOLATION_REQUIRED | codes::YAML_SYNTAX
    );
    if about_syntax || value.text.contains('\n') {
        return;
    }
    for name in names(value.text).take(MAX_VARIABLES) {
        let Some(content) = known.environment.get(name) else { continue };
        let shown = format!("`{name}` is `{content}`");
        let place = definition(name, content, known);
        let note = if place.is_some() { shown.clone() } else { format!("{shown}, from outside") };
        if let Some(label) = error.labels.iter_mut().find(|label| label.primary) {
            label.message =
                if label.message.is_empty() { note } else { format!("{}; {note}", label.message) };
        }
        if let Some(place) = place {
            error.labels.push(crate::diagnostic::Label {
                span: place,
                message: "set here".to_owned(),
                primary: false,
            });
        }
    }
}

/// The names of the variables in a text.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('$').filter_map(|(dollar, _)| {
        let rest = &text[dollar + 1..];
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let end = rest.find(|it: char| !(it.is_ascii_alphanumeric() || it == '_'));
        let name = &rest[..end.unwrap_or(rest.len())];
        (!name.is_empty() && !text[..dollar].ends_with('$')).then_some(name)
    })
}

/// The last line of the environment files that gives a variable this value.
fn definition(name: &str, content: &str, known: &Known<'_>) -> Option<Span> {
    let files = (0..).map(FileId).map_while(|id| Some((id, known.sources.file(id)?)));
    let is_env = |path: &Path| {
        path.file_name().is_some_and(|name| name == ".env")
            || known.env_files.iter().any(|file| path.ends_with(file))
    };
    files
        .filter(|(_, file)| is_env(&file.name))
        .filter_map(|(id, file)| {
            let mut start = 0;
            let mut found = None;
            for line in file.text.split_inclusive('\n') {
                let assignment = line.trim_start().trim_start_matches("export ");
                let value = assignment
                    .strip_prefix(name)
                    .and_then(|rest| rest.trim_start().strip_prefix('='))
                    .map(|value| value.trim().trim_matches(['"', '\'']));
                if value == Some(content) {
                    let indented = start + (line.len() - line.trim_start().len());
                    found = Some(Span::new(id, indented, start + line.trim_end().len()));
                }
                start += line.len();
            }
            found
        })
        .last()
}
