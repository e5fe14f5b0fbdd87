//! Text to a tree that knows its bytes.
//!
//! [`parse`] never fails as a whole: it returns the documents that could be read and a
//! [`Diagnostic`](crate::diagnostic::Diagnostic) for each mistake. Scalars are resolved by
//! go-yaml's table, which is what Docker Compose reads with: `0440` is an octal number, `yes` is
//! text.

mod anchors;
mod events;
mod keys;
mod layout;
mod mapping;
mod merge_key;
mod node;
mod recovery;
mod scalar;
mod size;
mod tree;

#[cfg(test)]
mod tests;

pub(crate) use layout::{Pair, Pairs, Shape, Written, layout};
pub use mapping::Mapping;
pub(crate) use merge_key::{MERGE_KEY, add_missing};
pub(crate) use node::GAP;
pub use node::{Directive, Entry, Node, Value};
pub(crate) use scalar::reads_as_text;
pub(crate) use tree::parse_unmerged;
pub use tree::{Parsed, parse};
