//! The Docker Engine API: where an engine is, what it is, and a narrow trait of the calls that the
//! stack needs. [`Engine`] is the trait, [`api`] its bodies in our own types; bollard and the raw
//! transport stand behind it and are named nowhere else.

pub mod api;
mod client_config;
pub mod credentials;
pub mod docker;
pub mod endpoint;
pub mod reference;
pub mod timestamp;
pub mod transport;

mod error;
mod lines;
mod no_engine;

use std::future::Future;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use tokio::io::{AsyncRead, AsyncWrite};

pub use client_config::ClientConfig;
pub use docker::{DockerEngine, Settings, Unmet};
pub use error::EngineError;
pub use lines::LineSplitter;
pub use no_engine::{Found, NoEngine};

use api::{
    AttachOptions, Commit, ContainerCreate, ContainerDetails, ContainerFilter, ContainerSummary,
    CreatedContainer, Description, EndpointSettings, EventFilter, EventMessage, ExecCreate,
    ExecDetails, ImageDetails, ImageSummary, LogOptions, NetworkCreate, NetworkDetails,
    OutputChunk, PathStat, PullProgress, RemoveContainer, ServerInfo, ServerVersion, TerminalSize,
    Unpack, VolumeCreate, VolumeDetails, WaitCondition,
};
use transport::Body;

/// Told of what does not stop a call but should be known, one sentence each.
pub type Warn = Arc<dyn Fn(String) + Send + Sync>;

/// What a call gives.
pub type Result<T> = std::result::Result<T, EngineError>;

/// A stream that a call gives.
pub type Stream<T> = BoxStream<'static, Result<T>>;

/// An attached process: what it writes, and where its input goes.
pub struct Attached {
    /// What it writes. Ends when the process does.
    pub output: Stream<OutputChunk>,
    /// Its standard input; shutting it down is end-of-file.
    pub input: Box<dyn AsyncWrite + Send + Unpin>,
}

/// What is at a path in a container.
pub struct Archive {
    /// What it is.
    pub stat: PathStat,
    /// It and all below it, as a tar archive.
    pub content: Stream<Bytes>,
}

/// A bidirectional byte stream.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// The calls of the Engine API that a stack needs.
///
/// "Not there" is an [`EngineError::NotFound`] for calls that act on a thing, and `None` for calls
/// that look one up. A call that finds its work done (start of a running container, stop of a
/// stopped one: HTTP 304) succeeds.
pub trait Engine: Send + Sync + 'static {
    /// What answered at the endpoint; known since the connection was negotiated, no call.
    fn describe(&self) -> &Description;
    /// SystemVersion: release, operating system, CPU.
    fn version(&self) -> impl Future<Output = Result<ServerVersion>> + Send;
    /// SystemInfo: the machine that it runs on.
    fn info(&self) -> impl Future<Output = Result<ServerInfo>> + Send;

    /// ContainerList.
    fn list_containers(
        &self,
        filter: &ContainerFilter,
    ) -> impl Future<Output = Result<Vec<Arc<ContainerSummary>>>> + Send;
    /// ContainerInspect.
    fn inspect_container(
        &self,
        id: &str,
    ) -> impl Future<Output = Result<Option<ContainerDetails>>> + Send;
    /// ContainerCreate; `platform` as `os/arch[/variant]`.
    fn create_container(
        &self,
        name: &str,
        platform: Option<&str>,
        body: &ContainerCreate,
    ) -> impl Future<Output = Result<CreatedContainer>> + Send;
    /// ContainerStart.
    fn start_container(&self, id: &str) -> impl Future<Output = Result<()>> + Send;
    /// ContainerStop; `timeout` in seconds, `None` for the container's own. Waits until it stopped.
    fn stop_container(
        &self,
        id: &str,
        timeout: Option<i64>,
    ) -> impl Future<Output = Result<()>> + Send;
    /// ContainerRestart; `timeout` in seconds, `None` for the container's own.
    fn restart_container(
        &self,
        id: &str,
        timeout: Option<i64>,
    ) -> impl Future<Output = Result<()>> + Send;
    /// ContainerKill; `signal` as `SIGTERM`, `TERM` or a number, `None` for `SIGKILL`.
    fn kill_container(
        &self,
        id: &str,
        signal: Option<&str>,
    ) -> impl Future<Output = Result<()>> + Send;
    /// ContainerPause.
    fn pause_container(&self, id: &str) -> impl Future<Output = Result<()>> + Send;
    /// ContainerUnpause.
    fn unpause_container(&self, id: &str) -> impl Future<Output = Result<()>> + Send;
    /// ContainerDelete.
    fn remove_container(
        &self,
        id: &str,
        options: RemoveContainer,
    ) -> impl Future<Output = Result<()>> + Send;
    /// ContainerRename.
    fn rename_container(&self, id: &str, name: &str) -> impl Future<Output = Result<()>> + Send;
    /// ContainerWait; the exit code.
    fn wait_container(
        &self,
        id: &str,
        condition: WaitCondition,
    ) -> impl Future<Output = Result<i64>> + Send;
    /// ContainerResize.
    fn resize_container(
        &self,
        id: &str,
        size: TerminalSize,
    ) -> impl Future<Output = Result<()>> + Send;
    /// PutContainerArchive: unpacks an uncompressed tar at `path`.
    fn upload(
        &self,
        id: &str,
        path: &str,
        options: Unpack,
        tar: Body,
    ) -> impl Future<Output = Result<()>> + Send;
    /// ContainerArchiveInfo: what is at `path`; a symbolic link is told of, not followed.
    fn path_stat(
        &self,
        id: &str,
        path: &Path,
    ) -> impl Future<Output = Result<Option<PathStat>>> + Send;
    /// ContainerArchive: what is at `path`, packed.
    fn download(&self, id: &str, path: &Path) -> impl Future<Output = Result<Archive>> + Send;
    /// ContainerExport: the whole file system as a tar archive.
    fn export_container(&self, id: &str) -> impl Future<Output = Result<Stream<Bytes>>> + Send;
    /// ImageCommit: the id of the image made of the container.
    fn commit_container(
        &self,
        id: &str,
        commit: &Commit,
    ) -> impl Future<Output = Result<String>> + Send;
    /// ContainerLogs.
    fn logs(
        &self,
        id: &str,
        options: &LogOptions,
    ) -> impl Future<Output = Result<Stream<OutputChunk>>> + Send;
    /// ContainerAttach.
    fn attach(
        &self,
        id: &str,
        options: &AttachOptions,
    ) -> impl Future<Output = Result<Attached>> + Send;

    /// ContainerExec; the id of the exec.
    fn create_exec(
        &self,
        container: &str,
        body: &ExecCreate,
    ) -> impl Future<Output = Result<String>> + Send;
    /// ExecStart, attached; `tty` as given at creation.
    fn start_exec(&self, exec: &str, tty: bool) -> impl Future<Output = Result<Attached>> + Send;
    /// ExecStart, detached.
    fn start_exec_detached(&self, exec: &str, tty: bool)
    -> impl Future<Output = Result<()>> + Send;
    /// ExecInspect.
    fn inspect_exec(&self, exec: &str) -> impl Future<Output = Result<ExecDetails>> + Send;
    /// ExecResize.
    fn resize_exec(
        &self,
        exec: &str,
        size: TerminalSize,
    ) -> impl Future<Output = Result<()>> + Send;

    /// NetworkList by labels (`key` or `key=value`).
    fn list_networks(
        &self,
        labels: &[String],
    ) -> impl Future<Output = Result<Vec<NetworkDetails>>> + Send;
    /// NetworkList by name: networks whose name is exactly `name`, or the one whose id it is.
    fn find_networks(&self, name: &str)
    -> impl Future<Output = Result<Vec<NetworkDetails>>> + Send;
    /// NetworkInspect, with the containers attached.
    fn inspect_network(
        &self,
        id: &str,
    ) -> impl Future<Output = Result<Option<NetworkDetails>>> + Send;
    /// NetworkCreate; the id.
    fn create_network(&self, body: &NetworkCreate) -> impl Future<Output = Result<String>> + Send;
    /// NetworkDelete.
    fn remove_network(&self, id: &str) -> impl Future<Output = Result<()>> + Send;
    /// NetworkConnect.
    fn connect_network(
        &self,
        network: &str,
        container: &str,
        endpoint: &EndpointSettings,
    ) -> impl Future<Output = Result<()>> + Send;
    /// NetworkDisconnect.
    fn disconnect_network(
        &self,
        network: &str,
        container: &str,
        force: bool,
    ) -> impl Future<Output = Result<()>> + Send;

    /// VolumeList by labels (`key` or `key=value`).
    fn list_volumes(
        &self,
        labels: &[String],
    ) -> impl Future<Output = Result<Vec<VolumeDetails>>> + Send;
    /// VolumeInspect.
    fn inspect_volume(
        &self,
        name: &str,
    ) -> impl Future<Output = Result<Option<VolumeDetails>>> + Send;
    /// VolumeCreate.
    fn create_volume(
        &self,
        body: &VolumeCreate,
    ) -> impl Future<Output = Result<VolumeDetails>> + Send;
    /// VolumeDelete.
    fn remove_volume(&self, name: &str, force: bool) -> impl Future<Output = Result<()>> + Send;

    /// ImageInspect; with `platform` (`os/arch[/variant]`) only an image that serves it, also where
    /// the engine itself does not look at platforms.
    fn inspect_image(
        &self,
        reference: &str,
        platform: Option<&str>,
    ) -> impl Future<Output = Result<Option<Arc<ImageDetails>>>> + Send;
    /// ImageList by labels.
    fn list_images(
        &self,
        labels: &[String],
    ) -> impl Future<Output = Result<Vec<ImageSummary>>> + Send;
    /// ImageCreate from a registry, with the user's credentials for it.
    fn pull_image(
        &self,
        reference: &str,
        platform: Option<&str>,
    ) -> impl Future<Output = Result<Stream<PullProgress>>> + Send;
    /// ImagePush to its registry, with the user's credentials for it.
    fn push_image(
        &self,
        reference: &str,
    ) -> impl Future<Output = Result<Stream<PullProgress>>> + Send;
    /// Every credential for a registry that the user's configuration has; no call.
    fn known_credentials(&self) -> impl Future<Output = Vec<credentials::Credential>> + Send;
    /// ImageDelete.
    fn remove_image(&self, reference: &str, force: bool)
    -> impl Future<Output = Result<()>> + Send;

    /// SystemEvents. The stream is live when the call returns: what happens after it is in it.
    fn events(
        &self,
        filter: &EventFilter,
    ) -> impl Future<Output = Result<Stream<EventMessage>>> + Send;
}
