//! `kill`: running containers get a signal, all at once.

use super::StackError;
use super::plan::{Action, Cause, ContainerRef, Plan, Step};
use super::query::{self, Filter, OneOff};
use super::selection::select_present;
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

/// Decides what `kill` does. An empty plan means that nothing runs.
///
/// # Errors
/// A service that does not exist, or an engine that does not answer.
pub async fn plan<E: Engine>(
    project: &Project,
    options: &Options,
    engine: &E,
) -> Result<Plan, StackError> {
    let selection = select_present(project, &options.services)?;
    let filter = Filter { one_off: OneOff::Include, ..Filter::default() };
    let containers = query::containers(engine, &project.name, &filter).await?;
    let mut plan = Plan::new(&project.name);
    for container in containers {
        let undeclared = options.services.is_empty() && options.remove_orphans;
        if !undeclared && !selection.contains(&container.service) {
            continue;
        }
        let reference = ContainerRef::existing(&container.id, &container.name);
        let action = Action::KillContainer { container: reference, signal: options.signal.clone() };
        plan.add(Step::new(action, Cause::new("kill")).of(&container.service), []);
    }
    Ok(plan)
}
