//! Where environment files set a variable.

use std::path::{Path, PathBuf};

use indexmap::IndexMap;

use super::{Assignment, parse_observed};
use crate::diagnostic::{Position, SourceFile, SourceMap};

/// The file among those that were read which sets a variable, and the line; of several the last, which wins.
/// `env_files` are those that were named; without any it is `.env`.
pub fn set_at<'s>(
    variable: &str,
    sources: &'s SourceMap,
    env_files: &[PathBuf],
) -> Option<(&'s Path, usize)> {
    let is_named = |path: &Path| env_files.iter().any(|file| file == path);
    let is_default = |path: &Path| env_files.is_empty() && path.ends_with(".env");
    let mut files: Vec<&SourceFile> = sources.files().collect();
    files.retain(|file| is_named(&file.name) || is_default(&file.name));
    files.into_iter().rev().find_map(|file| {
        let start = assignment(variable, &file.text)?;
        Some((file.name.as_path(), Position::of(&file.text, start).line))
    })
}

/// Where a text sets a variable at last.
fn assignment(variable: &str, text: &str) -> Option<usize> {
    let mut start = None;
    let mut observe = |assignment: &Assignment<'_>| {
        if assignment.name == variable {
            start = Some(assignment.range.0);
        }
    };
    // What is wrong with the rest is told of elsewhere.
    let _ = parse_observed(IndexMap::new(), text, &|_| None, &mut observe);
    start
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_assignment_counts() {
        let text = "# ARCH=x\nA=1\nARCH=amd64\n";
        let assignment = |text: &str| assignment("ARCH", text);
        assert_eq!(assignment(text), text.find("\nARCH").map(|it| it + 1));
        let again = format!("{text}export ARCH='arm64'\n");
        assert!(assignment(&again) > assignment(text));
        assert_eq!(assignment("A=ARCH\n"), None);
    }
}
