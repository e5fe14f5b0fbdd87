//! How large a text becomes, and when that is too large.

use std::ops::{AddAssign, Sub};

use crate::compose::limits;

/// What some nodes hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Size {
    /// How many they are, keys counted as well.
    pub(super) nodes: usize,
    /// The bytes of their texts.
    pub(super) bytes: usize,
}

impl AddAssign for Size {
    fn add_assign(&mut self, other: Self) {
        self.nodes = self.nodes.saturating_add(other.nodes);
        self.bytes = self.bytes.saturating_add(other.bytes);
    }
}

impl Sub for Size {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self { nodes: self.nodes - other.nodes, bytes: self.bytes - other.bytes }
    }
}

/// What one text has become so far.
#[derive(Debug, Default)]
pub(super) struct Growth {
    /// All nodes of the trees, those that stand for an alias included.
    pub(super) total: Size,
    /// What aliases brought into them.
    copied: Size,
    /// What is kept for the uses of anchors.
    aside: Size,
}

impl Growth {
    /// Adds a node and the text that it holds; says what is wrong when that is too much.
    pub(super) fn add(&mut self, bytes: usize) -> Result<(), String> {
        self.total += Size { nodes: 1, bytes };
        self.within()
    }

    /// Adds what an alias stands for.
    pub(super) fn add_alias(&mut self, size: Size) -> Result<(), String> {
        self.total += size;
        self.copied += size;
        self.within()
    }

    /// Adds a copy that is set aside for the uses of an anchor.
    pub(super) fn set_aside(&mut self, size: Size) -> Result<(), String> {
        self.aside += size;
        self.within()
    }

    fn within(&self) -> Result<(), String> {
        if self.copied.nodes > limits::COPIED_NODES {
            let limit = limits::COPIED_NODES;
            return Err(excessive(&format!("{limit} values")));
        }
        if self.copied.bytes.max(self.aside.bytes) > limits::COPIED_BYTES {
            let limit = limits::COPIED_BYTES >> 20;
            return Err(excessive(&format!("{limit} MiB of text")));
        }
        if self.total.nodes.max(self.aside.nodes) > limits::NODES {
            let limit = limits::NODES;
            return Err(format!("yaml: document is too large: more than {limit} keys and values"));
        }
        Ok(())
    }
}

/// The words are go-yaml's.
fn excessive(limit: &str) -> String {
    format!(
        "yaml: document contains excessive aliasing: more than {limit} once aliases are written out"
    )
}
