//! Containers of `pre_start` hooks: each runs a command with the mounts, the networks and the
//! environment of the service whose start it prepares.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Blueprint, DesiredService, Identity, Instance, Purpose, Setting, blueprint};
use crate::compose::model::{Hook, Service};
use crate::stack::{StackError, labels};

/// The value of [`labels::HOOK`] on containers of `pre_start` hooks.
pub const PRE_START: &str = "pre_start";

/// A `pre_start` hook.
#[derive(Debug, Clone, PartialEq)]
pub struct PreStart {
    /// Its place among the service's hooks, from 0.
    pub index: usize,
    /// Whether it runs for each replica instead of once for the service.
    pub per_replica: bool,
    /// Its container. The mounts of the replica that it prepares are still to be added.
    pub blueprint: Arc<Blueprint>,
    /// Labels of its container, instead of those of a replica.
    pub labels: BTreeMap<String, String>,
}

/// The `pre_start` hooks of a service, in their order.
///
/// # Errors
/// As [`blueprint`].
pub fn pre_start(
    setting: &Setting<'_>,
    desired: &DesiredService,
) -> Result<Vec<PreStart>, StackError> {
    let hooks = desired.service.pre_start.iter().enumerate();
    hooks.map(|(index, hook)| one(setting, desired, index, hook)).collect()
}

/// The image that a hook runs in.
pub fn hook_image<'a>(desired_image: &'a str, hook: &'a Hook) -> &'a str {
    if hook.image.is_empty() { desired_image } else { &hook.image }
}

fn one(
    setting: &Setting<'_>,
    desired: &DesiredService,
    index: usize,
    hook: &Hook,
) -> Result<PreStart, StackError> {
    let service = &desired.service;
    let mut environment = service.environment.clone();
    environment.extend(hook.environment.clone());
    let own = |hooks: &str, services: &str| {
        if hooks.is_empty() { services.to_owned() } else { hooks.to_owned() }
    };
    let runner = Service {
        name: service.name.clone(),
        command: hook.command.clone(),
        environment,
        user: own(&hook.user, &service.user),
        working_dir: own(&hook.working_dir, &service.working_dir),
        privileged: hook.privileged,
        networks: service.networks.clone(),
        network_mode: service.network_mode.clone(),
        extra_hosts: service.extra_hosts.clone(),
        dns: service.dns.clone(),
        dns_opt: service.dns_opt.clone(),
        dns_search: service.dns_search.clone(),
        ..Service::default()
    };
    let runner = DesiredService {
        service: Arc::new(without_addresses(runner)),
        image: hook_image(&desired.image, hook).to_owned(),
        platform: desired.platform.clone(),
        scale: 1,
        named: false,
        identity: Identity::default(),
    };
    let name = format!("{}-{}-{PRE_START}-{index}", setting.project.name, service.name);
    let instance = Instance {
        name: &name,
        purpose: Purpose::Replica(0),
        image: None,
        inherited: &[],
        replaces: None,
        linked: BTreeMap::new(),
    };
    // Warnings are those of the service, which has them already.
    let blueprint = blueprint(setting, &runner, &instance, &mut Vec::new())?;
    Ok(PreStart {
        index,
        per_replica: hook.per_replica,
        blueprint: Arc::new(blueprint),
        labels: labels::hook(&setting.project.name, &service.name, PRE_START),
    })
}

/// A replica's addresses are its own.
fn without_addresses(mut service: Service) -> Service {
    for attachment in service.networks.values_mut().flatten() {
        attachment.ipv4_address.clear();
        attachment.ipv6_address.clear();
        attachment.mac_address.clear();
        attachment.link_local_ips.clear();
    }
    service
}
