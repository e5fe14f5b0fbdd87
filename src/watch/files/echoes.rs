//! What we ourselves do to files of this machine, by way of an engine's guest: it changes nothing but the time at which
//! anything about them was last changed, and must not be taken for a change.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long the system may take to tell us what we did.
const LATE: Duration = Duration::from_secs(5);

/// Paths of which an echo is to be expected. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Echoes(Arc<Mutex<HashMap<PathBuf, Instant>>>);

impl Echoes {
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

    fn paths(&self) -> MutexGuard<'_, HashMap<PathBuf, Instant>> {
        // A panic elsewhere cannot leave this map half written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
