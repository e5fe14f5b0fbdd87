//! A connection to a BuildKit that has answered on it.

use crate::build::buildkit::{self, Channel};
use crate::build::error::BuildError;
use crate::engine::Duplex;
use crate::platform::Platform;

/// A connection, and what the daemon said of itself. Clones share it.
#[derive(Clone)]
pub(super) struct Connection {
    pub(super) channel: Channel,
    /// The platforms that its workers can build, its own first.
    pub(super) platforms: Vec<Platform>,
}

impl Connection {
    /// Asks who is there.
    pub(super) async fn open(duplex: Box<dyn Duplex>) -> Result<Self, BuildError> {
        let channel = Channel::open(duplex).await?;
        let platforms = buildkit::workers(channel.clone()).await?.platforms;
        Ok(Self { channel, platforms })
    }

    /// The platform of the machine on which the daemon runs.
    pub(super) fn own_platform(&self) -> Platform {
        self.platforms.first().cloned().unwrap_or_else(|| Platform::new("linux", "amd64", ""))
    }
}
