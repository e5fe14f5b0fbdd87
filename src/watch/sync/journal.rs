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
    /// Its mode, as it was seen.
    pub(super) mode: Option<u32>,
    /// Whether somebody has changed the mode since it was first seen.
    pub(super) has_new_mode: bool,
    /// What may be there from before: a container may have missed any number of changes.
    pub(super) before: Before,
    /// The target of the rule: nothing outside of it is touched.
    pub(super) target: PathBuf,
}

/// What was at a place and went, or became another kind of thing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Before {
    /// A file or a link.
    pub(super) file: bool,
    /// A directory.
    pub(super) directory: bool,
}

impl Before {
    fn add(&mut self, kind: Kind) {
        match kind {
            Kind::Directory => self.directory = true,
            Kind::File | Kind::Link => self.file = true,
        }
    }
}

impl Entry {
    /// Whether something has to go before what is now can come. A file takes the place of a file or a link by
    /// itself, and a directory that of a directory.
    pub(super) fn goes(&self) -> bool {
        match self.now {
            None => self.before.file || self.before.directory,
            Some(Kind::Directory) => self.before.file,
            Some(Kind::File | Kind::Link) => self.before.directory,
        }
    }
}

impl Journal {
    /// Notes a change.
    pub(super) fn note(&mut self, place: &Path, change: &Change, target: &str) {
        let is_known = self.places.contains_key(place);
        let entry = self.places.entry(place.to_owned()).or_insert_with(|| Entry {
            source: change.path.clone(),
            now: None,
            mode: None,
            has_new_mode: false,
            before: Before::default(),
            target: PathBuf::from(target),
        });
        entry.source.clone_from(&change.path);
        entry.target = PathBuf::from(target);
        let former = std::mem::replace(&mut entry.mode, change.mode);
        match change.what {
            What::Gone(kind) => {
                entry.before.add(kind);
                entry.now = None;
                entry.has_new_mode = false;
            }
            What::Present(kind) => {
                let stayed = if is_known { entry.now == Some(kind) } else { !change.is_new };
                entry.has_new_mode |= stayed && former != change.mode;
                entry.now = Some(kind);
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
    fn what_went_is_remembered_since_a_container_may_have_missed_what_came_after() {
        let mut journal = Journal::default();
        let mut note = |what| {
            let change =
                Change { path: "/src/a".into(), what, mode: None, is_new: false, rules: vec![0] };
            journal.note(Path::new("/app/a"), &change, "/app");
            let entry = journal.get(Path::new("/app/a")).unwrap();
            (entry.now, entry.goes())
        };
        assert_eq!(note(What::Present(Kind::Directory)), (Some(Kind::Directory), false));
        assert_eq!(note(What::Gone(Kind::Directory)), (None, true));
        assert_eq!(note(What::Present(Kind::File)), (Some(Kind::File), true));
        assert_eq!(note(What::Gone(Kind::File)), (None, true));
        assert_eq!(note(What::Present(Kind::File)), (Some(Kind::File), true));
    }

    #[test]
    fn a_mode_is_new_where_somebody_has_changed_it() {
        let mut journal = Journal::default();
        let mut note = |what, mode, is_new| {
            let change = Change { path: "/src/a".into(), what, mode, is_new, rules: vec![0] };
            journal.note(Path::new("/app/a"), &change, "/app");
            journal.get(Path::new("/app/a")).unwrap().has_new_mode
        };
        let present = What::Present(Kind::Directory);
        assert!(!note(present, Some(0o755), true));
        assert!(!note(present, Some(0o755), false));
        assert!(note(present, Some(0o700), false));
        assert!(!note(What::Gone(Kind::Directory), None, false));
        assert!(!note(present, Some(0o755), true));
        let mut other = Journal::default();
        let change = Change {
            path: "/src".into(),
            what: present,
            mode: Some(0o700),
            is_new: false,
            rules: vec![0],
        };
        other.note(Path::new("/app"), &change, "/app");
        assert!(other.get(Path::new("/app")).unwrap().has_new_mode, "it was there before");
    }

    #[test]
    fn what_takes_the_place_of_its_like_needs_nothing_to_go() {
        let mut journal = Journal::default();
        for what in [What::Gone(Kind::Link), What::Present(Kind::File)] {
            let change =
                Change { path: "/src/a".into(), what, mode: None, is_new: false, rules: vec![0] };
            journal.note(Path::new("/app/a"), &change, "/app");
        }
        assert!(!journal.get(Path::new("/app/a")).unwrap().goes());
    }
}
