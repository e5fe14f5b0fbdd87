//! `rm`: stopped containers go.

use super::plan::{Action, Cause};
use super::query::{self, Filter};
use super::selection::select_present;
use super::teardown::{Teardown, Then};
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
    let mut selection = select_present(project, &options.services)?;
    // There is no container of theirs, and they are removed by `down` alone.
    selection.services.retain(|service| service.provider.is_none());
    let filter = Filter { all: true, ..Filter::default() };
    let mut containers = query::containers(engine, &project.name, &filter).await?;
    if !options.stop {
        containers.retain(|container| !container.is_running());
    }
    let mut teardown = Teardown::new(project, engine.describe(), None);
    teardown.tells_stopped = options.stop;
    let then = Then::Remove { volumes: options.volumes, force: options.force };
    teardown.services(&selection, &containers, then, &Cause::new("rm"));
    Ok(teardown.plan)
}

/// Names of the containers that a plan of [`plan`] removes, for the question before it is run.
pub fn removed(plan: &Plan) -> Vec<String> {
    plan.steps()
        .into_iter()
        .filter_map(|(_, step)| match &step.action {
            Action::RemoveContainer { container, .. } => Some(container.name.clone()),
            _ => None,
        })
        .collect()
}
