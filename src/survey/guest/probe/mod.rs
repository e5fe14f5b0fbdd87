//! Tries out whether programs of a platform run, where nothing else tells: in a container of an image that is
//! there, whichever it is, whose only process is a program of ours. Nothing is pulled, and nothing of the
//! image is run.

mod program;

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::TryStreamExt;
use serde::{Deserialize, Serialize};

use crate::engine::api::{LogOptions, OutputChunk, WaitCondition};
use crate::engine::{DockerEngine, Engine, EngineError, Result};
use crate::platform::{How, Platform};
use crate::survey::own::{OwnContainer, images, sweep};

/// How long one may take, from its creation to its end.
const PATIENCE: Duration = Duration::from_secs(5);

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Outcome {
    /// It ran; by what, programs for x86 can say.
    Ran(How),
    /// It was no program to the kernel.
    Refused,
    /// Nothing was found out by it.
    Unclear,
}

/// Whether there is a program for a platform that shows whether it runs. What is special about a variant
/// none of them uses, except for 32-bit Arm, whose variants run or do not run together.
pub(super) fn is_testable(platform: &Platform) -> bool {
    let architecture = platform.architecture();
    let is_plain = platform.variant().is_empty() || architecture == "arm";
    platform.os() == "linux" && is_plain && program::program(architecture).is_some()
}

/// Tries out platforms, all at once. Without an image nothing is tried, and the answer is empty.
pub(super) async fn probe(
    engine: &DockerEngine,
    platforms: &[Platform],
) -> BTreeMap<Platform, Outcome> {
    let Ok((images, ())) = tokio::try_join!(images(engine), sweep(engine)) else {
        return BTreeMap::new();
    };
    if images.is_empty() {
        return BTreeMap::new();
    }
    let tried = platforms.iter().map(async |platform| {
        let outcome = tokio::time::timeout(PATIENCE, attempt(engine, &images, platform)).await;
        (platform.clone(), outcome.ok().flatten().unwrap_or(Outcome::Unclear))
    });
    futures_util::future::join_all(tried).await.into_iter().collect()
}

/// Tries out one platform.
async fn attempt(engine: &DockerEngine, images: &[String], platform: &Platform) -> Option<Outcome> {
    let architecture = platform.architecture();
    let program = program::program(architecture)?;
    let purpose = format!("probe-{architecture}");
    let container = OwnContainer::create(engine, images, &purpose, &program, |_| {}).await;
    let container = container.ok().flatten()?;
    let outcome = run(engine, container.name()).await;
    container.remove().await;
    outcome.ok().flatten()
}

/// Runs the program, and tells what became of it.
async fn run(engine: &DockerEngine, id: &str) -> Result<Option<Outcome>> {
    let code = match engine.start_container(id).await {
        Ok(()) => engine.wait_container(id, WaitCondition::NotRunning).await?,
        Err(error) if is_format_error(&error.to_string()) => return Ok(Some(Outcome::Refused)),
        Err(error) => return Err(error),
    };
    let (stdout, stderr) = written(engine, id).await?;
    Ok(if code == program::RAN {
        Some(Outcome::Ran(program::kind(&stdout)))
    } else {
        is_format_error(&String::from_utf8_lossy(&stderr)).then_some(Outcome::Refused)
    })
}

/// What it wrote to standard output and to standard error.
async fn written(engine: &DockerEngine, id: &str) -> Result<(Vec<u8>, Vec<u8>)> {
    let options = LogOptions { stdout: true, stderr: true, ..LogOptions::default() };
    let chunks = engine.logs(id, &options).await?;
    let add = async |(mut out, mut err): (Vec<u8>, Vec<u8>), chunk| {
        match chunk {
            OutputChunk::Stdout(bytes) => out.extend(bytes),
            OutputChunk::Stderr(bytes) => err.extend(bytes),
        }
        Ok::<_, EngineError>((out, err))
    };
    chunks.try_fold((Vec::new(), Vec::new()), add).await
}

/// Whether runtimes say so of a file that is no program to the kernel.
fn is_format_error(text: &str) -> bool {
    text.to_lowercase().contains("exec format error")
}
