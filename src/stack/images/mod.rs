//! Images of services: which must be pulled or built, and pulling them.

use std::future::Future;

use tokio_util::sync::CancellationToken;

use super::progress::Report;
use super::{Plan, StackError};
use crate::compose::model::Project;
use crate::engine::Engine;

/// Builds images. The build room has one; the stack only knows this much of it.
pub trait Builder: Send + Sync {
    /// Builds the image of `service` and names it `image` (and its `build.tags`); ends when the
    /// engine has it. Called for several services at once. Output goes to `report` under
    /// [`super::progress::Subject::Build`].
    ///
    /// # Errors
    /// The message that is shown to the user.
    fn build(
        &self,
        project: &Project,
        service: &str,
        image: &str,
        report: &dyn Report,
        cancel: &CancellationToken,
    ) -> impl Future<Output = Result<(), String>> + Send;
}

/// The flags of `pull`.
#[derive(Debug, Clone, Default)]
pub struct PullOptions {
    /// Services named; empty for all.
    pub services: Vec<String>,
    /// `--include-deps`.
    pub include_dependencies: bool,
    /// `--ignore-buildable`.
    pub ignore_buildable: bool,
    /// `--ignore-pull-failures`.
    pub ignore_failures: bool,
    /// `--policy`: `missing` or `always`.
    pub policy: Option<String>,
}

/// Pulls for the command `pull`.
///
/// # Errors
/// A service that does not exist, or an engine that does not answer.
pub async fn plan_pull<E: Engine>(
    project: &Project,
    options: &PullOptions,
    engine: &E,
) -> Result<Plan, StackError> {
    let _ = (project, options, engine);
    todo!()
}

/// The name of a service's image: `image`, or `<project>-<service>`.
pub fn image_name(project: &Project, service: &str) -> String {
    let _ = (project, service);
    todo!()
}
