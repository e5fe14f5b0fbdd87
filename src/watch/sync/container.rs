//! One container, and what it does not have yet.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};

use super::SyncError;
use super::journal::{Before, Entry, Journal};
use super::pack::{Item, Packed, pack};
use super::removal::{Removal, remove};
use super::standing::{Standing, standing};
use crate::engine::api::Unpack;
use crate::engine::{Engine, EngineError};
use crate::watch::Kind;

/// For how long a directory is taken for none of the symbolic links that programs there may put in its place.
const TRUSTED: Duration = Duration::from_secs(1);
/// How many directories are looked at at once.
const AT_ONCE: usize = 8;

/// A container of a watched service.
#[derive(Debug)]
pub(super) struct Container {
    /// Id.
    pub(super) id: String,
    /// Name.
    pub(super) name: String,
    /// Service.
    pub(super) service: String,
    /// Whether commands can be run in it, as far as is known.
    pub(super) runs: bool,
    /// Places of the journal that it does not have.
    owed: BTreeSet<PathBuf>,
    /// Directories in it that were no symbolic links a moment ago, and when that was.
    straight: HashMap<PathBuf, Instant>,
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
    /// A symbolic link behind which something is owed still.
    pub(super) astray: Option<PathBuf>,
}

impl Container {
    /// A container that owes places.
    pub(super) fn new(id: &str, name: &str, service: &str, owed: BTreeSet<PathBuf>) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            service: service.to_owned(),
            runs: false,
            owed,
            straight: HashMap::new(),
        }
    }

    /// A place has changed.
    pub(super) fn owe(&mut self, place: PathBuf) {
        self.owed.insert(place);
    }

    /// Whether it does not have everything.
    pub(super) fn owes(&self) -> bool {
        !self.owed.is_empty()
    }

    /// Brings it everything that it owes: what is gone goes, deepest first, and what is there comes, from the top.
    /// So a file that is there says that all is gone that went before it.
    pub(super) async fn settle<E: Engine>(
        &mut self,
        engine: &E,
        journal: &Journal,
    ) -> Result<Amount, SyncError> {
        let owed: Vec<(&PathBuf, &Entry)> =
            self.owed.iter().filter_map(|place| Some((place, journal.get(place)?))).collect();
        self.straight.retain(|_, at| at.elapsed() < TRUSTED);
        let way = look(engine, &self.id, &owed, &mut self.straight).await?;
        let behind: BTreeSet<PathBuf> =
            self.owed.iter().filter(|place| way.leads_astray(place)).cloned().collect();

        let going: Vec<Removal> = owed
            .iter()
            .rev()
            .filter(|(place, entry)| entry.goes() && way.leads_to(place))
            .map(|(place, entry)| Removal { place: (*place).clone(), before: entry.before })
            .collect();
        for removal in &going {
            self.straight.retain(|directory, _| !directory.starts_with(&removal.place));
        }
        let coming: Vec<Item> = owed
            .iter()
            .filter(|(place, _)| !behind.contains(*place))
            .filter_map(|(place, entry)| {
                let (kind, mode) = (entry.now?, entry.mode);
                Some(Item { source: entry.source.clone(), place: (*place).clone(), kind, mode })
            })
            .collect();
        let directories: Vec<PathBuf> = coming
            .iter()
            .filter(|item| item.kind == Kind::Directory)
            .map(|item| item.place.clone())
            .collect();
        let removed = remove(engine, &self.id, self.runs, &going).await?;
        let packed = self.bring(engine, coming, &directories).await?;
        let now = Instant::now();
        self.straight.extend(directories.into_iter().map(|directory| (directory, now)));
        let amount = Amount {
            written: packed.entries,
            removed,
            bytes: packed.bytes,
            astray: way.astray.into_iter().next(),
        };
        self.owed = packed.left_out.into_iter().chain(behind).collect();
        Ok(amount)
    }

    async fn bring<E: Engine>(
        &self,
        engine: &E,
        items: Vec<Item>,
        directories: &[PathBuf],
    ) -> Result<Packed, SyncError> {
        if items.is_empty() {
            return Ok(Packed::default());
        }
        match self.put(engine, items.clone()).await {
            // An image may have something else where there is a directory now.
            Err(SyncError::Engine(error)) if is_in_the_way(&error) => {
                self.clear(engine, directories).await?;
                self.put(engine, items).await
            }
            packed => packed,
        }
    }

    async fn put<E: Engine>(&self, engine: &E, items: Vec<Item>) -> Result<Packed, SyncError> {
        let (tar, packed) = pack(items);
        let options = Unpack { copy_uid_gid: true, ..Unpack::default() };
        let sent = engine.upload(&self.id, "/", options, tar).await;
        match (packed.await, sent) {
            (Ok(Ok(packed)), Ok(())) => Ok(packed),
            // A file that cannot be read explains more than the engine's view of a broken archive.
            (Ok(Err(error)), Ok(()) | Err(EngineError::Broken { .. })) => Err(error),
            (_, Err(error)) => Err(error.into()),
            (Err(error), Ok(())) => Err(SyncError::Unreadable {
                path: "archive".to_owned(),
                reason: std::io::Error::other(error.to_string()),
            }),
        }
    }

    /// Takes away what stands where directories are to be.
    async fn clear<E: Engine>(&self, engine: &E, directories: &[PathBuf]) -> Result<(), SyncError> {
        for place in directories {
            let found = standing(engine, &self.id, place).await?;
            if found.is_some_and(|found| found != Standing::Directory) {
                let before = Before { file: true, directory: false };
                let removal = [Removal { place: place.clone(), before }];
                remove(engine, &self.id, false, &removal).await?;
            }
        }
        Ok(())
    }
}

fn is_in_the_way(error: &EngineError) -> bool {
    error.to_string().contains("cannot overwrite")
}

/// Where the ways from the targets to places end, in a container.
#[derive(Default)]
struct Way {
    ends: Vec<PathBuf>,
    /// Those of them at which symbolic links lead elsewhere.
    astray: Vec<PathBuf>,
}

impl Way {
    /// Whether something can be at a place.
    fn leads_to(&self, place: &Path) -> bool {
        !self.ends.iter().any(|end| place != end && place.starts_with(end))
    }

    /// Whether a symbolic link is on the way to a place.
    fn leads_astray(&self, place: &Path) -> bool {
        self.astray.iter().any(|link| place != link && place.starts_with(link))
    }
}

/// Makes sure that the way from each target to its places leads through no symbolic link: behind one, something
/// outside of the target would be written or deleted. Looks at each directory once, from the top: the engine has
/// no answer for what lies behind a file. Those of one depth are looked at together.
async fn look<E: Engine>(
    engine: &E,
    container: &str,
    owed: &[(&PathBuf, &Entry)],
    straight: &mut HashMap<PathBuf, Instant>,
) -> Result<Way, SyncError> {
    // What is brought there as a directory is one then; the engine refuses to make a link into one.
    let brought: HashSet<&Path> = owed
        .iter()
        .filter(|(_, entry)| entry.now == Some(Kind::Directory))
        .map(|(place, _)| place.as_path())
        .collect();
    // What goes is no longer on the way of anything.
    let going: HashSet<&Path> =
        owed.iter().filter(|(_, entry)| entry.goes()).map(|(place, _)| place.as_path()).collect();
    let mut unknown: BTreeSet<&Path> = BTreeSet::new();
    for (place, entry) in owed {
        let around: Vec<&Path> = place
            .ancestors()
            .skip(1)
            .take_while(|up| *up != entry.target && up.starts_with(&entry.target))
            .filter(|up| !straight.contains_key(*up))
            .collect();
        if entry.goes() || !around.iter().all(|directory| brought.contains(directory)) {
            unknown.extend(around);
        }
    }
    let mut levels: BTreeMap<usize, Vec<&Path>> = BTreeMap::new();
    for directory in unknown {
        levels.entry(directory.components().count()).or_default().push(directory);
    }
    let mut way = Way::default();
    for level in levels.into_values() {
        let reached = level.into_iter().filter(|directory| way.leads_to(directory));
        let found = stream::iter(reached.map(async |directory| {
            let found = standing(engine, container, directory).await?;
            Ok::<_, EngineError>((directory, found))
        }));
        let found: Vec<_> = found.buffer_unordered(AT_ONCE).collect().await;
        for looked in found {
            let (directory, found) = looked?;
            match found {
                Some(Standing::Directory) => {
                    straight.insert(directory.to_owned(), Instant::now());
                    continue;
                }
                Some(Standing::Link)
                    if !brought.contains(directory) && !going.contains(directory) =>
                {
                    way.astray.push(directory.to_owned());
                }
                _ => {}
            }
            way.ends.push(directory.to_owned());
        }
    }
    Ok(way)
}
