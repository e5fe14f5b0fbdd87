//! How pure code reads files: through [`Files`], which is a disk or, in tests, a memory.

mod disk;
mod memory;
mod text;
mod unsaved;

use std::io;
use std::path::{Component, Path, PathBuf};

pub use self::disk::Disk;
pub use self::memory::Memory;
pub use self::text::{read_stdin, read_text};
pub use self::unsaved::Unsaved;
use super::remote::{NoRemotes, Remotes};

/// What stands at a path, links followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// Something to read: a file, a pipe, a device.
    File,
    /// A directory.
    Directory,
}

/// What can be read.
pub trait Files {
    /// The bytes of a file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// What stands at a path; `None` if nothing does, or it may not be looked at.
    fn kind(&self, path: &Path) -> Option<FileKind>;

    /// The path with all links followed; `None` if nothing stands there.
    fn canonical(&self, path: &Path) -> Option<PathBuf>;

    /// Where files of other machines come from; nothing is fetched unless an implementation says how.
    fn remotes(&self) -> &dyn Remotes {
        &NoRemotes
    }

    /// All of standard input; the same bytes however often it is asked for.
    fn stdin(&self) -> io::Result<Vec<u8>>;

    /// Whether something to read stands at a path.
    fn is_file(&self, path: &Path) -> bool {
        self.kind(path) == Some(FileKind::File)
    }

    /// Whether a directory stands at a path.
    fn is_directory(&self, path: &Path) -> bool {
        self.kind(path) == Some(FileKind::Directory)
    }
}

/// `path`, based on `directory` unless it is absolute, without `.`, `..` and doubled slashes.
/// Goes by the text alone, as Compose does: `link/..` is where the link is.
pub fn absolute(directory: &Path, path: &Path) -> PathBuf {
    let mut cleaned = PathBuf::new();
    for component in directory.join(path).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                cleaned.pop();
            }
            component => cleaned.push(component),
        }
    }
    cleaned
}

#[cfg(test)]
mod tests;
