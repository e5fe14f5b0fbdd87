//! What can go wrong in a call.

use super::endpoint::EndpointError;
use super::no_engine::NoEngine;

/// An engine's refusal, or no engine.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The thing is not there (HTTP 404), in the engine's words.
    #[error("{0}")]
    NotFound(String),
    /// The state of things forbids it: a name in use, a container that runs (HTTP 409).
    #[error("{0}")]
    Conflict(String),
    /// Any other answer that is an error.
    #[error("{message}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// The engine's words.
        message: String,
    },
    /// A call that had begun and then failed, in the engine's words: a pull, a wait.
    #[error("{0}")]
    Failed(String),
    /// There is no engine to connect to; several lines that say what was tried and what to do.
    #[error("{0}")]
    NoEngine(Box<NoEngine>),
    /// Flags, environment or contexts do not name an endpoint.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// Nobody answers at the endpoint any more.
    #[error("cannot connect to an engine at {endpoint}: {reason}")]
    Unreachable {
        /// Where it was tried.
        endpoint: String,
        /// What the operating system said.
        reason: String,
    },
    /// The connection broke, or what came over it is not the Engine API.
    #[error("{context}: {reason}")]
    Broken {
        /// The call.
        context: String,
        /// What happened.
        reason: String,
    },
    /// A credential helper or the configuration of the client failed.
    #[error("{0}")]
    Configuration(String),
}

impl EngineError {
    /// Whether the thing acted on is gone.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound(_))
    }

    /// Whether the state of things forbade it.
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict(_))
    }
}
