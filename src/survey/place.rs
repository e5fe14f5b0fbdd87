//! Lines of files, as their user calls them.

use std::collections::BTreeMap;
use std::path::Path;

use crate::compose::dotenv::EnvFiles;
use crate::compose::model::Project;
use crate::platform::subject::Place;

/// Where the value at a dotted path is written, relative to the project's directory.
pub(super) fn place(project: &Project, path: &str) -> Option<Place> {
    let span = project.origin(path)?;
    let position = project.sources.position(span)?;
    let file = name(project, project.sources.name(span.file));
    Some(Place { file, line: u32::try_from(position.line).ok()? })
}

/// The line of an environment file that sets a variable for what is written at a dotted path, or for the whole project;
/// `None` where the process has it, which goes before.
pub(super) fn place_of_variable(
    variable: &str,
    path: Option<&str>,
    project: &Project,
    process: &BTreeMap<String, String>,
) -> Option<Place> {
    if process.contains_key(variable) {
        return None;
    }
    let used_in = path.and_then(|path| file_of(project, path));
    let (file, line) = env_files(project).set_at(variable, used_in)?;
    Some(Place { file: name(project, file), line: u32::try_from(line).ok()? })
}

/// The value of a variable in what is written at a dotted path.
pub(super) fn value_of_variable(variable: &str, path: &str, project: &Project) -> Option<String> {
    let own = project.environment.get(variable);
    own.or_else(|| env_files(project).value(variable, file_of(project, path))).cloned()
}

/// The file that a value is written in.
fn file_of<'p>(project: &'p Project, path: &str) -> Option<&'p Path> {
    project.origin(path).map(|span| project.sources.name(span.file))
}

fn env_files(project: &Project) -> EnvFiles<'_> {
    EnvFiles {
        sources: &project.sources,
        named: &project.env_files,
        directory: &project.working_dir,
        inclusions: &project.inclusions,
    }
}

/// What is written of the value at a dotted path, without quotes around it.
pub(super) fn written<'p>(project: &'p Project, path: &str) -> Option<&'p str> {
    let span = project.origin(path)?;
    let written = project.sources.file(span.file)?.text.get(span.range())?;
    Some(written.trim_matches(['"', '\'']))
}

/// A text of several lines that is a value in a Compose file.
pub(super) struct Inline {
    /// Where it is announced: the line of a block's sign, else the one on which it begins.
    start: Place,
    /// Whether its lines are lines of the file (`|`), from the one behind the sign on.
    pub(super) is_literal: bool,
}

impl Inline {
    /// The value at a dotted path.
    pub(super) fn of(project: &Project, path: &str) -> Option<Self> {
        let mut start = place(project, path)?;
        let span = project.origin(path)?;
        let before = project.sources.file(span.file)?.text.get(..span.range().start)?;
        let sign = sign(before);
        if let Some((_, below)) = sign {
            start.line = start.line.saturating_sub(below);
        }
        Some(Self { start, is_literal: sign.is_some_and(|(sign, _)| sign == '|') })
    }

    /// Where one of its lines is written, from 1; where it begins, if its lines are not those of the file.
    pub(super) fn at(&self, line: u32) -> Place {
        let Place { file, line: start } = &self.start;
        let below = if self.is_literal { line } else { 0 };
        Place { file: file.clone(), line: start.saturating_add(below) }
    }
}

/// The sign of the block whose text begins behind `before`, and how many lines above that it stands.
fn sign(before: &str) -> Option<(char, u32)> {
    let mut lines = before.split('\n').rev().zip(0..);
    let (line, below) = lines.find(|(line, _)| !line.trim().is_empty())?;
    // Behind the sign there may be digits, what becomes of the last line's end, and a comment.
    let line = line.split(" #").next().unwrap_or(line).trim_end();
    let line = line.trim_end_matches(|it: char| it.is_ascii_digit() || matches!(it, '+' | '-'));
    let sign = line.chars().next_back().filter(|it| matches!(it, '|' | '>'))?;
    (below > 0).then_some((sign, below))
}

/// A file, relative to the project's directory where it is in there.
pub(super) fn name(project: &Project, path: &Path) -> String {
    path.strip_prefix(&project.working_dir).unwrap_or(path).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::loaded::Loaded;

    #[test]
    fn lines_of_a_literal_block_are_lines_of_its_file() {
        let file = |written: &str| {
            format!(
                "services:\n  web:\n    build:\n      context: /\n      dockerfile_inline: {written}\n  \
                 other: {{image: x}}\n"
            )
        };
        for (written, expected) in [
            ("|\n        FROM a\n\n        RUN b\n        RUN b", [6, 8, 9]),
            (
                "|- # two\n        FROM --platform=$$TARGETPLATFORM a\n        # c\n        RUN b",
                [6, 8, 9],
            ),
            ("&text |2\n        FROM a\n          RUN b\n        RUN b", [6, 8, 9]),
            (">\n        FROM a\n\n        RUN b", [5, 5, 5]),
            ("\"FROM a\\nRUN b\"", [5, 5, 5]),
            ("FROM a", [5, 5, 5]),
        ] {
            let project = Loaded::from(&file(written)).project();
            let inline = Inline::of(&project, "services.web.build.dockerfile_inline").unwrap();
            assert_eq!([1, 3, 4].map(|line| inline.at(line).line), expected, "{written}");
            assert_eq!(inline.at(1).file, "compose.yaml");
        }
    }
}
