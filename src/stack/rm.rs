//! `rm`: stopped containers go.

use super::{Plan, StackError};
use crate::compose::model::Project;
use crate::engine::Engine;

/// The flags of `rm`.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Services named; empty for all.
    pub services: Vec<String>,
    /// `--force`.
    pub force: bool,
    /// `--stop`: they are stopped first.
    pub stop: bool,
    /// `--volumes`: their anonymous volumes go too.
    pub volumes: bool,
}

/// Decides what `rm` does.
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

/// Names of the containers that a plan of [`plan`] removes, for the question before it is run.
pub fn removed(plan: &Plan) -> Vec<String> {
    let _ = plan;
    todo!()
}
