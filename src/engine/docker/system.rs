//! The engine itself: its version, and the machine it runs on.

use super::DockerEngine;
use crate::engine::Result;
use crate::engine::api::{PodmanInfo, ServerInfo, ServerVersion};

impl DockerEngine {
    /// SystemVersion: release, operating system, CPU, kernel.
    pub async fn server_version(&self) -> Result<ServerVersion> {
        self.read("/version").await
    }

    /// SystemInfo, as far as it tells what kind of engine this is.
    pub async fn server_info(&self) -> Result<ServerInfo> {
        self.read("/info").await
    }

    /// Podman's own description of itself.
    ///
    /// # Errors
    /// [`crate::engine::EngineError::NotFound`] from every other engine.
    pub async fn podman_info(&self) -> Result<PodmanInfo> {
        self.read("/libpod/info").await
    }
}
