//! Whose a file is: only the user's own are edited.

use std::path::{Component, Path};

use crate::compose::files::Files;
use crate::compose::load::Merged;
use crate::compose::source::ConfigFile;

/// Directories of other people's code within a project.
const VENDORED: [&str; 5] = ["node_modules", "vendor", "third_party", "site-packages", ".git"];

/// Whether a file belongs to the project: one of its Compose files, or below the directory of one, and
/// neither fetched, nor of another repository, nor among vendored code.
pub(super) fn is_own(path: &Path, merged: &Merged, files: &dyn Files) -> bool {
    if merged.guard.copies().iter().any(|copy| path.starts_with(&copy.root)) {
        return false;
    }
    let listed = |file: &ConfigFile| matches!(file, ConfigFile::Path(listed) if listed == path);
    if merged.located.files.iter().any(listed) {
        return true;
    }
    let directories = merged.located.files.iter().filter_map(|file| match file {
        ConfigFile::Path(path) => path.parent(),
        _ => None,
    });
    directories.chain([merged.located.working_directory.as_path()]).any(|root| {
        let canonical = |path: &Path| files.canonical(path);
        let inside = match (canonical(root), canonical(path)) {
            (Some(root), Some(path)) => path.starts_with(root),
            _ => false,
        };
        inside && path.starts_with(root) && !is_others(root, path, files)
    })
}

/// Whether a path leads, below a directory, into another repository or into vendored code.
pub fn is_others(root: &Path, path: &Path, files: &dyn Files) -> bool {
    let Ok(below) = path.strip_prefix(root) else { return false };
    let mut directory = root.to_owned();
    let mut components: Vec<Component<'_>> = below.components().collect();
    components.pop();
    components.into_iter().any(|component| {
        directory.push(component);
        VENDORED.iter().any(|name| component.as_os_str() == *name)
            || files.kind(&directory.join(".git")).is_some()
    })
}
