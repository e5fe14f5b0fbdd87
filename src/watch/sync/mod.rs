//! Changes on their way into containers.
//!
//! For each service a [`Journal`] keeps the last state of everything that changed since the start, by its place in
//! the containers; for each container a set of places that it does not have yet. A batch adds to both. What fails
//! stays owed, and a container that appears later owes the whole journal: so all of them end up the same,
//! whatever becomes of them in between.

mod container;
mod journal;
mod pack;
mod removal;
mod standing;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream;

use super::{Batch, Change, Rule};
use crate::engine::{Engine, EngineError};
use crate::stack::StackError;
use crate::stack::query::{self, Filter};
use container::Container;
use journal::Journal;

/// How many containers are written to at once; as many as Docker Compose.
const AT_ONCE: usize = 16;

/// Keeps the containers of services as the files of this machine are.
pub struct Sync<E> {
    engine: Arc<E>,
    project: String,
    rules: Arc<[Rule]>,
    journals: BTreeMap<String, Journal>,
    /// By id.
    containers: HashMap<String, Container>,
    /// Whether there may be containers that are not known.
    stale: bool,
    /// Services to whose containers nothing is brought for now.
    paused: BTreeSet<String>,
}

/// What came of a batch for one service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Landed {
    /// The service.
    pub service: String,
    /// How many of its containers got something and have it all now.
    pub containers: usize,
    /// Files, directories and links that were written, in each container.
    pub written: usize,
    /// Files, directories and links that were taken away, in each container.
    pub removed: usize,
    /// Bytes of content, in each container.
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
        Self {
            engine,
            project: project.to_owned(),
            rules,
            journals: BTreeMap::new(),
            containers: HashMap::new(),
            stale: true,
            paused: BTreeSet::new(),
        }
    }

    /// The same under other rules of the project. Services to which other things are brought now, or elsewhere, begin anew.
    #[must_use]
    pub fn under(mut self, rules: Arc<[Rule]>) -> Self {
        let brings = |rules: &[Rule], service: &str| -> BTreeSet<_> {
            let its = rules.iter().filter(|rule| rule.service == service && rule.action.syncs());
            its.map(|rule| (rule.path.clone(), rule.target.clone())).collect()
        };
        let is_same = |service: &str| brings(&self.rules, service) == brings(&rules, service);
        self.journals.retain(|service, _| is_same(service));
        self.containers.retain(|_, container| is_same(&container.service));
        self.rules = rules;
        self.paused.clear();
        self.stale = true;
        self
    }

    /// Brings nothing to the containers of services, which are being replaced. It stays owed.
    pub fn pause(&mut self, services: &[String]) {
        self.paused.extend(services.iter().cloned());
    }

    /// Ends that. What is owed is brought by [`Sync::again`].
    pub fn resume(&mut self) {
        self.paused.clear();
    }

    /// Brings the changes that syncing rules take into every container of their services, running or not.
    /// One [`Landed`] for each service that has such a rule in the batch.
    pub async fn land(&mut self, batch: &Batch) -> Vec<Landed> {
        let concerned = self.note(&batch.changes);
        self.settle(batch.noticed, |service| concerned.iter().any(|name| name == service)).await
    }

    /// Brings everything that rules with `initial_sync` are about into every container of their services.
    /// `everything` is [`super::Files::initial`].
    pub async fn initial(&mut self, everything: &[Vec<Change>]) -> Vec<Landed> {
        let noticed = Instant::now();
        for changes in everything {
            self.note(changes);
        }
        self.settle(noticed, |_| true).await
    }

    /// Tries again what failed; also to be called when a container was created, started or unpaused (they get
    /// everything that was brought to their service before). Empty when nothing is owed.
    pub async fn again(&mut self) -> Vec<Landed> {
        self.stale = true;
        if self.journals.is_empty() {
            return Vec::new();
        }
        self.settle(Instant::now(), |_| true).await
    }

    /// Whether something failed and is to be tried again, or there may be containers that have nothing of what was brought to
    /// their service.
    pub fn owes(&self) -> bool {
        if self.stale && self.journals.keys().any(|service| !self.paused.contains(service)) {
            return true;
        }
        let is_paused = |container: &&Container| self.paused.contains(&container.service);
        self.containers.values().filter(|it| !is_paused(it)).any(Container::owes)
    }

    /// Takes changes down; the services that they concern.
    fn note(&mut self, changes: &[Change]) -> Vec<String> {
        let mut concerned = Vec::new();
        for change in changes {
            for rule in change.rules.iter().filter_map(|index| self.rules.get(*index)) {
                let Some(place) = rule.place(&change.path).filter(|_| rule.action.syncs()) else {
                    continue;
                };
                if !self.journals.contains_key(&rule.service) {
                    self.journals.insert(rule.service.clone(), Journal::default());
                    // Its containers were passed over so far.
                    self.stale = true;
                }
                if let Some(journal) = self.journals.get_mut(&rule.service) {
                    journal.note(&place, change, &rule.target);
                }
                for container in self.containers.values_mut() {
                    if container.service == rule.service {
                        container.owe(place.clone());
                    }
                }
                if !concerned.contains(&rule.service) {
                    concerned.push(rule.service.clone());
                }
            }
        }
        concerned
    }

    /// Pays what containers of services owe.
    async fn settle(&mut self, noticed: Instant, wanted: impl Fn(&str) -> bool) -> Vec<Landed> {
        let mut landed: BTreeMap<String, Landed> = BTreeMap::new();
        let paused = self.paused.clone();
        let wanted = |service: &str| wanted(service) && !paused.contains(service);
        // A container may have been replaced since the list was read: then once more.
        for _ in 0..2 {
            if self.stale {
                match self.look().await {
                    Ok(()) => self.stale = false,
                    Err(error) => {
                        for service in self.journals.keys().filter(|service| wanted(service)) {
                            of(&mut landed, service).failures = vec![error.to_string()];
                        }
                        break;
                    }
                }
            }
            self.pay(&wanted, &mut landed).await;
            if !self.stale {
                break;
            }
        }
        let took = noticed.elapsed();
        landed.into_values().map(|landed| Landed { took, ..landed }).collect()
    }

    async fn pay(&mut self, wanted: &impl Fn(&str) -> bool, landed: &mut BTreeMap<String, Landed>) {
        let (engine, journals) = (&*self.engine, &self.journals);
        let owing = self
            .containers
            .values_mut()
            .filter(|container| container.owes() && wanted(&container.service))
            .filter_map(|container| Some((journals.get(&container.service)?, container)))
            .map(async |(journal, container)| {
                let outcome = container.settle(engine, journal).await;
                (container.service.clone(), container.name.clone(), container.id.clone(), outcome)
            });
        let outcomes: Vec<_> = stream::iter(owing).buffer_unordered(AT_ONCE).collect().await;
        for (service, name, id, outcome) in outcomes {
            let landed = of(landed, &service);
            match outcome {
                Ok(amount) => {
                    let has_changed = amount.written + amount.removed > 0;
                    if has_changed || amount.astray.is_none() {
                        landed.containers += 1;
                    }
                    if let Some(link) = amount.astray {
                        let error = SyncError::Astray(link.display().to_string());
                        landed.failures.push(format!("{name}: {error}"));
                    }
                    landed.written = landed.written.max(amount.written);
                    landed.removed = landed.removed.max(amount.removed);
                    landed.bytes = landed.bytes.max(amount.bytes);
                }
                Err(error) if error.is_gone() => {
                    self.containers.remove(&id);
                    self.stale = true;
                }
                Err(error) => landed.failures.push(format!("{name}: {error}")),
            }
        }
    }

    /// Which containers there are. New ones owe everything.
    async fn look(&mut self) -> Result<(), StackError> {
        let filter = Filter { all: true, ..Filter::default() };
        let found = query::containers(&*self.engine, &self.project, &filter).await?;
        self.containers.retain(|id, _| found.iter().any(|container| container.id == *id));
        for row in found {
            let Some(journal) = self.journals.get(&row.service) else { continue };
            let running = row.is_running();
            let container = self.containers.entry(row.id.clone()).or_insert_with(|| {
                Container::new(&row.id, &row.name, &row.service, journal.places())
            });
            container.runs = running;
            // One that replaces another is called otherwise at first.
            container.name = row.name;
        }
        Ok(())
    }
}

fn of<'a>(landed: &'a mut BTreeMap<String, Landed>, service: &str) -> &'a mut Landed {
    landed
        .entry(service.to_owned())
        .or_insert_with(|| Landed { service: service.to_owned(), ..Landed::default() })
}

/// Why a container does not have what it should.
#[derive(Debug, thiserror::Error)]
enum SyncError {
    /// The engine refused, or is not there.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A file of this machine cannot be read.
    #[error("cannot read {path}: {reason}")]
    Unreadable {
        /// The file.
        path: String,
        /// The system's answer.
        reason: std::io::Error,
    },
    /// The way to a place leads out of the target.
    #[error("{0} is a symbolic link there: nothing is written or deleted behind it")]
    Astray(String),
    /// Something that was never brought there is in the way.
    #[error("{0} cannot be taken away there: {1}")]
    InTheWay(String, String),
}

impl SyncError {
    fn is_gone(&self) -> bool {
        matches!(self, Self::Engine(error) if error.is_not_found())
    }
}
