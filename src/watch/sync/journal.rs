//! The last state of everything that changed, by its place in containers. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::watch::{Change, Kind, What};

/// What was noted for one service.
#[derive(Debug, Default)]
pub(super) struct Journal {
    places: BTreeMap<PathBuf, Entry>,
}

/// What is at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Where it comes from.
    pub(super) source: PathBuf,
    /// What it is now; `None` when it is gone.
    pub(super) now: Option<Kind>,
    /// What has to go before: what was there when it went, or became another kind of thing.
    pub(super) before: Option<Kind>,
    /// The target of the rule: nothing outside of it is touched.
    pub(super) target: PathBuf,
}

impl Journal {
    /// Notes a change.
    pub(super) fn note(&mut self, place: &Path, change: &Change, target: &str) {
        let entry = self.places.entry(place.to_owned()).or_insert_with(|| Entry {
            source: change.path.clone(),
            now: None,
            before: None,
            target: PathBuf::from(target),
        });
        entry.source.clone_from(&change.path);
        entry.target = PathBuf::from(target);
        match change.what {
            What::Gone(kind) => {
                entry.before = Some(kind);
                entry.now = None;
            }
            What::Present(kind) => {
                entry.now = Some(kind);
                entry.before = entry.before.filter(|before| *before != kind);
            }
        }
    }

    /// Every place.
    pub(super) fn places(&self) -> BTreeSet<PathBuf> {
        self.places.keys().cloned().collect()
    }

    /// What is at a place.
    pub(super) fn get(&self, place: &Path) -> Option<&Entry> {
        self.places.get(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_state_counts_and_what_has_to_go_before_it() {
        let mut journal = Journal::default();
        let mut note = |what| {
            let change = Change { path: "/src/a".into(), what, rules: vec![0] };
            journal.note(Path::new("/app/a"), &change, "/app");
            let entry = journal.get(Path::new("/app/a")).unwrap();
            (entry.before, entry.now)
        };
        assert_eq!(note(What::Present(Kind::File)), (None, Some(Kind::File)));
        assert_eq!(note(What::Gone(Kind::File)), (Some(Kind::File), None));
        assert_eq!(note(What::Present(Kind::File)), (None, Some(Kind::File)));
        assert_eq!(note(What::Gone(Kind::File)), (Some(Kind::File), None));
        let directory = Some(Kind::Directory);
        assert_eq!(note(What::Present(Kind::Directory)), (Some(Kind::File), directory));
    }
}
