//! Changes on their way into containers.

use std::sync::Arc;
use std::time::Duration;

use super::{Batch, Change, Rule};
use crate::engine::Engine;

/// Keeps the containers of services as the files of this machine are.
pub struct Sync<E> {
    _engine: Arc<E>,
    _project: String,
    _rules: Arc<[Rule]>,
}

/// What came of a batch for one service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Landed {
    /// The service.
    pub service: String,
    /// How many of its containers have it all now.
    pub containers: usize,
    /// Files, directories and links that were written.
    pub written: usize,
    /// Files, directories and links that were taken away.
    pub removed: usize,
    /// Bytes of content.
    pub bytes: u64,
    /// From the first notice to the last container that has it.
    pub took: Duration,
    /// What is still missing in some container, one sentence each. It is tried again with what comes next, and
    /// by [`Sync::again`].
    pub failures: Vec<String>,
}

impl<E: Engine> Sync<E> {
    /// Nothing has been brought anywhere yet.
    pub fn new(engine: Arc<E>, project: &str, rules: Arc<[Rule]>) -> Self {
        Self { _engine: engine, _project: project.to_owned(), _rules: rules }
    }

    /// Brings the changes that syncing rules take into every container of their services, running or not.
    /// One [`Landed`] for each service that has such a rule in the batch.
    pub async fn land(&mut self, _batch: &Batch) -> Vec<Landed> {
        Vec::new()
    }

    /// Brings everything that rules with `initial_sync` are about into every container of their services.
    /// `everything` is [`super::Files::everything`] of each rule.
    pub async fn initial(&mut self, _everything: &[Vec<Change>]) -> Vec<Landed> {
        Vec::new()
    }

    /// Tries again what failed; also to be called when a container was created, started or unpaused (they get
    /// everything that was brought to their service before). Empty when nothing is owed.
    pub async fn again(&mut self) -> Vec<Landed> {
        Vec::new()
    }

    /// A build of the service's image has begun: what changed before is in the image that comes of it. Call it
    /// before the build; should that fail, nothing is lost, since containers keep what they have.
    pub fn builds(&mut self, _service: &str) {}

    /// Whether something failed and is to be tried again.
    pub fn owes(&self) -> bool {
        false
    }
}
