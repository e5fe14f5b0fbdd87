//! The part of a container that depends on the host.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::mount::MountSpec;
use super::resource::{BlkioDevice, BlkioWeight, DeviceMapping, DeviceRequest, Ulimit};
use crate::engine::api::{is_default, null_default};

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
    /// Published ports by `80/tcp`. Sent even if there are none, as Docker Compose does: an
    /// inspection shows the difference.
    #[serde(deserialize_with = "null_default")]
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
    /// `host:address`. Sent even if there are none, as the ports are.
    #[serde(deserialize_with = "null_default")]
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
    /// Memory nodes it may use.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub cpuset_mems: String,
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
