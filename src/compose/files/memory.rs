//! Files that exist only in memory, for tests and for texts that come from elsewhere.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::{FileKind, Files};
use crate::compose::remote::{LocalCopy, NoRemotes, Remotes};
use crate::diagnostic::Diagnostic;

/// Files in memory. Directories are where files are; links lead from one path to another.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    files: BTreeMap<PathBuf, Vec<u8>>,
    links: BTreeMap<PathBuf, PathBuf>,
    copies: BTreeMap<String, LocalCopy>,
    stdin: Vec<u8>,
}

impl Memory {
    /// Adds a file at an absolute path.
    #[must_use]
    pub fn file(mut self, path: impl Into<PathBuf>, content: impl Into<Vec<u8>>) -> Self {
        self.files.insert(path.into(), content.into());
        self
    }

    /// Adds a symbolic link at an absolute path to another one.
    #[must_use]
    pub fn link(mut self, path: impl Into<PathBuf>, target: impl Into<PathBuf>) -> Self {
        self.links.insert(path.into(), target.into());
        self
    }

    /// Says that the file at an absolute path is what a reference leads to, with all that is beside
    /// and below it.
    #[must_use]
    pub fn copy(mut self, reference: &str, path: impl Into<PathBuf>) -> Self {
        let file = path.into();
        let root = file.parent().unwrap_or(&file).to_owned();
        let reference = reference.to_owned();
        self.copies.insert(reference.clone(), LocalCopy { reference, root, file });
        self
    }

    /// Sets standard input.
    #[must_use]
    pub fn with_stdin(mut self, content: impl Into<Vec<u8>>) -> Self {
        self.stdin = content.into();
        self
    }

    /// The path with links followed, whether anything stands there or not.
    fn follow(&self, path: &Path) -> PathBuf {
        // Each step follows one link, so more steps than links means that they lead in a circle.
        let mut path = path.to_owned();
        for _ in 0..=self.links.len() {
            let link = path.ancestors().find_map(|link| Some((link, self.links.get(link)?)));
            let Some((link, target)) = link else { break };
            path = match path.strip_prefix(link) {
                Ok(rest) if !rest.as_os_str().is_empty() => target.join(rest),
                _ => target.clone(),
            };
        }
        path
    }
}

impl Remotes for Memory {
    fn fetch(&self, reference: &str) -> Result<LocalCopy, Box<Diagnostic>> {
        match self.copies.get(reference) {
            Some(copy) => Ok(copy.clone()),
            None => NoRemotes.fetch(reference),
        }
    }
}

impl Files for Memory {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match self.kind(path) {
            Some(FileKind::Directory) => Err(io::ErrorKind::IsADirectory.into()),
            _ => self
                .files
                .get(&self.follow(path))
                .cloned()
                .ok_or_else(|| io::ErrorKind::NotFound.into()),
        }
    }

    fn kind(&self, path: &Path) -> Option<FileKind> {
        let path = self.follow(path);
        if self.files.contains_key(&path) {
            return Some(FileKind::File);
        }
        self.files.keys().any(|file| file.starts_with(&path)).then_some(FileKind::Directory)
    }

    fn canonical(&self, path: &Path) -> Option<PathBuf> {
        self.kind(path).map(|_| self.follow(path))
    }

    fn remotes(&self) -> &dyn Remotes {
        self
    }

    fn stdin(&self) -> io::Result<Vec<u8>> {
        Ok(self.stdin.clone())
    }
}
