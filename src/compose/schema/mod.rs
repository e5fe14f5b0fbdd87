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
mod mends;
mod project;
mod recovery;
mod service;
mod shape;
mod suggest;
mod walk;

use std::path::Path;

pub use constraints::check as check_constraints;
pub(super) use suggest::nearest;

use self::recovery::Recovery;
use crate::compose::limits;
use crate::compose::yaml::Node;
use crate::diagnostic::Diagnostic;

const ROOT: shape::Shape = shape::Shape::Object(&project::PROJECT);

/// How often a tree is looked at again after keys were read as what they nearly say.
const MAX_ROUNDS: usize = 4;

/// Compares a merged tree with the schema and reports all that does not fit.
///
/// What does not fit is broken afterwards. A key that is nearly one that the format knows is read
/// as that one, so that its value is looked at and not missed.
///
/// `file` is the file whose merge completed the tree; Docker Compose names it in the message.
pub fn validate(tree: &mut Node, file: &Path, diagnostics: &mut Vec<Diagnostic>) {
    for _ in 0..MAX_ROUNDS {
        let problems = walk::problems(tree, &ROOT);
        if problems.is_empty() {
            return;
        }
        diagnostics.extend(problems.iter().enumerate().map(|(index, problem)| {
            // Guessing takes time, and nobody mends more at once.
            explain::diagnostic(problem, file, index < limits::MISTAKES)
        }));
        let recovery = Recovery::of(&problems);
        recovery.apply(tree);
        if recovery.renamed.is_empty() {
            return;
        }
    }
}

/// Whether a file has an attribute of that name at the top.
pub fn is_section(key: &str) -> bool {
    project::PROJECT.attribute(key).is_some()
}

/// Whether a service has an attribute of that name.
pub fn is_service_attribute(key: &str) -> bool {
    service::SERVICE.attribute(key).is_some()
}
