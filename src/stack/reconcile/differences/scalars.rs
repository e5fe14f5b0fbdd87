//! Fields of a container that are one value, by the name that the engine gives them, and what the
//! engine makes of those that nobody wrote.

use serde_json::Value;

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// As it is.
    Plain,
    /// Bytes.
    Bytes,
    /// 1e-9 of a CPU.
    NanoCpus,
    /// Seconds.
    Seconds,
}

/// A field that is one value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scalar {
    /// Whether it stands in `HostConfig`.
    pub(super) on_host: bool,
    /// Its name in the Engine API.
    pub(super) name: &'static str,
    /// Its path below a service; after it, other paths that say the same.
    pub(super) paths: &'static [&'static str],
    /// How it is written.
    pub(super) unit: Unit,
    /// Values that the engine fills in.
    pub(super) defaults: &'static [&'static str],
}

const fn config(name: &'static str, paths: &'static [&'static str]) -> Scalar {
    Scalar { on_host: false, name, paths, unit: Unit::Plain, defaults: &[] }
}

const fn host(name: &'static str, paths: &'static [&'static str]) -> Scalar {
    Scalar { on_host: true, name, paths, unit: Unit::Plain, defaults: &[] }
}

impl Scalar {
    const fn unit(mut self, unit: Unit) -> Self {
        self.unit = unit;
        self
    }

    const fn defaults(mut self, defaults: &'static [&'static str]) -> Self {
        self.defaults = defaults;
        self
    }
}

/// All of them.
pub(super) const SCALARS: &[Scalar] = &[
    config("User", &["user"]),
    config("WorkingDir", &["working_dir"]),
    config("Hostname", &["hostname"]),
    config("Domainname", &["domainname"]),
    config("Tty", &["tty"]),
    config("OpenStdin", &["stdin_open"]),
    config("StopSignal", &["stop_signal"]).defaults(&["SIGTERM"]),
    config("StopTimeout", &["stop_grace_period"]).unit(Unit::Seconds),
    config("MacAddress", &["mac_address"]),
    host("Privileged", &["privileged"]),
    host("ReadonlyRootfs", &["read_only"]),
    host("Init", &["init"]),
    host("CapAdd", &["cap_add"]),
    host("CapDrop", &["cap_drop"]),
    host("SecurityOpt", &["security_opt"]),
    host("GroupAdd", &["group_add"]),
    host("Dns", &["dns"]),
    host("DnsOptions", &["dns_opt"]),
    host("DnsSearch", &["dns_search"]),
    host("ExtraHosts", &["extra_hosts"]),
    host("UTSMode", &["uts"]),
    host("UsernsMode", &["userns_mode"]),
    host("CgroupnsMode", &["cgroup"]).defaults(&["host", "private"]),
    host("CgroupParent", &["cgroup_parent"]),
    host("Runtime", &["runtime"]).defaults(&["runc", "crun"]),
    host("Isolation", &["isolation"]).defaults(&["default"]),
    host("StorageOpt", &["storage_opt"]),
    host("VolumeDriver", &["volume_driver"]),
    host("ShmSize", &["shm_size"]).unit(Unit::Bytes).defaults(&["64MiB"]),
    host("Memory", &["mem_limit", "deploy.resources.limits.memory"]).unit(Unit::Bytes),
    host("MemoryReservation", &["mem_reservation", "deploy.resources.reservations.memory"])
        .unit(Unit::Bytes),
    host("MemorySwap", &["memswap_limit"]).unit(Unit::Bytes),
    host("MemorySwappiness", &["mem_swappiness"]),
    host("NanoCpus", &["cpus", "deploy.resources.limits.cpus"]).unit(Unit::NanoCpus),
    host("CpuShares", &["cpu_shares"]),
    host("CpuPeriod", &["cpu_period"]),
    host("CpuQuota", &["cpu_quota"]),
    host("CpuRealtimePeriod", &["cpu_rt_period"]),
    host("CpuRealtimeRuntime", &["cpu_rt_runtime"]),
    host("CpusetCpus", &["cpuset"]),
    host("PidsLimit", &["pids_limit", "deploy.resources.limits.pids"]),
    host("OomScoreAdj", &["oom_score_adj"]),
    host("OomKillDisable", &["oom_kill_disable"]),
    host("BlkioWeight", &["blkio_config.weight", "blkio_config"]),
    host("BlkioWeightDevice", &["blkio_config.weight_device", "blkio_config"]),
    host("BlkioDeviceReadBps", &["blkio_config.device_read_bps", "blkio_config"]),
    host("BlkioDeviceWriteBps", &["blkio_config.device_write_bps", "blkio_config"]),
    host("BlkioDeviceReadIOps", &["blkio_config.device_read_iops", "blkio_config"]),
    host("BlkioDeviceWriteIOps", &["blkio_config.device_write_iops", "blkio_config"]),
    host("DeviceCgroupRules", &["device_cgroup_rules"]),
    host("DeviceRequests", &["gpus", "deploy.resources.reservations.devices"]),
];

/// Values of other fields that the engine fills in.
const OTHERS: &[(&str, &[&str])] = &[
    ("ipc", &["private", "shareable"]),
    ("restart", &["no"]),
    ("logging.driver", &["json-file", "local", "journald"]),
];

/// Whether the engine makes this of a field that nobody wrote.
pub(super) fn is_engine_default(field: &str, value: &str) -> bool {
    let of_scalar = SCALARS.iter().find(|scalar| scalar.paths[0] == field);
    let others = OTHERS.iter().find(|(other, _)| *other == field);
    let defaults = of_scalar.map(|scalar| scalar.defaults).or(others.map(|(_, values)| *values));
    defaults.is_some_and(|defaults| defaults.contains(&value))
}

/// A value as a file would have it; empty for what says nothing.
pub(super) fn shown(value: &Value, unit: Unit) -> String {
    match (value, unit) {
        (Value::Null | Value::Bool(false), _) => String::new(),
        (Value::Number(number), _) if number.as_i64() == Some(0) => String::new(),
        (Value::Number(number), Unit::Bytes) => number.as_i64().map_or_else(String::new, bytes),
        (Value::Number(number), Unit::Seconds) => format!("{number}s"),
        (Value::Number(number), Unit::NanoCpus) => {
            number.as_f64().map_or_else(String::new, |number| (number / 1e9).to_string())
        }
        (Value::String(text), _) => text.clone(),
        (Value::Array(items), _) => {
            let items: Vec<String> = items.iter().map(|item| shown(item, Unit::Plain)).collect();
            items.join(", ")
        }
        (Value::Object(entries), _) => {
            let entries: Vec<String> = entries
                .iter()
                .map(|(key, value)| format!("{key}={}", shown(value, Unit::Plain)))
                .collect();
            entries.join(" ")
        }
        (value, _) => value.to_string(),
    }
}

/// Bytes in the largest unit that divides them.
fn bytes(bytes: i64) -> String {
    for (power, unit) in [(30, "GiB"), (20, "MiB"), (10, "KiB")] {
        if bytes > 0 && bytes % (1 << power) == 0 {
            return format!("{}{unit}", bytes >> power);
        }
    }
    format!("{bytes}B")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_in_a_file() {
        for (value, unit, expected) in [
            (serde_json::json!(67_108_864), Unit::Bytes, "64MiB"),
            (serde_json::json!(1000), Unit::Bytes, "1000B"),
            (serde_json::json!(-1), Unit::Bytes, "-1B"),
            (serde_json::json!(500_000_000), Unit::NanoCpus, "0.5"),
            (serde_json::json!(20), Unit::Seconds, "20s"),
            (serde_json::json!(["1.1.1.1", "8.8.8.8"]), Unit::Plain, "1.1.1.1, 8.8.8.8"),
            (serde_json::json!(false), Unit::Plain, ""),
            (serde_json::json!(null), Unit::Plain, ""),
        ] {
            assert_eq!(shown(&value, unit), expected, "{value}");
        }
    }
}
