//! Where environment files set a variable.

use std::path::{Path, PathBuf};

use indexmap::IndexMap;

use super::{Assignment, parse_observed};
use crate::compose::model::{Included, Inclusions};
use crate::diagnostic::{Position, SourceFile, SourceMap};

/// The environment files of a project that were read.
#[derive(Debug, Clone, Copy)]
pub struct EnvFiles<'s> {
    /// The texts.
    pub sources: &'s SourceMap,
    /// Those that were named; without any it is `.env`.
    pub named: &'s [PathBuf],
    /// The project's directory.
    pub directory: &'s Path,
    /// Those of inclusions.
    pub inclusions: &'s Inclusions,
}

impl<'s> EnvFiles<'s> {
    /// The file that sets a variable for a Compose file, or for the project as a whole, and the line. The project's own
    /// go before those of inclusions; of several the last one wins.
    pub fn set_at(self, variable: &str, used_in: Option<&Path>) -> Option<(&'s Path, usize)> {
        let of_project = self.sources.files().filter(|file| self.is_of_project(&file.name));
        let of_project = of_project.collect::<Vec<_>>();
        let inclusions = self.included(used_in).map_or(&[][..], |included| &included.env_files);
        let of_inclusions = inclusions.iter().map(|files| {
            let file = |path: &PathBuf| self.sources.files().find(|file| file.name == *path);
            files.iter().filter_map(file).collect::<Vec<_>>()
        });
        std::iter::once(of_project).chain(of_inclusions).find_map(|files| last(variable, files))
    }

    /// The value that a variable has in a Compose file by its inclusion.
    pub fn value(self, variable: &str, used_in: Option<&Path>) -> Option<&'s String> {
        self.included(used_in)?.variables.get(variable)
    }

    fn included(self, file: Option<&Path>) -> Option<&'s Included> {
        self.inclusions.get(file?).map(AsRef::as_ref)
    }

    fn is_of_project(self, path: &Path) -> bool {
        if !self.named.is_empty() {
            return self.named.iter().any(|named| named == path);
        }
        let is_included = || {
            self.inclusions.values().any(|it| it.env_files.iter().flatten().any(|it| it == path))
        };
        path.ends_with(".env") && (path.parent() == Some(self.directory) || !is_included())
    }
}

/// Where the last of some files sets a variable.
fn last<'s>(variable: &str, files: Vec<&'s SourceFile>) -> Option<(&'s Path, usize)> {
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
    use crate::compose::loaded::Loaded;

    #[test]
    fn the_last_assignment_counts() {
        let text = "# ARCH=x\nA=1\nARCH=amd64\n";
        let assignment = |text: &str| assignment("ARCH", text);
        assert_eq!(assignment(text), text.find("\nARCH").map(|it| it + 1));
        let again = format!("{text}export ARCH='arm64'\n");
        assert!(assignment(&again) > assignment(text));
        assert_eq!(assignment("A=ARCH\n"), None);
    }
    #[test]
    fn files_of_inclusions_count_behind_those_of_the_project() {
        let loaded = Loaded::from(
            "include:\n  - {path: inc/a.yaml, env_file: [inc/x.env, inc/y.env]}\n  - inc/b.yaml\n\
             services:\n  own: {image: x}\n",
        );
        let loaded = loaded
            .file("inc/a.yaml", "services:\n  a: {image: x}\n")
            .file("inc/b.yaml", "services:\n  b: {image: x}\n")
            .file("inc/x.env", "BOTH=1\nONE=1\nFIRST=1\n")
            .file("inc/y.env", "\nONE=2\n")
            .file("inc/.env", "\n\nBOTH=3\nONE=3\n")
            .file(".env", "\n\n\n\nBOTH=0\n");
        let project = loaded.project();
        let files = EnvFiles {
            sources: &project.sources,
            named: &project.env_files,
            directory: &project.working_dir,
            inclusions: &project.inclusions,
        };
        let told = |variable: &str, file: Option<&str>| {
            let file = file.map(|file| project.working_dir.join(file));
            let (path, line) = files.set_at(variable, file.as_deref())?;
            let path = path.strip_prefix(&project.working_dir).unwrap_or(path);
            Some(format!("{}:{line}", path.display()))
        };
        for (variable, file, expected) in [
            ("BOTH", None, Some(".env:5")),
            ("BOTH", Some("inc/a.yaml"), Some(".env:5")),
            ("ONE", None, None),
            ("ONE", Some("inc/a.yaml"), Some("inc/y.env:2")),
            ("ONE", Some("inc/b.yaml"), Some("inc/.env:4")),
            ("FIRST", Some("inc/a.yaml"), Some("inc/x.env:3")),
            ("FIRST", Some("inc/b.yaml"), None),
        ] {
            assert_eq!(told(variable, file).as_deref(), expected, "{variable} {file:?}");
        }
        let file = project.working_dir.join("inc/a.yaml");
        assert_eq!(files.value("ONE", Some(&file)).map(String::as_str), Some("2"));
        assert_eq!(files.value("BOTH", Some(&file)), None, "it is the project's");
    }
}
