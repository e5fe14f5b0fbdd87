//! Which containers a project has, for `ps`, `logs`, `exec` and their like.

use super::StackError;
use crate::engine::Engine;
use crate::engine::api::ContainerSummary;

/// A container of a project, read from its labels.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ProjectContainer {
    /// Id.
    pub id: String,
    /// Name, without the leading slash.
    pub name: String,
    /// Service.
    pub service: String,
    /// Number within the service; 0 on a one-off.
    pub number: u32,
    /// Whether `run` made it.
    pub one_off: bool,
    /// The row of the engine's list. For a container that was just created, only what is known
    /// without asking again.
    pub summary: ContainerSummary,
}

/// Which one-off containers are meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OneOff {
    /// None of them.
    #[default]
    Exclude,
    /// Them too.
    Include,
    /// Only them.
    Only,
}

/// Which containers to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Services; empty for all.
    pub services: Vec<String>,
    /// Whether those that do not run are listed too.
    pub all: bool,
    /// One-off containers.
    pub one_off: OneOff,
}

/// The containers of a project, by service and number.
///
/// # Errors
/// An engine that does not answer.
pub async fn containers<E: Engine>(
    engine: &E,
    project: &str,
    filter: &Filter,
) -> Result<Vec<ProjectContainer>, StackError> {
    let _ = (engine, project, filter);
    todo!()
}

/// The running container of a service that `exec`, `port`, `attach` and their like act on: the
/// lowest number, one-offs last; with `index` other than 0 the one of that number.
///
/// # Errors
/// [`StackError::NotRunning`] when there is none.
pub async fn target<E: Engine>(
    engine: &E,
    project: &str,
    service: &str,
    index: u32,
) -> Result<ProjectContainer, StackError> {
    let _ = (engine, project, service, index);
    todo!()
}
