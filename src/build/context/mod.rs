//! Directories of this machine as a builder sees them: filtered, in order, and with their owners
//! left out.
//!
//! A builder asks for a directory by name and says what it leaves out; [`walk`] answers with the
//! entries in the order that the `fsutil` protocol demands: a directory before what is in it, names
//! in byte order. Everything here blocks and belongs on a blocking thread.

mod entry;
mod filter;
mod follow;
mod ignore;
mod walk;

use std::collections::BTreeMap;
use std::path::PathBuf;

pub use entry::{Entry, EntryKind};
pub use filter::Filter;
pub(in crate::build) use follow::follow;
pub use ignore::exclusions;
pub use walk::{WalkError, walk};

/// A tree that a builder may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tree {
    /// A directory of this machine.
    Directory(PathBuf),
    /// Files that exist only here: name and content, without directories.
    Files(BTreeMap<String, Vec<u8>>),
}
