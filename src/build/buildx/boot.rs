//! Brings up the container of a node with the driver `docker-container`: it is started where it stands
//! still, and made where there is none.

use std::time::{Duration, Instant};

use futures_util::StreamExt;

use super::container::{CONFIGURATION, ContainerOptions};
use super::dial::run;
use crate::build::error::BuildError;
use crate::build::event::{BuildEvent, LogStream, StepId};
use crate::engine::api::{LogOptions, OutputChunk, Unpack};
use crate::engine::transport::full;
use crate::engine::{DockerEngine, Engine, EngineError};

/// How often the daemon is asked whether it is there, and the pause that grows from one time to the
/// next; it tells nobody when it is.
const ATTEMPTS: u32 = 16;
const PAUSE: Duration = Duration::from_millis(120);

/// Lines of the daemon's log that are shown when it does not come up.
const LAST_LINES: &str = "20";

/// Makes sure that the daemon runs, and gives the number of steps that were told: one if something had
/// to be done.
pub(super) async fn boot(
    engine: &DockerEngine,
    options: &ContainerOptions,
    events: &(dyn Fn(BuildEvent) + Sync),
) -> Result<u32, BuildError> {
    let found = engine.inspect_container(&options.name).await?;
    if found.as_ref().is_some_and(|it| it.state.running && !it.state.restarting) {
        return Ok(0);
    }
    let step = Step { events, began: Instant::now() };
    events(BuildEvent::Started { step: STEP, name: "[internal] booting buildkit".to_owned() });
    let outcome = async {
        if found.is_none() {
            make(engine, options, &step).await?;
        }
        step.tell(&format!("starting container {}", options.name));
        engine.start_container(&options.name).await?;
        wait(engine, &options.name, &step).await
    };
    match outcome.await {
        Ok(()) => {
            let duration = step.began.elapsed();
            events(BuildEvent::Completed { step: STEP, cached: false, duration });
            Ok(1)
        }
        Err(error) => {
            events(BuildEvent::Failed { step: STEP, error: error.to_string() });
            Err(error)
        }
    }
}

/// It comes before every step of the build.
const STEP: StepId = StepId(1);

/// Tells how it goes.
struct Step<'a> {
    events: &'a (dyn Fn(BuildEvent) + Sync),
    began: Instant,
}

impl Step<'_> {
    fn tell(&self, line: &str) {
        self.log(format!("{line}\n").into_bytes());
    }

    fn log(&self, bytes: Vec<u8>) {
        let offset = self.began.elapsed();
        (self.events)(BuildEvent::Log { step: STEP, stream: LogStream::Out, offset, bytes });
    }
}

async fn make(
    engine: &DockerEngine,
    options: &ContainerOptions,
    step: &Step<'_>,
) -> Result<(), BuildError> {
    let ContainerOptions { name, image, .. } = options;
    if let Some(reason) = &options.beyond {
        return Err(BuildError::Unsupported(format!(
            "there is no container {name}, and Bireme does not make it since {reason}: \
             `docker buildx inspect --bootstrap` does"
        )));
    }
    step.tell(&format!("pulling image {image}"));
    if let Err(error) = pull(engine, image).await {
        if engine.inspect_image(image, None).await?.is_none() {
            return Err(error.into());
        }
        step.tell(&format!("pulling failed, using local image {image}"));
    }
    step.tell(&format!("creating container {name}"));
    let body = options.body(&engine.server_info().await?);
    match engine.create_container(name, None, &body).await {
        Ok(_) => {}
        // Somebody else makes it at the same time.
        Err(EngineError::Conflict(_)) => return Ok(()),
        Err(error) => return Err(error.into()),
    }
    if !options.files.is_empty() {
        let tar = archive(options).map_err(|error| BuildError::Input(error.to_string()))?;
        engine.upload(name, "/", Unpack::default(), full(tar)).await?;
    }
    Ok(())
}

async fn pull(engine: &DockerEngine, image: &str) -> Result<(), EngineError> {
    let mut messages = engine.pull_image(image, None).await?;
    while let Some(message) = messages.next().await {
        message?;
    }
    Ok(())
}

/// The daemon's files, from the root of the container's.
fn archive(options: &ContainerOptions) -> std::io::Result<Vec<u8>> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in &options.files {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        tar.append_data(&mut header, format!("{CONFIGURATION}/{name}"), bytes.as_slice())?;
    }
    tar.into_inner()
}

/// Waits until the daemon answers.
async fn wait(engine: &DockerEngine, name: &str, step: &Step<'_>) -> Result<(), BuildError> {
    let mut last = None;
    for attempt in 1..=ATTEMPTS {
        match answers(engine, name).await {
            Ok(()) => return Ok(()),
            Err(error) => last = Some(error),
        }
        if attempt < ATTEMPTS {
            tokio::time::sleep(PAUSE * attempt).await;
        }
    }
    // What the daemon wrote explains more than the last attempt.
    if let Ok(log) = log(engine, name).await {
        step.log(log);
    }
    let reason = last.map(|error| error.to_string()).unwrap_or_default();
    Err(BuildError::Input(format!("BuildKit does not come up in container {name}: {reason}")))
}

/// Whether the daemon is there, as its own client tells.
async fn answers(engine: &DockerEngine, name: &str) -> Result<(), BuildError> {
    let (exec, mut attached) = run(engine, name, &["buildctl", "debug", "workers"], false).await?;
    let mut words = Vec::new();
    while let Some(chunk) = attached.output.next().await {
        if let OutputChunk::Stderr(bytes) = chunk? {
            words.extend_from_slice(&bytes);
        }
    }
    match engine.inspect_exec(&exec).await?.exit_code {
        Some(0) => Ok(()),
        code => {
            let words = String::from_utf8_lossy(&words);
            let code = code.unwrap_or_default();
            Err(BuildError::Input(format!("exit code {code}: {}", words.trim())))
        }
    }
}

async fn log(engine: &DockerEngine, name: &str) -> Result<Vec<u8>, EngineError> {
    let options = LogOptions {
        stdout: true,
        stderr: true,
        tail: LAST_LINES.to_owned(),
        ..LogOptions::default()
    };
    let mut chunks = engine.logs(name, &options).await?;
    let mut log = Vec::new();
    while let Some(chunk) = chunks.next().await {
        log.extend_from_slice(chunk?.bytes());
    }
    Ok(log)
}
