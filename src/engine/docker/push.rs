//! Pushing images. bollard leaves out which layer a message is about, so the request is our own.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use futures_util::StreamExt;
use hyper::header::HeaderValue;
use hyper::{HeaderMap, Method};
use serde::Deserialize;
use serde_json::{Value, json};

use super::DockerEngine;
use super::json_stream::JsonDecoder;
use super::processes::{body_reader, decoded};
use crate::engine::api::PullProgress;
use crate::engine::credentials::Credential;
use crate::engine::reference::ImageReference;
use crate::engine::transport::{Query, Transport, empty, path_segment};
use crate::engine::{EngineError, Result, Stream};

/// A message of the answer.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Line {
    id: String,
    status: String,
    #[serde(rename = "progressDetail")]
    progress: Option<Detail>,
    error: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Detail {
    current: u64,
    total: u64,
}

impl DockerEngine {
    /// ImagePush.
    pub(super) async fn push(&self, reference: &str) -> Result<Stream<PullProgress>> {
        let registry = ImageReference::parse(reference).registry();
        let credential = self.credentials().lookup(registry).await;
        push(self.transport(), reference, &entry(credential.as_ref())).await
    }
}

/// ImagePush with the registry's entry of an `AuthConfig` object, which is empty for those who come
/// unnamed.
///
/// # Errors
/// The engine's refusal; what fails later is the stream's.
pub async fn push(
    transport: &Transport,
    reference: &str,
    credential: &Value,
) -> Result<Stream<PullProgress>> {
    let parsed = ImageReference::parse(reference);
    let path = Query::new(format!("/images/{}/push", path_segment(parsed.name)))
        .with("tag", parsed.version())
        .build();
    // The engine wants the header even from those who come unnamed.
    let mut value = HeaderValue::try_from(URL_SAFE.encode(credential.to_string()))
        .map_err(|error| EngineError::Configuration(error.to_string()))?;
    value.set_sensitive(true);
    let mut headers = HeaderMap::new();
    headers.insert("x-registry-auth", value);
    let response = transport.request(Method::POST, &path, headers, empty()).await?;
    let call = format!("push {reference}");
    let lines = decoded(body_reader(response), JsonDecoder::<Line>::default(), call);
    Ok(lines.map(|line| progress(line?)).boxed())
}

fn entry(credential: Option<&Credential>) -> Value {
    let Some(credential) = credential else { return json!({}) };
    let fields = [
        ("username", &credential.username),
        ("password", &credential.password),
        ("identitytoken", &credential.identity_token),
        ("registrytoken", &credential.registry_token),
        ("serveraddress", &credential.server_address),
    ];
    let filled = fields.into_iter().filter(|(_, value)| !value.is_empty());
    filled.map(|(key, value)| (key.to_owned(), Value::from(value.as_str()))).collect()
}

fn progress(line: Line) -> Result<PullProgress> {
    if !line.error.is_empty() {
        return Err(EngineError::Failed(line.error));
    }
    let Detail { current, total } = line.progress.unwrap_or_default();
    Ok(PullProgress { id: line.id, status: line.status, current, total })
}
