//! Answers that come in very many small pieces, such as logs: engines send each line as a chunk of its own.
//!
//! The pooled client has a task of its own for each connection, which hands over one chunk at a time and waits until it
//! was taken: two changes of task for a line. Here whoever reads the answer drives its connection, so that everything
//! that one read of the socket brought is there at once.

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_util::{Stream, TryStreamExt};
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http1::{Builder, Connection};
use hyper::header::HOST;
use hyper::{HeaderMap, Method, Request, Uri};
use hyper_util::rt::TokioIo;

use super::connect::Wire;
use super::error::{self, root_cause};
use super::{Body, Transport, empty};
use crate::engine::{EngineError, Result};

/// The most that one read takes from a connection, in bytes. Many logs are read side by side.
const READ: usize = 64 * 1024;

/// The body of an answer together with its connection, which closes when this is dropped.
pub struct Driven {
    body: Incoming,
    /// `None` after its end.
    connection: Option<Connection<TokioIo<Wire>, Body>>,
}

impl Transport {
    /// Reads something long over a connection of its own. An answer that is an error becomes one.
    ///
    /// # Errors
    /// An engine that is not there or refuses.
    pub async fn read_driven(&self, path_and_query: &str) -> Result<Driven> {
        let call = format!("GET {path_and_query}");
        let broken = |reason: String| self.broken(&call, reason);
        let request = self
            .prepare(Method::GET, path_and_query, HeaderMap::new(), empty())
            .and_then(in_origin_form)
            .map_err(|error| broken(error.to_string()))?;
        let connecting = self.shared.connector.clone().connect();
        let wire = connecting.await.map_err(|error| EngineError::Unreachable {
            endpoint: self.endpoint().to_owned(),
            reason: root_cause(&error),
        })?;
        let broken = |error: hyper::Error| self.broken(&call, root_cause(&error));
        let mut connections = Builder::new();
        connections.max_buf_size(READ);
        let (mut sender, mut connection) =
            connections.handshake(TokioIo::new(wire)).await.map_err(broken)?;
        let mut answer = pin!(sender.send_request(request));
        let response = poll_fn(|context| {
            let early = answer.as_mut().poll(context);
            if early.is_ready() || Pin::new(&mut connection).poll(context).is_pending() {
                return early;
            }
            // The connection has ended, and with it the request.
            answer.as_mut().poll(context)
        });
        let response = response.await.map_err(broken)?;
        let status = response.status();
        let driven = Driven { body: response.into_body(), connection: Some(connection) };
        if status.is_success() {
            return Ok(driven);
        }
        let body: Vec<Bytes> =
            driven.try_collect().await.map_err(|error| self.broken(&call, error.to_string()))?;
        Err(error::refusal(status, &body.concat().into()))
    }
}

/// A request as a connection wants it: the host in a header, the path alone.
fn in_origin_form(
    mut request: Request<Body>,
) -> std::result::Result<Request<Body>, hyper::http::Error> {
    let uri = std::mem::take(request.uri_mut()).into_parts();
    if let Some(authority) = uri.authority {
        request.headers_mut().insert(HOST, authority.as_str().parse()?);
    }
    let path = uri.path_and_query.as_ref().map_or("/", |path| path.as_str());
    *request.uri_mut() = Uri::builder().path_and_query(path).build()?;
    Ok(request)
}

impl Driven {
    fn poll_data(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        loop {
            match ready!(Pin::new(&mut self.body).poll_frame(context)) {
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        return Poll::Ready(Some(Ok(data)));
                    }
                }
                Some(Err(error)) => {
                    return Poll::Ready(Some(Err(io::Error::other(root_cause(&error)))));
                }
                None => return Poll::Ready(None),
            }
        }
    }
}

impl Stream for Driven {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Poll::Ready(data) = self.poll_data(context) {
            return Poll::Ready(data);
        }
        if let Some(connection) = &mut self.connection
            && Pin::new(connection).poll(context).is_ready()
        {
            // Why it ended, the body says.
            self.connection = None;
        }
        self.poll_data(context)
    }
}
