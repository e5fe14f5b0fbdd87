//! A service and everything that is written inside one (Compose Specification, Services).

use std::collections::BTreeMap;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::{
    Build, ByteSize, Deploy, Develop, DeviceRequest, Duration, Extensions, FileMode, Float,
    is_default,
};

/// A service: one image, or a build, run as any number of equal containers.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Service {
    /// Name of the service, its key in `services`.
    #[serde(skip)]
    pub name: String,
    /// Profiles of which one must be active.
    #[serde(skip_serializing_if = "is_default")]
    pub profiles: Vec<String>,
    /// Annotations for the container's runtime.
    #[serde(skip_serializing_if = "is_default")]
    pub annotations: BTreeMap<String, String>,
    /// Whether `up` shows its log.
    #[serde(skip_serializing_if = "is_default")]
    pub attach: Option<bool>,
    /// How its image is built.
    #[serde(skip_serializing_if = "is_default")]
    pub build: Option<Build>,
    /// What `watch` does on file changes.
    #[serde(skip_serializing_if = "is_default")]
    pub develop: Option<Develop>,
    /// Block I/O limits.
    #[serde(skip_serializing_if = "is_default")]
    pub blkio_config: Option<BlkioConfig>,
    /// Capabilities to add.
    #[serde(skip_serializing_if = "is_default")]
    pub cap_add: Vec<String>,
    /// Capabilities to drop.
    #[serde(skip_serializing_if = "is_default")]
    pub cap_drop: Vec<String>,
    /// Parent of its cgroup.
    #[serde(skip_serializing_if = "is_default")]
    pub cgroup_parent: String,
    /// Cgroup namespace: `host` or `private`.
    #[serde(skip_serializing_if = "is_default")]
    pub cgroup: String,
    /// Number of usable CPUs.
    #[serde(skip_serializing_if = "is_default")]
    pub cpu_count: i64,
    /// Usable percentage of the CPUs.
    #[serde(skip_serializing_if = "is_default")]
    pub cpu_percent: Float,
    /// CFS period in microseconds.
    #[serde(skip_serializing_if = "is_default")]
    pub cpu_period: i64,
    /// CFS quota in microseconds.
    #[serde(skip_serializing_if = "is_default")]
    pub cpu_quota: i64,
    /// Real-time period in microseconds.
    #[serde(skip_serializing_if = "is_default")]
    pub cpu_rt_period: i64,
    /// Real-time runtime in microseconds.
    #[serde(skip_serializing_if = "is_default")]
    pub cpu_rt_runtime: i64,
    /// Number of CPUs, fractional.
    #[serde(skip_serializing_if = "is_default")]
    pub cpus: Float,
    /// CPUs it may run on.
    #[serde(skip_serializing_if = "is_default")]
    pub cpuset: String,
    /// Relative CPU weight.
    #[serde(skip_serializing_if = "is_default")]
    pub cpu_shares: i64,
    /// Overrides the image's command.
    pub command: Command,
    /// Configs it is granted.
    #[serde(skip_serializing_if = "is_default")]
    pub configs: Vec<FileReference>,
    /// Fixed container name.
    #[serde(skip_serializing_if = "is_default")]
    pub container_name: String,
    /// Credentials of a managed service account (Windows).
    #[serde(skip_serializing_if = "is_default")]
    pub credential_spec: Option<CredentialSpec>,
    /// What must be up before it.
    #[serde(skip_serializing_if = "is_default")]
    pub depends_on: BTreeMap<String, Dependency>,
    /// Replicas, resources and placement.
    #[serde(skip_serializing_if = "is_default")]
    pub deploy: Option<Deploy>,
    /// Device cgroup rules.
    #[serde(skip_serializing_if = "is_default")]
    pub device_cgroup_rules: Vec<String>,
    /// Devices mapped into it.
    #[serde(skip_serializing_if = "is_default")]
    pub devices: Vec<DeviceMapping>,
    /// DNS servers.
    #[serde(skip_serializing_if = "is_default")]
    pub dns: Vec<String>,
    /// Resolver options.
    #[serde(skip_serializing_if = "is_default")]
    pub dns_opt: Vec<String>,
    /// DNS search domains.
    #[serde(skip_serializing_if = "is_default")]
    pub dns_search: Vec<String>,
    /// NIS domain name.
    #[serde(skip_serializing_if = "is_default")]
    pub domainname: String,
    /// Overrides the image's entrypoint.
    pub entrypoint: Command,
    /// An external program that provides the service instead of containers.
    #[serde(skip_serializing_if = "is_default")]
    pub provider: Option<Provider>,
    /// Environment; `None` is a key that no one gave a value.
    #[serde(skip_serializing_if = "is_default")]
    pub environment: BTreeMap<String, Option<String>>,
    /// Files whose variables are added, until they are resolved.
    #[serde(skip_serializing_if = "is_default")]
    pub env_file: Vec<EnvFile>,
    /// Ports open to other services.
    #[serde(skip_serializing_if = "is_default")]
    pub expose: Vec<String>,
    /// What it was to start from; stays only if that is empty.
    #[serde(skip_serializing_if = "is_default")]
    pub extends: Option<Extends>,
    /// Links to containers outside the project.
    #[serde(skip_serializing_if = "is_default")]
    pub external_links: Vec<String>,
    /// Additional host names, each with its addresses.
    #[serde(skip_serializing_if = "is_default", serialize_with = "super::scalar_lists::hosts")]
    pub extra_hosts: BTreeMap<String, Vec<String>>,
    /// Additional groups.
    #[serde(skip_serializing_if = "is_default")]
    pub group_add: Vec<String>,
    /// GPUs it is given.
    #[serde(skip_serializing_if = "is_default")]
    pub gpus: Vec<DeviceRequest>,
    /// Host name.
    #[serde(skip_serializing_if = "is_default")]
    pub hostname: String,
    /// How its health is probed.
    #[serde(skip_serializing_if = "is_default")]
    pub healthcheck: Option<Healthcheck>,
    /// Image reference; empty when only built.
    #[serde(skip_serializing_if = "is_default")]
    pub image: String,
    /// Whether an init process is started first.
    #[serde(skip_serializing_if = "is_default")]
    pub init: Option<bool>,
    /// IPC namespace.
    #[serde(skip_serializing_if = "is_default")]
    pub ipc: String,
    /// Isolation technology (Windows).
    #[serde(skip_serializing_if = "is_default")]
    pub isolation: String,
    /// The user's labels.
    #[serde(skip_serializing_if = "is_default")]
    pub labels: BTreeMap<String, String>,
    /// Files of labels.
    #[serde(skip_serializing_if = "is_default")]
    pub label_file: Vec<String>,
    /// Links to other services.
    #[serde(skip_serializing_if = "is_default")]
    pub links: Vec<String>,
    /// Log driver.
    #[serde(skip_serializing_if = "is_default")]
    pub logging: Option<Logging>,
    /// Memory limit.
    #[serde(skip_serializing_if = "is_default")]
    pub mem_limit: ByteSize,
    /// Memory reservation.
    #[serde(skip_serializing_if = "is_default")]
    pub mem_reservation: ByteSize,
    /// Memory plus swap; -1 is unlimited.
    #[serde(skip_serializing_if = "is_default")]
    pub memswap_limit: ByteSize,
    /// Swappiness, 0 to 100.
    #[serde(skip_serializing_if = "is_default")]
    pub mem_swappiness: ByteSize,
    /// MAC address on the primary network.
    #[serde(skip_serializing_if = "is_default")]
    pub mac_address: String,
    /// Models it uses.
    #[serde(skip_serializing_if = "is_default")]
    pub models: BTreeMap<String, Option<ModelAttachment>>,
    /// Network mode, instead of networks.
    #[serde(skip_serializing_if = "is_default")]
    pub network_mode: String,
    /// Networks it joins.
    #[serde(skip_serializing_if = "is_default")]
    pub networks: BTreeMap<String, Option<NetworkAttachment>>,
    /// Whether the OOM killer spares it.
    #[serde(skip_serializing_if = "is_default")]
    pub oom_kill_disable: bool,
    /// OOM preference, -1000 to 1000.
    #[serde(skip_serializing_if = "is_default")]
    pub oom_score_adj: i64,
    /// PID namespace.
    #[serde(skip_serializing_if = "is_default")]
    pub pid: String,
    /// Limit of processes; -1 is unlimited.
    #[serde(skip_serializing_if = "is_default")]
    pub pids_limit: i64,
    /// Platform of the image to run, as written.
    #[serde(skip_serializing_if = "is_default")]
    pub platform: String,
    /// Published ports.
    #[serde(skip_serializing_if = "is_default")]
    pub ports: Vec<Port>,
    /// Whether it is privileged.
    #[serde(skip_serializing_if = "is_default")]
    pub privileged: bool,
    /// When its image is pulled.
    #[serde(skip_serializing_if = "is_default")]
    pub pull_policy: String,
    /// Whether its root file system is read-only.
    #[serde(skip_serializing_if = "is_default")]
    pub read_only: bool,
    /// Restart policy, as written.
    #[serde(skip_serializing_if = "is_default")]
    pub restart: String,
    /// OCI runtime.
    #[serde(skip_serializing_if = "is_default")]
    pub runtime: String,
    /// Number of containers.
    #[serde(skip_serializing_if = "is_default")]
    pub scale: Option<i64>,
    /// Secrets it is granted.
    #[serde(skip_serializing_if = "is_default")]
    pub secrets: Vec<FileReference>,
    /// Security options.
    #[serde(skip_serializing_if = "is_default")]
    pub security_opt: Vec<String>,
    /// Size of /dev/shm.
    #[serde(skip_serializing_if = "is_default")]
    pub shm_size: ByteSize,
    /// Whether standard input stays open.
    #[serde(skip_serializing_if = "is_default")]
    pub stdin_open: bool,
    /// How long it may take to stop.
    #[serde(skip_serializing_if = "is_default")]
    pub stop_grace_period: Option<Duration>,
    /// Signal that stops it.
    #[serde(skip_serializing_if = "is_default")]
    pub stop_signal: String,
    /// Storage driver options.
    #[serde(skip_serializing_if = "is_default")]
    pub storage_opt: BTreeMap<String, String>,
    /// Kernel parameters.
    #[serde(skip_serializing_if = "is_default")]
    pub sysctls: BTreeMap<String, String>,
    /// Temporary file systems, `path[:options]`.
    #[serde(skip_serializing_if = "is_default")]
    pub tmpfs: Vec<String>,
    /// Whether it has a terminal.
    #[serde(skip_serializing_if = "is_default")]
    pub tty: bool,
    /// Resource limits.
    #[serde(skip_serializing_if = "is_default")]
    pub ulimits: BTreeMap<String, Ulimit>,
    /// Whether it gets the engine's socket and the user's credentials.
    #[serde(skip_serializing_if = "is_default")]
    pub use_api_socket: bool,
    /// User it runs as.
    #[serde(skip_serializing_if = "is_default")]
    pub user: String,
    /// User namespace.
    #[serde(skip_serializing_if = "is_default")]
    pub userns_mode: String,
    /// UTS namespace.
    #[serde(skip_serializing_if = "is_default")]
    pub uts: String,
    /// Driver of anonymous volumes.
    #[serde(skip_serializing_if = "is_default")]
    pub volume_driver: String,
    /// Mounts.
    #[serde(skip_serializing_if = "is_default")]
    pub volumes: Vec<Mount>,
    /// Containers whose mounts it takes over.
    #[serde(skip_serializing_if = "is_default")]
    pub volumes_from: Vec<String>,
    /// Working directory.
    #[serde(skip_serializing_if = "is_default")]
    pub working_dir: String,
    /// Run before its containers start.
    #[serde(skip_serializing_if = "is_default")]
    pub pre_start: Vec<Hook>,
    /// Run after a container started.
    #[serde(skip_serializing_if = "is_default")]
    pub post_start: Vec<Hook>,
    /// Run before a container stops.
    #[serde(skip_serializing_if = "is_default")]
    pub pre_stop: Vec<Hook>,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

impl Service {
    /// How many containers it shall have: `scale`, else `deploy.replicas`, else one.
    pub fn replicas(&self) -> i64 {
        let deployed = || self.deploy.as_ref().and_then(|deploy| deploy.replicas);
        self.scale.or_else(deployed).unwrap_or(1)
    }
}

/// Block I/O limits.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct BlkioConfig {
    /// Relative weight, 10 to 1000.
    #[serde(skip_serializing_if = "is_default")]
    pub weight: u16,
    /// Weight per device.
    #[serde(skip_serializing_if = "is_default")]
    pub weight_device: Vec<WeightDevice>,
    /// Read limit per device in bytes per second.
    #[serde(skip_serializing_if = "is_default")]
    pub device_read_bps: Vec<ThrottleDevice>,
    /// Read limit per device in operations per second.
    #[serde(skip_serializing_if = "is_default")]
    pub device_read_iops: Vec<ThrottleDevice>,
    /// Write limit per device in bytes per second.
    #[serde(skip_serializing_if = "is_default")]
    pub device_write_bps: Vec<ThrottleDevice>,
    /// Write limit per device in operations per second.
    #[serde(skip_serializing_if = "is_default")]
    pub device_write_iops: Vec<ThrottleDevice>,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// A weight for one device.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct WeightDevice {
    /// Path of the device.
    #[serde(skip_serializing_if = "is_default", rename = "Path")]
    pub path: String,
    /// Relative weight.
    #[serde(skip_serializing_if = "is_default", rename = "Weight")]
    pub weight: u16,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// A rate for one device.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ThrottleDevice {
    /// Path of the device.
    #[serde(skip_serializing_if = "is_default", rename = "Path")]
    pub path: String,
    /// Bytes or operations per second.
    #[serde(skip_serializing_if = "is_default", rename = "Rate")]
    pub rate: ByteSize,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// A config or secret granted to a service.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct FileReference {
    /// Key in the top-level section.
    #[serde(skip_serializing_if = "is_default")]
    pub source: String,
    /// Path or name in the container.
    #[serde(skip_serializing_if = "is_default")]
    pub target: String,
    /// Owner.
    #[serde(skip_serializing_if = "is_default")]
    pub uid: String,
    /// Group.
    #[serde(skip_serializing_if = "is_default")]
    pub gid: String,
    /// Permission bits.
    #[serde(skip_serializing_if = "is_default")]
    pub mode: Option<FileMode>,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// Credentials of a managed service account.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct CredentialSpec {
    /// A config that holds them.
    #[serde(skip_serializing_if = "is_default")]
    pub config: String,
    /// A file that holds them.
    #[serde(skip_serializing_if = "is_default")]
    pub file: String,
    /// A registry value that holds them.
    #[serde(skip_serializing_if = "is_default")]
    pub registry: String,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// What one service waits for in another.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Dependency {
    /// The state to reach.
    pub condition: DependencyCondition,
    /// Whether a restart of the other restarts this one.
    #[serde(skip_serializing_if = "is_default")]
    pub restart: bool,
    /// Whether it is an error if the other is missing or fails.
    pub required: bool,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// A device mapped into a container.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct DeviceMapping {
    /// Path on the host, or a CDI name.
    #[serde(skip_serializing_if = "is_default")]
    pub source: String,
    /// Path in the container.
    #[serde(skip_serializing_if = "is_default")]
    pub target: String,
    /// `r`, `w`, `m`.
    #[serde(skip_serializing_if = "is_default")]
    pub permissions: String,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// A service that another one starts from.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Extends {
    /// The file it is in; empty for the same file.
    #[serde(skip_serializing_if = "is_default")]
    pub file: String,
    /// Its name.
    #[serde(skip_serializing_if = "is_default")]
    pub service: String,
}

/// An external program that provides a service.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Provider {
    /// Name of the program.
    #[serde(skip_serializing_if = "is_default")]
    pub r#type: String,
    /// Its options.
    #[serde(skip_serializing_if = "is_default")]
    pub options: BTreeMap<String, Vec<String>>,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// A file of environment variables. Serialised as its path alone if it must exist.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EnvFile {
    /// Path.
    pub path: String,
    /// Whether it must exist.
    pub required: bool,
    /// `raw`, or empty for dotenv.
    pub format: String,
}

impl Serialize for EnvFile {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.required {
            return serializer.serialize_str(&self.path);
        }
        let mut record = serializer.serialize_struct("EnvFile", 3)?;
        record.serialize_field("path", &self.path)?;
        record.serialize_field("required", &self.required)?;
        if !self.format.is_empty() {
            record.serialize_field("format", &self.format)?;
        }
        record.end()
    }
}

/// How health is probed.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Healthcheck {
    /// Command, first item `CMD`, `CMD-SHELL` or `NONE`.
    #[serde(skip_serializing_if = "is_default")]
    pub test: Vec<String>,
    /// Longest time of one probe.
    #[serde(skip_serializing_if = "is_default")]
    pub timeout: Option<Duration>,
    /// Time between probes.
    #[serde(skip_serializing_if = "is_default")]
    pub interval: Option<Duration>,
    /// Failures in a row that make it unhealthy.
    #[serde(skip_serializing_if = "is_default")]
    pub retries: Option<u64>,
    /// Time in which failures do not count.
    #[serde(skip_serializing_if = "is_default")]
    pub start_period: Option<Duration>,
    /// Time between probes in the start period.
    #[serde(skip_serializing_if = "is_default")]
    pub start_interval: Option<Duration>,
    /// Whether the image's healthcheck is switched off.
    #[serde(skip_serializing_if = "is_default")]
    pub disable: bool,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// Log driver of a container.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Logging {
    /// Name.
    #[serde(skip_serializing_if = "is_default")]
    pub driver: String,
    /// Options.
    #[serde(skip_serializing_if = "is_default")]
    pub options: BTreeMap<String, String>,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// How a service is told of a model.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ModelAttachment {
    /// Variable that takes the endpoint.
    #[serde(skip_serializing_if = "is_default")]
    pub endpoint_var: String,
    /// Variable that takes the name.
    #[serde(skip_serializing_if = "is_default")]
    pub model_var: String,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// How a service joins a network.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct NetworkAttachment {
    /// Additional names on it.
    #[serde(skip_serializing_if = "is_default")]
    pub aliases: Vec<String>,
    /// Driver options of the endpoint.
    #[serde(skip_serializing_if = "is_default")]
    pub driver_opts: BTreeMap<String, String>,
    /// Which network gives the default gateway; the highest does.
    #[serde(skip_serializing_if = "is_default")]
    pub gw_priority: i64,
    /// Name of the interface in the container.
    #[serde(skip_serializing_if = "is_default")]
    pub interface_name: String,
    /// Fixed IPv4 address.
    #[serde(skip_serializing_if = "is_default")]
    pub ipv4_address: String,
    /// Fixed IPv6 address.
    #[serde(skip_serializing_if = "is_default")]
    pub ipv6_address: String,
    /// Link-local addresses.
    #[serde(skip_serializing_if = "is_default")]
    pub link_local_ips: Vec<String>,
    /// MAC address.
    #[serde(skip_serializing_if = "is_default")]
    pub mac_address: String,
    /// Order in which networks are joined, highest first.
    #[serde(skip_serializing_if = "is_default")]
    pub priority: i64,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// A published port.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Port {
    /// Name.
    #[serde(skip_serializing_if = "is_default")]
    pub name: String,
    /// `ingress` or `host`.
    #[serde(skip_serializing_if = "is_default")]
    pub mode: String,
    /// Address on the host.
    #[serde(skip_serializing_if = "is_default")]
    pub host_ip: String,
    /// Port in the container.
    #[serde(skip_serializing_if = "is_default")]
    pub target: u32,
    /// Port or range on the host, empty for any.
    #[serde(skip_serializing_if = "is_default")]
    pub published: String,
    /// `tcp`, `udp` or `sctp`.
    #[serde(skip_serializing_if = "is_default")]
    pub protocol: String,
    /// Protocol spoken over it.
    #[serde(skip_serializing_if = "is_default")]
    pub app_protocol: String,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// A mount of a service.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Mount {
    /// `bind`, `volume`, `tmpfs`, `image`, `npipe` or `cluster`.
    #[serde(skip_serializing_if = "is_default")]
    pub r#type: String,
    /// Path, volume key, image; empty for an anonymous volume.
    #[serde(skip_serializing_if = "is_default")]
    pub source: String,
    /// Path in the container.
    #[serde(skip_serializing_if = "is_default")]
    pub target: String,
    /// Whether it is read-only.
    #[serde(skip_serializing_if = "is_default")]
    pub read_only: bool,
    /// Kept, without effect.
    #[serde(skip_serializing_if = "is_default")]
    pub consistency: String,
    /// Options of a bind.
    #[serde(skip_serializing_if = "is_default")]
    pub bind: Option<MountBind>,
    /// Options of a volume.
    #[serde(skip_serializing_if = "is_default")]
    pub volume: Option<MountVolume>,
    /// Options of a tmpfs.
    #[serde(skip_serializing_if = "is_default")]
    pub tmpfs: Option<MountTmpfs>,
    /// Options of an image.
    #[serde(skip_serializing_if = "is_default")]
    pub image: Option<MountImage>,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// Options of a bind mount.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct MountBind {
    /// `z` or `Z`.
    #[serde(skip_serializing_if = "is_default")]
    pub selinux: String,
    /// Propagation mode.
    #[serde(skip_serializing_if = "is_default")]
    pub propagation: String,
    /// Whether a missing source is created as a directory; `None` is not written, which Docker
    /// Compose 2 takes for no, and 5 for yes.
    #[serde(skip_serializing_if = "is_default")]
    pub create_host_path: Option<bool>,
    /// `enabled`, `disabled`, `writable` or `readonly`.
    #[serde(skip_serializing_if = "is_default")]
    pub recursive: String,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// Options of a volume mount.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct MountVolume {
    /// Labels of the anonymous volume.
    #[serde(skip_serializing_if = "is_default")]
    pub labels: BTreeMap<String, String>,
    /// Whether the image's content is not copied into an empty volume.
    #[serde(skip_serializing_if = "is_default")]
    pub nocopy: bool,
    /// Path inside the volume.
    #[serde(skip_serializing_if = "is_default")]
    pub subpath: String,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// Options of a tmpfs mount.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct MountTmpfs {
    /// Size.
    #[serde(skip_serializing_if = "is_default")]
    pub size: ByteSize,
    /// Permission bits, serialised as a plain number.
    #[serde(skip_serializing_if = "is_default")]
    pub mode: u32,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// Options of an image mount.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct MountImage {
    /// Path inside the image.
    #[serde(skip_serializing_if = "is_default")]
    pub subpath: String,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// A command run at a point of a container's life.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Hook {
    /// The command.
    pub command: Command,
    /// Image it runs in (`pre_start` only).
    #[serde(skip_serializing_if = "is_default")]
    pub image: String,
    /// User.
    #[serde(skip_serializing_if = "is_default")]
    pub user: String,
    /// Whether privileged.
    #[serde(skip_serializing_if = "is_default")]
    pub privileged: bool,
    /// Working directory.
    #[serde(skip_serializing_if = "is_default")]
    pub working_dir: String,
    /// Environment.
    #[serde(skip_serializing_if = "is_default")]
    pub environment: BTreeMap<String, Option<String>>,
    /// Whether it runs for every replica (`pre_start` only).
    #[serde(skip_serializing_if = "is_default")]
    pub per_replica: bool,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// A command line: `None` is not written, an empty list is written empty.
pub type Command = Option<Vec<String>>;

/// The state that a dependency must reach (Compose Specification, `depends_on`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DependencyCondition {
    /// Its containers were started.
    #[default]
    ServiceStarted,
    /// All its containers are healthy.
    ServiceHealthy,
    /// A container of it ran to its end and exited with 0.
    ServiceCompletedSuccessfully,
}

impl DependencyCondition {
    /// As it is written in a file and in the `depends_on` label.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ServiceStarted => "service_started",
            Self::ServiceHealthy => "service_healthy",
            Self::ServiceCompletedSuccessfully => "service_completed_successfully",
        }
    }
}

/// A resource limit: one number for both, or a soft and a hard one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Ulimit {
    /// The same soft and hard limit.
    Single(i64),
    /// Different limits; zero parts are not serialised.
    Range {
        /// Soft limit.
        #[serde(skip_serializing_if = "is_default")]
        soft: i64,
        /// Hard limit.
        #[serde(skip_serializing_if = "is_default")]
        hard: i64,
    },
}

impl Default for Ulimit {
    fn default() -> Self {
        Self::Single(0)
    }
}
