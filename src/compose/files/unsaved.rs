//! Files of which one has another text than on the disk: what an editor holds and did not save.

use std::io;
use std::path::{Path, PathBuf};

use super::{FileKind, Files};
use crate::compose::remote::Remotes;

/// Files with the text of one of them in its place.
pub struct Unsaved<'a> {
    files: &'a dyn Files,
    path: PathBuf,
    text: Vec<u8>,
}

impl<'a> Unsaved<'a> {
    /// `files`, where `text` stands at `path`, an absolute path.
    pub fn new(files: &'a dyn Files, path: PathBuf, text: Vec<u8>) -> Self {
        Self { files, path, text }
    }

    /// Whether the path, or the file that it leads to, is the one with another text.
    fn is_unsaved(&self, path: &Path) -> bool {
        path == self.path
            || (path.file_name() == self.path.file_name() && {
                let canonical = self.files.canonical(path);
                canonical.is_some() && canonical == self.files.canonical(&self.path)
            })
    }
}

impl Files for Unsaved<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if self.is_unsaved(path) { Ok(self.text.clone()) } else { self.files.read(path) }
    }

    fn kind(&self, path: &Path) -> Option<FileKind> {
        if path == self.path { Some(FileKind::File) } else { self.files.kind(path) }
    }

    fn canonical(&self, path: &Path) -> Option<PathBuf> {
        // A file that was never saved is where it would be.
        self.files.canonical(path).or_else(|| (path == self.path).then(|| path.to_owned()))
    }

    fn remotes(&self) -> &dyn Remotes {
        self.files.remotes()
    }

    fn stdin(&self) -> io::Result<Vec<u8>> {
        self.files.stdin()
    }
}
