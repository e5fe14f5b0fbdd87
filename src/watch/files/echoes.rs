//! What we ourselves do to files of this machine, which must not be taken for a change: by way of an engine's guest, where
//! nothing but the time changes at which anything about them was last changed; and the files that our output is written
//! into.

use std::collections::HashMap;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long the system may take to tell us what we did.
const LATE: Duration = Duration::from_secs(5);

/// Which file or directory it is. As long as somebody holds it, no other one gets its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileId {
    device: u64,
    inode: u64,
}

impl FileId {
    /// That of which this is known.
    pub fn of(metadata: &Metadata) -> Self {
        Self { device: metadata.dev(), inode: metadata.ino() }
    }
}

/// What is no change. Clones share the paths of which an echo is to be expected.
#[derive(Debug, Clone, Default)]
pub struct Echoes {
    paths: Arc<Mutex<HashMap<PathBuf, Instant>>>,
    outputs: Vec<FileId>,
}

impl Echoes {
    /// Nothing is expected yet; `outputs` are the files that our output is written into.
    pub fn new(outputs: &[FileId]) -> Self {
        Self { outputs: outputs.to_vec(), ..Self::default() }
    }

    /// Something is about to be done to a path.
    pub fn expect(&self, path: &Path) {
        let mut paths = self.paths();
        let now = Instant::now();
        paths.retain(|_, at| now.duration_since(*at) < LATE);
        paths.insert(path.to_owned(), now);
    }

    /// Whether something was done to a path just now.
    pub(super) fn has(&self, path: &Path) -> bool {
        self.paths().get(path).is_some_and(|at| at.elapsed() < LATE)
    }

    /// Whether our output is written into a file.
    pub(super) fn is_output(&self, metadata: &Metadata) -> bool {
        !self.outputs.is_empty() && self.outputs.contains(&FileId::of(metadata))
    }

    fn paths(&self) -> MutexGuard<'_, HashMap<PathBuf, Instant>> {
        // A panic elsewhere cannot leave this map half written.
        self.paths.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
