//! HTTP to an engine over whatever its endpoint is: a Unix socket, TCP, TLS or ssh.
//!
//! Short requests share idle connections; a stream or a hijacked connection has one of its own, and
//! [`Driven`] is one that nobody stands between.
//! There is no time limit on an answer: a stop, a wait or a pull takes as long as it takes.
//! Dropping a future or a body closes its connection, which is how a call is broken off.

mod authorities;
mod body;
mod connect;
mod dial;
mod driven;
pub(in crate::engine) mod error;
mod pieces;
mod query;
mod ssh;
mod tls;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderValue, UPGRADE, USER_AGENT};
use hyper::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use hyper_util::client::legacy::{Client, Error as ClientError};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use authorities::Authorities;
pub use body::{Body, empty, full, stream};
pub use dial::{dial, dial_by_ssh};
pub use driven::Driven;
pub use error::plain;
pub use pieces::{Exact, Pieces};
pub use query::{Query, path_segment};

use super::api::ApiVersion;
use super::endpoint::{Address, Endpoint};
use super::{Duplex, EngineError, Result};
use connect::Connector;

/// Connections kept for the next request, as many and as long as the Go client keeps them.
const IDLE_CONNECTIONS: usize = 6;
const IDLE_TIME: Duration = Duration::from_secs(30);

/// Who we say we are.
const AGENT: &str = concat!("bireme/", env!("CARGO_PKG_VERSION"));

/// Sends requests to one engine. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Transport {
    shared: Arc<Shared>,
    /// Put in front of every path.
    version: Option<ApiVersion>,
}

struct Shared {
    endpoint: String,
    base: Uri,
    prefix: String,
    headers: HeaderMap,
    connector: Connector,
    client: Client<Connector, Body>,
}

impl Transport {
    /// A transport to `endpoint`; nothing is connected yet. `headers` go with every request
    /// (`HttpHeaders` of `config.json`).
    ///
    /// # Errors
    /// TLS material that cannot be used, or a kind of endpoint that is not spoken here.
    pub fn new(endpoint: &Endpoint, headers: HeaderMap) -> Result<Self> {
        let prefix = match &endpoint.address {
            Address::Tcp { prefix, .. } => prefix.clone(),
            _ => String::new(),
        };
        let connector = Connector::new(endpoint)?;
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIME)
            .pool_max_idle_per_host(IDLE_CONNECTIONS)
            .build(connector.clone());
        let shared = Shared {
            endpoint: endpoint.address.to_string(),
            base: base_uri(&endpoint.address)?,
            prefix,
            headers,
            connector,
            client,
        };
        Ok(Self { shared: Arc::new(shared), version: None })
    }

    /// The same connections, with `/v1.41` or the like in front of every path.
    #[must_use]
    pub fn versioned(&self, version: ApiVersion) -> Self {
        Self { shared: Arc::clone(&self.shared), version: Some(version) }
    }

    /// The endpoint as a URL.
    pub fn endpoint(&self) -> &str {
        &self.shared.endpoint
    }

    /// Sends a request and gives the answer, whatever its status; its body is still coming.
    ///
    /// # Errors
    /// Only those of the connection.
    pub async fn send(
        &self,
        method: Method,
        path_and_query: &str,
        headers: HeaderMap,
        body: Body,
    ) -> Result<Response<Incoming>> {
        let call = format!("{method} {path_and_query}");
        let request = self
            .prepare(method, path_and_query, headers, body)
            .map_err(|error| self.broken(&call, error.to_string()))?;
        self.shared.client.request(request).await.map_err(|error| self.failed(&call, &error))
    }

    /// Sends a request; an answer that is an error becomes one: 400 and above, and a redirection,
    /// which no engine needs and which would lead elsewhere.
    pub async fn request(
        &self,
        method: Method,
        path_and_query: &str,
        headers: HeaderMap,
        body: Body,
    ) -> Result<Response<Incoming>> {
        let response = self.send(method, path_and_query, headers, body).await?;
        let status = response.status();
        let moved = status.is_redirection() && status != StatusCode::NOT_MODIFIED;
        if moved || status.is_client_error() || status.is_server_error() {
            let body = self.collect(path_and_query, response).await?;
            return Err(error::refusal(status, &body));
        }
        Ok(response)
    }

    /// Sends JSON, or nothing, and reads JSON.
    pub async fn request_json<T: DeserializeOwned>(
        &self,
        method: Method,
        path_and_query: &str,
        body: Option<&(impl Serialize + Sync)>,
    ) -> Result<T> {
        let call = format!("{method} {path_and_query}");
        let response = self.request_with(method, path_and_query, body).await?;
        let bytes = self.collect(path_and_query, response).await?;
        self.understand(&call, &bytes)
    }

    /// Reads JSON from an answer to `call`.
    pub fn understand<T: DeserializeOwned>(&self, call: &str, answer: &[u8]) -> Result<T> {
        serde_json::from_slice(answer)
            .map_err(|error| self.broken(call, format!("answer is not understood: {error}")))
    }

    /// Sends JSON, or nothing, and wants no answer but success.
    pub async fn request_empty(
        &self,
        method: Method,
        path_and_query: &str,
        body: Option<&(impl Serialize + Sync)>,
    ) -> Result<()> {
        let response = self.request_with(method, path_and_query, body).await?;
        // Read to its end, so that the connection can serve again.
        self.collect(path_and_query, response).await.map(drop)
    }

    /// Sends JSON, or nothing; an answer that is an error becomes one.
    pub async fn request_with(
        &self,
        method: Method,
        path_and_query: &str,
        body: Option<&(impl Serialize + Sync)>,
    ) -> Result<Response<Incoming>> {
        let mut headers = HeaderMap::new();
        let body = match body {
            Some(value) => {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                let call = format!("{method} {path_and_query}");
                let text = serde_json::to_vec(value);
                full(text.map_err(|error| self.broken(&call, error.to_string()))?)
            }
            None => empty(),
        };
        self.request(method, path_and_query, headers, body).await
    }

    /// Makes a connection into a byte stream: attach and exec (`tcp`), BuildKit (`h2c`).
    ///
    /// # Errors
    /// The engine's refusal; or an engine that answers without taking part.
    pub async fn upgrade(
        &self,
        method: Method,
        path_and_query: &str,
        mut headers: HeaderMap,
        protocol: &'static str,
        body: Body,
    ) -> Result<Box<dyn Duplex>> {
        let call = format!("{method} {path_and_query}");
        headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static(protocol));
        let response = self.request(method, path_and_query, headers, body).await?;
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            let status = response.status();
            return Err(self.broken(&call, format!("no upgrade to {protocol}: {status}")));
        }
        let upgraded = hyper::upgrade::on(response)
            .await
            .map_err(|error| self.broken(&call, error::root_cause(&error)))?;
        Ok(Box::new(TokioIo::new(upgraded)))
    }

    /// Reads an answer's body to its end.
    pub async fn collect(&self, call: &str, response: Response<Incoming>) -> Result<Bytes> {
        let body = response.into_body().collect().await;
        body.map(http_body_util::Collected::to_bytes)
            .map_err(|error| self.broken(call, error::root_cause(&error)))
    }

    fn prepare(
        &self,
        method: Method,
        path_and_query: &str,
        headers: HeaderMap,
        body: Body,
    ) -> std::result::Result<Request<Body>, hyper::http::Error> {
        let version = self.version.map(|version| format!("/v{version}")).unwrap_or_default();
        let uri = Uri::builder()
            .scheme(self.shared.base.scheme_str().unwrap_or("http"))
            .authority(self.shared.base.authority().map_or("", |authority| authority.as_str()))
            .path_and_query(format!("{}{version}{path_and_query}", self.shared.prefix))
            .build()?;
        let mut request = Request::builder().method(method).uri(uri).body(body)?;
        let all = request.headers_mut();
        all.insert(USER_AGENT, HeaderValue::from_static(AGENT));
        all.extend(self.shared.headers.clone());
        all.extend(headers);
        Ok(request)
    }

    fn failed(&self, call: &str, error: &ClientError) -> EngineError {
        let reason = error::root_cause(error);
        if error.is_connect() {
            EngineError::Unreachable { endpoint: self.shared.endpoint.clone(), reason }
        } else {
            self.broken(call, reason)
        }
    }

    fn broken(&self, call: &str, reason: String) -> EngineError {
        EngineError::Broken { context: format!("{call} at {}", self.shared.endpoint), reason }
    }
}

/// Scheme and host of the URLs sent to an address. Sockets have no host; engines want one all the
/// same and do not look at it.
fn base_uri(address: &Address) -> Result<Uri> {
    let text = match address {
        Address::Tcp { host, port, .. } if host.contains(':') => format!("http://[{host}]:{port}/"),
        Address::Tcp { host, port, .. } => format!("http://{host}:{port}/"),
        _ => "http://api.moby.localhost/".to_owned(),
    };
    text.parse().map_err(|error| EngineError::Configuration(format!("{address}: {error}")))
}
