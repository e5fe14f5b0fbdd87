//! Looks for Compose files by name, from a directory upwards.

use std::path::{Path, PathBuf};

use crate::compose::files::Files;
use crate::diagnostic::{Diagnostic, codes};

/// Names of a project's file, the preferred one first.
const NAMES: [&str; 4] =
    ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

/// Names of a file beside it that is merged on top. The order of endings is not that of
/// [`NAMES`], in Compose either.
const OVERRIDE_NAMES: [&str; 4] = [
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
];

/// The project's file in the nearest directory that has one, and its override if there is one.
pub(super) fn search(
    directory: &Path,
    files: &dyn Files,
    warnings: &mut Vec<Diagnostic>,
) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for directory in directory.ancestors() {
        found.extend(first_of(&NAMES, "config", directory, files, warnings));
        if !found.is_empty() {
            found.extend(first_of(&OVERRIDE_NAMES, "override", directory, files, warnings));
            break;
        }
    }
    found
}

/// Where a file would be looked for that is merged on top of the project's, if that was found by its name; nothing that is
/// read already.
pub fn overrides(files: &[PathBuf]) -> Vec<PathBuf> {
    let is_found = |file: &&PathBuf| {
        file.file_name().and_then(|name| name.to_str()).is_some_and(|name| NAMES.contains(&name))
    };
    let Some(directory) = files.first().filter(is_found).and_then(|file| file.parent()) else {
        return Vec::new();
    };
    let candidates = OVERRIDE_NAMES.iter().map(|name| directory.join(name));
    candidates.filter(|candidate| !files.contains(candidate)).collect()
}

fn first_of(
    names: &[&str],
    kind: &str,
    directory: &Path,
    files: &dyn Files,
    warnings: &mut Vec<Diagnostic>,
) -> Option<PathBuf> {
    let mut candidates = names
        .iter()
        .map(|name| directory.join(name))
        .filter(|candidate| files.kind(candidate).is_some());
    let first = candidates.next()?;
    let others: Vec<PathBuf> = candidates.collect();
    if !others.is_empty() {
        let all: Vec<String> =
            std::iter::once(&first).chain(&others).map(|it| it.display().to_string()).collect();
        for message in [
            format!("Found multiple {kind} files with supported names: {}", all.join(", ")),
            format!("Using {}", first.display()),
        ] {
            warnings.push(Diagnostic::warning(codes::FILE_SEVERAL, message));
        }
    }
    Some(first)
}
