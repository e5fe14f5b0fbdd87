//! Containers: what is sent to make one, and what the engine says of one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{is_default, null_default};

/// Body of ContainerCreate.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ContainerCreate {
    /// Host name.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub hostname: String,
    /// NIS domain name.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub domainname: String,
    /// User.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub user: String,
    /// Whether the creator will attach to standard input.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub attach_stdin: bool,
    /// Whether the creator will attach to standard output.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub attach_stdout: bool,
    /// Whether the creator will attach to standard error.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub attach_stderr: bool,
    /// Ports exposed, `80/tcp`.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub exposed_ports: BTreeMap<String, EmptyObject>,
    /// Whether it has a terminal.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub tty: bool,
    /// Whether standard input stays open.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub open_stdin: bool,
    /// Whether standard input closes after the first client.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub stdin_once: bool,
    /// `KEY=value`, or `KEY` to unset.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub env: Vec<String>,
    /// Command.
    #[serde(skip_serializing_if = "is_default")]
    pub cmd: Option<Vec<String>>,
    /// Healthcheck.
    #[serde(skip_serializing_if = "is_default")]
    pub healthcheck: Option<HealthConfig>,
    /// Image reference.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub image: String,
    /// Working directory.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub working_dir: String,
    /// Entrypoint.
    #[serde(skip_serializing_if = "is_default")]
    pub entrypoint: Option<Vec<String>>,
    /// Whether it has no network at all.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub network_disabled: bool,
    /// MAC address; engines before API 1.44.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub mac_address: String,
    /// Labels.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub labels: BTreeMap<String, String>,
    /// Signal that stops it.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub stop_signal: String,
    /// Seconds it may take to stop.
    #[serde(skip_serializing_if = "is_default")]
    pub stop_timeout: Option<i64>,
    /// What depends on the host.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub host_config: HostConfig,
    /// Networks it joins from the start.
    #[serde(skip_serializing_if = "is_default")]
    pub networking_config: Option<NetworkingConfig>,
}

/// The part of a container that depends on the host.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct HostConfig {
    /// `source:target[:options]`.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub binds: Vec<String>,
    /// Log driver.
    #[serde(skip_serializing_if = "is_default")]
    pub log_config: Option<LogConfig>,
    /// Network mode.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub network_mode: String,
    /// Published ports by `80/tcp`.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub port_bindings: BTreeMap<String, Vec<PortBinding>>,
    /// Restart policy.
    #[serde(skip_serializing_if = "is_default")]
    pub restart_policy: Option<RestartPolicy>,
    /// Whether it is removed when it ends.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub auto_remove: bool,
    /// Driver of its anonymous volumes.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub volume_driver: String,
    /// Containers whose mounts it takes over.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub volumes_from: Vec<String>,
    /// Mounts.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub mounts: Vec<MountSpec>,
    /// Capabilities to add.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub cap_add: Vec<String>,
    /// Capabilities to drop.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub cap_drop: Vec<String>,
    /// Cgroup namespace.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub cgroupns_mode: String,
    /// DNS servers.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub dns: Vec<String>,
    /// Resolver options.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub dns_options: Vec<String>,
    /// DNS search domains.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub dns_search: Vec<String>,
    /// `host:address`.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub extra_hosts: Vec<String>,
    /// Groups.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub group_add: Vec<String>,
    /// IPC namespace.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub ipc_mode: String,
    /// Cgroup.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub cgroup: String,
    /// Links.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub links: Vec<String>,
    /// OOM preference.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub oom_score_adj: i64,
    /// PID namespace.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub pid_mode: String,
    /// Whether privileged.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub privileged: bool,
    /// Whether the root file system is read-only.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub readonly_rootfs: bool,
    /// Security options.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub security_opt: Vec<String>,
    /// Storage driver options.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub storage_opt: BTreeMap<String, String>,
    /// Temporary file systems: path to options.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub tmpfs: BTreeMap<String, String>,
    /// UTS namespace.
    #[serde(
        rename = "UTSMode",
        skip_serializing_if = "is_default",
        deserialize_with = "null_default"
    )]
    pub uts_mode: String,
    /// User namespace.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub userns_mode: String,
    /// Size of /dev/shm in bytes.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub shm_size: i64,
    /// Kernel parameters.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub sysctls: BTreeMap<String, String>,
    /// OCI runtime.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub runtime: String,
    /// Isolation (Windows).
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub isolation: String,
    /// Annotations for the runtime.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub annotations: BTreeMap<String, String>,
    /// CPU weight.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub cpu_shares: i64,
    /// Memory limit in bytes.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub memory: i64,
    /// CPUs in units of 1e-9.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub nano_cpus: i64,
    /// Parent cgroup.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub cgroup_parent: String,
    /// Block I/O weight.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub blkio_weight: u16,
    /// Block I/O weight per device.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub blkio_weight_device: Vec<BlkioWeight>,
    /// Read limit in bytes per second.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub blkio_device_read_bps: Vec<BlkioDevice>,
    /// Write limit in bytes per second.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub blkio_device_write_bps: Vec<BlkioDevice>,
    /// Read limit in operations per second.
    #[serde(
        rename = "BlkioDeviceReadIOps",
        skip_serializing_if = "is_default",
        deserialize_with = "null_default"
    )]
    pub blkio_device_read_iops: Vec<BlkioDevice>,
    /// Write limit in operations per second.
    #[serde(
        rename = "BlkioDeviceWriteIOps",
        skip_serializing_if = "is_default",
        deserialize_with = "null_default"
    )]
    pub blkio_device_write_iops: Vec<BlkioDevice>,
    /// CFS period in microseconds.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub cpu_period: i64,
    /// CFS quota in microseconds.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub cpu_quota: i64,
    /// Real-time period in microseconds.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub cpu_realtime_period: i64,
    /// Real-time runtime in microseconds.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub cpu_realtime_runtime: i64,
    /// CPUs it may run on.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub cpuset_cpus: String,
    /// Devices.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub devices: Vec<DeviceMapping>,
    /// Device cgroup rules.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub device_cgroup_rules: Vec<String>,
    /// Devices by capability.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub device_requests: Vec<DeviceRequest>,
    /// Memory reservation in bytes.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub memory_reservation: i64,
    /// Memory plus swap in bytes.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub memory_swap: i64,
    /// Swappiness.
    #[serde(skip_serializing_if = "is_default")]
    pub memory_swappiness: Option<i64>,
    /// Whether the OOM killer spares it.
    #[serde(skip_serializing_if = "is_default")]
    pub oom_kill_disable: Option<bool>,
    /// Whether an init process is started.
    #[serde(skip_serializing_if = "is_default")]
    pub init: Option<bool>,
    /// Limit of processes.
    #[serde(skip_serializing_if = "is_default")]
    pub pids_limit: Option<i64>,
    /// Resource limits.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub ulimits: Vec<Ulimit>,
    /// CPUs (Windows).
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub cpu_count: i64,
    /// CPU percentage (Windows), in units of 0.01.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub cpu_percent: i64,
    /// Paths hidden; `None` is the engine's default.
    #[serde(skip_serializing_if = "is_default")]
    pub masked_paths: Option<Vec<String>>,
    /// Paths made read-only; `None` is the engine's default.
    #[serde(skip_serializing_if = "is_default")]
    pub readonly_paths: Option<Vec<String>>,
}

/// A healthcheck; times in nanoseconds, zero for the engine's default.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct HealthConfig {
    /// Command.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub test: Vec<String>,
    /// Time between probes.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub interval: i64,
    /// Longest time of one probe.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub timeout: i64,
    /// Time in which failures do not count.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub start_period: i64,
    /// Time between probes in the start period; API 1.44.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub start_interval: i64,
    /// Failures in a row that make it unhealthy.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub retries: i64,
}

/// Log driver.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct LogConfig {
    /// Name.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub r#type: String,
    /// Options.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub config: BTreeMap<String, String>,
}

/// Where a port is published.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct PortBinding {
    /// Address on the host.
    #[serde(deserialize_with = "null_default")]
    pub host_ip: String,
    /// Port on the host, empty for any.
    #[serde(deserialize_with = "null_default")]
    pub host_port: String,
}

/// Restart policy.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct RestartPolicy {
    /// `no`, `always`, `unless-stopped`, `on-failure` or empty.
    #[serde(deserialize_with = "null_default")]
    pub name: String,
    /// Attempts for `on-failure`.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub maximum_retry_count: i64,
}

/// A mount.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct MountSpec {
    /// Type.
    #[serde(deserialize_with = "null_default")]
    pub r#type: String,
    /// Source.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub source: String,
    /// Path in the container.
    #[serde(deserialize_with = "null_default")]
    pub target: String,
    /// Whether read-only.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub read_only: bool,
    /// Consistency.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub consistency: String,
    /// Of a bind.
    #[serde(skip_serializing_if = "is_default")]
    pub bind_options: Option<MountBindOptions>,
    /// Of a volume.
    #[serde(skip_serializing_if = "is_default")]
    pub volume_options: Option<MountVolumeOptions>,
    /// Of a tmpfs.
    #[serde(skip_serializing_if = "is_default")]
    pub tmpfs_options: Option<MountTmpfsOptions>,
    /// Of an image.
    #[serde(skip_serializing_if = "is_default")]
    pub image_options: Option<MountImageOptions>,
}

/// Options of a bind.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct MountBindOptions {
    /// Propagation.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub propagation: String,
    /// Whether a missing source is created.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub create_mountpoint: bool,
    /// Whether submounts are left out.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub non_recursive: bool,
    /// Whether submounts stay writable.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub read_only_non_recursive: bool,
    /// Whether submounts must become read-only.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub read_only_force_recursive: bool,
}

/// Options of a volume.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct MountVolumeOptions {
    /// Whether the image's content is not copied.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub no_copy: bool,
    /// Labels of an anonymous volume.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub labels: BTreeMap<String, String>,
    /// Path inside the volume.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub subpath: String,
}

/// Options of a tmpfs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct MountTmpfsOptions {
    /// Size.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub size_bytes: i64,
    /// Permission bits.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub mode: u32,
}

/// Options of an image mount.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct MountImageOptions {
    /// Path inside the image.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub subpath: String,
}

/// Block I/O weight of a device.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct BlkioWeight {
    /// Device.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub path: String,
    /// Weight.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub weight: u16,
}

/// Block I/O limit of a device.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct BlkioDevice {
    /// Device.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub path: String,
    /// Rate.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub rate: i64,
}

/// A device.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DeviceMapping {
    /// Path on the host.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub path_on_host: String,
    /// Path in the container.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub path_in_container: String,
    /// `rwm`.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub cgroup_permissions: String,
}

/// Devices by capability.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DeviceRequest {
    /// Driver.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub driver: String,
    /// How many; -1 is all.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub count: i64,
    /// Which.
    #[serde(
        rename = "DeviceIDs",
        skip_serializing_if = "is_default",
        deserialize_with = "null_default"
    )]
    pub device_ids: Vec<String>,
    /// Alternatives of capabilities.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub capabilities: Vec<Vec<String>>,
    /// Driver options.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub options: BTreeMap<String, String>,
}

/// A resource limit.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Ulimit {
    /// Name.
    #[serde(deserialize_with = "null_default")]
    pub name: String,
    /// Soft limit.
    #[serde(deserialize_with = "null_default")]
    pub soft: i64,
    /// Hard limit.
    #[serde(deserialize_with = "null_default")]
    pub hard: i64,
}

/// Networks a container joins from the start.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct NetworkingConfig {
    /// By network name.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub endpoints_config: BTreeMap<String, EndpointSettings>,
}

/// How a container joins a network, and what it got there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct EndpointSettings {
    /// Fixed addresses.
    #[serde(rename = "IPAMConfig", skip_serializing_if = "is_default")]
    pub ipam_config: Option<EndpointIpam>,
    /// Links.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub links: Vec<String>,
    /// MAC address.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub mac_address: String,
    /// Names on the network.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub aliases: Vec<String>,
    /// Driver options.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub driver_opts: BTreeMap<String, String>,
    /// Priority as the default gateway; API 1.48.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub gw_priority: i64,
    /// Id of the network.
    #[serde(
        rename = "NetworkID",
        skip_serializing_if = "is_default",
        deserialize_with = "null_default"
    )]
    pub network_id: String,
    /// IPv4 address.
    #[serde(
        rename = "IPAddress",
        skip_serializing_if = "is_default",
        deserialize_with = "null_default"
    )]
    pub ip_address: String,
}

/// Fixed addresses.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct EndpointIpam {
    /// IPv4 address.
    #[serde(
        rename = "IPv4Address",
        skip_serializing_if = "is_default",
        deserialize_with = "null_default"
    )]
    pub ipv4_address: String,
    /// IPv6 address.
    #[serde(
        rename = "IPv6Address",
        skip_serializing_if = "is_default",
        deserialize_with = "null_default"
    )]
    pub ipv6_address: String,
    /// Link-local addresses.
    #[serde(
        rename = "LinkLocalIPs",
        skip_serializing_if = "is_default",
        deserialize_with = "null_default"
    )]
    pub link_local_ips: Vec<String>,
}

/// Answer of ContainerCreate.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct CreatedContainer {
    /// Its id.
    #[serde(deserialize_with = "null_default")]
    pub id: String,
    /// What the engine warns of.
    #[serde(deserialize_with = "null_default")]
    pub warnings: Vec<String>,
}

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

/// A mount that a container has.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct MountDetails {
    /// Type.
    #[serde(deserialize_with = "null_default")]
    pub r#type: String,
    /// Volume name.
    #[serde(deserialize_with = "null_default")]
    pub name: String,
    /// Path on the host, or image.
    #[serde(deserialize_with = "null_default")]
    pub source: String,
    /// Path in the container.
    #[serde(deserialize_with = "null_default")]
    pub destination: String,
    /// Volume driver.
    #[serde(deserialize_with = "null_default")]
    pub driver: String,
    /// Options.
    #[serde(deserialize_with = "null_default")]
    pub mode: String,
    /// Whether writable.
    #[serde(rename = "RW", deserialize_with = "null_default")]
    pub writable: bool,
    /// Propagation.
    #[serde(deserialize_with = "null_default")]
    pub propagation: String,
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

/// An empty JSON object, the value in the API's sets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmptyObject {}

/// Which containers to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContainerFilter {
    /// Labels they must have, `key` or `key=value`.
    pub labels: Vec<String>,
    /// Whether those that do not run are listed too.
    pub all: bool,
    /// States, of which one must be theirs; empty for any.
    pub status: Vec<String>,
}

/// How to remove a container.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RemoveContainer {
    /// Kill it if it runs.
    pub force: bool,
    /// Remove its anonymous volumes too.
    pub volumes: bool,
}

/// What to wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitCondition {
    /// It does not run; at once if it does not.
    NotRunning,
    /// It ends the next time.
    NextExit,
    /// It is removed.
    Removed,
}

impl ContainerSummary {
    /// The name without the leading slash.
    pub fn name(&self) -> &str {
        self.names.first().map_or("", |name| name.trim_start_matches('/'))
    }
}
