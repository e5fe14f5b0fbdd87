//! When changes are replayed: modifications at once, what came or went when it has been left alone for a moment, since
//! for a new name to be heard of it must move, if only for an instant. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::watch::{Batch, Kind, What};

/// How long something that came or went is left alone.
const CALM: Duration = Duration::from_millis(100);
/// The longest that it is waited for.
const AT_MOST: Duration = Duration::from_secs(2);

/// What is replayed of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Deed {
    /// It is gone.
    Deleted,
    /// It is there anew, with all that is in it.
    Created,
    /// It has another content.
    Modified,
}

/// A change to be replayed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Due {
    /// What happened.
    pub(super) deed: Deed,
    /// Where.
    pub(super) path: PathBuf,
    /// When that was noticed last.
    pub(super) noticed: Instant,
}

/// What is there, and what waits.
#[derive(Debug, Default)]
pub(super) struct Pending {
    known: BTreeMap<PathBuf, Kind>,
    waiting: BTreeMap<PathBuf, Waiting>,
}

#[derive(Debug, Clone, Copy)]
struct Waiting {
    deed: Deed,
    /// When something happened there first.
    first: Instant,
    /// When something happened there last.
    last: Instant,
}

impl Waiting {
    fn due(&self) -> Instant {
        (self.last + CALM).min(self.first + AT_MOST)
    }
}

impl Pending {
    /// Something is there from the start.
    pub(super) fn know(&mut self, path: PathBuf, kind: Kind) {
        self.known.insert(path, kind);
    }

    /// Directories that are there, at a path and below.
    pub(super) fn directories(&self, path: &Path) -> Vec<PathBuf> {
        self.known
            .range(path.to_path_buf()..)
            .take_while(|(below, _)| below.starts_with(path))
            .filter(|(_, kind)| **kind == Kind::Directory)
            .map(|(path, _)| path.clone())
            .collect()
    }

    /// Takes changes in; what is to be replayed at once.
    pub(super) fn note(&mut self, batch: &Batch, now: Instant) -> Vec<Due> {
        let gone: BTreeSet<&Path> = batch
            .changes
            .iter()
            .filter(|change| matches!(change.what, What::Gone(_)))
            .map(|change| change.path.as_path())
            .collect();
        let mut at_once = Vec::new();
        for change in &batch.changes {
            let path = &change.path;
            match change.what {
                What::Gone(_) => {
                    self.known.remove(path);
                    let within = path.parent().is_some_and(|around| gone.contains(around));
                    self.lose(path, within, now);
                }
                What::Present(kind) => {
                    if self.gain(path, kind, now) {
                        at_once.push(Due {
                            deed: Deed::Modified,
                            path: path.clone(),
                            noticed: batch.noticed,
                        });
                    }
                }
            }
        }
        at_once
    }

    /// Something is gone; `within` something else that is.
    fn lose(&mut self, path: &Path, within: bool, now: Instant) {
        let was = self.waiting.remove(path);
        // Nobody has heard that it was there.
        let is_unheard_of = was.is_some_and(|waiting| waiting.deed == Deed::Created);
        if !is_unheard_of && !within && !self.is_within_waiting(path, now) {
            self.wait(path, Deed::Deleted, now);
        }
    }

    /// Something is there; whether it is what was there before with another content.
    fn gain(&mut self, path: &Path, kind: Kind, now: Instant) -> bool {
        let was_known = self.known.insert(path.to_owned(), kind).is_some();
        if self.is_within_waiting(path, now) {
            return false;
        }
        match self.waiting.get(path).map(|waiting| waiting.deed) {
            // It was away for a moment only, as editors do it.
            Some(Deed::Deleted) => {
                self.waiting.remove(path);
                if kind == Kind::Directory {
                    self.wait(path, Deed::Created, now);
                }
                kind != Kind::Directory
            }
            // What is in a directory is told by itself.
            None if was_known => kind != Kind::Directory,
            _ => {
                self.wait(path, Deed::Created, now);
                false
            }
        }
    }

    fn wait(&mut self, path: &Path, deed: Deed, now: Instant) {
        let waiting = self.waiting.entry(path.to_owned());
        let waiting = waiting.or_insert(Waiting { deed, first: now, last: now });
        (waiting.deed, waiting.last) = (deed, now);
    }

    /// Whether something around a path waits: it stands for all that is in it, and waits on.
    fn is_within_waiting(&mut self, path: &Path, now: Instant) -> bool {
        for around in path.ancestors().skip(1) {
            if let Some(waiting) = self.waiting.get_mut(around) {
                waiting.last = now;
                return true;
            }
        }
        false
    }

    /// When the next one is due; `None` if nothing waits.
    pub(super) fn due(&self) -> Option<Instant> {
        self.waiting.values().map(Waiting::due).min()
    }

    /// What is due: what is gone first, then what is there, from the top.
    pub(super) fn take(&mut self, now: Instant) -> Vec<Due> {
        let (due, waiting) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition::<BTreeMap<_, _>, _>(|(_, waiting)| waiting.due() <= now);
        self.waiting = waiting;
        let mut due: Vec<Due> = due
            .into_iter()
            .map(|(path, waiting)| Due { deed: waiting.deed, path, noticed: waiting.first })
            .collect();
        due.sort_by_key(|due| due.deed);
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::Change;

    const FILE: What = What::Present(Kind::File);
    const DIRECTORY: What = What::Present(Kind::Directory);
    const GONE: What = What::Gone(Kind::File);

    struct Case {
        pending: Pending,
        begun: Instant,
    }

    impl Case {
        fn new(known: &[&str]) -> Self {
            let mut pending = Pending::default();
            for path in known {
                pending.know(PathBuf::from(path), Kind::File);
            }
            Self { pending, begun: Instant::now() }
        }

        fn note(&mut self, millis: u64, changes: &[(&str, What)]) -> Vec<(Deed, String)> {
            let now = self.begun + Duration::from_millis(millis);
            let change = |(path, what): &(&str, What)| Change {
                path: PathBuf::from(path),
                what: *what,
                mode: None,
                is_new: false,
                rules: vec![0],
            };
            let changes = changes.iter().map(change).collect();
            plain(self.pending.note(&Batch { noticed: now, changes }, now))
        }

        fn take(&mut self, millis: u64) -> Vec<(Deed, String)> {
            plain(self.pending.take(self.begun + Duration::from_millis(millis)))
        }
    }

    fn plain(due: Vec<Due>) -> Vec<(Deed, String)> {
        due.into_iter().map(|due| (due.deed, due.path.display().to_string())).collect()
    }

    fn told(deed: Deed, path: &str) -> Vec<(Deed, String)> {
        vec![(deed, path.to_owned())]
    }

    #[test]
    fn saves_go_at_once_and_new_files_when_they_are_left_alone() {
        let mut case = Case::new(&["/a/old"]);
        assert_eq!(case.note(0, &[("/a/old", FILE)]), told(Deed::Modified, "/a/old"));
        assert_eq!(case.note(0, &[("/a/new", FILE)]), []);
        assert_eq!(case.note(60, &[("/a/new", FILE)]), []);
        assert_eq!(case.take(120), []);
        assert_eq!(case.take(161), told(Deed::Created, "/a/new"));
        assert_eq!(case.pending.due(), None);
        assert_eq!(case.note(200, &[("/a/new", FILE)]), told(Deed::Modified, "/a/new"));
    }

    #[test]
    fn what_is_written_without_end_is_not_waited_for_for_ever() {
        let mut case = Case::new(&[]);
        for millis in (0..2000).step_by(50) {
            assert_eq!(case.note(millis, &[("/a/new", FILE)]), []);
            assert_eq!(case.take(millis), []);
        }
        assert_eq!(case.take(2000), told(Deed::Created, "/a/new"));
    }

    #[test]
    fn what_is_away_for_a_moment_was_saved() {
        let mut case = Case::new(&["/a/old"]);
        assert_eq!(case.note(0, &[("/a/old", GONE)]), []);
        assert_eq!(case.note(50, &[("/a/old", FILE)]), told(Deed::Modified, "/a/old"));
        assert_eq!(case.take(1000), []);
        assert_eq!(case.note(1000, &[("/a/passing", FILE)]), []);
        assert_eq!(case.note(1050, &[("/a/passing", GONE)]), []);
        assert_eq!(case.take(5000), [], "of which nobody has heard");
    }

    #[test]
    fn directories_stand_for_what_is_in_them() {
        let mut case = Case::new(&["/a/dir", "/a/dir/one", "/a/dir/two"]);
        case.note(0, &[("/a/dir/two", GONE), ("/a/dir/one", GONE), ("/a/dir", GONE)]);
        assert_eq!(case.take(100), told(Deed::Deleted, "/a/dir"));
        case.note(200, &[("/a/new", DIRECTORY), ("/a/new/in", DIRECTORY), ("/a/new/in/it", FILE)]);
        case.note(250, &[("/a/new/more", FILE)]);
        assert_eq!(case.take(320), []);
        assert_eq!(case.take(350), told(Deed::Created, "/a/new"));
        let directories = case.pending.directories(Path::new("/a/new"));
        assert_eq!(directories, [Path::new("/a/new"), Path::new("/a/new/in")]);
    }
}
