//! The calls of the engine in memory. Those that plans without hooks and pulls do not make are
//! refused.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt;
use tokio_stream::wrappers::UnboundedReceiverStream;

use super::{Simulation, refused};
use crate::engine::api::{
    AttachOptions, Commit, ContainerCreate, ContainerDetails, ContainerFilter, ContainerSummary,
    CreatedContainer, Description, EndpointSettings, EventFilter, EventMessage, ExecCreate,
    ExecDetails, ImageDetails, ImageSummary, LogOptions, NetworkCreate, NetworkDetails,
    OutputChunk, PathStat, PullProgress, RemoveContainer, ServerInfo, ServerVersion, TerminalSize,
    Unpack, VolumeCreate, VolumeDetails, WaitCondition,
};
use crate::engine::credentials::Credential;
use crate::engine::transport::Body;
use crate::engine::{Archive, Attached, Engine, Result, Stream};

fn unknown<T>() -> Result<T> {
    Err(refused("the simulation has no such call"))
}

impl Engine for Simulation {
    fn describe(&self) -> &Description {
        &self.description
    }

    async fn known_credentials(&self) -> Vec<Credential> {
        Vec::new()
    }

    async fn list_containers(
        &self,
        filter: &ContainerFilter,
    ) -> Result<Vec<Arc<ContainerSummary>>> {
        let rows: Vec<Arc<ContainerSummary>> = self
            .read(|state| state.containers.values().map(|it| Arc::new(it.summary())).collect())
            .await;
        Ok(rows
            .into_iter()
            .filter(|row| has_labels(&row.labels, &filter.labels))
            .filter(|row| filter.all || row.state == "running")
            .collect())
    }

    async fn inspect_container(&self, id: &str) -> Result<Option<ContainerDetails>> {
        Ok(self.read(|state| state.containers.get(id).map(super::state::Container::details)).await)
    }

    async fn create_container(
        &self,
        name: &str,
        _platform: Option<&str>,
        body: &ContainerCreate,
    ) -> Result<CreatedContainer> {
        let id = self.write(|state| state.create_container(name, body)).await?;
        Ok(CreatedContainer { id, warnings: Vec::new() })
    }

    async fn start_container(&self, id: &str) -> Result<()> {
        self.write(|state| state.start_container(id)).await
    }

    async fn stop_container(&self, id: &str, _timeout: Option<i64>) -> Result<()> {
        self.write(|state| state.stop_container(id)).await
    }

    async fn restart_container(&self, id: &str, _timeout: Option<i64>) -> Result<()> {
        self.write(|state| state.stop_container(id)).await?;
        self.write(|state| state.start_container(id)).await
    }

    async fn kill_container(&self, id: &str, _signal: Option<&str>) -> Result<()> {
        self.write(|state| state.stop_container(id)).await
    }

    async fn pause_container(&self, _id: &str) -> Result<()> {
        unknown()
    }

    async fn unpause_container(&self, _id: &str) -> Result<()> {
        unknown()
    }

    async fn remove_container(&self, id: &str, options: RemoveContainer) -> Result<()> {
        self.write(|state| state.remove_container(id, options.force)).await
    }

    async fn rename_container(&self, id: &str, name: &str) -> Result<()> {
        self.write(|state| state.rename_container(id, name)).await
    }

    async fn wait_container(&self, _id: &str, _condition: WaitCondition) -> Result<i64> {
        unknown()
    }

    async fn resize_container(&self, _id: &str, _size: TerminalSize) -> Result<()> {
        unknown()
    }

    async fn upload(&self, id: &str, _path: &str, _options: Unpack, _tar: Body) -> Result<()> {
        match self.inspect_container(id).await? {
            Some(_) => Ok(()),
            None => Err(crate::engine::EngineError::NotFound(id.to_owned())),
        }
    }

    async fn path_stat(&self, _id: &str, _path: &Path) -> Result<Option<PathStat>> {
        unknown()
    }

    async fn download(&self, _id: &str, _path: &Path) -> Result<Archive> {
        unknown()
    }

    async fn export_container(&self, _id: &str) -> Result<Stream<Bytes>> {
        unknown()
    }

    async fn commit_container(&self, _id: &str, _commit: &Commit) -> Result<String> {
        unknown()
    }

    async fn logs(&self, _id: &str, _options: &LogOptions) -> Result<Stream<OutputChunk>> {
        Ok(futures_util::stream::empty().boxed())
    }

    async fn attach(&self, _id: &str, _options: &AttachOptions) -> Result<Attached> {
        unknown()
    }

    async fn create_exec(&self, _container: &str, _body: &ExecCreate) -> Result<String> {
        unknown()
    }

    async fn start_exec(&self, _exec: &str, _tty: bool) -> Result<Attached> {
        unknown()
    }

    async fn start_exec_detached(&self, _exec: &str, _tty: bool) -> Result<()> {
        unknown()
    }

    async fn inspect_exec(&self, _exec: &str) -> Result<ExecDetails> {
        unknown()
    }

    async fn resize_exec(&self, _exec: &str, _size: TerminalSize) -> Result<()> {
        unknown()
    }

    async fn list_networks(&self, labels: &[String]) -> Result<Vec<NetworkDetails>> {
        let all: Vec<NetworkDetails> =
            self.read(|state| state.networks.values().cloned().collect()).await;
        Ok(all.into_iter().filter(|network| has_labels(&network.labels, labels)).collect())
    }

    async fn find_networks(&self, name: &str) -> Result<Vec<NetworkDetails>> {
        let all = self.list_networks(&[]).await?;
        Ok(all.into_iter().filter(|one| one.name == name || one.id == name).collect())
    }

    async fn inspect_network(&self, id: &str) -> Result<Option<NetworkDetails>> {
        Ok(self.find_networks(id).await?.pop())
    }

    async fn create_network(&self, body: &NetworkCreate) -> Result<String> {
        self.write(|state| state.create_network(body)).await
    }

    async fn remove_network(&self, id: &str) -> Result<()> {
        self.write(|state| state.remove_network(id)).await
    }

    async fn connect_network(
        &self,
        network: &str,
        container: &str,
        endpoint: &EndpointSettings,
    ) -> Result<()> {
        self.write(|state| state.connect(network, container, endpoint)).await
    }

    async fn disconnect_network(&self, network: &str, container: &str, _force: bool) -> Result<()> {
        self.write(|state| state.disconnect(network, container)).await
    }

    async fn list_volumes(&self, labels: &[String]) -> Result<Vec<VolumeDetails>> {
        let all: Vec<VolumeDetails> =
            self.read(|state| state.volumes.values().cloned().collect()).await;
        Ok(all.into_iter().filter(|volume| has_labels(&volume.labels, labels)).collect())
    }

    async fn inspect_volume(&self, name: &str) -> Result<Option<VolumeDetails>> {
        Ok(self.read(|state| state.volumes.get(name).cloned()).await)
    }

    async fn create_volume(&self, body: &VolumeCreate) -> Result<VolumeDetails> {
        self.write(|state| state.create_volume(body)).await
    }

    async fn remove_volume(&self, name: &str, _force: bool) -> Result<()> {
        self.write(|state| state.remove_volume(name)).await
    }

    async fn version(&self) -> Result<ServerVersion> {
        Ok(ServerVersion { os: "linux".into(), arch: "amd64".into(), ..ServerVersion::default() })
    }

    async fn info(&self) -> Result<ServerInfo> {
        Ok(ServerInfo { cpus: 2, ..ServerInfo::default() })
    }

    async fn inspect_image(
        &self,
        reference: &str,
        _platform: Option<&str>,
    ) -> Result<Option<Arc<ImageDetails>>> {
        self.delay().await;
        Ok((reference == "busybox").then(|| {
            ImageDetails { id: "sha256:busybox".into(), ..ImageDetails::default() }.into()
        }))
    }

    async fn list_images(&self, _labels: &[String]) -> Result<Vec<ImageSummary>> {
        Ok(Vec::new())
    }

    async fn pull_image(
        &self,
        _reference: &str,
        _platform: Option<&str>,
    ) -> Result<Stream<PullProgress>> {
        unknown()
    }

    async fn push_image(&self, _reference: &str) -> Result<Stream<PullProgress>> {
        unknown()
    }

    async fn remove_image(&self, _reference: &str, _force: bool) -> Result<()> {
        unknown()
    }

    async fn events(&self, _filter: &EventFilter) -> Result<Stream<EventMessage>> {
        self.delay().await;
        Ok(UnboundedReceiverStream::new(self.listen()).boxed())
    }
}

/// Whether a thing has all the labels of a filter, `key` or `key=value`.
fn has_labels(labels: &std::collections::BTreeMap<String, String>, wanted: &[String]) -> bool {
    let pairs: BTreeSet<String> =
        labels.iter().flat_map(|(key, value)| [key.clone(), format!("{key}={value}")]).collect();
    wanted.iter().all(|label| pairs.contains(label))
}
