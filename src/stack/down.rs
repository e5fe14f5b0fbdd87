//! `down`: containers, networks, and on demand volumes and images go.

use super::{Plan, StackError};
use crate::compose::model::Project;
use crate::engine::Engine;

/// The flags of `down`.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Services named; empty for all.
    pub services: Vec<String>,
    /// `--timeout` in seconds; `None` for the container's own.
    pub timeout: Option<i64>,
    /// `--remove-orphans`.
    pub remove_orphans: bool,
    /// `--volumes`: named and anonymous volumes go too.
    pub volumes: bool,
    /// `--rmi`.
    pub images: RemoveImages,
}

/// Decides what `down` does.
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

/// Which images `down` removes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RemoveImages {
    /// None.
    #[default]
    None,
    /// Those without a name of their own (`--rmi local`).
    Local,
    /// All that services use (`--rmi all`).
    All,
}
