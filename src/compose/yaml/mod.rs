//! Text to a tree that knows its bytes.

mod node;

pub use node::{Directive, Entry, Mapping, Node, Value};
