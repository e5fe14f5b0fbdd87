//! Differences between what is there and what was. Pure.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::watch::{Kind, What};

/// Differences. A path has two where it is another kind of thing now.
#[derive(Debug, Default)]
pub(super) struct Changes {
    gone: BTreeMap<PathBuf, Kind>,
    present: BTreeMap<PathBuf, Present>,
}

/// What is there now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Present {
    kind: Kind,
    /// Whether nothing was.
    is_new: bool,
}

/// What differs at a path.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) path: PathBuf,
    /// What became of it.
    pub(super) what: What,
    /// Whether nothing was there.
    pub(super) is_new: bool,
}

impl Changes {
    pub(super) fn lost(&mut self, path: PathBuf, kind: Kind) {
        self.present.remove(&path);
        self.gone.entry(path).or_insert(kind);
    }

    /// Something else is there than was.
    pub(super) fn found(&mut self, path: PathBuf, kind: Kind) {
        self.present.insert(path, Present { kind, is_new: false });
    }

    /// Something is there that was not known, unless it has gone just now.
    pub(super) fn came(&mut self, path: PathBuf, kind: Kind) {
        let is_new = !self.gone.contains_key(&path);
        self.present.insert(path, Present { kind, is_new });
    }

    /// What is there, from the top.
    pub(super) fn present(&self) -> impl Iterator<Item = (&PathBuf, Kind)> {
        self.present.iter().map(|(path, present)| (path, present.kind))
    }

    /// What is gone, deepest first; then what is there, from the top.
    pub(super) fn in_order(self) -> Vec<Difference> {
        let Self { gone, present } = self;
        // What is there again replaces what was there before.
        let is_back =
            |path: &PathBuf, kind: Kind| present.get(path).is_some_and(|it| it.kind == kind);
        let gone = gone.into_iter().rev().filter(|(path, kind)| !is_back(path, *kind));
        let gone: Vec<Difference> = gone
            .map(|(path, kind)| Difference { path, what: What::Gone(kind), is_new: false })
            .collect();
        let present = present.into_iter().map(|(path, Present { kind, is_new })| Difference {
            path,
            what: What::Present(kind),
            is_new,
        });
        gone.into_iter().chain(present).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gone_comes_first_from_below_and_what_is_there_from_the_top() {
        let mut changes = Changes::default();
        for path in ["/a", "/a/b", "/kind", "/file"] {
            changes.lost(PathBuf::from(path), Kind::File);
        }
        changes.found(PathBuf::from("/kind"), Kind::Directory);
        changes.found(PathBuf::from("/file"), Kind::File);
        changes.found(PathBuf::from("/c"), Kind::File);
        let order: Vec<_> = changes
            .in_order()
            .into_iter()
            .map(|it| (it.path.display().to_string(), it.what))
            .collect();
        let gone = What::Gone(Kind::File);
        let present = What::Present(Kind::File);
        let expected = [
            ("/kind", gone),
            ("/a/b", gone),
            ("/a", gone),
            ("/c", present),
            ("/file", present),
            ("/kind", What::Present(Kind::Directory)),
        ];
        assert_eq!(order, expected.map(|(path, what)| (path.to_owned(), what)));
    }

    #[test]
    fn only_what_was_not_there_is_new() {
        let mut changes = Changes::default();
        changes.lost(PathBuf::from("/back"), Kind::File);
        changes.came(PathBuf::from("/back"), Kind::File);
        changes.found(PathBuf::from("/edited"), Kind::File);
        changes.came(PathBuf::from("/new"), Kind::File);
        let new: Vec<_> = changes.in_order().into_iter().map(|it| (it.path, it.is_new)).collect();
        let expected = [("/back", false), ("/edited", false), ("/new", true)];
        assert_eq!(new, expected.map(|(path, is_new)| (PathBuf::from(path), is_new)));
    }
}
