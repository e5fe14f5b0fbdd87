//! `commit`: an image of a container.

use super::StackError;
use super::plan::{Action, Cause, ContainerRef, Plan, Step};
use super::query;
use crate::engine::Engine;
use crate::engine::api::Commit;

/// Decides what `commit` does: an image of the container of `service` with number `index`, or of
/// its first for 0.
///
/// # Errors
/// A service that does not run, or an engine that does not answer.
pub async fn plan<E: Engine>(
    project: &str,
    service: &str,
    index: u32,
    commit: Commit,
    engine: &E,
) -> Result<Plan, StackError> {
    let container = query::target(engine, project, service, index).await?;
    let reference = ContainerRef::existing(&container.id, &container.name);
    let action = Action::CommitContainer { container: reference, commit: Box::new(commit) };
    let mut plan = Plan::new(project);
    plan.add(Step::new(action, Cause::new("commit")).of(&container.service), []);
    Ok(plan)
}
