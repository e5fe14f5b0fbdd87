//! One container, and what it does not have yet.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::SyncError;
use super::debt::Debt;
use super::deliver::{Delivered, deliver};
use super::journal::{Entry, Journal};
use super::owner::{Owner, owner};
use super::pack::Item;
use super::removal::{Removal, remove};
use super::way::{Way, look};
use crate::engine::Engine;
use crate::watch::Kind;

/// For how long a directory is taken for none of the symbolic links that programs there may put in its place.
const TRUSTED: Duration = Duration::from_secs(1);

/// A container of a watched service.
#[derive(Debug)]
pub(super) struct Container {
    /// Id.
    pub(super) id: String,
    /// Name.
    pub(super) name: String,
    /// Service.
    pub(super) service: String,
    /// Whether it has no command that takes things away, as far as is known.
    pub(super) lacks_command: bool,
    /// Places of the journal that it does not have.
    pub(super) debt: Debt,
    /// What has come of a removal that takes more than one turn.
    pub(super) removal: Option<LongRemoval>,
    /// Whose files are there, once that is known.
    owner: Option<Owner>,
    /// Directories in it that were no symbolic links a moment ago, and when that was.
    straight: HashMap<PathBuf, Instant>,
    /// Directories that were brought there. Others are its own: they keep their modes and owners.
    made: HashSet<PathBuf>,
}

/// A removal that goes on.
#[derive(Debug)]
pub(super) struct LongRemoval {
    /// Since when.
    since: Instant,
    /// How many things were taken away so far.
    removed: usize,
}

/// How much a container got.
#[derive(Debug, Clone, Default)]
pub(super) struct Amount {
    /// Entries written.
    pub(super) written: usize,
    /// Entries taken away.
    pub(super) removed: usize,
    /// Bytes of content.
    pub(super) bytes: u64,
    /// How long a removal took that took more than one turn, and has come to its end.
    pub(super) took: Duration,
}

impl Container {
    /// A container that owes places.
    pub(super) fn new(id: &str, name: &str, service: &str, owed: BTreeSet<PathBuf>) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            service: service.to_owned(),
            lacks_command: false,
            debt: Debt::of(owed),
            removal: None,
            owner: None,
            straight: HashMap::new(),
            made: HashSet::new(),
        }
    }

    /// Whether something is to be tried.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.debt.is_open() || self.debt.again().is_some_and(|again| again <= now)
    }

    /// Brings it everything that is due: what is gone goes, deepest first, and what is there comes, from the top.
    /// So a file that is there says that all is gone that went before it, unless many things go one by one: that goes on
    /// in the next turn, when others have had theirs. What it does not take stays owed by itself.
    pub(super) async fn settle<E: Engine>(
        &mut self,
        engine: &E,
        journal: &Journal,
    ) -> Result<Amount, SyncError> {
        let due = self.debt.due(Instant::now());
        let outcome = self.bring(engine, journal, &due).await;
        if outcome.is_err() {
            self.debt.reopen(due);
            self.removal = None;
        }
        outcome
    }

    /// Whether something is to be tried for which there was no time.
    pub(super) fn goes_on(&self) -> bool {
        self.removal.is_some() && self.debt.is_open()
    }

    async fn bring<E: Engine>(
        &mut self,
        engine: &E,
        journal: &Journal,
        due: &BTreeSet<PathBuf>,
    ) -> Result<Amount, SyncError> {
        let begun = Instant::now();
        let owed: Vec<(&PathBuf, &Entry)> =
            due.iter().filter_map(|place| Some((place, journal.get(place)?))).collect();
        self.straight.retain(|_, at| at.elapsed() < TRUSTED);
        let way = look(engine, &self.id, &owed, &self.made, &mut self.straight).await?;
        let mut failed = astray(&owed, &way);
        let going = going(&owed, &way);
        for removal in &going {
            self.straight.retain(|directory, _| !directory.starts_with(&removal.place));
        }
        let removed = remove(engine, &self.id, !self.lacks_command, &going).await?;
        self.lacks_command = removed.lacks_command;
        for place in &removed.places {
            self.made.remove(place);
        }
        failed.extend(stand_in_the_way(&owed, &removed.failed));
        failed.extend(removed.failed);
        let known: HashSet<&PathBuf> = failed.iter().map(|(place, _)| place).collect();
        let waiting = waiting(&owed, &removed.left);
        let coming = owed.iter().filter(|(place, _)| !known.contains(place));
        let coming = coming.filter(|(place, _)| !waiting.contains(place));
        let coming: Vec<Item> =
            coming.filter_map(|(place, entry)| self.item(place, entry)).collect();
        // Also one that goes meanwhile: the engine makes it for what is in it.
        let directories = coming.iter().filter(|item| item.kind == Kind::Directory);
        self.made.extend(directories.map(|item| item.place.clone()));
        let brought = if coming.is_empty() {
            Delivered::default()
        } else {
            let owner = self.owner(engine).await?;
            deliver(engine, &self.id, owner, coming).await?
        };
        failed.extend(brought.failed);
        let now = Instant::now();
        self.straight.extend(brought.directories.into_iter().map(|directory| (directory, now)));
        let left = brought.left.into_iter().chain(waiting.into_iter().cloned());
        self.debt.pay(due, left.collect(), failed, now);
        let (written, bytes) = (brought.written, brought.bytes);
        let (removed, took) = self.account(begun, removed.places.len(), !removed.left.is_empty());
        Ok(Amount { written, removed, bytes, took })
    }

    /// What is to be told of a removal, and how long it took: nothing before its end, then all of it.
    fn account(&mut self, begun: Instant, removed: usize, goes_on: bool) -> (usize, Duration) {
        let so_far = self.removal.take();
        let (since, before) = so_far.map_or((begun, 0), |it| (it.since, it.removed));
        let removed = before + removed;
        if goes_on {
            self.removal = Some(LongRemoval { since, removed });
            return (0, Duration::ZERO);
        }
        (removed, since.elapsed())
    }

    /// Whose files are in it. It is the same for as long as it is there.
    async fn owner<E: Engine>(&mut self, engine: &E) -> Result<Owner, SyncError> {
        if let Some(owner) = self.owner {
            return Ok(owner);
        }
        let found = owner(engine, &self.id).await?;
        self.owner = Some(found);
        Ok(found)
    }

    /// What is to be written at a place. A directory of the container's own stays as it is, unless somebody has changed the
    /// mode of ours; a target does in any case.
    fn item(&self, place: &PathBuf, entry: &Entry) -> Option<Item> {
        let (kind, mode) = (entry.now?, entry.mode);
        let is_own = kind == Kind::Directory
            && self.straight.contains_key(place)
            && !self.made.contains(place);
        let stays = is_own && (!entry.has_new_mode || *place == entry.target);
        let item = || Item { source: entry.source.clone(), place: place.clone(), kind, mode };
        (!stays).then(item)
    }
}

/// What is behind symbolic links.
fn astray(owed: &[(&PathBuf, &Entry)], way: &Way) -> Vec<(PathBuf, String)> {
    let behind = owed.iter().filter_map(|(place, _)| {
        let link = way.astray(place)?.display().to_string();
        Some(((*place).clone(), SyncError::Astray(link).to_string()))
    });
    behind.collect()
}

/// What is to be taken away. A target that is a symbolic link was put there by the image, and stays.
fn going(owed: &[(&PathBuf, &Entry)], way: &Way) -> Vec<Removal> {
    let goes = owed
        .iter()
        .rev()
        .filter(|(place, entry)| entry.goes() && way.leads_to(place) && !way.is_link(place));
    goes.map(|(place, entry)| Removal { place: (*place).clone(), before: entry.before }).collect()
}

/// What is still to go, and what cannot come before that.
fn waiting<'a>(owed: &[(&'a PathBuf, &Entry)], left: &[PathBuf]) -> HashSet<&'a PathBuf> {
    let left: HashSet<&Path> = left.iter().map(PathBuf::as_path).collect();
    let waits = |place: &Path, entry: &Entry| {
        left.contains(place)
            || (entry.now.is_some() && place.ancestors().any(|around| left.contains(around)))
    };
    let waiting = owed.iter().filter(|(place, entry)| !left.is_empty() && waits(place, entry));
    waiting.map(|(place, _)| *place).collect()
}

/// What cannot come since something else there cannot be taken away.
fn stand_in_the_way(
    owed: &[(&PathBuf, &Entry)],
    stay: &[(PathBuf, String)],
) -> Vec<(PathBuf, String)> {
    let below = |place: &PathBuf| {
        let (_, reason) = stay.iter().find(|(it, _)| place != it && place.starts_with(it))?;
        Some((place.clone(), reason.clone()))
    };
    let coming = owed.iter().filter(|(_, entry)| entry.now.is_some());
    coming.filter_map(|(place, _)| below(place)).collect()
}
