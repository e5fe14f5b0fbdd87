//! CPUs, memory, devices and limits of a container.

use crate::compose::model::{
    BlkioConfig, DeviceRequest as ModelDeviceRequest, ResourceLimits, Service, ThrottleDevice,
    Ulimit as ModelUlimit,
};
use crate::engine::api::{
    BlkioDevice, BlkioWeight, DeviceMapping, DeviceRequest, HostConfig, Ulimit,
};

/// Fills in everything of `host` that limits or grants resources.
pub(super) fn apply(service: &Service, host: &mut HostConfig) {
    host.cgroup_parent.clone_from(&service.cgroup_parent);
    host.memory = service.mem_limit.0;
    host.memory_swap = service.memswap_limit.0;
    host.memory_reservation = service.mem_reservation.0;
    host.memory_swappiness = (service.mem_swappiness.0 != 0).then_some(service.mem_swappiness.0);
    host.oom_kill_disable = Some(service.oom_kill_disable);
    host.cpu_count = service.cpu_count;
    host.cpu_percent = scaled(service.cpu_percent.0, 100.0);
    host.cpu_period = service.cpu_period;
    host.cpu_quota = service.cpu_quota;
    host.cpu_realtime_period = service.cpu_rt_period;
    host.cpu_realtime_runtime = service.cpu_rt_runtime;
    host.cpu_shares = service.cpu_shares;
    host.cpuset_cpus.clone_from(&service.cpuset);
    host.nano_cpus = scaled(service.cpus.0, 1e9);
    host.pids_limit = (service.pids_limit != 0).then_some(service.pids_limit);
    host.device_cgroup_rules.clone_from(&service.device_cgroup_rules);
    if let Some(blkio) = &service.blkio_config {
        apply_blkio(blkio, host);
    }
    if let Some(deploy) = &service.deploy {
        if let Some(limits) = &deploy.resources.limits {
            apply_limits(limits, host);
        }
        if let Some(reservations) = &deploy.resources.reservations {
            // A reservation of CPUs exists only in a swarm.
            if reservations.memory.0 != 0 {
                host.memory_reservation = reservations.memory.0;
            }
            host.device_requests
                .extend(reservations.devices.iter().map(|request| device_request(request, None)));
        }
    }
    apply_devices(service, host);
    host.device_requests
        .extend(service.gpus.iter().map(|request| device_request(request, Some("gpu"))));
    host.ulimits = service
        .ulimits
        .iter()
        .map(|(name, limit)| {
            let (soft, hard) = match *limit {
                ModelUlimit::Single(limit) => (limit, limit),
                ModelUlimit::Range { soft, hard } => (soft, hard),
            };
            Ulimit { name: name.clone(), soft, hard }
        })
        .collect();
}

/// Compose multiplies in single precision; so do we, to get the same integer.
#[expect(clippy::cast_possible_truncation, reason = "the engine's fields are integers")]
fn scaled(value: f32, factor: f32) -> i64 {
    (value * factor) as i64
}

fn apply_limits(limits: &ResourceLimits, host: &mut HostConfig) {
    if limits.memory.0 != 0 {
        host.memory = limits.memory.0;
    }
    if limits.cpus.0 != 0.0 {
        host.nano_cpus = scaled(limits.cpus.0, 1e9);
    }
    if limits.pids > 0 {
        host.pids_limit = Some(limits.pids);
    }
}

fn apply_blkio(blkio: &BlkioConfig, host: &mut HostConfig) {
    let devices = |list: &[ThrottleDevice]| {
        list.iter()
            .map(|device| BlkioDevice { path: device.path.clone(), rate: device.rate.0 })
            .collect()
    };
    host.blkio_weight = blkio.weight;
    host.blkio_weight_device = blkio
        .weight_device
        .iter()
        .map(|device| BlkioWeight { path: device.path.clone(), weight: device.weight })
        .collect();
    host.blkio_device_read_bps = devices(&blkio.device_read_bps);
    host.blkio_device_write_bps = devices(&blkio.device_write_bps);
    host.blkio_device_read_iops = devices(&blkio.device_read_iops);
    host.blkio_device_write_iops = devices(&blkio.device_write_iops);
}

fn apply_devices(service: &Service, host: &mut HostConfig) {
    let mut cdi_names = Vec::new();
    for device in &service.devices {
        if device.source == device.target && is_cdi_name(&device.source) {
            cdi_names.push(device.source.clone());
        } else {
            host.devices.push(DeviceMapping {
                path_on_host: device.source.clone(),
                path_in_container: device.target.clone(),
                cgroup_permissions: device.permissions.clone(),
            });
        }
    }
    if !cdi_names.is_empty() {
        host.device_requests.push(DeviceRequest {
            driver: "cdi".into(),
            device_ids: cdi_names,
            ..DeviceRequest::default()
        });
    }
}

fn device_request(request: &ModelDeviceRequest, additional: Option<&str>) -> DeviceRequest {
    let mut capabilities = request.capabilities.clone();
    capabilities.extend(additional.map(str::to_owned));
    DeviceRequest {
        driver: request.driver.clone(),
        count: request.count.0,
        device_ids: request.device_ids.clone(),
        capabilities: vec![capabilities],
        options: request.options.clone(),
    }
}

/// Whether a device is named `vendor/class=name`, as the Container Device Interface does.
fn is_cdi_name(name: &str) -> bool {
    let Some((kind, device)) = name.split_once('=') else { return false };
    let Some((vendor, class)) = kind.split_once('/') else { return false };
    let word = |text: &str, also: &str| {
        text.starts_with(|first: char| first.is_ascii_alphabetic())
            && text.ends_with(|last: char| last.is_ascii_alphanumeric())
            && text.chars().all(|char| char.is_ascii_alphanumeric() || also.contains(char))
    };
    word(vendor, "_-.")
        && word(class, "_-")
        && device.starts_with(|first: char| first.is_ascii_alphanumeric())
        && device.ends_with(|last: char| last.is_ascii_alphanumeric())
        && device.chars().all(|char| char.is_ascii_alphanumeric() || "_-.:".contains(char))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::model::{ByteSize, Deploy, DeviceMapping as ModelDevice, Float, Resources};

    #[test]
    fn deploy_limits_win() {
        let service = Service {
            cpus: Float(0.5),
            mem_limit: ByteSize(1024),
            pids_limit: 7,
            deploy: Some(Box::new(Deploy {
                resources: Resources {
                    limits: Some(ResourceLimits {
                        cpus: Float(1.5),
                        memory: ByteSize(2048),
                        pids: 50,
                        ..ResourceLimits::default()
                    }),
                    ..Resources::default()
                },
                ..Deploy::default()
            })),
            ..Service::default()
        };
        let mut host = HostConfig::default();
        apply(&service, &mut host);
        assert_eq!((host.nano_cpus, host.memory, host.pids_limit), (1_500_000_000, 2048, Some(50)));
    }

    #[test]
    fn devices_by_path_and_by_cdi_name() {
        let device = |source: &str, target: &str| ModelDevice {
            source: source.into(),
            target: target.into(),
            permissions: "rwm".into(),
            ..ModelDevice::default()
        };
        let service = Service {
            devices: vec![
                device("vendor.com/gpu=0", "vendor.com/gpu=0"),
                device("/dev/null", "/dev/null"),
            ],
            ..Service::default()
        };
        let mut host = HostConfig::default();
        apply(&service, &mut host);
        assert_eq!(host.devices.len(), 1);
        assert_eq!(host.devices[0].path_on_host, "/dev/null");
        assert_eq!(host.device_requests[0].driver, "cdi");
        assert_eq!(host.device_requests[0].device_ids, ["vendor.com/gpu=0"]);
    }
}
