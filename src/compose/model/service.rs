//! A service (Compose Specification, Services).

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    BlkioConfig, Build, ByteSize, Command, CredentialSpec, Dependency, Deploy, Develop,
    DeviceMapping, DeviceRequest, Duration, EnvFile, Extends, Extensions, FileReference, Float,
    Healthcheck, Hook, Logging, ModelAttachment, Mount, NetworkAttachment, Port, Provider, Ulimit,
    is_default,
};

/// A service: one image, or a build, run as any number of equal containers.
///
/// Large parts that few services have are boxed.
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
    pub build: Option<Box<Build>>,
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
    pub deploy: Option<Box<Deploy>>,
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
    pub networks: BTreeMap<String, Option<Box<NetworkAttachment>>>,
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
