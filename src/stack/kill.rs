//! `kill`: running containers get a signal.

use super::{Plan, StackError};
use crate::compose::model::Project;
use crate::engine::Engine;

/// The flags of `kill`.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Services named; empty for all.
    pub services: Vec<String>,
    /// `--signal`; `None` for `SIGKILL`.
    pub signal: Option<String>,
    /// `--remove-orphans`: containers of undeclared services too.
    pub remove_orphans: bool,
}

/// Decides what `kill` does.
///
/// # Errors
/// A service that does not exist, or an engine that does not answer.
pub async fn plan<E: Engine>(
    project: &Project,
    options: &Options,
    engine: &E,
) -> Result<Plan, StackError> {
    let _ = (project, options, engine);
    todo!()
}
