//! What a load tells of itself while it goes on, for whoever wants to know where a value came from.
//!
//! Trees are shown between the stages, as they are, and nothing is copied: a load that nobody
//! watches pays for one call of an empty function per stage. What a stage did is seen by comparing
//! the tree before and after it; spans say which value is whose.

use std::collections::BTreeMap;
use std::path::Path;

use super::dotenv::Assignment;
use super::source::ProjectName;
use super::yaml::Node;
use crate::diagnostic::{FileId, Span};

/// Is told of a load. Every method may be left out.
pub trait Trace {
    /// The variables of the process, which come before all env files.
    fn process(&mut self, _variables: &BTreeMap<String, String>) {}

    /// Env files are read next. For a project they fill in what it has not yet, as one layer: of
    /// two assignments within it, the later counts.
    fn env_files(&mut self, _purpose: Purpose<'_>) {}

    /// A line of an env file sets a variable.
    fn assigned(&mut self, _file: FileId, _assignment: &Assignment<'_>) {}

    /// The project will probably have this name; its files were not looked at closely yet.
    fn presumed(&mut self, _name: &str) {}

    /// The project's name was decided on.
    fn named(&mut self, _name: &ProjectName) {}

    /// Documents of other files follow, until [`Trace::leave`].
    fn enter(&mut self, _part: Part<'_>) {}

    /// The part that was entered last has ended.
    fn leave(&mut self) {}

    /// A document, after a stage.
    fn document(&mut self, _stage: DocumentStage, _file: &Path, _tree: &Node) {}

    /// A service is about to be laid on the one that it extends.
    fn extends(&mut self, _extension: &Extension<'_>) {}

    /// The service that is being extended, after a stage.
    fn extended(&mut self, _stage: ModelStage, _service: &Node) {}

    /// All documents of the part so far as one tree, after a stage.
    fn model(&mut self, _stage: ModelStage, _tree: &Node) {}
}

/// Listens to nothing.
pub struct Untraced;

impl Trace for Untraced {}

/// What env files are read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose<'t> {
    /// The project; they were asked for by name.
    Requested,
    /// The project, whose `.env` they are.
    Default,
    /// An included project.
    Include,
    /// The environment of a service.
    Environment(&'t str),
    /// The labels of a service.
    Labels(&'t str),
}

/// What the documents between [`Trace::enter`] and [`Trace::leave`] are for.
#[derive(Debug, Clone, Copy)]
pub enum Part<'t> {
    /// An included project.
    Included {
        /// The item of `include`.
        item: Span,
    },
    /// A file that has a service which another one extends.
    Extended {
        /// The file.
        file: &'t Path,
    },
}

/// A stage that a document went through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentStage {
    /// It was read, with its directives.
    Parsed,
    /// Directives were taken off it, variables substituted, texts cast.
    Interpolated,
    /// Services got what they extend.
    Extended,
    /// It got what it includes.
    Included,
}

/// A stage that several documents went through as one tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelStage {
    /// The next document's directives took something out.
    Reset,
    /// The next document was laid over it.
    Merged,
    /// Items that a later one replaces were dropped.
    Unique,
    /// Short notations became long ones.
    Canonical,
    /// Default values were added.
    Defaults,
    /// Paths became absolute.
    Paths,
    /// What names a variable of the outside got its value.
    Captured,
    /// What follows from the whole was added.
    Normalized,
}

/// A service and the one that it extends.
#[derive(Debug, Clone, Copy)]
pub struct Extension<'t> {
    /// The file of the service.
    pub file: &'t Path,
    /// Its name.
    pub service: &'t str,
    /// The value of its `extends`.
    pub place: Span,
    /// The file of the extended service.
    pub base_file: &'t Path,
    /// Whether both stand in the same document.
    pub same_document: bool,
    /// The name of the extended service.
    pub base_name: &'t str,
    /// The extended service, before anything is taken out of it.
    pub base: &'t Node,
    /// What the service says itself.
    pub own: &'t Node,
}
