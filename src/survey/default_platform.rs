//! Where `DOCKER_DEFAULT_PLATFORM` comes from, which Docker Compose also heeds where an environment file sets it.

use std::collections::BTreeMap;
use std::path::Path;

use indexmap::IndexMap;

use super::place::name;
use crate::compose::dotenv::parse_observed;
use crate::compose::model::Project;
use crate::diagnostic::{Position, SourceFile};
use crate::platform::subject::Place;

/// The variable.
pub(super) const DEFAULT_PLATFORM: &str = "DOCKER_DEFAULT_PLATFORM";

/// The line of an environment file that sets it; `None` where the process has it, which goes before.
pub(super) fn default_platform_at(
    project: &Project,
    process: &BTreeMap<String, String>,
) -> Option<Place> {
    if process.contains_key(DEFAULT_PLATFORM) {
        return None;
    }
    let is_read = |path: &Path| project.env_files.iter().any(|file| file == path);
    let is_default = |path: &Path| project.env_files.is_empty() && path.ends_with(".env");
    let mut files: Vec<&SourceFile> = project.sources.files().collect();
    files.retain(|file| is_read(&file.name) || is_default(&file.name));
    // A later file wins over an earlier one.
    files.into_iter().rev().find_map(|file| {
        let start = assignment(&file.text)?;
        let line = u32::try_from(Position::of(&file.text, start).line).ok()?;
        Some(Place { file: name(project, &file.name), line })
    })
}

/// Where a text sets it at last.
fn assignment(text: &str) -> Option<usize> {
    let mut start = None;
    let mut observe = |assignment: &crate::compose::dotenv::Assignment<'_>| {
        if assignment.name == DEFAULT_PLATFORM {
            start = Some(assignment.range.0);
        }
    };
    // What is wrong with the rest is told of elsewhere.
    let _ = parse_observed(IndexMap::new(), text, &|_| None, &mut observe);
    start
}

#[cfg(test)]
mod tests {
    use super::assignment;

    #[test]
    fn the_last_assignment_counts() {
        let text = "# DOCKER_DEFAULT_PLATFORM=x\nA=1\nDOCKER_DEFAULT_PLATFORM=linux/amd64\n";
        assert_eq!(assignment(text), text.find("\nDOCKER").map(|it| it + 1));
        let again = format!("{text}export DOCKER_DEFAULT_PLATFORM='linux/arm64'\n");
        assert!(assignment(&again) > assignment(text));
        assert_eq!(assignment("A=DOCKER_DEFAULT_PLATFORM\n"), None);
    }
}
