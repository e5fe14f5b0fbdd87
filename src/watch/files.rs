//! The file system, listened to.

use std::path::PathBuf;
use std::sync::Arc;

use super::{Batch, Change, Rule, WatchError};

/// Files that are watched.
pub struct Files {
    _rules: Arc<[Rule]>,
}

impl Files {
    /// Begins to watch what `rules` are about. Reads every directory there: blocks.
    ///
    /// # Errors
    /// A system that gives no file events.
    pub fn new(rules: Arc<[Rule]>) -> Result<Self, WatchError> {
        Ok(Self { _rules: rules })
    }

    /// What changed next, gathered as long as more comes. Nothing is lost when the call is dropped before it
    /// has answered.
    pub async fn next(&mut self) -> Batch {
        std::future::pending().await
    }

    /// Everything that is there and that a rule takes, as a batch of its own.
    pub fn everything(&self, _rule: usize) -> Vec<Change> {
        Vec::new()
    }

    /// What the user should know of the watching, one sentence each; told once.
    pub fn notes(&mut self) -> Vec<String> {
        Vec::new()
    }

    /// Directories of this machine that cannot be listened to and are read at intervals instead.
    pub fn unheard(&self) -> &[PathBuf] {
        &[]
    }
}
