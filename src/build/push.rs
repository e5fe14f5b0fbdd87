//! Pushes what was built, by the engine's own call: its builders cannot push from its own store.

use std::time::Instant;

use base64::Engine as _;
use futures_util::StreamExt;
use http_body_util::BodyDataStream;
use hyper::header::HeaderValue;
use hyper::{HeaderMap, Method};
use serde::Deserialize;
use serde_json::json;
use tokio_util::codec::FramedRead;
use tokio_util::io::StreamReader;

use super::error::{BuildError, BuildFailure};
use super::event::{BuildEvent, StepId};
use super::session::{CredentialSource, auth_entry, config_key};
use crate::engine::EngineError;
use crate::engine::docker::json_stream::JsonDecoder;
use crate::engine::reference::ImageReference;
use crate::engine::transport::{Query, Transport, empty, path_segment};

/// One line of the answer.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Line {
    status: String,
    id: String,
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

/// Pushes one name of a service's image, and tells of it as of a step.
pub(super) async fn push(
    transport: &Transport,
    credentials: &dyn CredentialSource,
    service: &str,
    tag: &str,
    step: StepId,
    events: &(dyn Fn(BuildEvent) + Sync),
) -> Result<(), BuildError> {
    let name = format!("pushing {tag}");
    events(BuildEvent::Started { step, name: name.clone() });
    let began = Instant::now();
    match send(transport, credentials, tag, step, events).await {
        Ok(()) => {
            events(BuildEvent::Completed { step, cached: false, duration: began.elapsed() });
            Ok(())
        }
        Err(error) => {
            events(BuildEvent::Failed { step, error: error.to_string() });
            Err(BuildError::Failed(Box::new(BuildFailure {
                service: service.to_owned(),
                message: format!("failed to push {tag}: {error}"),
                step: name,
                ..BuildFailure::default()
            })))
        }
    }
}

async fn send(
    transport: &Transport,
    credentials: &dyn CredentialSource,
    tag: &str,
    step: StepId,
    events: &(dyn Fn(BuildEvent) + Sync),
) -> Result<(), BuildError> {
    let reference = ImageReference::parse(tag);
    let path = Query::new(format!("/images/{}/push", path_segment(reference.name)))
        .with("tag", reference.version())
        .build();
    let registry = config_key(reference.registry());
    let found = credentials.credentials(registry).await.map_err(BuildError::Input)?;
    let entry = found.map_or_else(|| json!({}), |found| auth_entry(registry, &found));
    let text = base64::engine::general_purpose::URL_SAFE.encode(entry.to_string());
    let mut headers = HeaderMap::new();
    let value =
        HeaderValue::try_from(text).map_err(|error| BuildError::Input(error.to_string()))?;
    headers.insert("x-registry-auth", value);
    let response = transport.request(Method::POST, &path, headers, empty()).await?;
    let pieces =
        BodyDataStream::new(response.into_body()).map(|piece| piece.map_err(std::io::Error::other));
    let mut lines = FramedRead::new(StreamReader::new(pieces), JsonDecoder::<Line>::default());
    while let Some(line) = lines.next().await {
        let line = line.map_err(|error| EngineError::Broken {
            context: "POST /images/push".to_owned(),
            reason: error.to_string(),
        })?;
        if !line.error.is_empty() {
            return Err(EngineError::Refused { status: 500, message: line.error }.into());
        }
        let detail = line.progress.unwrap_or_default();
        events(BuildEvent::Progress {
            step,
            part: if line.id.is_empty() { line.status.clone() } else { line.id },
            done: matches!(line.status.as_str(), "Pushed" | "Layer already exists"),
            action: line.status,
            current: detail.current,
            total: detail.total,
        });
    }
    Ok(())
}
