//! Hot reload: files that change on this machine, and what follows from it in containers.
//!
//! [`rule`] reads the rules of a project (Compose Develop Specification), [`files`] listens to the file
//! system and gathers what changed into [`Batch`]es, [`sync`] brings them into containers, [`replay`] repeats them where
//! containers have the files but hear of nothing. What a rule
//! does beside that (a build, a restart, a command) is the caller's, who has the project.

pub mod derive;
mod error;
pub mod files;
pub mod replay;
pub mod rule;
pub mod sync;

use std::path::PathBuf;
use std::time::Instant;

pub use error::WatchError;
pub use files::{Above, Echoes, FileId, Files};
pub use rule::{Action, Rule};
pub use sync::{Landed, Sync};

/// What became of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum What {
    /// It is there, new or changed.
    Present(Kind),
    /// It is gone.
    Gone(Kind),
}

/// What is at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
}

/// A path that changed, as it was last seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Absolute.
    pub path: PathBuf,
    /// What became of it.
    pub what: What,
    /// Its type and permission bits then; `None` when it is gone. A change from one mode to another and back is
    /// none, so who uses it must not look for himself.
    pub mode: Option<u32>,
    /// Whether nothing was there when it was last seen.
    pub is_new: bool,
    /// The rules that take it: indices into the rules that [`Files`] was made with, ascending, never none.
    pub rules: Vec<usize>,
}

/// Changes that belong together.
#[derive(Debug, Clone)]
pub struct Batch {
    /// When the first of them was noticed.
    pub noticed: Instant,
    /// What is gone first, deepest first, then what is present, from the top. A path is there twice when it is
    /// another kind of thing now.
    pub changes: Vec<Change>,
}

impl Batch {
    /// The rules that take something of it, ascending.
    pub fn rules(&self) -> Vec<usize> {
        let rules: std::collections::BTreeSet<usize> =
            self.changes.iter().flat_map(|change| change.rules.iter().copied()).collect();
        rules.into_iter().collect()
    }
}
