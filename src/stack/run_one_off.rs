//! `run`: dependencies come up, then one container of a service with a command of its own.

use std::collections::BTreeMap;

use tokio_util::sync::CancellationToken;

use super::StackError;
use super::images::Builder;
use super::progress::Report;
use super::up::Build;
use crate::compose::model::{Mount, Port, Project};
use crate::engine::Engine;

/// The flags of `run`.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The service.
    pub service: String,
    /// The command; empty for the service's own.
    pub command: Vec<String>,
    /// `--entrypoint`, split into words.
    pub entrypoint: Option<Vec<String>>,
    /// `--name`.
    pub name: Option<String>,
    /// `--env` and `--env-from-file`; `None` takes the project's environment.
    pub environment: BTreeMap<String, Option<String>>,
    /// `--label`.
    pub labels: BTreeMap<String, String>,
    /// `--user`.
    pub user: Option<String>,
    /// `--workdir`.
    pub working_dir: Option<String>,
    /// `--volume`.
    pub volumes: Vec<Mount>,
    /// `--publish`.
    pub publish: Vec<Port>,
    /// `--service-ports`.
    pub service_ports: bool,
    /// `--use-aliases`.
    pub use_aliases: bool,
    /// `--cap-add`.
    pub cap_add: Vec<String>,
    /// `--cap-drop`.
    pub cap_drop: Vec<String>,
    /// Whether it has a terminal.
    pub tty: bool,
    /// `--interactive`.
    pub interactive: bool,
    /// `--detach`.
    pub detach: bool,
    /// `--rm`.
    pub remove: bool,
    /// `--no-deps`.
    pub no_deps: bool,
    /// `--build`.
    pub build: Build,
    /// `--pull`.
    pub pull: Option<String>,
    /// `--remove-orphans`.
    pub remove_orphans: bool,
    /// `COMPOSE_IGNORE_ORPHANS`.
    pub ignore_orphans: bool,
    /// `--compatibility`: `_` in container names.
    pub compatibility: bool,
}

/// A container that `run` made, not started yet; its secrets are in place.
#[derive(Debug, Clone)]
pub struct OneOff {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Whether it has a terminal.
    pub tty: bool,
}

/// Brings the dependencies up and creates the container.
///
/// # Errors
/// As [`super::up::run`].
pub async fn create<E: Engine, B: Builder>(
    project: &Project,
    options: &Options,
    engine: &E,
    builder: &B,
    report: &dyn Report,
    cancel: &CancellationToken,
) -> Result<OneOff, StackError> {
    let _ = (project, options, engine, builder, report, cancel);
    todo!()
}

/// Runs the hooks that follow a start; called once the container was started.
///
/// # Errors
/// A hook that failed.
pub async fn started<E: Engine>(
    project: &Project,
    one_off: &OneOff,
    engine: &E,
    report: &dyn Report,
) -> Result<(), StackError> {
    let _ = (project, one_off, engine, report);
    todo!()
}
