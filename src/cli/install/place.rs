//! A place where a link to the program may stand: what is there, and how it is put there and taken
//! away again.

use std::io;
use std::path::{Path, PathBuf};

/// What stands in a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing.
    Nothing,
    /// A link to this program, or the program itself.
    This,
    /// A link to another copy of Bireme.
    Bireme,
    /// Anything else.
    Other,
}

/// A place for a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The link.
    pub(super) link: PathBuf,
}

impl Place {
    /// `name` in a directory.
    pub(super) fn new(directory: &Path, name: &str) -> Self {
        Self { link: directory.join(name) }
    }

    /// What is there.
    pub(super) fn look(&self, program: &Path) -> io::Result<Found> {
        let Some(metadata) = existing(&self.link)? else { return Ok(Found::Nothing) };
        if self.link.canonicalize().is_ok_and(|target| target == program) {
            return Ok(Found::This);
        }
        let is_bireme = metadata.is_symlink()
            && std::fs::read_link(&self.link)?.file_name().is_some_and(|name| name == "bireme");
        Ok(if is_bireme { Found::Bireme } else { Found::Other })
    }

    /// Where what was there before is kept. The docker command takes no file for a plugin whose
    /// name begins with a dot.
    pub(super) fn saved(&self) -> PathBuf {
        let name = self.link.file_name().unwrap_or_default().to_string_lossy();
        self.link.with_file_name(format!(".{name}.before-bireme"))
    }

    /// Whether something that was there before is kept.
    pub(super) fn has_saved(&self) -> io::Result<bool> {
        Ok(existing(&self.saved())?.is_some())
    }

    /// Puts aside what is there.
    ///
    /// # Errors
    /// Something is kept already: it would be lost.
    pub(super) fn put_aside(&self) -> io::Result<()> {
        if self.has_saved()? {
            let saved = self.saved();
            return Err(io::Error::other(format!("{} would be overwritten", saved.display())));
        }
        std::fs::rename(&self.link, self.saved())
    }

    /// Links to the program, in place of a link that may be there.
    pub(super) fn link_to(&self, program: &Path) -> io::Result<()> {
        let directory = self.link.parent().unwrap_or(Path::new("/"));
        std::fs::create_dir_all(directory)?;
        // Renamed into place, so that whoever calls the name meanwhile finds one of the two.
        let name = self.link.file_name().unwrap_or_default().to_string_lossy();
        let new = self.link.with_file_name(format!(".{name}.{}", std::process::id()));
        std::os::unix::fs::symlink(program, &new)?;
        std::fs::rename(&new, &self.link).inspect_err(|_| {
            // The error that matters is the first.
            let _ = std::fs::remove_file(&new);
        })
    }

    /// Takes the link away, if there is one, and brings back what was there before. Tells whether
    /// something was brought back.
    pub(super) fn undo(&self) -> io::Result<bool> {
        if self.has_saved()? {
            // A directory cannot take the place of a link.
            if self.saved().symlink_metadata()?.is_dir() && self.link.is_symlink() {
                std::fs::remove_file(&self.link)?;
            }
            return std::fs::rename(self.saved(), &self.link).map(|()| true);
        }
        std::fs::remove_file(&self.link).map(|()| false)
    }
}

/// What stands at a path, itself and not what it links to.
fn existing(path: &Path) -> io::Result<Option<std::fs::Metadata>> {
    match path.symlink_metadata() {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_told_from_what_is_not_ours() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().canonicalize().unwrap();
        let program = root.join("bireme");
        std::fs::write(&program, "").unwrap();
        let place = Place::new(&root.join("plugins"), "docker-compose");
        assert_eq!(place.look(&program).unwrap(), Found::Nothing);
        place.link_to(&program).unwrap();
        assert_eq!(place.look(&program).unwrap(), Found::This);
        assert_eq!(place.look(&root.join("newer")).unwrap(), Found::Bireme);
        std::fs::remove_file(&program).unwrap();
        assert_eq!(place.look(&program).unwrap(), Found::Bireme);
        assert!(!place.undo().unwrap());

        std::fs::write(&place.link, "theirs").unwrap();
        assert_eq!(place.look(&program).unwrap(), Found::Other);
        place.put_aside().unwrap();
        place.link_to(&program).unwrap();
        assert!(place.undo().unwrap());
        assert_eq!(std::fs::read_to_string(&place.link).unwrap(), "theirs");

        std::fs::remove_file(&place.link).unwrap();
        std::fs::create_dir(&place.link).unwrap();
        place.put_aside().unwrap();
        place.link_to(&program).unwrap();
        assert!(place.undo().unwrap());
        assert!(place.link.is_dir());
    }

    #[test]
    fn what_is_kept_is_never_overwritten() {
        let directory = tempfile::tempdir().unwrap();
        let place = Place::new(directory.path(), "docker-compose");
        std::fs::write(&place.link, "second").unwrap();
        std::fs::write(place.saved(), "first").unwrap();
        assert!(place.put_aside().is_err());
        assert_eq!(std::fs::read_to_string(place.saved()).unwrap(), "first");
    }
}
