//! What a Compose file may say: the Compose Specification's schema, as tables of shapes, and the
//! walk that compares a tree with them.
//!
//! The tables are constants and the walk works on the tree itself, so every problem has the place
//! of its key or value, and no other copy of the file is made. Messages are Docker Compose's own;
//! labels and help say the rest.

mod build;
mod constraints;
mod deploy;
mod explain;
mod forms;
mod project;
mod service;
mod shape;
mod suggest;
mod walk;

use std::path::Path;

pub use constraints::check as check_constraints;

use crate::compose::yaml::Node;
use crate::diagnostic::Diagnostic;

const ROOT: shape::Shape = shape::Shape::Object(&project::PROJECT);

/// Compares a merged tree with the schema and reports all that does not fit.
///
/// `file` is the file whose merge completed the tree; Docker Compose names it in the message.
pub fn validate(tree: &Node, file: &Path, diagnostics: &mut Vec<Diagnostic>) {
    let problems = walk::problems(tree, &ROOT);
    diagnostics.extend(problems.iter().map(|problem| explain::diagnostic(problem, file)));
}
