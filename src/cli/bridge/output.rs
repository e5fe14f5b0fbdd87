//! The directory that a conversion writes into. It begins empty.

use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use crate::cli::failure::{Failure, Result};
use crate::compose::files::absolute;
use crate::engine::transport::plain;

/// Permissions of the directory, as Docker Compose gives them.
const MODE: u32 = 0o744;

/// A directory that a conversion writes into.
pub(super) struct Output {
    /// Where it is.
    pub(super) path: PathBuf,
    /// What the user calls it.
    given: String,
}

impl Output {
    /// The directory that was given, below `here`.
    pub(super) fn new(here: &Path, given: &str) -> Self {
        Self { path: absolute(here, Path::new(given)), given: given.to_owned() }
    }

    /// Whether nothing is in it, or it is not there.
    pub(super) fn is_empty(&self) -> Result<bool> {
        match fs::read_dir(&self.path) {
            Ok(mut entries) => Ok(entries.next().is_none()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
            Err(error) => Err(self.failed("cannot read output folder", &error)),
        }
    }

    /// Makes it empty, if it `may` be emptied, and makes it. A symbolic link is replaced, and where
    /// it leads nothing is touched.
    ///
    /// # Errors
    /// A no; a directory in which something is that the user wants to keep; what the disk refuses.
    pub(super) fn prepare<'a>(
        &self,
        kept: impl Iterator<Item = &'a Path>,
        may: impl FnOnce(&str) -> Result<bool>,
    ) -> Result {
        // No name is no wish: it goes where we are, beside what is there.
        if self.given.is_empty() {
            return Ok(());
        }
        if !self.is_empty()? {
            self.check(kept)?;
            let given = &self.given;
            if !may(&format!(
                "Output directory '{given}' is not empty, all its content will be permanently deleted. Continue?"
            ))? {
                return Err(Failure::new(format!(
                    "deletion of output directory '{given}' was not confirmed"
                ))
                .help("`--yes` confirms it"));
            }
            fs::remove_dir_all(&self.path)
                .map_err(|error| self.failed("cannot remove existing output folder", &error))?;
        }
        fs::DirBuilder::new()
            .recursive(true)
            .mode(MODE)
            .create(&self.path)
            .map_err(|error| self.failed("cannot create output folder", &error))
    }

    /// Refuses to remove what the conversion is made from.
    fn check<'a>(&self, kept: impl Iterator<Item = &'a Path>) -> Result {
        let Ok(directory) = fs::canonicalize(&self.path) else { return Ok(()) };
        let inside =
            |path: &&Path| fs::canonicalize(path).is_ok_and(|it| it.starts_with(&directory));
        match { kept }.find(inside) {
            Some(path) => Err(Failure::new(format!(
                "output directory '{}' cannot be emptied: {} is in it",
                self.given,
                path.display()
            ))
            .help("name a directory of its own with `--output DIRECTORY`")),
            None => Ok(()),
        }
    }

    fn failed(&self, what: &str, error: &io::Error) -> Failure {
        Failure::new(format!("{what} {}: {}", self.path.display(), plain(error)))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Output;

    #[test]
    fn only_what_may_go_is_removed() {
        let directory = tempfile::tempdir().expect("a directory");
        let here = directory.path();
        let write = |path: &str| {
            let path = here.join(path);
            std::fs::create_dir_all(path.parent().expect("it has one")).expect("made");
            std::fs::write(path, "text").expect("written");
        };
        write("elsewhere/precious");
        write("out/old");
        write("project/compose.yaml");
        std::os::unix::fs::symlink("elsewhere", here.join("link")).expect("a link");
        let prepare = |given: &str, yes: bool| {
            let compose = here.join("project/compose.yaml");
            Output::new(here, given).prepare([compose.as_path()].into_iter(), |_| Ok(yes))
        };
        let holds = |path: &str| Path::exists(&here.join(path));

        assert!(prepare("out", false).is_err() && holds("out/old"));
        assert!(prepare("out", true).is_ok() && !holds("out/old") && holds("out"));
        assert!(prepare("new/deep/", false).is_ok() && holds("new/deep"));
        assert!(prepare("project", true).is_err() && prepare(".", true).is_err());
        assert!(holds("project/compose.yaml"));
        assert!(prepare("link/", true).is_ok() && holds("elsewhere/precious"));
        assert!(holds("link") && !holds("link/precious"));
        assert!(prepare("elsewhere/precious", true).is_err() && holds("elsewhere/precious"));
    }
}
