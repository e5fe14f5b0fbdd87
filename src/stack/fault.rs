//! Looks at a container that ended, and says what was the matter where its platform is.
//!
//! All of this only helps: what cannot be found out is not said.

use std::path::Path;
use std::time::Duration;

use futures_util::StreamExt;

use crate::engine::api::{ContainerDetails, ImagePlatform, LogOptions, OutputChunk};
use crate::engine::{Engine, EngineError};
use crate::platform::fault::{self, End, Fault};
use crate::platform::program::{HEAD, Program};
use crate::platform::{Guest, Platform};
use crate::stack::run_one_off::OneOff;

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

/// The fault of a one-off container of which only the exit code and its last output are left.
pub async fn of_one_off<E: Engine>(
    engine: &E,
    one_off: &OneOff,
    exit_code: i64,
    output: &[u8],
) -> Option<Fault> {
    let (name, platform) = &one_off.image;
    let look = async {
        let image = engine.inspect_image(name, Some(platform)).await.ok()??;
        let log = lines(output, LOG_LINES);
        let platform = Some(image.platform()).filter(|it| !it.architecture().is_empty())?;
        let details = engine.inspect_container(&one_off.id).await.ok().flatten();
        let process = details.map(|details| process(&details)).unwrap_or_default();
        let end = End {
            service: &one_off.service,
            exit_code,
            log: &log,
            platform: &platform,
            program: None,
            process: &process,
        };
        judged(engine, &end).await
    };
    tokio::time::timeout(PATIENCE, look).await.ok().flatten()
}

/// The fault of a container whose inspection and log are known.
pub(super) async fn of<E: Engine>(
    engine: &E,
    service: &str,
    details: &ContainerDetails,
    mut log: Vec<String>,
) -> Option<Fault> {
    let platform = image_platform(engine, details).await?;
    log.push(details.state.error.clone());
    let mut program = None;
    if let Some(path) = fault::not_started(&log, &details.path) {
        program = program_at(engine, &details.id, path).await;
    }
    let end = End {
        service,
        exit_code: details.state.exit_code,
        log: &log,
        platform: &platform,
        program: program.as_ref(),
        process: &process(details),
    };
    judged(engine, &end).await
}

/// What a container was started with.
fn process(details: &ContainerDetails) -> Vec<String> {
    let words = std::iter::once(&details.path).chain(&details.args);
    words.filter(|word| !word.is_empty()).cloned().collect()
}

/// What a file in a container is.
async fn program_at<E: Engine>(engine: &E, id: &str, path: &str) -> Option<Program> {
    let mut archive = engine.download(id, Path::new(path)).await.ok()?;
    let mut bytes = Vec::new();
    // The header of its entry, and what it begins with.
    while bytes.len() < 2 * HEAD
        && let Some(chunk) = archive.content.next().await
    {
        bytes.extend_from_slice(&chunk.ok()?);
    }
    let mut entries = tar::Archive::new(&bytes[..]);
    let mut entry = entries.entries().ok()?.next()?.ok()?;
    // What a link leads to is another file.
    if !entry.header().entry_type().is_file() {
        return None;
    }
    let mut head = vec![0; usize::try_from(entry.size()).unwrap_or(HEAD).min(HEAD)];
    std::io::Read::read_exact(&mut entry, &mut head).ok()?;
    Program::of(&head)
}

async fn judged<E: Engine>(engine: &E, end: &End<'_>) -> Option<Fault> {
    let version = engine.version().await.ok()?;
    let guest = Guest::new(Platform::new(&version.os, &version.arch, ""));
    fault::of(end, &guest)
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
pub async fn last_lines<E: Engine>(
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
    Ok(lines(&bytes, number))
}

/// The last lines of an output.
fn lines(output: &[u8], number: usize) -> Vec<String> {
    let text = String::from_utf8_lossy(output);
    let mut lines: Vec<String> =
        text.lines().rev().take(number).map(|line| line.trim_end().to_owned()).collect();
    lines.reverse();
    lines
}
