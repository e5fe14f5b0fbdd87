//! The ways from targets to places in a container: behind a symbolic link that something there has put on one, a file
//! outside of the target would be written or deleted.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

use futures_util::{StreamExt, stream};

use super::journal::Entry;
use super::standing::{Standing, standing};
use crate::engine::{Engine, EngineError};
use crate::watch::Kind;

/// How many directories are looked at at once.
const AT_ONCE: usize = 8;

/// Where the ways from the targets to places end, in a container.
#[derive(Default)]
pub(super) struct Way {
    ends: Vec<PathBuf>,
    /// Those of them at which symbolic links lead elsewhere.
    astray: Vec<PathBuf>,
    /// Targets that are symbolic links: whoever names one means what is behind it.
    links: Vec<PathBuf>,
}

impl Way {
    /// Whether something can be at a place.
    pub(super) fn leads_to(&self, place: &Path) -> bool {
        !self.ends.iter().any(|end| place != end && place.starts_with(end))
    }

    /// The symbolic link on the way to a place.
    pub(super) fn astray(&self, place: &Path) -> Option<&Path> {
        let astray = self.astray.iter().find(|link| place != *link && place.starts_with(link));
        astray.map(PathBuf::as_path)
    }

    /// Whether a place is a target and a symbolic link.
    pub(super) fn is_link(&self, place: &Path) -> bool {
        self.links.iter().any(|link| link == place)
    }
}

/// Looks at the way from each target to its places, and at what is to be a directory and was not `made` by us. Each
/// directory once, from the top: the engine has no answer for what lies behind a file. Those of one depth are looked at
/// together. Takes down in `straight` which are directories.
pub(super) async fn look<E: Engine>(
    engine: &E,
    container: &str,
    owed: &[(&PathBuf, &Entry)],
    made: &HashSet<PathBuf>,
    straight: &mut HashMap<PathBuf, Instant>,
) -> Result<Way, EngineError> {
    // What is brought there as a directory is one then; the engine refuses to make a link into one.
    let brought: HashSet<&Path> = owed
        .iter()
        .filter(|(_, entry)| entry.now == Some(Kind::Directory))
        .map(|(place, _)| place.as_path())
        .collect();
    // What goes is no longer on the way of anything.
    let going: HashSet<&Path> =
        owed.iter().filter(|(_, entry)| entry.goes()).map(|(place, _)| place.as_path()).collect();
    let targets: HashSet<&Path> = owed.iter().map(|(_, entry)| entry.target.as_path()).collect();
    let unknown = unknown(owed, &brought, made, straight);
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
                Some(Standing::Link) if targets.contains(directory) => {
                    straight.insert(directory.to_owned(), Instant::now());
                    way.links.push(directory.to_owned());
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

/// What has to be looked at.
fn unknown<'a>(
    owed: &[(&'a PathBuf, &Entry)],
    brought: &HashSet<&Path>,
    made: &HashSet<PathBuf>,
    straight: &HashMap<PathBuf, Instant>,
) -> BTreeSet<&'a Path> {
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
        let comes = entry.now == Some(Kind::Directory);
        let is_own = comes && !made.contains(*place) && !straight.contains_key(*place);
        // A link that is a target is known as such only to who has looked.
        let is_root = **place == entry.target && (comes || entry.goes());
        if is_own || is_root {
            unknown.insert(place);
        }
    }
    unknown
}
