//! Goes through a tree in the order that builders need.

use std::collections::HashMap;
use std::fs::Metadata;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::entry::{Entry, EntryKind, not_utf8};
use super::filter::{Filter, Verdict};

/// A file of a context that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read `{}`: {source}", path.display())]
pub struct WalkError {
    /// Which file or directory.
    pub path: PathBuf,
    /// What the operating system said.
    pub source: io::Error,
}

/// Calls `visit` for each entry below `root` that the filter shows, a directory before what is in
/// it and names in byte order. A directory that is not shown itself comes nevertheless before the
/// first shown thing in it. What vanishes during the walk is left out.
///
/// `visit` may end the walk with [`ControlFlow::Break`].
pub fn walk(
    root: &Path,
    filter: &Filter,
    mut visit: impl FnMut(Entry) -> ControlFlow<()>,
) -> Result<(), WalkError> {
    let mut walker = Walker { filter, visit: &mut visit, links: HashMap::new(), held: Vec::new() };
    walker.directory(root, "", &Verdict::default()).map(|_| ())
}

struct Walker<'a> {
    filter: &'a Filter,
    visit: &'a mut dyn FnMut(Entry) -> ControlFlow<()>,
    /// Files with several names that were shown, by device and inode.
    links: HashMap<(u64, u64), String>,
    /// Directories around the present one that are not shown yet.
    held: Vec<Entry>,
}

impl Walker<'_> {
    fn directory(
        &mut self,
        location: &Path,
        path: &str,
        verdict: &Verdict,
    ) -> Result<ControlFlow<()>, WalkError> {
        let fail = |source| WalkError { path: location.to_owned(), source };
        let mut names = Vec::new();
        for entry in std::fs::read_dir(location).map_err(fail)? {
            names.push(entry.map_err(fail)?.file_name());
        }
        names.sort();
        for name in names {
            let child = location.join(&name);
            let Some(name) = name.to_str() else {
                return Err(WalkError { path: child, source: not_utf8() });
            };
            let path = if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
            match self.entry(&child, path, verdict) {
                Ok(ControlFlow::Continue(())) => {}
                Ok(flow) => return Ok(flow),
                Err(error) if error.source.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn entry(
        &mut self,
        location: &Path,
        path: String,
        parent: &Verdict,
    ) -> Result<ControlFlow<()>, WalkError> {
        let verdict = self.filter.judge(&path, parent);
        if !verdict.shown && !verdict.descend {
            return Ok(ControlFlow::Continue(()));
        }
        let fail = |source| WalkError { path: location.to_owned(), source };
        let metadata = std::fs::symlink_metadata(location).map_err(fail)?;
        if !metadata.is_dir() && !verdict.shown {
            return Ok(ControlFlow::Continue(()));
        }
        let mut entry = Entry::read(location, path, &metadata).map_err(fail)?;
        if !metadata.is_dir() {
            self.link(&mut entry, &metadata);
            return Ok(self.show(entry));
        }
        let path = entry.path.clone();
        let depth = self.held.len();
        if verdict.shown {
            if self.show(entry).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        } else {
            self.held.push(entry);
        }
        let flow = if verdict.descend {
            match self.directory(location, &path, &verdict) {
                // A directory that is left out needs not be readable.
                Err(error)
                    if !verdict.shown && error.source.kind() == io::ErrorKind::PermissionDenied =>
                {
                    ControlFlow::Continue(())
                }
                result => result?,
            }
        } else {
            ControlFlow::Continue(())
        };
        self.held.truncate(depth);
        Ok(flow)
    }

    /// Shows an entry, after the directories around it that wait for one.
    fn show(&mut self, entry: Entry) -> ControlFlow<()> {
        for directory in self.held.drain(..) {
            (self.visit)(directory)?;
        }
        (self.visit)(entry)
    }

    /// Makes a further name of a file that was shown already a hard link to it.
    #[cfg(unix)]
    fn link(&mut self, entry: &mut Entry, metadata: &Metadata) {
        use std::os::unix::fs::MetadataExt;
        if entry.kind != EntryKind::File || metadata.nlink() < 2 {
            return;
        }
        match self.links.entry((metadata.dev(), metadata.ino())) {
            std::collections::hash_map::Entry::Occupied(first) => {
                entry.kind = EntryKind::HardLink(first.get().clone());
            }
            std::collections::hash_map::Entry::Vacant(slot) => {
                slot.insert(entry.path.clone());
            }
        }
    }

    #[cfg(not(unix))]
    #[expect(clippy::unused_self, reason = "the same call on every system")]
    fn link(&mut self, _: &mut Entry, _: &Metadata) {}
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;
    use std::path::Path;

    use super::super::{Entry, EntryKind, Filter};
    use super::walk;

    fn paths(root: &Path, include: &[&str], exclude: &[&str]) -> Vec<String> {
        entries(root, &Filter::new(include, exclude).unwrap())
            .into_iter()
            .map(|entry| entry.path)
            .collect()
    }

    fn entries(root: &Path, filter: &Filter) -> Vec<Entry> {
        let mut entries = Vec::new();
        walk(root, filter, |entry| {
            entries.push(entry);
            ControlFlow::Continue(())
        })
        .unwrap();
        entries
    }

    fn tree(files: &[&str]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for file in files {
            let path = root.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, file).unwrap();
        }
        root
    }

    #[test]
    fn directories_come_first_and_names_in_byte_order() {
        let root = tree(&["b/z", "b/a", "b.txt", "a", "B"]);
        assert_eq!(paths(root.path(), &[], &[]), ["B", "a", "b", "b/a", "b/z", "b.txt"]);
    }

    #[test]
    fn what_is_excluded_is_left_out_but_parents_of_exceptions_stay() {
        let root =
            tree(&["src/main.rs", "src/gen/x", "target/debug/app", "README.md", ".git/HEAD"]);
        assert_eq!(paths(root.path(), &[], &["*", "!src", "src/gen"]), ["src", "src/main.rs"],);
        assert_eq!(
            paths(root.path(), &[], &["target", "!target/debug/app", ".git"]),
            [
                "README.md",
                "src",
                "src/gen",
                "src/gen/x",
                "src/main.rs",
                "target",
                "target/debug",
                "target/debug/app"
            ],
        );
    }

    #[test]
    fn includes_name_the_only_things_shown() {
        let root = tree(&["a/b/c", "a/d", "e"]);
        assert_eq!(paths(root.path(), &["a/b"], &[]), ["a", "a/b", "a/b/c"]);
        assert_eq!(paths(root.path(), &["e"], &["e"]), [] as [&str; 0]);
    }

    #[test]
    fn kinds_modes_and_links() {
        use std::os::unix::fs::PermissionsExt;
        let root = tree(&["x", "run"]);
        let run = root.path().join("run");
        std::fs::set_permissions(&run, std::fs::Permissions::from_mode(0o4755)).unwrap();
        std::fs::hard_link(&run, root.path().join("run2")).unwrap();
        std::os::unix::fs::symlink("../outside", root.path().join("link")).unwrap();
        let entries = entries(root.path(), &Filter::default());
        let by_name = |name: &str| entries.iter().find(|entry| entry.path == name).unwrap();
        assert_eq!(by_name("link").kind, EntryKind::SymbolicLink("../outside".to_owned()));
        assert_eq!(by_name("run").go_mode(), (1 << 23) | 0o755);
        assert_eq!(by_name("run2").kind, EntryKind::HardLink("run".to_owned()));
        assert_eq!(by_name("x").size, 1);
    }

    #[test]
    fn a_walk_can_be_ended() {
        let root = tree(&["a/b", "c"]);
        let mut seen = 0;
        walk(root.path(), &Filter::default(), |_| {
            seen += 1;
            ControlFlow::Break(())
        })
        .unwrap();
        assert_eq!(seen, 1);
    }
}
