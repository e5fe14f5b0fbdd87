//! `restart`: containers restart, dependencies first.

use super::{Plan, StackError};
use crate::compose::model::Project;
use crate::engine::Engine;

/// The flags of `restart`.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Services named; empty for all.
    pub services: Vec<String>,
    /// `--timeout` in seconds; `None` for the container's own.
    pub timeout: Option<i64>,
    /// `--no-deps`: dependents are left alone.
    pub no_deps: bool,
}

/// Decides what `restart` does.
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
