//! A gRPC client over a connection that is already there.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper::body::Incoming;
use hyper::client::conn::http2;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tonic::body::Body;

use crate::build::error::BuildError;
use crate::engine::{Duplex, EngineError};

/// A client half; the connection ends with its last clone.
#[derive(Clone)]
pub(in crate::build) struct Channel {
    sender: http2::SendRequest<Body>,
    _connection: Arc<AbortOnDrop>,
}

struct AbortOnDrop(tokio::task::JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Channel {
    /// Speaks HTTP/2 on a connection.
    pub(in crate::build) async fn open(connection: Box<dyn Duplex>) -> Result<Self, BuildError> {
        let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(connection))
            .await
            .map_err(|error| EngineError::Broken {
                context: "BuildKit".to_owned(),
                reason: error.to_string(),
            })?;
        let connection = tokio::spawn(async move {
            // How it ended is told to whoever waits for an answer on it.
            let _: Result<(), _> = connection.await;
        });
        Ok(Self { sender, _connection: Arc::new(AbortOnDrop(connection)) })
    }

    /// Whether the other side is gone.
    pub(in crate::build) fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }
}

impl tower_service::Service<Request<Body>> for Channel {
    type Response = Response<Incoming>;
    type Error = hyper::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.sender.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        Box::pin(self.sender.send_request(request))
    }
}
