//! The files of a build's context, as far as the search for packages reads them.

use std::fs;
use std::path::PathBuf;

/// Bytes of a file at most: lock files are large, but not larger.
const LIMIT: u64 = 64 * 1024 * 1024;

/// What a build's context holds. A function from a path to a text is one.
pub trait BuildContext: Send + Sync {
    /// The text of a file, by its path below the context with slashes; `None` if there is none.
    fn read(&self, path: &str) -> Option<String>;
}

impl<F: Fn(&str) -> Option<String> + Send + Sync> BuildContext for F {
    fn read(&self, path: &str) -> Option<String> {
        self(path)
    }
}

/// A context that is a directory of this machine.
#[derive(Debug, Clone)]
pub struct Directory(PathBuf);

impl Directory {
    /// The files below a directory.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self(root.into())
    }
}

impl BuildContext for Directory {
    fn read(&self, path: &str) -> Option<String> {
        // The caller's paths never lead upwards, but a link might: builders do not follow those either.
        let root = self.0.canonicalize().ok()?;
        let file = root.join(path).canonicalize().ok().filter(|file| file.starts_with(&root))?;
        let about = fs::metadata(&file).ok()?;
        if !about.is_file() || about.len() > LIMIT {
            return None;
        }
        let bytes = fs::read(&file).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }
}
