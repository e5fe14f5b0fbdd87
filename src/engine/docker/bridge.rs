//! bollard over our own transport, and its errors as ours. Its client makes the calls whose bodies
//! are plain; everything it sends goes through the same connections as our own requests.

use std::io;

use bollard::errors::Error as BollardError;
use bollard::{BollardRequest, ClientVersion, Docker};
use http_body_util::BodyExt;
use hyper::header::{HOST, HeaderValue};

use crate::engine::api::ApiVersion;
use crate::engine::transport::Transport;
use crate::engine::transport::error::{from_status, root_cause};
use crate::engine::{EngineError, Result};

/// Header with credentials for one registry.
const REGISTRY_AUTH: &str = "X-Registry-Auth";
/// bollard wants a limit on the time to an answer; a pull or a stop may take any.
const NO_LIMIT: u64 = u32::MAX as u64;

/// A bollard client that sends through `transport`.
pub(super) fn client(transport: &Transport, version: ApiVersion) -> Result<Docker> {
    let plain = transport.clone();
    let versioned = transport.versioned(version);
    let send = move |request: BollardRequest| {
        // Whether bollard puts the version in front of a path is its own affair.
        let has_version = request.uri().path().starts_with(&format!("/v{version}/"));
        let transport = if has_version { plain.clone() } else { versioned.clone() };
        async move { send(transport, request).await }
    };
    let version =
        ClientVersion { major_version: version.major.into(), minor_version: version.minor.into() };
    Docker::connect_with_custom_transport(send, Some("http://docker"), NO_LIMIT, &version)
        .map_err(|error| failed("connect", error))
}

async fn send(
    transport: Transport,
    request: BollardRequest,
) -> std::result::Result<hyper::Response<hyper::body::Incoming>, BollardError> {
    let (mut parts, body) = request.into_parts();
    parts.headers.remove(HOST);
    // bollard writes the standard alphabet, engines read the URL-safe one and take credentials
    // that they cannot read for none.
    if let Some(value) = parts.headers.get_mut(REGISTRY_AUTH)
        && let Ok(text) = value.to_str()
        && let Ok(safe) = HeaderValue::from_str(&text.replace('+', "-").replace('/', "_"))
    {
        *value = safe;
        value.set_sensitive(true);
    }
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let body = body.map_err(io::Error::other).boxed_unsync();
    let sent = transport.send(parts.method, &path, parts.headers, body).await;
    sent.map_err(|error| BollardError::IOError { err: io::Error::other(error) })
}

/// A bollard error as ours; `call` is for those that do not say where they come from.
pub(super) fn failed(call: &str, error: BollardError) -> EngineError {
    let broken = |reason: String| EngineError::Broken { context: call.to_owned(), reason };
    match error {
        BollardError::DockerResponseServerError { status_code, message } => {
            from_status(status_code, message)
        }
        BollardError::DockerStreamError { error } => EngineError::Failed(error),
        BollardError::IOError { err } => match err.downcast::<EngineError>() {
            Ok(ours) => ours,
            Err(other) => broken(root_cause(&other)),
        },
        other => broken(root_cause(&other)),
    }
}
