//! Looks at a container that ended, and says what was the matter where its platform is.
//!
//! All of this only helps: what cannot be found out is not said.

use std::time::Duration;

use futures_util::StreamExt;

use crate::engine::api::{ContainerDetails, ImagePlatform, LogOptions, OutputChunk};
use crate::engine::{Engine, EngineError};
use crate::platform::fault::{self, End, Fault};
use crate::platform::{Guest, Platform};

/// How many of the last lines of a log are looked at.
const LOG_LINES: usize = 20;

/// The longest that whoever is told of a death waits for its reason.
const PATIENCE: Duration = Duration::from_secs(2);

/// The fault of a container that ended by itself. One that ended well costs one inspection.
pub async fn of_container<E: Engine>(engine: &E, service: &str, id: &str) -> Option<Fault> {
    tokio::time::timeout(PATIENCE, look(engine, service, id)).await.ok().flatten()
}

async fn look<E: Engine>(engine: &E, service: &str, id: &str) -> Option<Fault> {
    let details = engine.inspect_container(id).await.ok()??;
    if details.state.exit_code == 0 {
        return None;
    }
    let log = last_lines(engine, id, details.config.tty, LOG_LINES).await.unwrap_or_default();
    of(engine, service, &details, log).await
}

/// The fault of a container whose inspection and log are known.
pub(super) async fn of<E: Engine>(
    engine: &E,
    service: &str,
    details: &ContainerDetails,
    mut log: Vec<String>,
) -> Option<Fault> {
    let (platform, version) =
        futures_util::future::join(image_platform(engine, details), engine.version()).await;
    let (platform, version) = (platform?, version.ok()?);
    let guest = Guest::new(Platform::new(&version.os, &version.arch, ""));
    log.push(details.state.error.clone());
    let exit_code = details.state.exit_code;
    fault::of(&End { service, exit_code, log: &log, platform: &platform }, &guest)
}

/// The platform of the image that a container was made from.
async fn image_platform<E: Engine>(engine: &E, details: &ContainerDetails) -> Option<Platform> {
    let part = details.image_manifest_descriptor.as_ref().and_then(|it| it.platform.as_ref());
    if let Some(ImagePlatform { os, architecture, variant }) = part {
        return Some(Platform::new(os, architecture, variant));
    }
    let image = engine.inspect_image(&details.image, None).await.ok()??;
    (!image.architecture.is_empty()).then(|| image.platform())
}

/// The last lines of a container's log.
pub(super) async fn last_lines<E: Engine>(
    engine: &E,
    id: &str,
    tty: bool,
    number: usize,
) -> Result<Vec<String>, EngineError> {
    let options = LogOptions {
        stdout: true,
        stderr: true,
        tail: number.to_string(),
        tty,
        ..LogOptions::default()
    };
    let mut chunks = engine.logs(id, &options).await?;
    let mut bytes = Vec::new();
    while let Some(chunk) = chunks.next().await {
        let (OutputChunk::Stdout(chunk) | OutputChunk::Stderr(chunk)) = chunk?;
        bytes.extend_from_slice(&chunk);
    }
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<String> = text.lines().map(|line| line.trim_end().to_owned()).collect();
    Ok(lines[lines.len().saturating_sub(number)..].to_vec())
}
