//! The files of this machine, and copies of what is on others.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::Fetcher;
use super::cache::{Copy, hexadecimal};
use crate::compose::files::{self, Disk, FileKind};
use crate::compose::remote::Remotes;

/// The files of this machine, and those that references lead to.
///
/// In a copy of something from elsewhere there are only the files that came with it, as they came:
/// a container that mounts the copy can write into it, but not into what is read.
pub struct Files {
    disk: Disk,
    fetcher: Arc<Fetcher>,
}

impl Files {
    /// The files of this machine, and those that `fetcher` fetches.
    pub fn new(fetcher: Arc<Fetcher>) -> Self {
        Self { disk: Disk::default(), fetcher }
    }

    /// The copy that a path lies in, and where in it the path leads.
    fn within(&self, path: &Path) -> Option<(Copy, Option<String>)> {
        let copies = self.fetcher.copies();
        let copy = copies.into_iter().find(|copy| path.starts_with(&copy.root))?;
        let inner = || {
            let real = std::fs::canonicalize(path).ok()?;
            let root = std::fs::canonicalize(&copy.root).ok()?;
            Some(real.strip_prefix(root).ok()?.to_str()?.to_owned())
        };
        let inner = inner();
        Some((copy, inner))
    }
}

impl files::Files for Files {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let Some((copy, inner)) = self.within(path) else { return self.disk.read(path) };
        if self.disk.kind(path) != Some(FileKind::File) {
            return self.disk.read(path);
        }
        let digest = inner.as_deref().and_then(|inner| copy.index.digest(inner));
        let changed = |what: &str| {
            let root = copy.root.display();
            io::Error::other(format!("{what}; remove {root} to have it fetched again"))
        };
        let Some(digest) = digest else {
            return Err(changed("it did not come with the remote project"));
        };
        if !std::fs::metadata(path)?.is_file() {
            return Err(changed("it is no file any more"));
        }
        let bytes = self.disk.read(path)?;
        if hexadecimal(&Sha256::digest(&bytes)) != digest {
            return Err(changed("it was changed after it was fetched"));
        }
        Ok(bytes)
    }

    fn kind(&self, path: &Path) -> Option<FileKind> {
        let kind = self.disk.kind(path)?;
        match self.within(path) {
            Some((copy, inner)) if kind == FileKind::File => {
                copy.index.digest(&inner?).map(|_| kind)
            }
            _ => Some(kind),
        }
    }

    fn canonical(&self, path: &Path) -> Option<PathBuf> {
        self.disk.canonical(path)
    }

    fn remotes(&self) -> &dyn Remotes {
        &*self.fetcher
    }

    fn stdin(&self) -> io::Result<Vec<u8>> {
        self.disk.stdin()
    }
}
