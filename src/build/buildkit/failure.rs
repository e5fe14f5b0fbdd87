//! A failed solve in words: which step, its last output, and where in the Dockerfile.

use base64::Engine as _;
use prost::Message as _;
use serde::Deserialize;
use tonic::{Code, Status};

use super::status::Progress;
use crate::build::error::{BuildError, BuildFailure, DockerfilePlace};

/// What travels in the details of a gRPC error (`google.rpc.Status`).
#[derive(Clone, PartialEq, prost::Message)]
struct Details {
    #[prost(message, repeated, tag = "3")]
    details: Vec<prost_types::Any>,
}

/// BuildKit's description of a place in a source (`errdefs.Source`), written as JSON.
#[derive(Deserialize)]
struct Source {
    info: Option<Info>,
    #[serde(default)]
    ranges: Vec<Range>,
}

#[derive(Deserialize)]
struct Info {
    #[serde(default)]
    filename: String,
    #[serde(default)]
    data: String,
}

#[derive(Deserialize)]
struct Range {
    #[serde(default)]
    start: Position,
    #[serde(default)]
    end: Position,
}

#[derive(Default, Deserialize)]
struct Position {
    #[serde(default)]
    line: u32,
}

/// The exit code of a process (`gatewayapi.ExitMessage`), written as JSON.
#[derive(Deserialize)]
struct Exit {
    #[serde(rename = "Code")]
    code: u32,
}

/// The step that failed (`errdefs.Vertex`), written as JSON.
#[derive(Deserialize)]
struct Vertex {
    digest: String,
}

/// Makes an error of a failed solve.
pub(super) fn explain(status: &Status, service: &str, progress: &Progress) -> BuildError {
    if status.code() == Code::Cancelled {
        return BuildError::Canceled;
    }
    let details = Details::decode(status.details()).unwrap_or_default().details;
    let detail = |name: &str| details.iter().find(|any| any.type_url.contains(name));
    let vertex = detail("errdefs.Vertex")
        .and_then(|any| serde_json::from_slice::<Vertex>(&any.value).ok())
        .map(|vertex| vertex.digest);
    let (step, log) = progress.failed_step(vertex.as_deref()).unwrap_or_default();
    // Engines before 23 say it in words only.
    let exit_code = detail("gatewayapi.ExitMessage")
        .and_then(|any| serde_json::from_slice::<Exit>(&any.value).ok())
        .map(|exit| exit.code)
        .or_else(|| status.message().rsplit_once("exit code: ")?.1.trim().parse().ok());
    BuildError::Failed(Box::new(BuildFailure {
        service: service.to_owned(),
        message: format!("failed to solve: {}", status.message()),
        step,
        log,
        place: detail("errdefs.Source").and_then(|any| place(&any.value)),
        exit_code,
    }))
}

fn place(json: &[u8]) -> Option<DockerfilePlace> {
    let source: Source = serde_json::from_slice(json).ok()?;
    let info = source.info?;
    let text = base64::engine::general_purpose::STANDARD.decode(info.data).ok()?;
    let first = source.ranges.iter().map(|range| range.start.line).min()?;
    let last = source.ranges.iter().map(|range| range.end.line).max()?;
    Some(DockerfilePlace {
        file: info.filename,
        text: String::from_utf8_lossy(&text).into_owned(),
        first,
        last: last.max(first),
    })
}
