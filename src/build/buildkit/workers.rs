//! What a builder says of itself: the platforms whose programs it found to run.

use bollard::moby::buildkit::v1::ListWorkersRequest;

use super::solver::{connect, control};
use crate::build::error::BuildError;
use crate::engine::EngineError;
use crate::engine::transport::Transport;
use crate::platform::Platform;

/// The platforms of all workers, the engine's own first. BuildKit has run a small program of each to find out.
pub(in crate::build) async fn platforms(
    transport: &Transport,
) -> Result<Vec<Platform>, BuildError> {
    let mut control = control(connect(transport).await?);
    let workers = control.list_workers(ListWorkersRequest { filter: Vec::new() }).await;
    let workers = workers.map_err(|status| EngineError::Broken {
        context: "ListWorkers".to_owned(),
        reason: status.message().to_owned(),
    })?;
    let platforms = workers.into_inner().record.into_iter().flat_map(|worker| worker.platforms);
    Ok(platforms.map(|it| Platform::new(&it.os, &it.architecture, &it.variant)).collect())
}
