//! What a builder says of itself: the platforms whose programs it found to run.

use bollard::moby::buildkit::v1::ListWorkersRequest;

use super::channel::Channel;
use super::solver::control;
use crate::build::error::BuildError;
use crate::engine::EngineError;
use crate::platform::Platform;

/// The platforms of all workers, the machine's own first. BuildKit has run a small program of each to find out.
pub(in crate::build) async fn workers(channel: Channel) -> Result<Vec<Platform>, BuildError> {
    let mut control = control(channel);
    let workers = control.list_workers(ListWorkersRequest { filter: Vec::new() }).await;
    let workers = workers.map_err(|status| EngineError::Broken {
        context: "ListWorkers".to_owned(),
        reason: reason(&status),
    })?;
    let platforms = workers.into_inner().record.into_iter().flat_map(|worker| worker.platforms);
    Ok(platforms.map(|it| Platform::new(&it.os, &it.architecture, &it.variant)).collect())
}

/// What the transport says, where the status is about it.
fn reason(status: &tonic::Status) -> String {
    let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(status);
    let mut words = status.message().to_owned();
    while let Some(error) = cause {
        words = error.to_string();
        cause = error.source();
    }
    words
}
