//! Which of the diagnostics of a load are shown, and in what order.

use std::collections::HashSet;

use super::{Code, Diagnostic, Label, Severity, Span};

/// What identifies an error: the same mistake seen twice, through an alias or in a later stage, is
/// one.
#[derive(PartialEq, Eq, Hash)]
enum Identity {
    Placed(Code, Vec<Span>),
    Said(Code, String),
}

/// Puts diagnostics in the order to show them, each error once: first the warnings as they were
/// found, then the errors by file and line. The first error that was found stays the first, since
/// it is the one that a reader that gives up at once (Docker Compose) reports, and scripts know.
pub fn arrange(diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let (mut arranged, errors): (Vec<_>, Vec<_>) =
        diagnostics.into_iter().partition(|it| it.severity == Severity::Warning);
    let mut seen = HashSet::new();
    let mut errors = errors.into_iter().filter(|error| seen.insert(identity(error)));
    arranged.extend(errors.next());
    let mut others: Vec<Diagnostic> = errors.collect();
    others.sort_by_key(|error| places(error).next().map(|span| (span.file, span.start)));
    arranged.extend(others);
    arranged
}

/// Whether any of them is an error.
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
}

/// Where errors are.
pub fn error_places(diagnostics: &[Diagnostic]) -> HashSet<Span> {
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error);
    errors.flat_map(places).collect()
}

fn places(diagnostic: &Diagnostic) -> impl Iterator<Item = Span> {
    let primary = diagnostic.labels.iter().filter(|label: &&Label| label.primary);
    primary.map(|label| label.span)
}

fn identity(diagnostic: &Diagnostic) -> Identity {
    let places: Vec<Span> = places(diagnostic).collect();
    if places.is_empty() {
        Identity::Said(diagnostic.code, diagnostic.message.clone())
    } else {
        Identity::Placed(diagnostic.code, places)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::FileId;

    const CODE: Code = crate::diagnostic::codes::YAML_SYNTAX;

    fn error(message: &str, file: u32, start: usize) -> Diagnostic {
        Diagnostic::error(CODE, message).at(Span::new(FileId(file), start, start + 1), "")
    }

    #[test]
    fn errors_follow_the_files_behind_the_first_found() {
        let arranged = arrange(vec![
            error("found first", 1, 5),
            error("last line", 1, 9),
            Diagnostic::warning(CODE, "warning").at(Span::new(FileId(0), 0, 1), ""),
            error("first line", 1, 0),
            error("first file", 0, 7),
            error("last line, seen through an alias", 1, 9),
            Diagnostic::error(CODE, "in no file"),
            Diagnostic::error(CODE, "in no file"),
        ]);
        let messages: Vec<&str> = arranged.iter().map(|it| it.message.as_str()).collect();
        assert_eq!(
            messages,
            ["warning", "found first", "in no file", "first file", "first line", "last line"]
        );
    }
}
