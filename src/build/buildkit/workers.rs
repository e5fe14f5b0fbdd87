//! What a builder says of itself: the platforms whose programs it found to run.

use bollard::moby::buildkit::v1::ListWorkersRequest;

use super::channel::Channel;
use super::solver::control;
use crate::build::error::BuildError;
use crate::engine::EngineError;
use crate::platform::Platform;

/// Names the way in which a worker runs containers.
const EXECUTOR: &str = "org.mobyproject.buildkit.worker.executor";

/// The platforms whose programs a BuildKit runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runnable {
    /// The machine's own first. BuildKit has run a small program of each to find out.
    pub platforms: Vec<Platform>,
    /// Whether 32-bit platforms of the machine's family may be missing although they run: a worker that begins with
    /// containerd's own list adds nothing that engines take for covered by it, as linux/386 by linux/amd64.
    pub omits_32_bits: bool,
}

/// The platforms of all workers.
pub(in crate::build) async fn workers(channel: Channel) -> Result<Runnable, BuildError> {
    let mut control = control(channel);
    let workers = control.list_workers(ListWorkersRequest { filter: Vec::new() }).await;
    let workers = workers.map_err(|status| EngineError::Broken {
        context: "ListWorkers".to_owned(),
        reason: reason(&status),
    })?;
    let workers = workers.into_inner().record;
    let omits_32_bits = workers
        .iter()
        .any(|worker| worker.labels.get(EXECUTOR).is_some_and(|name| name == "containerd"));
    let platforms = workers.into_iter().flat_map(|worker| worker.platforms);
    let platforms = platforms.map(|it| Platform::new(&it.os, &it.architecture, &it.variant));
    Ok(Runnable { platforms: platforms.collect(), omits_32_bits })
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
