//! What was said at a target, by whom, and what became of it.

use super::find::Leaf;
use super::unmerged::MergeRule;
use crate::compose::trace::{DocumentStage, ModelStage};
use crate::compose::yaml::{Directive, Value};
use crate::diagnostic::Span;

/// A value, or a mapping or list with values, that came in at one place.
#[derive(Debug, Clone)]
pub(super) struct Statement {
    /// What brought it.
    pub(super) origin: Origin,
    /// Where it is written, with its key.
    pub(super) id: Span,
    /// Where its value is written.
    pub(super) span: Span,
    /// How it got here, nearest first.
    pub(super) via: Vec<Via>,
    /// The part of the load that it is in.
    pub(super) part: usize,
    /// Which document brought it, counted over the load: the later is the stronger.
    pub(super) document: usize,
    /// How many services away the one is that it is of: 0 for the service itself, 1 for what that
    /// extends.
    pub(super) distance: usize,
    /// A tag on it.
    pub(super) directive: Option<Directive>,
    /// The values in it.
    pub(super) leaves: Vec<LeafState>,
}

/// What brought a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// It is written so.
    Written,
    /// It is written elsewhere in the document, and merged (`<<`) or repeated (`*`) here.
    Anchor,
    /// It follows from a short notation.
    Short,
    /// The long notation has it by default.
    LongDefault,
    /// Services of the document take it from those that they extend.
    Inherited,
    /// A stage added it.
    Added(ModelStage),
}

/// How a statement of one place came to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Via {
    /// A service extends its service.
    Extends { service: String, base: String, place: Span },
    /// A file includes its file.
    Include { item: Span },
}

/// A value on its way through the load.
#[derive(Debug, Clone)]
pub(super) struct LeafState {
    pub(super) leaf: Leaf,
    /// Where it was written when it was first seen.
    pub(super) written: Span,
    /// What it was before, with the stage that changed it and the part that was in.
    pub(super) changes: Vec<Change>,
    /// Where it was lost; `None` while it is there.
    pub(super) fate: Option<Fate>,
}

impl LeafState {
    pub(super) fn new(leaf: Leaf) -> Self {
        Self { written: leaf.span, leaf, changes: Vec::new(), fate: None }
    }
}

/// A value became another one.
#[derive(Debug, Clone)]
pub(super) struct Change {
    pub(super) stage: Stage,
    pub(super) part: usize,
    pub(super) before: Value,
}

/// A stage of a load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Document(DocumentStage),
    Model(ModelStage),
}

/// Why a value is not there any more.
#[derive(Debug, Clone)]
pub(super) struct Fate {
    pub(super) cause: Cause,
    /// What is there instead.
    pub(super) by: Option<Span>,
}

/// At which step a value was lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cause {
    /// A later document was laid over it.
    LaterDocument,
    /// The service that extends it was laid over it.
    Extending(String),
    /// A tag of a later document, or of the extending one.
    Tag(Directive),
    /// Another item of its list has the same name.
    SameName,
    /// The including document has the same definition.
    Include,
    /// A merge key would have brought it.
    MergeKey(MergeRule),
    /// A stage dropped it.
    Dropped(Stage),
}
