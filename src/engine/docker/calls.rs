//! The trait's calls, one by one. What takes more than a few lines is in the file of its subject.

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use bollard::query_parameters::{
    KillContainerOptionsBuilder, RemoveContainerOptionsBuilder, RemoveImageOptionsBuilder,
    RemoveVolumeOptionsBuilder, RenameContainerOptionsBuilder, ResizeContainerTTYOptionsBuilder,
    ResizeExecOptionsBuilder, RestartContainerOptionsBuilder, StartContainerOptions,
    StopContainerOptionsBuilder,
};
use bytes::Bytes;
use hyper::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::networks::Connection;
use super::processes::ExecStart;
use super::{DockerEngine, bridge};
use crate::engine::api::{
    AttachOptions, Commit, ContainerCreate, ContainerDetails, ContainerFilter, ContainerSummary,
    CreatedContainer, Description, EndpointSettings, EventFilter, EventMessage, ExecCreate,
    ExecDetails, ImageDetails, ImageSummary, LogOptions, NetworkCreate, NetworkDetails,
    OutputChunk, PathStat, PullProgress, RemoveContainer, ServerInfo, ServerVersion, TerminalSize,
    Unpack, VolumeCreate, VolumeDetails, WaitCondition,
};
use crate::engine::credentials::Credential;
use crate::engine::transport::{Body, Query, path_segment};
use crate::engine::{Archive, Attached, Engine, EngineError, Result, Stream, timestamp};

/// Answer of the calls that make a network or an exec.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Created {
    id: String,
}

/// Answer of VolumeList.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Volumes {
    #[serde(default)]
    volumes: Option<Vec<VolumeDetails>>,
}

impl Engine for DockerEngine {
    fn describe(&self) -> &Description {
        &self.met.description
    }

    async fn version(&self) -> Result<ServerVersion> {
        self.server_version().await
    }

    async fn info(&self) -> Result<ServerInfo> {
        self.server_info().await
    }

    async fn known_credentials(&self) -> Vec<Credential> {
        self.credentials().all().await
    }

    async fn list_containers(
        &self,
        filter: &ContainerFilter,
    ) -> Result<Vec<Arc<ContainerSummary>>> {
        self.containers(filter).await
    }

    async fn inspect_container(&self, id: &str) -> Result<Option<ContainerDetails>> {
        self.container(id).await
    }

    async fn create_container(
        &self,
        name: &str,
        platform: Option<&str>,
        body: &ContainerCreate,
    ) -> Result<CreatedContainer> {
        self.create(name, platform, body).await
    }

    async fn start_container(&self, container: &str) -> Result<()> {
        let started =
            self.bollard().start_container(&id(container), None::<StartContainerOptions>).await;
        started.map_err(|error| bridge::failed("start", error))
    }

    async fn stop_container(&self, container: &str, timeout: Option<i64>) -> Result<()> {
        let mut options = StopContainerOptionsBuilder::new();
        if let Some(timeout) = timeout {
            options = options.t(seconds(timeout));
        }
        let stopped = self.bollard().stop_container(&id(container), Some(options.build())).await;
        stopped.map_err(|error| bridge::failed("stop", error))
    }

    async fn restart_container(&self, container: &str, timeout: Option<i64>) -> Result<()> {
        let mut options = RestartContainerOptionsBuilder::new();
        if let Some(timeout) = timeout {
            options = options.t(seconds(timeout));
        }
        let restarted =
            self.bollard().restart_container(&id(container), Some(options.build())).await;
        restarted.map_err(|error| bridge::failed("restart", error))
    }

    async fn kill_container(&self, container: &str, signal: Option<&str>) -> Result<()> {
        let options = KillContainerOptionsBuilder::new().signal(signal.unwrap_or("SIGKILL"));
        let killed = self.bollard().kill_container(&id(container), Some(options.build())).await;
        killed.map_err(|error| bridge::failed("kill", error))
    }

    async fn pause_container(&self, container: &str) -> Result<()> {
        let paused = self.bollard().pause_container(&id(container)).await;
        paused.map_err(|error| bridge::failed("pause", error))
    }

    async fn unpause_container(&self, container: &str) -> Result<()> {
        let unpaused = self.bollard().unpause_container(&id(container)).await;
        unpaused.map_err(|error| bridge::failed("unpause", error))
    }

    async fn remove_container(&self, container: &str, options: RemoveContainer) -> Result<()> {
        let options =
            RemoveContainerOptionsBuilder::new().force(options.force).v(options.volumes).build();
        let removed = self.bollard().remove_container(&id(container), Some(options)).await;
        removed.map_err(|error| bridge::failed("remove", error))
    }

    async fn rename_container(&self, container: &str, name: &str) -> Result<()> {
        let options = RenameContainerOptionsBuilder::new().name(name).build();
        let renamed = self.bollard().rename_container(&id(container), options).await;
        renamed.map_err(|error| bridge::failed("rename", error))
    }

    async fn wait_container(&self, container: &str, condition: WaitCondition) -> Result<i64> {
        self.wait(container, condition).await
    }

    async fn resize_container(&self, container: &str, size: TerminalSize) -> Result<()> {
        let options = ResizeContainerTTYOptionsBuilder::new();
        let options = options.h(size.height.into()).w(size.width.into()).build();
        let resized = self.bollard().resize_container_tty(&id(container), options).await;
        resized.map_err(|error| bridge::failed("resize", error))
    }

    async fn upload(&self, container: &str, path: &str, options: Unpack, tar: Body) -> Result<()> {
        self.put_archive(container, path, options, tar).await
    }

    async fn path_stat(&self, container: &str, path: &Path) -> Result<Option<PathStat>> {
        self.stat(container, path).await
    }

    async fn download(&self, container: &str, path: &Path) -> Result<Archive> {
        self.archive(container, path).await
    }

    async fn export_container(&self, container: &str) -> Result<Stream<Bytes>> {
        self.file_system(container).await
    }

    async fn commit_container(&self, container: &str, commit: &Commit) -> Result<String> {
        self.make_image(container, commit).await
    }

    async fn logs(&self, container: &str, options: &LogOptions) -> Result<Stream<OutputChunk>> {
        self.read_logs(container, options).await
    }

    async fn attach(&self, container: &str, options: &AttachOptions) -> Result<Attached> {
        self.attach_to(container, options).await
    }

    async fn create_exec(&self, container: &str, body: &ExecCreate) -> Result<String> {
        let path = format!("/containers/{}/exec", id(container));
        let created: Created =
            self.transport().request_json(Method::POST, &path, Some(body)).await?;
        Ok(created.id)
    }

    async fn start_exec(&self, exec: &str, tty: bool) -> Result<Attached> {
        self.attach_exec(exec, tty).await
    }

    async fn start_exec_detached(&self, exec: &str, tty: bool) -> Result<()> {
        let path = format!("/exec/{}/start", id(exec));
        let body = ExecStart { detach: true, tty };
        self.transport().request_empty(Method::POST, &path, Some(&body)).await
    }

    async fn inspect_exec(&self, exec: &str) -> Result<ExecDetails> {
        let path = format!("/exec/{}/json", id(exec));
        self.read(&path).await
    }

    async fn resize_exec(&self, exec: &str, size: TerminalSize) -> Result<()> {
        let options = ResizeExecOptionsBuilder::new();
        let options = options.h(size.height.into()).w(size.width.into()).build();
        let resized = self.bollard().resize_exec(&id(exec), options).await;
        resized.map_err(|error| bridge::failed("resize", error))
    }

    async fn list_networks(&self, labels: &[String]) -> Result<Vec<NetworkDetails>> {
        self.networks(("label", labels)).await
    }

    async fn find_networks(&self, name: &str) -> Result<Vec<NetworkDetails>> {
        self.networks_named(name).await
    }

    async fn inspect_network(&self, id: &str) -> Result<Option<NetworkDetails>> {
        self.network(id).await
    }

    async fn create_network(&self, body: &NetworkCreate) -> Result<String> {
        let created: Created =
            self.transport().request_json(Method::POST, "/networks/create", Some(body)).await?;
        Ok(created.id)
    }

    async fn remove_network(&self, network: &str) -> Result<()> {
        let removed = self.bollard().remove_network(&id(network)).await;
        removed.map_err(|error| bridge::failed("remove network", error))
    }

    async fn connect_network(
        &self,
        network: &str,
        container: &str,
        endpoint: &EndpointSettings,
    ) -> Result<()> {
        let path = format!("/networks/{}/connect", id(network));
        let body = Connection { container, endpoint_config: endpoint };
        self.transport().request_empty(Method::POST, &path, Some(&body)).await
    }

    async fn disconnect_network(&self, network: &str, container: &str, force: bool) -> Result<()> {
        let path = format!("/networks/{}/disconnect", id(network));
        let body = json!({ "Container": container, "Force": force });
        self.transport().request_empty(Method::POST, &path, Some(&body)).await
    }

    async fn list_volumes(&self, labels: &[String]) -> Result<Vec<VolumeDetails>> {
        let wanted = filters(&[("label", labels)]);
        let path = Query::new("/volumes").with_some("filters", wanted.as_deref()).build();
        let list: Volumes = self.read(&path).await?;
        Ok(list.volumes.unwrap_or_default())
    }

    async fn inspect_volume(&self, name: &str) -> Result<Option<VolumeDetails>> {
        let path = format!("/volumes/{}", id(name));
        match self.read(&path).await {
            Ok(volume) => Ok(Some(volume)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn create_volume(&self, body: &VolumeCreate) -> Result<VolumeDetails> {
        self.transport().request_json(Method::POST, "/volumes/create", Some(body)).await
    }

    async fn remove_volume(&self, name: &str, force: bool) -> Result<()> {
        let options = RemoveVolumeOptionsBuilder::new().force(force).build();
        let removed = self.bollard().remove_volume(&id(name), Some(options)).await;
        removed.map_err(|error| bridge::failed("remove volume", error))
    }

    async fn inspect_image(
        &self,
        reference: &str,
        platform: Option<&str>,
    ) -> Result<Option<Arc<ImageDetails>>> {
        self.find_image(reference, platform).await
    }

    async fn list_images(&self, labels: &[String]) -> Result<Vec<ImageSummary>> {
        let wanted = filters(&[("label", labels)]);
        let path = Query::new("/images/json").with_some("filters", wanted.as_deref()).build();
        self.read(&path).await
    }

    async fn pull_image(
        &self,
        reference: &str,
        platform: Option<&str>,
    ) -> Result<Stream<PullProgress>> {
        self.pull(reference, platform).await
    }

    async fn push_image(&self, reference: &str) -> Result<Stream<PullProgress>> {
        self.push(reference).await
    }

    async fn remove_image(&self, reference: &str, force: bool) -> Result<()> {
        let options = RemoveImageOptionsBuilder::new().force(force).build();
        let reference = path_segment(reference);
        let removed = self.bollard().remove_image(&reference, Some(options), None).await;
        removed.map(drop).map_err(|error| bridge::failed("remove image", error))
    }

    async fn events(&self, filter: &EventFilter) -> Result<Stream<EventMessage>> {
        self.follow_events(filter).await
    }
}

/// A name or id in a path: whatever it holds, it stays one part.
pub(super) fn id(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                text.push(char::from(byte));
            }
            // Writing to a string cannot fail.
            _ => write!(text, "%{byte:02X}").unwrap_or_default(),
        }
    }
    text
}

/// The API's filters as JSON: for each key the values of which one must fit (all of them, for
/// labels). `None` where there are none.
pub(super) fn filters(wanted: &[(&str, &[String])]) -> Option<String> {
    let filters: Map<String, Value> = wanted
        .iter()
        .filter(|(_, values)| !values.is_empty())
        .map(|(key, values)| {
            let set: Map<String, Value> =
                values.iter().map(|value| (value.clone(), Value::Bool(true))).collect();
            ((*key).to_owned(), Value::Object(set))
        })
        .collect();
    (!filters.is_empty()).then(|| Value::Object(filters).to_string())
}

/// A point in time for the API.
pub(super) fn unix_time(text: &str) -> Result<String> {
    let now = chrono::Local::now().fixed_offset();
    timestamp::unix_time(text, now).map_err(|error| EngineError::Configuration(error.to_string()))
}

/// A number of seconds in the API's range.
fn seconds(timeout: i64) -> i32 {
    i32::try_from(timeout).unwrap_or(if timeout < 0 { i32::MIN } else { i32::MAX })
}
