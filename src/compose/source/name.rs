//! The name of a project.

use std::path::Path;

use crate::compose::files::Files;
use crate::diagnostic::{Diagnostic, codes};

/// What a project may be named by; the first that is there and not empty counts.
#[derive(Debug, Clone, Copy, Default)]
pub struct NameCandidates<'a> {
    /// The value of `-p`. Must be in normal form.
    pub flag: Option<&'a str>,
    /// The value of `COMPOSE_PROJECT_NAME`. Must be in normal form.
    pub environment: Option<&'a str>,
    /// The last top-level `name:` of the project's documents, substituted.
    pub files: Option<&'a str>,
    /// The project's working directory.
    pub directory: Option<&'a Path>,
}

/// A project's name in normal form, and what gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectName {
    /// The name.
    pub name: String,
    /// What gave it.
    pub source: NameSource,
}

/// What gave a project its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameSource {
    /// `-p`
    Flag,
    /// `COMPOSE_PROJECT_NAME`
    Environment,
    /// `name:` in a file
    Files,
    /// The directory's name
    Directory,
}

/// Decides on a project's name. A name in a file and a directory's name are normalised silently;
/// one that was given by hand is refused if it is not normal.
pub fn project_name(candidates: &NameCandidates<'_>) -> Result<ProjectName, Box<Diagnostic>> {
    let given =
        [(candidates.flag, NameSource::Flag), (candidates.environment, NameSource::Environment)];
    for (name, source) in given {
        let Some(name) = name.filter(|name| !name.is_empty()) else { continue };
        let normal = normalize(name);
        if normal == name {
            return Ok(ProjectName { name: normal, source });
        }
        let message = format!(
            "invalid project name {name:?}: must consist only of lowercase alphanumeric characters, hyphens, and underscores as well as start with a letter or number"
        );
        let mut diagnostic = Diagnostic::error(codes::PROJECT_NAME_INVALID, message);
        if !normal.is_empty() {
            diagnostic = diagnostic.help(format!("`{normal}` would be valid"));
        }
        return Err(Box::new(diagnostic));
    }
    let directory =
        candidates.directory.and_then(Path::file_name).map(|name| name.to_string_lossy());
    for (name, source) in
        [(candidates.files, NameSource::Files), (directory.as_deref(), NameSource::Directory)]
    {
        let written = name.unwrap_or_default();
        let name = normalize(written);
        if !name.is_empty() {
            return Ok(ProjectName { name, source });
        }
        // A file that names the project by nothing usable does not leave it to the directory.
        if source == NameSource::Files && !written.is_empty() {
            break;
        }
    }
    Err(Box::new(
        Diagnostic::error(codes::PROJECT_NAME_INVALID, "project name must not be empty")
            .help("name the project with `-p`, or with `name:` in its file"),
    ))
}

/// The last top-level `name:` of texts by their lines, without reading them as YAML: much sooner, and
/// good enough to prepare for. `None` where lines do not tell.
pub fn glimpsed_name(texts: &[impl AsRef<str>]) -> Option<Option<&str>> {
    let mut name = None;
    for line in texts.iter().flat_map(|text| text.as_ref().lines()) {
        if let Some(value) = line.strip_prefix("name:") {
            let value = value.trim();
            let is_word = value.chars().all(|it| it.is_ascii_alphanumeric() || "_-".contains(it));
            if value.is_empty() || !is_word {
                return None;
            }
            name = Some(value);
        } else if line.starts_with(['{', '"', '\'', '?', '&', '!', '<']) {
            return None;
        }
    }
    Some(name)
}

/// The normal form of a name: in lower case, without characters other than letters, digits, `_`
/// and `-`, starting with a letter or digit. May be empty.
pub fn normalize(name: &str) -> String {
    let kept: String = name
        .to_lowercase()
        .chars()
        .filter(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || matches!(it, '_' | '-'))
        .collect();
    kept.trim_start_matches(['_', '-']).to_owned()
}

/// A warning if a project that is named by its directory ([`NameSource::Directory`]) is named by a
/// link to it: through the directory itself, it would be another project.
pub fn link_warning(directory: &Path, files: &dyn Files) -> Option<Diagnostic> {
    let name = directory.file_name()?;
    let real = files.canonical(directory)?;
    if real.file_name()? == name {
        return None;
    }
    let message = format!(
        "project has been loaded without an explicit name from a symlink. Using name {:?}",
        name.to_string_lossy()
    );
    Some(
        Diagnostic::warning(codes::PROJECT_NAME_FROM_LINK, message)
            .help(format!("it leads to {}; give the project a `name:`", real.display())),
    )
}
