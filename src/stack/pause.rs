//! `pause` and `unpause`: running containers are stopped in their tracks, or go on; all at once.

use super::StackError;
use super::plan::{Action, Cause, ContainerRef, Plan, Step};
use super::query::{self, Filter};
use super::selection::select_present;
use crate::compose::model::Project;
use crate::engine::Engine;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// `pause`.
    Pause,
    /// `unpause`.
    Unpause,
}

/// Decides what `pause` or `unpause` does. The engine refuses to do it twice.
///
/// # Errors
/// A service that does not exist, or an engine that does not answer.
pub async fn plan<E: Engine>(
    project: &Project,
    services: &[String],
    change: Change,
    engine: &E,
) -> Result<Plan, StackError> {
    let selection = select_present(project, services)?;
    let mut plan = Plan::new(&project.name);
    for container in query::containers(engine, &project.name, &Filter::default()).await? {
        if !selection.contains(&container.service) {
            continue;
        }
        let reference = ContainerRef::existing(&container.id, &container.name);
        let (action, word) = match change {
            Change::Pause => (Action::PauseContainer { container: reference }, "pause"),
            Change::Unpause => (Action::UnpauseContainer { container: reference }, "unpause"),
        };
        plan.add(Step::new(action, Cause::new(word)).of(&container.service), []);
    }
    Ok(plan)
}
