//! The engine that the environment names, reached by Bireme's own client.

use std::error::Error;
use std::sync::Arc;

use bireme::engine::DockerEngine;
use bireme::engine::docker::Settings;
use bireme::engine::endpoint::{Flags, ThisMachine};
use tokio::runtime::Runtime;

/// Connects; calls are to be made on the runtime.
///
/// Without `DOCKER_HOST` it refuses: what a benchmark does to an engine is not for one that somebody works with.
pub(crate) fn connect() -> Result<(Runtime, DockerEngine), Box<dyn Error>> {
    if std::env::var_os("DOCKER_HOST").is_none() {
        return Err("DOCKER_HOST must name an engine that is there for benchmarks".into());
    }
    let runtime = Runtime::new()?;
    let settings = Settings::resolve(&Flags::default(), &ThisMachine, &(Arc::new(|_| ()) as _))?;
    let engine = runtime.block_on(DockerEngine::connect(settings, &ThisMachine))?;
    Ok((runtime, engine))
}
