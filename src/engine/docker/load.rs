//! Loading images from an archive. bollard wants the whole archive as a body of its own, so the request is ours.

use std::io;

use bytes::Bytes;
use futures_util::StreamExt;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{HeaderMap, Method};
use serde::Deserialize;

use super::json_stream::JsonDecoder;
use super::processes::{body_reader, decoded};
use crate::engine::transport::{Transport, stream};
use crate::engine::{EngineError, Result};

/// A message of the answer.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Line {
    error: String,
}

/// ImageLoad: a tar archive as `docker save` makes it, or in the OCI image layout where the engine takes it.
///
/// # Errors
/// The engine's refusal, at once or amid it; an archive that breaks off.
pub async fn load(
    transport: &Transport,
    archive: impl futures_util::Stream<Item = io::Result<Bytes>> + Send + 'static,
) -> Result<()> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-tar"));
    let path = "/images/load?quiet=1";
    let response = transport.request(Method::POST, path, headers, stream(archive)).await?;
    let call = "load an image".to_owned();
    let mut lines = decoded(body_reader(response), JsonDecoder::<Line>::default(), call);
    while let Some(line) = lines.next().await {
        let Line { error } = line?;
        if !error.is_empty() {
            return Err(EngineError::Failed(error));
        }
    }
    Ok(())
}
