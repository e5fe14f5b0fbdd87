//! Lines of files, as their user calls them.

use std::path::Path;

use crate::compose::model::Project;
use crate::platform::subject::Place;

/// Where the value at a dotted path is written, relative to the project's directory.
pub(super) fn place(project: &Project, path: &str) -> Option<Place> {
    let span = project.origin(path)?;
    let position = project.sources.position(span)?;
    let file = name(project, project.sources.name(span.file));
    Some(Place { file, line: u32::try_from(position.line).ok()? })
}

/// A line of a text that is the value at a dotted path: a line of the file where that has the text as it
/// is (a block), else the place of the value.
pub(super) fn place_within(project: &Project, path: &str, text: &str, line: u32) -> Option<Place> {
    let start = place(project, path)?;
    let span = project.origin(path)?;
    let wanted = text.lines().nth(usize::try_from(line).ok()?.checked_sub(1)?)?.trim();
    let written = project.sources.file(span.file)?.text.lines();
    let below = written.skip(usize::try_from(start.line).ok()?).zip(start.line + 1..);
    // The text begins on the line behind the sign of a block, or on the place of the value itself.
    let at =
        below.take(usize::try_from(line).ok()? + 1).filter(|(it, _)| it.trim() == wanted).last();
    Some(Place { line: at.map_or(start.line, |(_, line)| line), ..start })
}

/// A file, relative to the project's directory where it is in there.
pub(super) fn name(project: &Project, path: &Path) -> String {
    path.strip_prefix(&project.working_dir).unwrap_or(path).display().to_string()
}
