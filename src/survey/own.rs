//! A container of ours, whose only process is a program of ours: made of an image that the engine has anyway,
//! whichever it is. Nothing is pulled, and nothing of the image is run.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::runtime::{Handle, RuntimeFlavor};

use crate::engine::api::{
    ContainerCreate, ContainerFilter, HealthConfig, HostConfig, LogConfig, RemoveContainer, Unpack,
};
use crate::engine::transport::full;
use crate::engine::{DockerEngine, Engine, Result};

/// The label of our containers.
const LABEL: &str = "io.bireme.probe";
/// Where in the container the program lies.
const PATH: &str = "bireme-probe";
/// How long its removal may take when the run was broken off.
const REMOVAL: Duration = Duration::from_secs(2);
/// How long an engine may go on with a creation that was broken off.
const CREATION: Duration = Duration::from_millis(300);
/// Images that are tried; one may be there in part only.
const IMAGES: usize = 3;
/// Age of a container of ours, in seconds, from which nobody waits for it any more.
const ABANDONED: i64 = 60;

const FORCED: RemoveContainer = RemoveContainer { force: true, volumes: true };

/// A container that does not outlive us: what breaks the run off removes it too.
pub struct OwnContainer {
    engine: DockerEngine,
    /// `None` once there is none any more.
    name: Option<String>,
}

impl OwnContainer {
    /// Makes one, with the program in it, of the first of `images` that makes one; `adapt` may change what it is
    /// made of. `None` if none does.
    ///
    /// # Errors
    /// An engine that does not take the program.
    pub async fn create(
        engine: &DockerEngine,
        images: &[String],
        purpose: &str,
        program: &[u8],
        adapt: impl Fn(&mut ContainerCreate),
    ) -> Result<Option<Self>> {
        let Some(archive) = archive(program) else { return Ok(None) };
        for image in images {
            let name = format!("bireme-{purpose}-{:08x}", rand::random::<u32>());
            let container = Self { engine: engine.clone(), name: Some(name.clone()) };
            let mut body = body(image);
            adapt(&mut body);
            // An image that is there in part makes no container.
            if engine.create_container(&name, None, &body).await.is_err() {
                container.forget();
                continue;
            }
            engine.upload(&name, "/", Unpack::default(), full(archive)).await?;
            return Ok(Some(container));
        }
        Ok(None)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    /// Removes it.
    pub async fn remove(mut self) {
        if let Some(name) = self.name.clone() {
            // What is left is swept by a later run.
            let _ = self.engine.remove_container(&name, FORCED).await;
        }
        self.name = None;
    }

    /// There is none after all.
    fn forget(mut self) {
        self.name = None;
    }
}

impl Drop for OwnContainer {
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

/// Images that are there, the smallest first.
///
/// # Errors
/// An engine that does not tell.
pub async fn images(engine: &DockerEngine) -> Result<Vec<String>> {
    let mut images = engine.list_images(&[]).await?;
    images.sort_by_key(|image| image.size);
    Ok(images.into_iter().map(|image| image.id).take(IMAGES).collect())
}

/// Removes what a run that was killed left behind. One that runs is in use, or ends by itself.
///
/// # Errors
/// An engine that does not list its containers.
pub async fn sweep(engine: &DockerEngine) -> Result<()> {
    let filter =
        ContainerFilter { labels: vec![LABEL.to_owned()], all: true, ..ContainerFilter::default() };
    let now = chrono::Utc::now().timestamp();
    for container in engine.list_containers(&filter).await? {
        if now - container.created > ABANDONED && container.state != "running" {
            // Another run may do the same at the same time.
            let _ = engine.remove_container(&container.id, FORCED).await;
        }
    }
    Ok(())
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
