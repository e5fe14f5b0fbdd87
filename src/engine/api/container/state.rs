//! What the engine says of a container.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::create::{ContainerCreate, EndpointSettings};
use super::host::HostConfig;
use super::mount::MountDetails;
use crate::engine::api::{ImagePlatform, null_default};

/// A row of ContainerList.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ContainerSummary {
    /// Id.
    #[serde(deserialize_with = "null_default")]
    pub id: String,
    /// Names, each with a leading slash.
    #[serde(deserialize_with = "null_default")]
    pub names: Vec<String>,
    /// Image as it was named.
    #[serde(deserialize_with = "null_default")]
    pub image: String,
    /// Image id.
    #[serde(rename = "ImageID", deserialize_with = "null_default")]
    pub image_id: String,
    /// Command line.
    #[serde(deserialize_with = "null_default")]
    pub command: String,
    /// Seconds since 1970.
    #[serde(deserialize_with = "null_default")]
    pub created: i64,
    /// Ports.
    #[serde(deserialize_with = "null_default")]
    pub ports: Vec<PublishedPort>,
    /// Bytes written; 0 when not asked for.
    #[serde(deserialize_with = "null_default")]
    pub size_rw: i64,
    /// Labels.
    #[serde(deserialize_with = "null_default")]
    pub labels: BTreeMap<String, String>,
    /// `created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`.
    #[serde(deserialize_with = "null_default")]
    pub state: String,
    /// State for people.
    #[serde(deserialize_with = "null_default")]
    pub status: String,
    /// Mounts.
    #[serde(deserialize_with = "null_default")]
    pub mounts: Vec<MountDetails>,
    /// Its networks.
    #[serde(deserialize_with = "null_default")]
    pub network_settings: SummaryNetworks,
    /// Which part of an image that is kept for several platforms it was made from (API 1.48).
    pub image_manifest_descriptor: Option<ManifestDescriptor>,
}

impl ContainerSummary {
    /// The name without the leading slash; not one of those that it has as a link of another
    /// container (`/other/alias`).
    pub fn name(&self) -> &str {
        let mut names = self.names.iter().map(|name| name.trim_start_matches('/'));
        let first = names.clone().next().unwrap_or_default();
        names.find(|name| !name.contains('/')).unwrap_or(first)
    }
}

/// A part of an image.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ManifestDescriptor {
    /// Its platform.
    pub platform: Option<ImagePlatform>,
}

/// Networks of a container.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct SummaryNetworks {
    /// By network name.
    #[serde(deserialize_with = "null_default")]
    pub networks: BTreeMap<String, EndpointSettings>,
}

/// A port of a container.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct PublishedPort {
    /// Address on the host.
    #[serde(rename = "IP", deserialize_with = "null_default")]
    pub ip: String,
    /// Port in the container.
    #[serde(deserialize_with = "null_default")]
    pub private_port: u16,
    /// Port on the host; 0 when not published.
    #[serde(deserialize_with = "null_default")]
    pub public_port: u16,
    /// Protocol.
    #[serde(deserialize_with = "null_default")]
    pub r#type: String,
}

/// Answer of ContainerInspect.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ContainerDetails {
    /// Id.
    #[serde(deserialize_with = "null_default")]
    pub id: String,
    /// Name, with a leading slash.
    #[serde(deserialize_with = "null_default")]
    pub name: String,
    /// RFC 3339.
    #[serde(deserialize_with = "null_default")]
    pub created: String,
    /// Operating system.
    #[serde(deserialize_with = "null_default")]
    pub platform: String,
    /// Image id.
    #[serde(deserialize_with = "null_default")]
    pub image: String,
    /// Program of its first process.
    #[serde(deserialize_with = "null_default")]
    pub path: String,
    /// The program's arguments.
    #[serde(deserialize_with = "null_default")]
    pub args: Vec<String>,
    /// State.
    #[serde(deserialize_with = "null_default")]
    pub state: ContainerState,
    /// Restarts by policy.
    #[serde(deserialize_with = "null_default")]
    pub restart_count: i64,
    /// What it was made from.
    #[serde(deserialize_with = "null_default")]
    pub config: ContainerCreate,
    /// What depends on the host.
    #[serde(deserialize_with = "null_default")]
    pub host_config: HostConfig,
    /// Mounts.
    #[serde(deserialize_with = "null_default")]
    pub mounts: Vec<MountDetails>,
    /// Its networks.
    #[serde(deserialize_with = "null_default")]
    pub network_settings: SummaryNetworks,
    /// Which part of an image that is kept for several platforms it was made from (API 1.48).
    pub image_manifest_descriptor: Option<ManifestDescriptor>,
}

/// State of a container.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ContainerState {
    /// `running` and so on.
    #[serde(deserialize_with = "null_default")]
    pub status: String,
    /// Whether it runs.
    #[serde(deserialize_with = "null_default")]
    pub running: bool,
    /// Whether it is paused.
    #[serde(deserialize_with = "null_default")]
    pub paused: bool,
    /// Whether its policy is restarting it.
    #[serde(deserialize_with = "null_default")]
    pub restarting: bool,
    /// Whether the OOM killer ended it.
    #[serde(rename = "OOMKilled", deserialize_with = "null_default")]
    pub oom_killed: bool,
    /// Process id.
    #[serde(deserialize_with = "null_default")]
    pub pid: i64,
    /// Exit code.
    #[serde(deserialize_with = "null_default")]
    pub exit_code: i64,
    /// Why it did not start.
    #[serde(deserialize_with = "null_default")]
    pub error: String,
    /// RFC 3339.
    #[serde(deserialize_with = "null_default")]
    pub started_at: String,
    /// RFC 3339.
    #[serde(deserialize_with = "null_default")]
    pub finished_at: String,
    /// Health, when it is probed.
    pub health: Option<Health>,
}

/// Health of a container.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Health {
    /// `starting`, `healthy`, `unhealthy` or `none`.
    #[serde(deserialize_with = "null_default")]
    pub status: String,
    /// Failures in a row.
    #[serde(deserialize_with = "null_default")]
    pub failing_streak: i64,
    /// The last probes.
    #[serde(deserialize_with = "null_default")]
    pub log: Vec<HealthProbe>,
}

/// One probe.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct HealthProbe {
    /// RFC 3339.
    #[serde(deserialize_with = "null_default")]
    pub start: String,
    /// RFC 3339.
    #[serde(deserialize_with = "null_default")]
    pub end: String,
    /// 0 is healthy.
    #[serde(deserialize_with = "null_default")]
    pub exit_code: i64,
    /// What it printed.
    #[serde(deserialize_with = "null_default")]
    pub output: String,
}
