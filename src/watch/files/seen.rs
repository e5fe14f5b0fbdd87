//! What is known of the files, and how what is there now differs.

mod names;
mod roots;

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::fs::{self, DirEntry, Metadata};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::changes::{Changes, Difference};
use super::echoes::{Echoes, FileId};
use super::listen::Listener;
use crate::watch::{Kind, Rule};

/// The files as they were last seen: what rules take, and the directories that lead there.
pub(super) struct Seen {
    rules: Arc<[Rule]>,
    listener: Arc<Listener>,
    /// Each directory that was read, with what was in it.
    directories: HashMap<PathBuf, BTreeMap<OsString, Stamp>>,
    /// What is no change.
    echoes: Echoes,
}

/// What tells one state of a file from another without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    kind: Kind,
    mode: u32,
    /// Of files and links only: what is in a directory is seen by itself.
    content: Option<Content>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Content {
    size: u64,
    /// Which file of the file system it is.
    file: FileId,
    /// Whether it has other names.
    is_shared: bool,
    /// Of the content, in seconds and nanoseconds.
    modified: (i64, i64),
    /// Of anything about the file: no program can set it back.
    changed: (i64, i64),
}

impl Seen {
    /// Nothing has been seen yet.
    pub(super) fn new(rules: Arc<[Rule]>, listener: Arc<Listener>, echoes: Echoes) -> Self {
        Self { rules, listener, directories: HashMap::new(), echoes }
    }

    /// Looks at everything; what is there that was not seen before.
    pub(super) fn look_around(&mut self) -> Changes {
        let mut changes = Changes::default();
        self.take_root(&mut changes);
        changes
    }

    /// Looks at everything again: what differs, gone things first.
    pub(super) fn look_around_again(&mut self) -> Vec<Difference> {
        let mut changes = Changes::default();
        let mut directories: Vec<PathBuf> = self.directories.keys().cloned().collect();
        directories.sort();
        for directory in &directories {
            self.listener.forget(directory);
        }
        for directory in directories {
            // One that has gone meanwhile went with the directory around it.
            if is_gone(&directory) {
                self.lose(&directory, &mut changes);
            } else if self.directories.contains_key(&directory) {
                self.read_again(&directory, &mut changes);
            }
        }
        self.take_root(&mut changes);
        changes.in_order()
    }

    /// Looks at paths where something happened, and whether each may be another thing of the same name:
    /// what differs, gone things first, deepest first, then what is there, from the top.
    pub(super) fn look_at(&mut self, mut paths: Vec<(PathBuf, bool)>) -> Vec<Difference> {
        let mut changes = Changes::default();
        paths.sort();
        // A directory that moved is the same to the system under both names: the old one goes first, also where
        // another directory has taken it.
        let mut stamps = Vec::with_capacity(paths.len());
        let mut is_deaf = false;
        for (path, renewed) in &paths {
            let stamp = self.stamp(path);
            if stamp.is_none() {
                self.lose(path, &mut changes);
            } else if *renewed {
                is_deaf |= self.forget(path);
            }
            stamps.push(stamp);
        }
        for ((path, renewed), stamp) in paths.iter().zip(stamps) {
            // What has changed since then is told, unless nobody listens there just now.
            let now = stamp.filter(|_| !is_deaf).or_else(|| self.stamp(path));
            self.look(path, *renewed, now, &mut changes);
        }
        self.look_at_other_names(&mut changes);
        self.take_root(&mut changes);
        changes.in_order()
    }

    /// The mode of what is at a path, as it was last seen.
    pub(super) fn mode(&self, path: &Path) -> Option<u32> {
        Some(self.known(path)?.mode)
    }

    fn known(&self, path: &Path) -> Option<Stamp> {
        let (parent, name) = path.parent().zip(path.file_name())?;
        self.directories.get(parent)?.get(name).copied()
    }

    /// Whether something at a path can be a change.
    pub(super) fn concerns(&self, path: &Path) -> bool {
        self.rules.iter().any(|rule| rule.takes(path) || rule.reaches(path))
    }

    /// Whether there are directories to be read at intervals.
    pub(super) fn has_unheard(&self) -> bool {
        self.listener.has_unheard()
    }

    /// What differs in those directories, to be looked at.
    pub(super) fn unheard_changes(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let unheard = self.listener.unheard();
        // Others may have left watches meanwhile. What comes after the listing is told then.
        let _ = unheard.iter().find(|directory| !self.listener.listen(directory));
        for directory in unheard {
            let Some(known) = self.directories.get(&directory) else { continue };
            if is_gone(&directory) {
                found.push(directory);
                continue;
            }
            let now = match self.entries(&directory) {
                Ok(now) => now,
                Err(error) => {
                    self.listener.mistrust(&directory, &error);
                    continue;
                }
            };
            let is_new = |(name, stamp): &(&OsString, &Stamp)| known.get(*name) != Some(*stamp);
            found.extend(now.iter().filter(is_new).map(|(name, _)| directory.join(name)));
            let is_gone = |name: &&OsString| !now.contains_key(*name);
            found.extend(known.keys().filter(is_gone).map(|name| directory.join(name)));
        }
        found
    }

    fn look(&mut self, path: &Path, renewed: bool, now: Option<Stamp>, changes: &mut Changes) {
        let Some((parent, name)) = path.parent().zip(path.file_name()) else { return };
        let Some(siblings) = self.directories.get(parent) else {
            return self.look_at_start(path, renewed, changes);
        };
        let known = siblings.get(name).copied();
        let now = now.filter(|stamp| self.keeps(path, *stamp));
        match (known, now) {
            (None, None) => {}
            (Some(_), None) => self.lose(path, changes),
            (Some(known), Some(now)) if known.kind != now.kind => {
                self.lose(path, changes);
                self.gain(path, now, changes);
            }
            (Some(known), Some(now)) if known == now => {
                if renewed && now.kind == Kind::Directory {
                    self.read_again(path, changes);
                    // It is another one of the same name.
                    if self.rules.iter().any(|rule| rule.is_alone() && rule.path == path) {
                        changes.found(path.to_owned(), now.kind);
                    }
                }
            }
            (Some(known), Some(now)) if known.is_touched(now) && self.echoes.has(path) => {
                self.note(path, now);
            }
            (Some(_), Some(now)) => {
                self.note(path, now);
                changes.found(path.to_owned(), now.kind);
                if renewed && now.kind == Kind::Directory {
                    self.read_again(path, changes);
                }
            }
            (None, Some(now)) => self.gain(path, now, changes),
        }
    }

    /// Something is there that was not.
    fn gain(&mut self, path: &Path, stamp: Stamp, changes: &mut Changes) {
        self.note(path, stamp);
        changes.came(path.to_owned(), stamp.kind);
        if stamp.kind == Kind::Directory {
            self.read(path, changes);
        }
    }

    fn note(&mut self, path: &Path, stamp: Stamp) {
        if let Some((parent, name)) = path.parent().zip(path.file_name())
            && let Some(siblings) = self.directories.get_mut(parent)
        {
            siblings.insert(name.to_owned(), stamp);
        }
    }

    /// Something is not there any more, nor what was below it.
    fn lose(&mut self, path: &Path, changes: &mut Changes) {
        let known = path
            .parent()
            .zip(path.file_name())
            .and_then(|(parent, name)| self.directories.get_mut(parent)?.remove(name));
        if let Some(known) = known {
            changes.lost(path.to_owned(), known.kind);
        }
        let mut waiting = vec![path.to_owned()];
        while let Some(directory) = waiting.pop() {
            let Some(entries) = self.directories.remove(&directory) else { continue };
            self.listener.forget(&directory);
            for (name, stamp) in entries {
                let path = directory.join(name);
                changes.lost(path.clone(), stamp.kind);
                if stamp.kind == Kind::Directory {
                    waiting.push(path);
                }
            }
        }
    }

    /// Does not listen any more to a directory that was read, nor to those below it; whether it was one.
    fn forget(&self, directory: &Path) -> bool {
        let mut waiting = vec![directory.to_owned()];
        while let Some(directory) = waiting.pop() {
            let Some(entries) = self.directories.get(&directory) else { continue };
            self.listener.forget(&directory);
            waiting.extend(below(&directory, entries));
        }
        self.directories.contains_key(directory)
    }

    /// Reads a directory that was not read before, and all below it.
    fn read(&mut self, directory: &Path, changes: &mut Changes) {
        let mut waiting = vec![directory.to_owned()];
        while let Some(directory) = waiting.pop() {
            if self.directories.contains_key(&directory) {
                continue;
            }
            // In this order: what comes after the listing is told by the system.
            self.listener.listen(&directory);
            let entries = self.entries(&directory).unwrap_or_else(|error| {
                self.listener.mistrust(&directory, &error);
                BTreeMap::new()
            });
            for (name, stamp) in &entries {
                let path = directory.join(name);
                if stamp.kind == Kind::Directory {
                    waiting.push(path.clone());
                }
                changes.came(path, stamp.kind);
            }
            self.directories.insert(directory, entries);
        }
    }

    /// Reads a directory of which something was known, and listens to it anew, which has been [forgotten](Self::forget)
    /// before: what differs in it and below.
    fn read_again(&mut self, directory: &Path, changes: &mut Changes) {
        let mut waiting = vec![directory.to_owned()];
        while let Some(directory) = waiting.pop() {
            self.listener.listen(&directory);
            let known = self.directories.get(&directory).cloned().unwrap_or_default();
            let now = match self.entries(&directory) {
                Ok(now) => now,
                Err(error) => {
                    self.listener.mistrust(&directory, &error);
                    waiting.extend(below(&directory, &known));
                    continue;
                }
            };
            for name in known.keys().filter(|name| !now.contains_key(*name)) {
                self.lose(&directory.join(name), changes);
            }
            for (name, stamp) in now {
                let path = directory.join(&name);
                match known.get(&name) {
                    Some(known) if known.kind == stamp.kind => {
                        if *known != stamp {
                            self.note(&path, stamp);
                            if !(known.is_touched(stamp) && self.echoes.has(&path)) {
                                changes.found(path.clone(), stamp.kind);
                            }
                        }
                        if stamp.kind == Kind::Directory {
                            waiting.push(path);
                        }
                    }
                    Some(_) => {
                        self.lose(&path, changes);
                        self.gain(&path, stamp, changes);
                    }
                    None => self.gain(&path, stamp, changes),
                }
            }
        }
    }

    /// What is in a directory and matters. One that is not there is empty; an error where the system does not tell (it is
    /// not for us, too many files are open, a share does not answer): nothing has gone because of that.
    fn entries(&self, directory: &Path) -> io::Result<BTreeMap<OsString, Stamp>> {
        let entries = match read(directory) {
            Ok(entries) => entries,
            Err(error) => {
                use ErrorKind::{NotADirectory, NotFound};
                let is_empty = matches!(error.kind(), NotFound | NotADirectory);
                return if is_empty { Ok(BTreeMap::new()) } else { Err(error) };
            }
        };
        let kept = entries.into_iter().filter_map(|entry| {
            let path = entry.path();
            let stamp = self.stamp(&path)?;
            self.keeps(&path, stamp).then(|| (entry.file_name(), stamp))
        });
        Ok(kept.collect())
    }

    /// Whether a rule takes it, or it leads to what one takes.
    fn keeps(&self, path: &Path, stamp: Stamp) -> bool {
        let leads = stamp.kind == Kind::Directory;
        self.rules.iter().any(|rule| rule.takes(path) || (leads && rule.reaches(path)))
    }

    /// What is at a path now. Pipes, sockets and devices are nothing: they have no content to be brought
    /// anywhere. Nor is what our own output is written into: each line about a change would be the next one.
    fn stamp(&self, path: &Path) -> Option<Stamp> {
        // What is watched may itself be a link to where it is.
        let is_root = self.rules.iter().any(|rule| rule.path == path);
        let metadata = if is_root { fs::metadata(path) } else { fs::symlink_metadata(path) };
        Stamp::of(&metadata.ok().filter(|metadata| !self.echoes.is_output(metadata))?)
    }
}

impl Stamp {
    fn of(metadata: &Metadata) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        let kind = match metadata.file_type() {
            kind if kind.is_dir() => Kind::Directory,
            kind if kind.is_symlink() => Kind::Link,
            kind if kind.is_file() => Kind::File,
            _ => return None,
        };
        let content = (kind != Kind::Directory).then(|| Content {
            size: metadata.size(),
            file: FileId::of(metadata),
            is_shared: metadata.nlink() > 1,
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        });
        Some(Self { kind, mode: metadata.mode(), content })
    }

    /// Whether another state is the same but for the time of the last change of anything, or other names.
    fn is_touched(self, now: Self) -> bool {
        let without = |content| Content { changed: (0, 0), is_shared: false, ..content };
        let without = |stamp: Self| Self { content: stamp.content.map(without), ..stamp };
        without(self) == without(now)
    }
}

/// What is in a directory, whose entries can be looked at.
fn read(directory: &Path) -> io::Result<Vec<DirEntry>> {
    let entries = fs::read_dir(directory)?.collect::<io::Result<_>>()?;
    // One that may be listed need not be one that may be entered.
    fs::metadata(directory.join("."))?;
    Ok(entries)
}

/// The directories in a directory.
fn below(directory: &Path, entries: &BTreeMap<OsString, Stamp>) -> Vec<PathBuf> {
    let is_directory = |(_, stamp): &(&OsString, &Stamp)| stamp.kind == Kind::Directory;
    entries.iter().filter(is_directory).map(|(name, _)| directory.join(name)).collect()
}

/// Whether it is certain that there is no such directory.
fn is_gone(directory: &Path) -> bool {
    use ErrorKind::{NotADirectory, NotFound};
    match fs::metadata(directory) {
        Ok(metadata) => !metadata.is_dir(),
        Err(error) => matches!(error.kind(), NotFound | NotADirectory),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_just_now_is_not_empty() {
        let (inbox, _messages) = std::sync::mpsc::channel();
        let listener = Arc::new(Listener::new(inbox, &[]));
        let seen = Seen::new(Arc::new([]), listener, Echoes::default());
        assert!(seen.entries(Path::new("/nowhere/at/all")).is_ok_and(|it| it.is_empty()));
        // Any other answer than that it is not there.
        assert!(seen.entries(Path::new(&format!("/{}", "x".repeat(5000)))).is_err());
    }
}
