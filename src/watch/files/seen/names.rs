//! Files of several names (hard links): what is written in place by one of them is another file by all, and the system only
//! tells of the one that was used.

use std::collections::HashSet;
use std::path::PathBuf;

use super::super::echoes::FileId;
use super::{Changes, Seen};
use crate::watch::Kind;

impl Seen {
    /// Looks at the other names of what has changed. Nothing is read for that but what is known; where no changed file has
    /// another name, not even that.
    pub(super) fn look_at_other_names(&mut self, changes: &mut Changes) {
        let files = changes.present().filter(|(_, kind)| *kind == Kind::File);
        let shared: HashSet<FileId> = files
            .filter_map(|(path, _)| self.known(path)?.content.filter(|it| it.is_shared))
            .map(|content| content.file)
            .collect();
        if shared.is_empty() {
            return;
        }
        let mut names: Vec<PathBuf> = Vec::new();
        for (directory, entries) in &self.directories {
            let is_shared = |content: super::Content| shared.contains(&content.file);
            let its = entries.iter().filter(|(_, stamp)| stamp.content.is_some_and(is_shared));
            names.extend(its.map(|(name, _)| directory.join(name)));
        }
        for path in names {
            match (self.known(&path), self.stamp(&path)) {
                // Only that it has another name by now.
                (Some(known), Some(now)) if known.is_touched(now) => self.note(&path, now),
                (_, now) => self.look(&path, false, now, changes),
            }
        }
    }
}
