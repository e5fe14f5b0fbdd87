//! What a container uses, computed from the engine's counters as the Docker CLI does. Pure.

use crate::engine::api::{CpuUsage, MemoryUsage, Usage};

/// What a container uses.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Sample {
    /// Of one CPU, in percent.
    pub(super) cpu: f64,
    /// Bytes, without the cache.
    pub(super) memory: u64,
    /// Bytes that it may use.
    pub(super) memory_limit: u64,
    /// Of the limit, in percent.
    pub(super) memory_share: f64,
    /// Bytes over all interfaces.
    pub(super) received: u64,
    /// Bytes over all interfaces.
    pub(super) sent: u64,
    /// Bytes from disks.
    pub(super) read: u64,
    /// Bytes to disks.
    pub(super) written: u64,
    /// Processes and threads.
    pub(super) pids: u64,
}

impl Sample {
    /// Reads the engine's counters.
    pub(super) fn of(usage: &Usage) -> Self {
        let memory = memory(&usage.memory_stats);
        let limit = usage.memory_stats.limit;
        let on_disk = |kind: &str| {
            let entries = usage.blkio_stats.io_service_bytes_recursive.iter();
            let of_kind = entries.filter(|entry| entry.op.to_lowercase().starts_with(kind));
            of_kind.map(|entry| entry.value).sum()
        };
        Self {
            cpu: cpu(&usage.precpu_stats, &usage.cpu_stats),
            memory,
            memory_limit: limit,
            memory_share: if limit == 0 { 0.0 } else { float(memory) / float(limit) * 100.0 },
            received: usage.networks.values().map(|network| network.rx_bytes).sum(),
            sent: usage.networks.values().map(|network| network.tx_bytes).sum(),
            read: on_disk("r"),
            written: on_disk("w"),
            pids: usage.pids_stats.current,
        }
    }
}

/// The container's part of the CPU time that passed between two samples, in percent of one CPU.
fn cpu(before: &CpuUsage, now: &CpuUsage) -> f64 {
    let own = float(now.cpu_usage.total_usage) - float(before.cpu_usage.total_usage);
    let all = float(now.system_cpu_usage) - float(before.system_cpu_usage);
    let cpus = if now.online_cpus == 0 {
        float(now.cpu_usage.percpu_usage.len() as u64)
    } else {
        f64::from(now.online_cpus)
    };
    if own > 0.0 && all > 0.0 { own / all * cpus * 100.0 } else { 0.0 }
}

/// Memory without the part of the cache that the kernel takes back first: `total_inactive_file` with
/// version 1 of control groups, `inactive_file` with version 2.
fn memory(memory: &MemoryUsage) -> u64 {
    let names = ["total_inactive_file", "inactive_file"];
    let cache = names
        .iter()
        .find_map(|name| memory.stats.get(*name).filter(|cache| **cache < memory.usage));
    memory.usage - cache.copied().unwrap_or(0)
}

#[expect(clippy::cast_precision_loss, reason = "few digits are shown")]
fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(json: &str) -> Sample {
        Sample::of(&serde_json::from_str(json).unwrap())
    }

    #[test]
    fn counters_become_shares() {
        let sample = sample(
            r#"{"cpu_stats": {"cpu_usage": {"total_usage": 300}, "system_cpu_usage": 4000, "online_cpus": 2},
                "precpu_stats": {"cpu_usage": {"total_usage": 200}, "system_cpu_usage": 3000},
                "memory_stats": {"usage": 1500, "limit": 2000, "stats": {"inactive_file": 500}},
                "networks": {"eth0": {"rx_bytes": 1, "tx_bytes": 2}, "eth1": {"rx_bytes": 10}},
                "blkio_stats": {"io_service_bytes_recursive": [
                    {"op": "Read", "value": 5}, {"op": "write", "value": 7}, {"op": "Total", "value": 12}]},
                "pids_stats": {"current": 3}}"#,
        );
        let expected = Sample {
            cpu: 20.0,
            memory: 1000,
            memory_limit: 2000,
            memory_share: 50.0,
            received: 11,
            sent: 2,
            read: 5,
            written: 7,
            pids: 3,
        };
        assert_eq!(sample, expected);
    }

    #[test]
    fn nothing_is_used_by_what_does_not_run() {
        assert_eq!(sample(r#"{"networks": null, "blkio_stats": null}"#), Sample::default());
    }

    #[test]
    fn old_engines_list_cpus_and_other_caches() {
        let sample = sample(
            r#"{"cpu_stats": {"cpu_usage": {"total_usage": 100, "percpu_usage": [50, 50]},
                "system_cpu_usage": 1000},
                "memory_stats": {"usage": 90, "stats": {"total_inactive_file": 50, "inactive_file": 9}}}"#,
        );
        assert_eq!((sample.cpu, sample.memory), (20.0, 40));
    }
}
