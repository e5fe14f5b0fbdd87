//! Images of services: which must be pulled or built, and pulling them.

mod command;
mod policy;
mod pull;
mod push;

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

use tokio_util::sync::CancellationToken;

use super::progress::Report;
use crate::compose::model::Project;

pub use super::desired::image_name;
pub use command::{PullOptions, plan_pull, run_pull};
pub use policy::is_kept;
pub(super) use policy::{Circumstances, key, order_builds, plan};
pub(super) use pull::pull;
pub(super) use push::push;
pub use push::{PushOptions, plan_push};

/// Builds images. The build room has one; the stack only knows this much of it.
pub trait Builder: Send + Sync {
    /// Services by service: those whose images its build needs first. Asked only where several are to be built.
    fn needs(&self, _project: &Project) -> BTreeMap<String, BTreeSet<String>> {
        BTreeMap::new()
    }

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

/// Builds nothing: for plans without builds.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoBuilder;

impl Builder for NoBuilder {
    async fn build(
        &self,
        _project: &Project,
        service: &str,
        _image: &str,
        _report: &dyn Report,
        _cancel: &CancellationToken,
    ) -> Result<(), String> {
        Err(format!("no builder for service {service:?}"))
    }
}
