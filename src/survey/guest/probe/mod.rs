//! Tries out whether programs of a platform run, where nothing else tells: in a container of an image that is
//! there, whichever it is, whose only process is a program of ours. Nothing is pulled, and nothing of the
//! image is run.

mod program;

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::TryStreamExt;
use serde::{Deserialize, Serialize};
use tokio::runtime::{Handle, RuntimeFlavor};

use crate::engine::api::{
    ContainerCreate, ContainerFilter, HealthConfig, HostConfig, LogConfig, LogOptions, OutputChunk,
    RemoveContainer, Unpack, WaitCondition,
};
use crate::engine::transport::full;
use crate::engine::{DockerEngine, Engine, EngineError, Result};
use crate::platform::{How, Platform};

/// The label of our containers; they live for a second.
const LABEL: &str = "io.bireme.probe";
/// Where in the container the program lies.
const PATH: &str = "bireme-probe";
/// How long one may take, from its creation to its end.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long its removal may take when the run was broken off.
const REMOVAL: Duration = Duration::from_secs(2);
/// How long an engine may go on with a creation that was broken off.
const CREATION: Duration = Duration::from_millis(300);
/// Images that are tried; one may be there in part only.
const IMAGES: usize = 3;
/// Age of a container of ours, in seconds, from which nobody waits for it any more.
const ABANDONED: i64 = 60;

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

/// Images that are there, the smallest first.
async fn images(engine: &DockerEngine) -> Result<Vec<String>> {
    let mut images = engine.list_images(&[]).await?;
    images.sort_by_key(|image| image.size);
    Ok(images.into_iter().map(|image| image.id).take(IMAGES).collect())
}

/// Removes what a run that was killed left behind.
async fn sweep(engine: &DockerEngine) -> Result<()> {
    let filter =
        ContainerFilter { labels: vec![LABEL.to_owned()], all: true, ..ContainerFilter::default() };
    let now = chrono::Utc::now().timestamp();
    for container in engine.list_containers(&filter).await? {
        if now - container.created > ABANDONED {
            // Another run may do the same at the same time.
            let _ = engine.remove_container(&container.id, FORCED).await;
        }
    }
    Ok(())
}

const FORCED: RemoveContainer = RemoveContainer { force: true, volumes: true };

/// Tries out one platform.
async fn attempt(engine: &DockerEngine, images: &[String], platform: &Platform) -> Option<Outcome> {
    let archive = archive(&program::program(platform.architecture())?)?;
    for image in images {
        let number = rand::random::<u32>();
        let name = format!("bireme-probe-{}-{number:08x}", platform.architecture());
        let container = Guard { engine: engine.clone(), name: Some(name.clone()) };
        // An image that is there in part makes no container.
        if engine.create_container(&name, None, &body(image)).await.is_err() {
            container.forget();
            continue;
        }
        let outcome = run(engine, &name, archive.clone()).await;
        container.remove().await;
        return outcome.ok().flatten();
    }
    None
}

/// Runs the program, and tells what became of it.
async fn run(engine: &DockerEngine, id: &str, archive: Vec<u8>) -> Result<Option<Outcome>> {
    engine.upload(id, "/", Unpack::default(), full(archive)).await?;
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

/// A container that has nothing but its file system.
fn body(image: &str) -> ContainerCreate {
    ContainerCreate {
        image: image.to_owned(),
        entrypoint: Some(vec![format!("/{PATH}")]),
        cmd: Some(Vec::new()),
        working_dir: "/".to_owned(),
        user: "0:0".to_owned(),
        labels: BTreeMap::from([(LABEL.to_owned(), "1".to_owned())]),
        healthcheck: Some(HealthConfig {
            test: vec!["NONE".to_owned()],
            ..HealthConfig::default()
        }),
        network_disabled: true,
        host_config: HostConfig {
            network_mode: "none".to_owned(),
            log_config: Some(LogConfig { r#type: "json-file".to_owned(), ..LogConfig::default() }),
            ..HostConfig::default()
        },
        ..ContainerCreate::default()
    }
}

/// The program as it is unpacked in the container.
fn archive(program: &[u8]) -> Option<Vec<u8>> {
    let mut header = tar::Header::new_gnu();
    header.set_mode(0o755);
    header.set_size(program.len() as u64);
    let mut archive = tar::Builder::new(Vec::new());
    archive.append_data(&mut header, PATH, program).ok()?;
    archive.into_inner().ok()
}

/// A container that does not outlive us: what breaks the run off removes it too.
struct Guard {
    engine: DockerEngine,
    name: Option<String>,
}

impl Guard {
    /// There is none after all.
    fn forget(mut self) {
        self.name = None;
    }

    async fn remove(mut self) {
        if let Some(name) = self.name.clone() {
            // What is left is swept by a later run.
            let _ = self.engine.remove_container(&name, FORCED).await;
        }
        self.name = None;
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let Some(name) = self.name.take() else { return };
        let Ok(runtime) = Handle::try_current() else { return };
        if runtime.runtime_flavor() == RuntimeFlavor::MultiThread {
            let removal = remove_surely(&self.engine, &name);
            // The program ends when this returns, so it cannot be left to a task.
            tokio::task::block_in_place(|| {
                let _ = runtime.block_on(async { tokio::time::timeout(REMOVAL, removal).await });
            });
        }
    }
}

/// Removes a container whose creation may still be under way in the engine.
async fn remove_surely(engine: &DockerEngine, name: &str) {
    if engine.remove_container(name, FORCED).await.is_err() {
        tokio::time::sleep(CREATION).await;
        let _ = engine.remove_container(name, FORCED).await;
    }
}
