//! What exactly differs between a container and what its service asks for now, for the cause of its
//! replacement. The engine fills in defaults, so a field that nobody wrote is only compared where its
//! default is known.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Input;
use crate::engine::api::{ContainerCreate, ContainerDetails, HostConfig, ImageConfig};
use crate::stack::desired::{DesiredService, Instance, Purpose, blueprint};
use crate::stack::plan::{Change, place};
use crate::stack::query::ProjectContainer;

/// Fields of a container's configuration, with their keys in a file.
const CONFIG_FIELDS: &[(&str, &str)] = &[
    ("Image", "image"),
    ("User", "user"),
    ("WorkingDir", "working_dir"),
    ("Cmd", "command"),
    ("Entrypoint", "entrypoint"),
    ("Tty", "tty"),
    ("OpenStdin", "stdin_open"),
    ("Domainname", "domainname"),
    ("StopSignal", "stop_signal"),
    ("StopTimeout", "stop_grace_period"),
    ("Healthcheck", "healthcheck"),
    ("ExposedPorts", "expose"),
    ("MacAddress", "mac_address"),
];

/// Fields of a container's host configuration, with their keys in a file.
const HOST_FIELDS: &[(&str, &str)] = &[
    ("Binds", "volumes"),
    ("Mounts", "volumes"),
    ("PortBindings", "ports"),
    ("NetworkMode", "networks"),
    ("RestartPolicy", "restart"),
    ("LogConfig", "logging"),
    ("CapAdd", "cap_add"),
    ("CapDrop", "cap_drop"),
    ("Dns", "dns"),
    ("DnsOptions", "dns_opt"),
    ("DnsSearch", "dns_search"),
    ("ExtraHosts", "extra_hosts"),
    ("GroupAdd", "group_add"),
    ("Privileged", "privileged"),
    ("ReadonlyRootfs", "read_only"),
    ("SecurityOpt", "security_opt"),
    ("StorageOpt", "storage_opt"),
    ("Tmpfs", "tmpfs"),
    ("Sysctls", "sysctls"),
    ("Ulimits", "ulimits"),
    ("Devices", "devices"),
    ("DeviceRequests", "gpus"),
    ("DeviceCgroupRules", "device_cgroup_rules"),
    ("Memory", "mem_limit"),
    ("MemoryReservation", "mem_reservation"),
    ("MemorySwap", "memswap_limit"),
    ("NanoCpus", "cpus"),
    ("CpuShares", "cpu_shares"),
    ("CpuPeriod", "cpu_period"),
    ("CpuQuota", "cpu_quota"),
    ("CpusetCpus", "cpuset"),
    ("PidsLimit", "pids_limit"),
    ("ShmSize", "shm_size"),
    ("PidMode", "pid"),
    ("IpcMode", "ipc"),
    ("UTSMode", "uts"),
    ("UsernsMode", "userns_mode"),
    ("CgroupParent", "cgroup_parent"),
    ("Runtime", "runtime"),
    ("Init", "init"),
    ("OomScoreAdj", "oom_score_adj"),
    ("Links", "links"),
    ("VolumesFrom", "volumes_from"),
];

/// Characters of a value that are shown.
const LONGEST: usize = 80;

/// What the engine makes of a field that was not sent; such a field did not change.
const ENGINE_DEFAULTS: &[(&str, &[&str])] = &[
    ("ShmSize", &["67108864"]),
    ("IpcMode", &["\"private\"", "\"shareable\""]),
    ("Runtime", &["\"runc\"", "\"crun\""]),
    ("RestartPolicy", &["{\"Name\":\"\"}", "{\"Name\":\"no\"}"]),
    ("LogConfig", &["{\"Type\":\"json-file\"}", "{\"Type\":\"local\"}", "{\"Type\":\"journald\"}"]),
];

/// The differences, in the order of the tables.
pub(super) fn differences(
    input: &Input<'_>,
    desired: &DesiredService,
    container: &ProjectContainer,
    details: &ContainerDetails,
) -> Vec<Change> {
    let service = &desired.service;
    let key = desired.image_key();
    let image = input.observed.images.get(&key);
    let instance = Instance {
        name: &container.name,
        purpose: Purpose::Replica(container.number),
        image,
        inherited: &[],
        replaces: None,
        linked: BTreeMap::new(),
    };
    // What cannot be made is reported when it is to be made.
    let Ok(expected) = blueprint(&input.setting, desired, &instance, &mut Vec::new()) else {
        return Vec::new();
    };
    let first = |name: &str| {
        input
            .observed
            .of_service(name)
            .map(|other| (&other.name, &other.id))
            .min()
            .map(|(_, id)| id.clone())
    };
    let expected = expected.body(&first);
    let defaults = image.map(|image| &image.config);
    let mut changes = configuration(&expected, details, defaults);
    changes.extend(variables(&expected.env, &details.config.env, defaults));
    changes.extend(user_labels(&expected.labels, &details.config.labels, defaults));
    let is_anonymous = |target: &str| {
        defaults.is_some_and(|image| image.volumes.contains_key(target))
            || service.volumes.iter().any(|mount| mount.target == target && mount.source.is_empty())
    };
    changes.extend(host(&expected.host_config, &details.host_config, &is_anonymous));
    for change in &mut changes {
        let path = format!("services.{}.{}", service.name, change.field);
        change.place = place(input.setting.project, &path);
    }
    changes
}

/// Compares the configuration, into which the engine has put the image's own.
fn configuration(
    expected: &ContainerCreate,
    details: &ContainerDetails,
    image: Option<&ImageConfig>,
) -> Vec<Change> {
    let mut expected = expected.clone();
    if let Some(image) = image {
        let or = |field: &mut String, default: &String| {
            if field.is_empty() {
                field.clone_from(default);
            }
        };
        or(&mut expected.user, &image.user);
        or(&mut expected.working_dir, &image.working_dir);
        or(&mut expected.stop_signal, &image.stop_signal);
        if expected.entrypoint.is_none() {
            expected.cmd.get_or_insert_with(|| image.cmd.clone());
            expected.entrypoint = Some(image.entrypoint.clone());
        }
        if expected.healthcheck.is_none() {
            expected.healthcheck.clone_from(&image.healthcheck);
        }
        expected.exposed_ports.extend(image.exposed_ports.clone());
    }
    expected.cmd = expected.cmd.filter(|words| !words.is_empty());
    expected.entrypoint = expected.entrypoint.filter(|words| !words.is_empty());
    let mut actual = details.config.clone();
    actual.cmd = actual.cmd.filter(|words| !words.is_empty());
    actual.entrypoint = actual.entrypoint.filter(|words| !words.is_empty());
    fields(&expected, &actual, CONFIG_FIELDS)
}

/// Compares what depends on the host, but for anonymous volumes, which pass from one container to
/// the next.
fn host(
    expected: &HostConfig,
    actual: &HostConfig,
    is_anonymous: &dyn Fn(&str) -> bool,
) -> Vec<Change> {
    let named = |host: &HostConfig| {
        let mut host = host.clone();
        host.mounts.retain(|mount| mount.r#type != "volume" || !is_anonymous(&mount.target));
        host
    };
    fields(&named(expected), &named(actual), HOST_FIELDS)
}

/// Compares two values of one type by the names of their fields.
fn fields<T: serde::Serialize>(expected: &T, actual: &T, table: &[(&str, &str)]) -> Vec<Change> {
    let object = |value: &T| serde_json::to_value(value).unwrap_or(Value::Null);
    let (expected, actual) = (object(expected), object(actual));
    let mut changes: Vec<Change> = Vec::new();
    for (name, key) in table {
        let (new, old) = (expected.get(name), actual.get(name));
        if new == old || (new.is_none() && is_engine_default(name, old)) {
            continue;
        }
        if !changes.iter().any(|change| change.field == *key) {
            changes.push(Change {
                field: (*key).to_owned(),
                old: old.map(shown),
                new: new.map(shown),
                place: None,
            });
        }
    }
    changes
}

fn is_engine_default(name: &str, value: Option<&Value>) -> bool {
    let Some(value) = value else { return true };
    let text = value.to_string();
    // A limit of swap follows from one of memory.
    name == "MemorySwap"
        || matches!(text.as_str(), "0" | "false" | "\"\"" | "[]" | "{}")
        || ENGINE_DEFAULTS
            .iter()
            .any(|(field, defaults)| *field == name && defaults.contains(&text.as_str()))
}

/// A value as it is shown: at most one line's worth.
fn shown(value: &Value) -> String {
    let text = plain(value);
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            items.iter().map(plain).collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    }
}

/// Compares variables; those that the image brings are not the service's.
fn variables(expected: &[String], actual: &[String], image: Option<&ImageConfig>) -> Vec<Change> {
    let split = |list: &[String]| -> BTreeMap<String, String> {
        list.iter()
            .filter_map(|entry| entry.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    };
    let of_image = image.map(|image| split(&image.env)).unwrap_or_default();
    compare("environment", &split(expected), &split(actual), &of_image)
}

fn user_labels(
    expected: &BTreeMap<String, String>,
    actual: &BTreeMap<String, String>,
    image: Option<&ImageConfig>,
) -> Vec<Change> {
    let users = |labels: &BTreeMap<String, String>| -> BTreeMap<String, String> {
        labels
            .iter()
            .filter(|(key, _)| !key.starts_with("com.docker.compose."))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    };
    let of_image = image.map(|image| image.labels.clone()).unwrap_or_default();
    compare("labels", &users(expected), &users(actual), &of_image)
}

fn compare(
    field: &str,
    expected: &BTreeMap<String, String>,
    actual: &BTreeMap<String, String>,
    of_image: &BTreeMap<String, String>,
) -> Vec<Change> {
    let keys: BTreeSet<&String> = expected.keys().chain(actual.keys()).collect();
    keys.into_iter()
        .filter(|key| expected.get(*key).or_else(|| of_image.get(*key)) != actual.get(*key))
        .map(|key| {
            let value = |value: &String| {
                if is_confidential(key) { "(hidden)".to_owned() } else { value.clone() }
            };
            Change {
                field: format!("{field}.{key}"),
                old: actual.get(key).map(value),
                new: expected.get(key).map(value),
                place: None,
            }
        })
        .collect()
}

/// Whether a variable's name says that its value should not be shown.
fn is_confidential(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    ["PASSWORD", "PASSWD", "SECRET", "TOKEN", "CREDENTIAL", "PRIVATE", "_KEY", "APIKEY"]
        .iter()
        .any(|word| name.contains(word))
}
