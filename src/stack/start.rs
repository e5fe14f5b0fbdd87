//! `start`: existing containers start, dependencies first.

use super::{Plan, StackError};
use crate::compose::model::Project;
use crate::engine::Engine;

/// The flags of `start`.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Services named; empty for all.
    pub services: Vec<String>,
    /// `--wait`: until every service runs, or is healthy where it has a healthcheck.
    pub wait: bool,
    /// `--wait-timeout`.
    pub wait_timeout: Option<std::time::Duration>,
}

/// Decides what `start` does.
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
