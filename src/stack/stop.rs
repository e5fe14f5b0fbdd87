//! `stop`: containers stop, dependents first.

use super::{Plan, StackError};
use crate::compose::model::Project;
use crate::engine::Engine;

/// The flags of `stop`.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Services named; empty for all.
    pub services: Vec<String>,
    /// `--timeout` in seconds; `None` for the container's own.
    pub timeout: Option<i64>,
}

/// Decides what `stop` does.
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
