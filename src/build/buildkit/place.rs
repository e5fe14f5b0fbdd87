//! Where a BuildKit is: in an engine, or a daemon of its own.

use hyper::{HeaderMap, Method};

use super::channel::Channel;
use super::solver::control;
use crate::build::error::BuildError;
use crate::build::session::Session;
use crate::engine::transport::{Transport, empty};
use crate::engine::{Duplex, EngineError};

/// A BuildKit.
pub(in crate::build) enum Place<'a> {
    /// The engine's own.
    Engine(&'a Transport),
    /// One of its own.
    Daemon(&'a Daemon<'a>),
}

/// A BuildKit of its own, and the engine that gets its images.
pub(in crate::build) struct Daemon<'a> {
    /// The connection to it.
    pub(in crate::build) channel: Channel,
    /// The name of the driver by which it is reached.
    pub(in crate::build) driver: &'static str,
    /// The engine.
    pub(in crate::build) engine: &'a Transport,
    /// Whether the engine takes archives in the OCI image layout.
    pub(in crate::build) takes_layouts: bool,
}

impl Place<'_> {
    /// A connection for calls.
    pub(super) async fn channel(&self) -> Result<Channel, BuildError> {
        match self {
            Self::Engine(transport) => of_engine(transport).await,
            Self::Daemon(daemon) => Ok(daemon.channel.clone()),
        }
    }

    /// The connection over which the builder asks us.
    pub(super) async fn session(&self, session: &Session) -> Result<Box<dyn Duplex>, BuildError> {
        match self {
            Self::Engine(transport) => session.connect(transport).await,
            Self::Daemon(daemon) => {
                let connection = session.tunnel(&mut control(daemon.channel.clone())).await;
                connection.map_err(|status| {
                    EngineError::Broken {
                        context: "Session".to_owned(),
                        reason: status.message().to_owned(),
                    }
                    .into()
                })
            }
        }
    }
}

/// A connection to an engine's own BuildKit.
pub(in crate::build) async fn of_engine(transport: &Transport) -> Result<Channel, BuildError> {
    let upgraded =
        transport.upgrade(Method::POST, "/grpc", HeaderMap::new(), "h2c", empty()).await?;
    Channel::open(upgraded).await
}
