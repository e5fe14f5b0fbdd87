//! What a container does: its processes, and what it uses.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::engine::api::null_default;

/// Answer of ContainerTop.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Processes {
    /// The words above the columns, as `ps` of the engine's machine has them.
    #[serde(deserialize_with = "null_default")]
    pub titles: Vec<String>,
    /// A row for each process.
    #[serde(deserialize_with = "null_default")]
    pub processes: Vec<Vec<String>>,
}

/// Answer of ContainerStats: counters, and those of the sample before.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// CPU time up to this sample.
    #[serde(deserialize_with = "null_default")]
    pub cpu_stats: CpuUsage,
    /// CPU time up to the sample before.
    #[serde(deserialize_with = "null_default")]
    pub precpu_stats: CpuUsage,
    /// Memory.
    #[serde(deserialize_with = "null_default")]
    pub memory_stats: MemoryUsage,
    /// By interface.
    #[serde(deserialize_with = "null_default")]
    pub networks: BTreeMap<String, NetworkUsage>,
    /// Disks.
    #[serde(deserialize_with = "null_default")]
    pub blkio_stats: DiskUsage,
    /// Processes and threads.
    #[serde(deserialize_with = "null_default")]
    pub pids_stats: PidsUsage,
}

/// CPU time in nanoseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct CpuUsage {
    /// Of the container.
    #[serde(deserialize_with = "null_default")]
    pub cpu_usage: CpuTime,
    /// Of the whole machine.
    #[serde(deserialize_with = "null_default")]
    pub system_cpu_usage: u64,
    /// CPUs that the machine has; 0 where the engine does not say.
    #[serde(deserialize_with = "null_default")]
    pub online_cpus: u32,
}

/// CPU time of a container in nanoseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct CpuTime {
    /// On all CPUs.
    #[serde(deserialize_with = "null_default")]
    pub total_usage: u64,
    /// On each; empty with version 2 of control groups.
    #[serde(deserialize_with = "null_default")]
    pub percpu_usage: Vec<u64>,
}

/// Memory in bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct MemoryUsage {
    /// In use, cache included.
    #[serde(deserialize_with = "null_default")]
    pub usage: u64,
    /// What the container may use at most.
    #[serde(deserialize_with = "null_default")]
    pub limit: u64,
    /// Parts of it by the kernel's names.
    #[serde(deserialize_with = "null_default")]
    pub stats: BTreeMap<String, u64>,
}

/// Bytes over an interface.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct NetworkUsage {
    /// Received.
    #[serde(deserialize_with = "null_default")]
    pub rx_bytes: u64,
    /// Sent.
    #[serde(deserialize_with = "null_default")]
    pub tx_bytes: u64,
}

/// What disks were asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct DiskUsage {
    /// Bytes, by device and kind.
    #[serde(deserialize_with = "null_default")]
    pub io_service_bytes_recursive: Vec<DiskBytes>,
}

/// Bytes of one kind from or to a device.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct DiskBytes {
    /// `Read` or `Write`, in any case.
    #[serde(deserialize_with = "null_default")]
    pub op: String,
    /// Bytes.
    #[serde(deserialize_with = "null_default")]
    pub value: u64,
}

/// Processes and threads.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PidsUsage {
    /// How many there are.
    #[serde(deserialize_with = "null_default")]
    pub current: u64,
}
