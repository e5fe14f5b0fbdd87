//! Files of which some have another text than on the disk: what an editor holds and did not save, what an
//! edit would write.

use std::io;
use std::path::{Path, PathBuf};

use super::{FileKind, Files};
use crate::compose::remote::Remotes;

/// Files with other texts in the places of some of them.
pub struct Unsaved<'a> {
    files: &'a dyn Files,
    texts: Vec<(PathBuf, Vec<u8>)>,
}

impl<'a> Unsaved<'a> {
    /// `files`, where `text` stands at `path`, an absolute path.
    pub fn new(files: &'a dyn Files, path: PathBuf, text: Vec<u8>) -> Self {
        Self { files, texts: vec![(path, text)] }
    }

    /// `files`, where other texts stand at some absolute paths.
    pub fn several(
        files: &'a dyn Files,
        texts: impl IntoIterator<Item = (PathBuf, Vec<u8>)>,
    ) -> Self {
        Self { files, texts: texts.into_iter().collect() }
    }

    /// The other text of a path, or of the file that it leads to.
    fn text(&self, path: &Path) -> Option<&[u8]> {
        let same = |unsaved: &Path| {
            path == unsaved
                || (path.file_name() == unsaved.file_name() && {
                    let canonical = self.files.canonical(path);
                    canonical.is_some() && canonical == self.files.canonical(unsaved)
                })
        };
        self.texts.iter().find(|(unsaved, _)| same(unsaved)).map(|(_, text)| text.as_slice())
    }

    fn has(&self, path: &Path) -> bool {
        self.texts.iter().any(|(unsaved, _)| path == unsaved)
    }
}

impl Files for Unsaved<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match self.text(path) {
            Some(text) => Ok(text.to_vec()),
            None => self.files.read(path),
        }
    }

    fn kind(&self, path: &Path) -> Option<FileKind> {
        if self.has(path) { Some(FileKind::File) } else { self.files.kind(path) }
    }

    fn canonical(&self, path: &Path) -> Option<PathBuf> {
        // A file that was never saved is where it would be.
        self.files.canonical(path).or_else(|| self.has(path).then(|| path.to_owned()))
    }

    fn remotes(&self) -> &dyn Remotes {
        self.files.remotes()
    }

    fn stdin(&self) -> io::Result<Vec<u8>> {
        self.files.stdin()
    }
}
