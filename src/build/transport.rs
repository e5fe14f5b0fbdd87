//! What a build needs of the connection to the engine.

use std::future::Future;

use bytes::Bytes;
use futures_util::stream::BoxStream;

use crate::engine::{Duplex, EngineError};

/// A connection taken over from HTTP.
pub type Upgraded = Box<dyn Duplex>;

/// The body of a request or an answer, in pieces.
pub type Body = BoxStream<'static, Result<Bytes, EngineError>>;

/// The calls of the Engine API that builds are made of.
pub trait Transport: Send + Sync {
    /// `POST path` with an upgrade to HTTP/2 without TLS; the connection after the switch.
    fn upgrade(
        &self,
        path: &str,
        headers: &[(&str, String)],
    ) -> impl Future<Output = Result<Upgraded, EngineError>> + Send;

    /// `POST path` (with its query) and a body that is sent while it is made; the answer's body if
    /// the answer is a success, the engine's words otherwise.
    fn post(
        &self,
        path: &str,
        headers: &[(&str, String)],
        body: Body,
    ) -> impl Future<Output = Result<Body, EngineError>> + Send;
}
