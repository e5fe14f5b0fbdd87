//! The engine itself, and its events.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

use super::null_default;

/// A version of the Engine API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApiVersion {
    /// Before the dot.
    pub major: u16,
    /// Behind the dot.
    pub minor: u16,
}

impl ApiVersion {
    /// Version `major.minor`.
    pub const fn new(major: u16, minor: u16) -> Self {
        Self { major, minor }
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl FromStr for ApiVersion {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let (major, minor) = text.split_once('.').unwrap_or((text, "0"));
        Ok(Self { major: major.parse()?, minor: minor.parse()? })
    }
}

/// What answers at an endpoint, as its ping said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The endpoint, as a URL.
    pub endpoint: String,
    /// Product and release, as the header `Server` has them: `Docker/28.5.2 (linux)`.
    pub server: String,
    /// The version in use: the lower of the engine's and ours.
    pub api_version: ApiVersion,
    /// Operating system of the guest (`linux`).
    pub os: String,
    /// Whether the engine itself prefers BuildKit (`Builder-Version: 2`, or nothing said on an
    /// engine that has it).
    pub buildkit: bool,
    /// Whether it is a swarm manager or worker.
    pub swarm_active: bool,
}

impl Description {
    /// Whether it is Podman, behind the routes of Docker's API.
    pub fn is_podman(&self) -> bool {
        self.server.starts_with("Libpod/")
    }
}

/// Answer of SystemVersion.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ServerVersion {
    /// The product, where it has a name.
    #[serde(deserialize_with = "null_default")]
    pub platform: ServerPlatform,
    /// Parts of the engine.
    #[serde(deserialize_with = "null_default")]
    pub components: Vec<ServerComponent>,
    /// Release.
    #[serde(deserialize_with = "null_default")]
    pub version: String,
    /// The newest version of the API it speaks.
    #[serde(deserialize_with = "null_default")]
    pub api_version: String,
    /// The oldest.
    #[serde(rename = "MinAPIVersion", deserialize_with = "null_default")]
    pub min_api_version: String,
    /// Operating system of the guest.
    #[serde(deserialize_with = "null_default")]
    pub os: String,
    /// CPU architecture, in Go's words.
    #[serde(deserialize_with = "null_default")]
    pub arch: String,
    /// Kernel of the guest.
    #[serde(deserialize_with = "null_default")]
    pub kernel_version: String,
}

/// The product an engine belongs to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ServerPlatform {
    /// `Docker Engine - Community`, `Docker Desktop 4.x (build)`, or empty.
    #[serde(deserialize_with = "null_default")]
    pub name: String,
}

/// A part of an engine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ServerComponent {
    /// Name (`Engine`, `Podman Engine`, `runc`).
    #[serde(deserialize_with = "null_default")]
    pub name: String,
    /// Release.
    #[serde(deserialize_with = "null_default")]
    pub version: String,
}

/// Answer of SystemInfo, as far as it tells what kind of engine this is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ServerInfo {
    /// Host name of the guest.
    #[serde(deserialize_with = "null_default")]
    pub name: String,
    /// The guest's system, as its `os-release` says.
    #[serde(deserialize_with = "null_default")]
    pub operating_system: String,
    /// CPU architecture, as `uname -m` says (`x86_64`).
    #[serde(deserialize_with = "null_default")]
    pub architecture: String,
    /// Kernel of the guest.
    #[serde(deserialize_with = "null_default")]
    pub kernel_version: String,
    /// Storage driver.
    #[serde(deserialize_with = "null_default")]
    pub driver: String,
    /// What the storage driver says of itself, in pairs.
    #[serde(deserialize_with = "null_default")]
    pub driver_status: Vec<Vec<String>>,
    /// Labels of the engine.
    #[serde(deserialize_with = "null_default")]
    pub labels: Vec<String>,
    /// `name=rootless` and the like.
    #[serde(deserialize_with = "null_default")]
    pub security_options: Vec<String>,
    /// CPUs of the guest.
    #[serde(rename = "NCPU", deserialize_with = "null_default")]
    pub cpus: i64,
    /// Memory of the guest in bytes.
    #[serde(deserialize_with = "null_default")]
    pub mem_total: i64,
    /// What gives control groups to containers: `cgroupfs` or `systemd`.
    #[serde(deserialize_with = "null_default")]
    pub cgroup_driver: String,
    /// Directory in the guest in which the engine keeps everything.
    #[serde(deserialize_with = "null_default")]
    pub docker_root_dir: String,
    /// What the engine warns of.
    #[serde(deserialize_with = "null_default")]
    pub warnings: Vec<String>,
    /// How it comes to images.
    #[serde(deserialize_with = "null_default")]
    pub registry_config: RegistryConfig,
}

/// How an engine comes to images.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct RegistryConfig {
    /// URLs of mirrors of Docker Hub, in the order in which they are tried before it.
    #[serde(deserialize_with = "null_default")]
    pub mirrors: Vec<String>,
    /// What is known of registries by host.
    #[serde(deserialize_with = "null_default")]
    pub index_configs: BTreeMap<String, IndexConfig>,
}

/// What an engine knows of a registry.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct IndexConfig {
    /// Whether it must prove who it is; one that need not may also speak no TLS.
    pub secure: bool,
}

impl Default for IndexConfig {
    fn default() -> Self {
        Self { secure: true }
    }
}

impl RegistryConfig {
    /// Whether a registry is one that the engine speaks to without TLS, by its host and port.
    pub fn is_insecure(&self, host: &str) -> bool {
        self.index_configs.get(host).is_some_and(|index| !index.secure)
    }
}

impl ServerInfo {
    /// Whether images are kept by containerd, several platforms under a name.
    pub fn has_containerd_store(&self) -> bool {
        self.driver_status.iter().flatten().any(|word| word == "io.containerd.snapshotter.v1")
    }
}

/// Answer of Podman's own `/libpod/info`, as far as it tells what its guest runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PodmanInfo {
    /// The guest.
    #[serde(deserialize_with = "null_default")]
    pub host: PodmanHost,
}

/// The guest of a Podman.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct PodmanHost {
    /// CPU architecture, in Go's words.
    #[serde(deserialize_with = "null_default")]
    pub arch: String,
    /// Operating system.
    #[serde(deserialize_with = "null_default")]
    pub os: String,
    /// Host name.
    #[serde(deserialize_with = "null_default")]
    pub hostname: String,
    /// Kernel.
    #[serde(deserialize_with = "null_default")]
    pub kernel: String,
    /// Memory in bytes.
    #[serde(deserialize_with = "null_default")]
    pub mem_total: i64,
    /// Platforms whose programs a handler of the kernel runs (`linux/arm64`); `None` where it does not say
    /// (before 4.8).
    pub emulated_architectures: Option<Vec<String>>,
}

/// Which events to follow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Kinds of things, such as `container`; empty for all.
    pub types: Vec<String>,
    /// Labels the thing must have, `key` or `key=value`.
    pub labels: Vec<String>,
    /// Actions, such as `die`; empty for all.
    pub actions: Vec<String>,
    /// When to begin: Unix time with nanoseconds (`1700000000.000000000`), or what people write for a
    /// time; empty for now.
    pub since: String,
    /// As `since`, to end at; empty to go on.
    pub until: String,
}

/// Something that happened to a thing.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct EventMessage {
    /// Kind of thing: `container`, `network`, …
    #[serde(rename = "Type", deserialize_with = "null_default")]
    pub kind: String,
    /// What happened: `start`, `die`, `health_status: healthy`, …
    #[serde(rename = "Action", deserialize_with = "null_default")]
    pub action: String,
    /// The thing.
    #[serde(rename = "Actor", deserialize_with = "null_default")]
    pub actor: EventActor,
    /// When, in nanoseconds since 1970.
    #[serde(rename = "timeNano", deserialize_with = "null_default")]
    pub time_nano: i64,
}

/// The thing that an event is about.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct EventActor {
    /// Id.
    #[serde(rename = "ID", deserialize_with = "null_default")]
    pub id: String,
    /// Labels, and what the kind adds (`name`, `image`, `exitCode`).
    #[serde(rename = "Attributes", deserialize_with = "null_default")]
    pub attributes: BTreeMap<String, String>,
}
