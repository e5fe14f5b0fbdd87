//! The records of the format, field by field.
//!
//! A field that is listed alone is decoded by its type; one with `= function` has a notation of
//! its own. The compiler sees to it that no field of the model is forgotten.

use super::attributes::{command, env_files, health_test, ssh, text_or_list};
use super::pairs::{hosts, lists, optional, texts};
use super::{Decode, Decoder, extensions};
use crate::compose::model::{
    BlkioConfig, Build, CredentialSpec, Dependency, Deploy, Develop, DeviceMapping, DeviceRequest,
    DiscreteResource, FileObject, FileReference, GenericResource, Healthcheck, Hook, Ipam,
    IpamPool, Logging, Model, ModelAttachment, Mount, MountBind, MountImage, MountTmpfs,
    MountVolume, Network, NetworkAttachment, Placement, PlacementPreference, Port, Provider,
    ResourceLimits, Resources, RestartPolicy, Service, ThrottleDevice, UpdateConfig, Volume,
    WatchTrigger, WeightDevice,
};
use crate::compose::yaml::{Node, Value};

/// Implements [`Decode`] for records: `Type { field, field = function, … }`.
/// The name of a field without the mark of a raw identifier.
const fn as_written(field: &'static str) -> &'static str {
    match field.as_bytes() {
        [b'r', b'#', ..] => field.split_at(2).1,
        _ => field,
    }
}

macro_rules! records {
    ($($type:ident { $($field:ident $(= $function:ident)?),* $(,)? })*) => {$(
        impl Decode for $type {
            fn decode(node: &Node, decoder: &mut Decoder) -> Self {
                let record = match &node.value {
                    Value::Mapping(record) => Some(record),
                    Value::Null | Value::Broken => None,
                    _ => return decoder.reject_type(node, "map"),
                };
                Self {
                    $($field: records!(
                        decoder record const { as_written(stringify!($field)) }, $($function)?
                    ),)*
                    extensions: record.map(extensions).unwrap_or_default(),
                }
            }
        }
    )*};
    ($decoder:ident $record:ident $name:expr,) => { $decoder.field($record, $name) };
    ($decoder:ident $record:ident $name:expr, $function:ident) => {
        $decoder.field_with($record, $name, $function)
    };
}

records! {
    Service {
        name, profiles, annotations = texts, attach, build, develop, blkio_config, cap_add,
        cap_drop, cgroup_parent, cgroup, cpu_count, cpu_percent, cpu_period, cpu_quota,
        cpu_rt_period, cpu_rt_runtime, cpus, cpuset, cpu_shares, command = command, configs,
        container_name, credential_spec, depends_on, deploy, device_cgroup_rules, devices,
        dns = text_or_list, dns_opt, dns_search = text_or_list, domainname, entrypoint = command,
        provider, environment = optional, env_file = env_files, expose, extends, external_links,
        extra_hosts = hosts, group_add, gpus, hostname, healthcheck, image, init, ipc, isolation,
        labels = texts, label_file = text_or_list, links, logging, mem_limit, mem_reservation,
        memswap_limit, mem_swappiness, mac_address, models, network_mode, networks,
        oom_kill_disable, oom_score_adj, pid, pids_limit, platform, ports, privileged, pull_policy,
        read_only, restart, runtime, scale, secrets, security_opt, shm_size, stdin_open,
        stop_grace_period, stop_signal, storage_opt, sysctls = texts, tmpfs = text_or_list, tty,
        ulimits, use_api_socket, user, userns_mode, uts, volume_driver, volumes, volumes_from,
        working_dir, pre_start, post_start, pre_stop,
    }
    BlkioConfig {
        weight, weight_device, device_read_bps, device_read_iops, device_write_bps,
        device_write_iops,
    }
    WeightDevice { path, weight }
    ThrottleDevice { path, rate }
    FileReference { source, target, uid, gid, mode }
    CredentialSpec { config, file, registry }
    Dependency { condition, restart, required }
    DeviceMapping { source, target, permissions }
    Provider { r#type, options = lists }
    Healthcheck {
        test = health_test, timeout, interval, retries, start_period, start_interval, disable,
    }
    Logging { driver, options = texts }
    ModelAttachment { endpoint_var, model_var }
    NetworkAttachment {
        aliases, driver_opts = texts, gw_priority, interface_name, ipv4_address, ipv6_address,
        link_local_ips, mac_address, priority,
    }
    Port { name, mode, host_ip, target, published, protocol, app_protocol }
    Mount { r#type, source, target, read_only, consistency, bind, volume, tmpfs, image }
    MountBind { selinux, propagation, create_host_path, recursive }
    MountVolume { labels = texts, nocopy, subpath }
    MountTmpfs { size, mode }
    MountImage { subpath }
    Hook {
        command = command, image, user, privileged, working_dir, environment = optional,
        per_replica,
    }
    Build {
        context, dockerfile, dockerfile_inline, entitlements, args = optional, provenance, sbom,
        ssh = ssh, labels = texts, cache_from, cache_to, no_cache, no_cache_filter = text_or_list,
        additional_contexts = texts, pull, extra_hosts = hosts, isolation, network, target,
        secrets, shm_size, tags, ulimits, platforms, privileged,
    }
    Deploy {
        mode, replicas, labels = texts, update_config, rollback_config, resources, restart_policy,
        placement, endpoint_mode,
    }
    UpdateConfig { parallelism, delay, failure_action, monitor, max_failure_ratio, order }
    Resources { limits, reservations }
    ResourceLimits { cpus, memory, pids, devices, generic_resources }
    DeviceRequest { capabilities, driver, count, device_ids, options = texts }
    GenericResource { discrete_resource_spec }
    DiscreteResource { kind, value }
    RestartPolicy { condition, delay, max_attempts, window }
    Placement { constraints, preferences, max_replicas_per_node }
    PlacementPreference { spread }
    Develop { watch }
    WatchTrigger {
        path, action, target, exec, include = text_or_list, ignore = text_or_list, initial_sync,
    }
    Network {
        name, driver, driver_opts = texts, ipam, external, internal, attachable, labels = texts,
        enable_ipv4, enable_ipv6,
    }
    Ipam { driver, config, options = texts }
    IpamPool { subnet, gateway, ip_range, aux_addresses = texts }
    Volume { name, driver, driver_opts = texts, external, labels = texts }
    FileObject {
        name, file, environment, content, external, labels = texts, driver, driver_opts = texts,
        template_driver,
    }
    Model { name, model, context_size, runtime_flags }
}
