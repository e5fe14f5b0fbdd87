//! Changes on their way into containers.
//!
//! For each service a [`Journal`] keeps the last state of everything that changed since the start, by its place in
//! the containers; for each container the places that it does not have yet ([`debt`]). A batch adds to both. What fails
//! stays owed, alone, and a container that appears later owes the whole journal: so all of them end up the same,
//! whatever becomes of them in between.

mod container;
mod debt;
mod deliver;
mod fault;
mod journal;
mod owner;
mod pack;
mod removal;
mod standing;
mod way;

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
    /// How many of its containers got something, or have it all now.
    pub containers: usize,
    /// Whether it has no container.
    pub is_nowhere: bool,
    /// Files, directories and links that were written, in each container.
    pub written: usize,
    /// Files, directories and links that were taken away, in each container.
    pub removed: usize,
    /// Bytes of content, in each container.
    pub bytes: u64,
    /// From the first notice to the last container that has it.
    pub took: Duration,
    /// What is still missing in some container, one sentence each. It is tried again by [`Sync::again`] and
    /// [`Sync::retry`].
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

    /// The same under other rules of the project, which may have another name now. Services to which other things are brought
    /// now, or elsewhere, begin anew.
    #[must_use]
    pub fn under(mut self, project: &str, rules: Arc<[Rule]>) -> Self {
        let brings = |rules: &[Rule], service: &str| -> BTreeSet<_> {
            let its = rules.iter().filter(|rule| rule.service == service && rule.action.syncs());
            its.map(|rule| (rule.path.clone(), rule.target.clone())).collect()
        };
        let is_same = |service: &str| brings(&self.rules, service) == brings(&rules, service);
        self.journals.retain(|service, _| is_same(service));
        self.containers.retain(|_, container| is_same(&container.service));
        if self.project != project {
            project.clone_into(&mut self.project);
            self.containers.clear();
        }
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

    /// Tries again all that failed; to be called when a container was created, started or unpaused (they get
    /// everything that was brought to their service before). Empty when nothing is owed.
    pub async fn again(&mut self) -> Vec<Landed> {
        self.stale = true;
        let now = Instant::now();
        for container in self.containers.values_mut() {
            container.debt.hasten(now);
            container.lacks_command = false;
        }
        self.retry().await
    }

    /// Tries again what failed and has waited for long enough.
    pub async fn retry(&mut self) -> Vec<Landed> {
        if self.journals.is_empty() {
            return Vec::new();
        }
        self.settle(Instant::now(), |_| true).await
    }

    /// When something is to be [tried again](Self::retry) that a container did not take.
    pub fn retry_at(&self) -> Option<Instant> {
        // While it is not known which containers there are, everything [lags](Self::lags).
        let containers = self.unpaused().filter(|_| !self.stale);
        containers.filter_map(|container| container.debt.again()).min()
    }

    /// Whether something is to be brought as soon as that can be: it could not be tried yet.
    pub fn lags(&self) -> bool {
        self.misses_containers() || self.unpaused().any(|container| container.debt.is_open())
    }

    /// Whether something is to be [gone on with](Self::retry) for which there was no time: so that what a container owes keeps
    /// no others waiting, only a part of a long removal is done at once.
    pub fn goes_on(&self) -> bool {
        self.unpaused().any(Container::goes_on)
    }

    /// The same of one service.
    pub fn goes_on_in(&self, service: &str) -> bool {
        self.unpaused().any(|container| container.service == service && container.goes_on())
    }

    /// Whether another attempt may be enough for a service to have everything. What fails time and again is something that
    /// it has to do without.
    pub fn may_catch_up(&self, service: &str) -> bool {
        let mut its = self.containers.values().filter(|container| container.service == service);
        (self.stale && self.journals.contains_key(service))
            || its.any(|container| container.debt.is_fresh())
    }

    /// Whether something failed and is to be tried again, or there may be containers that have nothing of what was brought to
    /// their service.
    pub fn owes(&self) -> bool {
        self.misses_containers() || self.unpaused().any(|container| !container.debt.is_none())
    }

    /// Whether there may be containers that are not known, of services to which something was brought.
    fn misses_containers(&self) -> bool {
        self.stale && self.journals.keys().any(|service| !self.paused.contains(service))
    }

    fn unpaused(&self) -> impl Iterator<Item = &Container> {
        self.containers.values().filter(|container| !self.paused.contains(&container.service))
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
                        container.debt.owe(place.clone());
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
        for (service, landed) in &mut landed {
            landed.failures.extend(self.refused(service));
            landed.is_nowhere = !self.containers.values().any(|its| its.service == *service);
        }
        let took = noticed.elapsed();
        landed
            .into_values()
            .map(|landed| Landed { took: landed.took.max(took), ..landed })
            .collect()
    }

    /// What containers of a service do not take.
    fn refused(&self, service: &str) -> Vec<String> {
        let its = self.containers.values().filter(|container| container.service == service);
        let told = |container: &Container| {
            let of = |reason| format!("{}: {reason}", container.name);
            container.debt.reasons().into_iter().map(of).collect::<Vec<_>>()
        };
        its.flat_map(told).collect()
    }

    async fn pay(&mut self, wanted: &impl Fn(&str) -> bool, landed: &mut BTreeMap<String, Landed>) {
        let (engine, journals, now) = (&*self.engine, &self.journals, Instant::now());
        let owing = self
            .containers
            .values_mut()
            .filter(|container| container.is_due(now) && wanted(&container.service))
            .filter_map(|container| Some((journals.get(&container.service)?, container)))
            .map(async |(journal, container)| {
                let outcome = container.settle(engine, journal).await;
                (&*container, outcome)
            });
        let outcomes: Vec<_> = stream::iter(owing).buffer_unordered(AT_ONCE).collect().await;
        let mut gone = Vec::new();
        for (container, outcome) in outcomes {
            let landed = of(landed, &container.service);
            match outcome {
                Ok(amount) => {
                    if amount.written + amount.removed > 0 || container.debt.is_none() {
                        landed.containers += 1;
                    }
                    landed.written = landed.written.max(amount.written);
                    landed.removed = landed.removed.max(amount.removed);
                    landed.bytes = landed.bytes.max(amount.bytes);
                    landed.took = landed.took.max(amount.took);
                }
                Err(error) if error.is_gone() => gone.push(container.id.clone()),
                Err(error) => landed.failures.push(format!("{}: {error}", container.name)),
            }
        }
        for id in gone {
            self.containers.remove(&id);
            self.stale = true;
        }
    }

    /// Which containers there are. New ones owe everything.
    async fn look(&mut self) -> Result<(), StackError> {
        let filter = Filter { all: true, ..Filter::default() };
        let found = query::containers(&*self.engine, &self.project, &filter).await?;
        self.containers.retain(|id, _| found.iter().any(|container| container.id == *id));
        for row in found {
            let Some(journal) = self.journals.get(&row.service) else { continue };
            let container = self.containers.entry(row.id.clone()).or_insert_with(|| {
                Container::new(&row.id, &row.name, &row.service, journal.places())
            });
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
    /// A container is to run as somebody who is not listed there.
    #[error("user {0} is in no /etc/passwd or /etc/group there")]
    NoUser(String),
    /// The way to a place leads out of the target.
    #[error("{0} is a symbolic link there: nothing is written or deleted behind it")]
    Astray(String),
    /// Something that was never brought there is in the way.
    #[error("{0} cannot be taken away there: {1}")]
    InTheWay(String, String),
}

impl SyncError {
    /// Whether the container is not there any more, or is about to go.
    fn is_gone(&self) -> bool {
        match self {
            // While a container is being removed, engines look for its files in vain: "RWLayer of container … is unexpectedly nil".
            Self::Engine(EngineError::Refused { message, .. }) => message.contains("RWLayer of"),
            Self::Engine(error) => error.is_not_found(),
            _ => false,
        }
    }

    /// Whether it may be about something that is brought, not about the container or the engine.
    fn may_be_of_item(&self) -> bool {
        match self {
            Self::Engine(error) => matches!(
                error,
                EngineError::Refused { .. } | EngineError::Broken { .. } | EngineError::Failed(_)
            ),
            Self::Unreadable { .. } | Self::Astray(_) | Self::InTheWay(..) => true,
            Self::NoUser(_) => false,
        }
    }
}
