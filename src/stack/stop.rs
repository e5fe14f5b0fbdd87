//! `stop`: containers stop, dependents first.

use super::plan::Cause;
use super::query::{self, Filter};
use super::selection::select_present;
use super::teardown::{Teardown, Then};
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

/// Decides what `stop` does: containers that do not run are left alone.
///
/// # Errors
/// A service that does not exist, or an engine that does not answer.
pub async fn plan<E: Engine>(
    project: &Project,
    options: &Options,
    engine: &E,
) -> Result<Plan, StackError> {
    let selection = select_present(project, &options.services)?;
    let filter = Filter { all: true, ..Filter::default() };
    let containers = query::containers(engine, &project.name, &filter).await?;
    let mut teardown = Teardown::new(project, engine.describe(), options.timeout);
    teardown.services(&selection, &containers, Then::Keep, &Cause::new("stop"));
    Ok(teardown.plan)
}
