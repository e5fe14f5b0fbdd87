//! The body of a container, from everything that its service says.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{DesiredService, Setting, endpoints, ignored, mounts, resources, security};
use crate::compose::hash;
use crate::compose::model::{Healthcheck, NetworkAttachment, Service};
use crate::diagnostic::codes;
use crate::engine::api::{
    ApiVersion, ContainerCreate, EmptyObject, EndpointSettings, HealthConfig, HostConfig,
    ImageDetails, LogConfig, MountDetails, PortBinding, RestartPolicy,
};
use crate::stack::{StackError, labels};

/// Engines from this version take `start_interval`.
pub(in crate::stack) const START_INTERVAL: ApiVersion = ApiVersion::new(1, 44);

/// What a container is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// It is a replica of its service, with this number.
    Replica(u32),
    /// `run` asked for it.
    OneOff {
        /// Its random label.
        slug: String,
        /// Whether it takes its service's names on networks.
        use_aliases: bool,
        /// Whether the engine removes it when it ends.
        remove: bool,
        /// Whether the caller attaches to its standard input.
        attach_stdin: bool,
    },
}

/// One container of a service: what distinguishes it from its siblings.
#[derive(Debug, Clone)]
pub struct Instance<'a> {
    /// Its final name.
    pub name: &'a str,
    /// What it is for.
    pub purpose: Purpose,
    /// The image, as the engine has it.
    pub image: Option<&'a ImageDetails>,
    /// Mounts of the container that it replaces, from which it inherits the anonymous volumes.
    pub inherited: &'a [MountDetails],
    /// What the `replace` label says, when it replaces a container.
    pub replaces: Option<String>,
    /// Names of the containers of each service that this one links to.
    pub linked: BTreeMap<String, Vec<String>>,
}

/// Everything that a container is created from. Complete but for the ids of containers whose
/// namespaces or mounts it shares, which may not exist yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Blueprint {
    /// Its final name.
    pub name: String,
    /// Platform asked of the engine, `os/arch[/variant]`.
    pub platform: Option<String>,
    /// Networks that are joined after it was created, by name.
    pub later_endpoints: Vec<(String, EndpointSettings)>,
    body: ContainerCreate,
    /// The service, when it refers to containers of others.
    service: Option<Arc<Service>>,
}

impl Blueprint {
    /// The body to send; `container_of` gives the id of a service's first container.
    pub fn body(&self, container_of: &dyn Fn(&str) -> Option<String>) -> ContainerCreate {
        let mut body = self.body.clone();
        if let Some(service) = &self.service {
            let resolved = hash::resolve_references(service, container_of);
            let host = &mut body.host_config;
            if !resolved.network_mode.is_empty() {
                host.network_mode = resolved.network_mode;
            }
            host.ipc_mode = resolved.ipc;
            host.pid_mode = resolved.pid;
            host.volumes_from = resolved.volumes_from;
            let hash = hash::resolved_service(service, labels::WRITTEN_DIALECT, container_of);
            body.labels.insert(labels::CONFIG_HASH.into(), hash);
        }
        body
    }

    /// Puts a label on it.
    pub fn label(&mut self, key: &str, value: String) {
        self.body.labels.insert(key.to_owned(), value);
    }

    /// How it joins a network, by the network's name.
    pub fn endpoint(&self, network: &str) -> Option<&EndpointSettings> {
        let later = self.later_endpoints.iter().find(|(name, _)| name == network);
        let at_creation = self.body.networking_config.as_ref();
        later.map(|(_, endpoint)| endpoint).or_else(|| at_creation?.endpoints_config.get(network))
    }

    /// The body without what other containers' ids add to it.
    pub fn body_without_references(&self) -> &ContainerCreate {
        &self.body
    }
}

/// Services whose containers a service refers to by id, without duplicates.
pub fn referenced_services(service: &Service) -> Vec<&str> {
    let modes = [&service.network_mode, &service.ipc, &service.pid];
    let mut names: Vec<&str> = modes
        .into_iter()
        .filter_map(|mode| mode.strip_prefix("service:"))
        .chain(
            service
                .volumes_from
                .iter()
                .filter(|source| !source.starts_with("container:"))
                .map(|source| source.split(':').next().unwrap_or(source)),
        )
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Containers that a service names itself, and that the engine looks for when it creates one of the
/// service.
pub fn named_containers(service: &Service) -> Vec<&str> {
    let modes = [&service.network_mode, &service.ipc, &service.pid];
    let shared = modes.into_iter().chain(&service.volumes_from);
    shared
        .filter_map(|source| source.strip_prefix("container:"))
        .chain(service.external_links.iter().map(String::as_str))
        .map(|name| name.split(':').next().unwrap_or(name))
        .collect()
}

/// Everything that one container of a service is created from.
///
/// # Errors
/// Something in the service that this engine cannot do, or a file that cannot be read.
pub fn blueprint(
    setting: &Setting<'_>,
    desired: &DesiredService,
    instance: &Instance<'_>,
    warnings: &mut Vec<String>,
) -> Result<Blueprint, StackError> {
    let service = &desired.service;
    let mut body = ContainerCreate {
        hostname: service.hostname.clone(),
        domainname: service.domainname.clone(),
        user: service.user.clone(),
        attach_stdout: true,
        attach_stderr: true,
        exposed_ports: exposed_ports(service),
        tty: service.tty,
        open_stdin: service.stdin_open,
        env: environment(setting, service),
        cmd: service.command.clone(),
        healthcheck: healthcheck(setting, service)?,
        image: desired.image.clone(),
        working_dir: service.working_dir.clone(),
        entrypoint: service.entrypoint.clone(),
        network_disabled: service.network_mode == "disabled",
        labels: labels::container(setting.project, service, instance),
        stop_signal: service.stop_signal.clone(),
        stop_timeout: service.stop_grace_period.map(|period| period.0 / 1_000_000_000),
        host_config: host_config(service),
        ..ContainerCreate::default()
    };
    let mut use_aliases = true;
    if let Purpose::OneOff { use_aliases: asked, remove, attach_stdin, .. } = &instance.purpose {
        use_aliases = *asked;
        body.host_config.auto_remove = *remove;
        body.attach_stdin = *attach_stdin;
        body.stdin_once = *attach_stdin && service.stdin_open;
    }
    body.host_config.links = links(setting, service, instance);
    resources::apply(service, &mut body.host_config);
    security::apply(setting, service, &mut body.host_config)?;
    mounts::apply(
        setting,
        service,
        instance.image,
        instance.inherited,
        &mut body.host_config,
        warnings,
    )?;
    ignored::warn(setting, service, warnings);
    let aliases = |attachment: Option<&NetworkAttachment>| {
        let mut aliases = vec![instance.name.to_owned()];
        if use_aliases {
            aliases.push(service.name.clone());
            aliases.extend(attachment.into_iter().flat_map(|network| network.aliases.clone()));
        }
        aliases
    };
    let later_endpoints = endpoints::apply(setting, service, &aliases, &mut body)?;
    let hash = desired.identity.alone(service);
    if let Some(hash) = hash {
        body.labels.insert(labels::CONFIG_HASH.into(), hash.to_owned());
    }
    Ok(Blueprint {
        name: instance.name.to_owned(),
        platform: (!desired.platform.is_empty()).then(|| desired.platform.clone()),
        later_endpoints,
        body,
        service: hash.is_none().then(|| Arc::clone(service)),
    })
}

fn host_config(service: &Service) -> HostConfig {
    HostConfig {
        log_config: service.logging.as_ref().map(|logging| LogConfig {
            r#type: logging.driver.clone(),
            config: logging.options.clone(),
        }),
        port_bindings: port_bindings(service),
        restart_policy: restart_policy(service),
        volume_driver: service.volume_driver.clone(),
        cap_add: capabilities(&service.cap_add),
        cap_drop: capabilities(&service.cap_drop),
        cgroupns_mode: service.cgroup.clone(),
        dns: service.dns.clone(),
        dns_options: service.dns_opt.clone(),
        dns_search: service.dns_search.clone(),
        extra_hosts: extra_hosts(service),
        group_add: service.group_add.clone(),
        ipc_mode: service.ipc.clone(),
        oom_score_adj: service.oom_score_adj,
        pid_mode: service.pid.clone(),
        privileged: service.privileged,
        readonly_rootfs: service.read_only,
        storage_opt: service.storage_opt.clone(),
        uts_mode: service.uts.clone(),
        userns_mode: service.userns_mode.clone(),
        shm_size: service.shm_size.0,
        sysctls: service.sysctls.clone(),
        runtime: service.runtime.clone(),
        isolation: service.isolation.clone(),
        annotations: service.annotations.clone(),
        init: service.init,
        ..HostConfig::default()
    }
}

fn environment(setting: &Setting<'_>, service: &Service) -> Vec<String> {
    let mut environment: BTreeMap<&str, Option<&str>> = setting
        .proxy_environment
        .iter()
        .map(|(name, value)| (name.as_str(), Some(value.as_str())))
        .collect();
    environment.extend(service.environment.iter().map(|(name, value)| (&**name, value.as_deref())));
    environment
        .into_iter()
        .map(|(name, value)| match value {
            Some(value) => format!("{name}={value}"),
            None => name.to_owned(),
        })
        .collect()
}

fn exposed_ports(service: &Service) -> BTreeMap<String, EmptyObject> {
    let published = service.ports.iter().map(|port| format!("{}/{}", port.target, port.protocol));
    service.expose.iter().cloned().chain(published).map(|port| (port, EmptyObject {})).collect()
}

fn port_bindings(service: &Service) -> BTreeMap<String, Vec<PortBinding>> {
    let mut bindings: BTreeMap<String, Vec<PortBinding>> = BTreeMap::new();
    for port in &service.ports {
        bindings
            .entry(format!("{}/{}", port.target, port.protocol))
            .or_default()
            .push(PortBinding { host_ip: port.host_ip.clone(), host_port: port.published.clone() });
    }
    bindings
}

/// `deploy.restart_policy` wins over `restart`; its delay and window exist only in a swarm.
fn restart_policy(service: &Service) -> Option<RestartPolicy> {
    let name = |condition: &str| match condition {
        "none" => "no".to_owned(),
        "any" => "always".to_owned(),
        other => other.to_owned(),
    };
    if let Some(policy) = service.deploy.as_ref().and_then(|deploy| deploy.restart_policy.as_ref())
    {
        let attempts = policy.max_attempts.unwrap_or(0);
        return Some(RestartPolicy {
            name: name(&policy.condition),
            maximum_retry_count: i64::try_from(attempts).unwrap_or(i64::MAX),
        });
    }
    if service.restart.is_empty() {
        return None;
    }
    let (condition, attempts) = service.restart.split_once(':').unwrap_or((&service.restart, ""));
    Some(RestartPolicy {
        name: name(condition),
        maximum_retry_count: attempts.parse().unwrap_or(0),
    })
}

/// In the form that Docker's own client library sends: upper case, prefixed, sorted, each once.
fn capabilities(names: &[String]) -> Vec<String> {
    let mut names: Vec<String> = names
        .iter()
        .map(|name| {
            let name = name.to_uppercase();
            if name == "ALL" || name.starts_with("CAP_") { name } else { format!("CAP_{name}") }
        })
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn extra_hosts(service: &Service) -> Vec<String> {
    service
        .extra_hosts
        .iter()
        .flat_map(|(host, addresses)| {
            addresses.iter().map(move |address| format!("{host}:{address}"))
        })
        .collect()
}

fn healthcheck(
    setting: &Setting<'_>,
    service: &Service,
) -> Result<Option<HealthConfig>, StackError> {
    let Some(Healthcheck {
        test,
        timeout,
        interval,
        retries,
        start_period,
        start_interval,
        disable,
        ..
    }) = &service.healthcheck
    else {
        return Ok(None);
    };
    let path = format!("services.{}.healthcheck.start_interval", service.name);
    if start_interval.is_some() && setting.api_version < START_INTERVAL {
        return Err(setting.problem(
            codes::START_INTERVAL_UNSUPPORTED,
            &path,
            "can't set healthcheck.start_interval as feature require Docker Engine v25 or later",
        ));
    }
    if start_interval.is_some() && start_period.is_none() {
        return Err(setting.problem(
            codes::START_INTERVAL_ALONE,
            &path,
            "healthcheck.start_interval requires healthcheck.start_period to be set",
        ));
    }
    let nanoseconds =
        |time: &Option<crate::compose::model::Duration>| time.map_or(0, |time| time.0);
    Ok(Some(HealthConfig {
        test: if *disable { vec!["NONE".into()] } else { test.clone() },
        interval: nanoseconds(interval),
        timeout: nanoseconds(timeout),
        start_period: nanoseconds(start_period),
        start_interval: nanoseconds(start_interval),
        retries: retries.map_or(0, |retries| i64::try_from(retries).unwrap_or(i64::MAX)),
    }))
}

/// `container:alias` for every container of every service linked to, and for siblings on a one-off.
fn links(setting: &Setting<'_>, service: &Service, instance: &Instance<'_>) -> Vec<String> {
    let project = &setting.project.name;
    let none = Vec::new();
    let containers = |name: &str| instance.linked.get(name).unwrap_or(&none);
    let mut links = Vec::new();
    for link in &service.links {
        let (target, alias) = link.split_once(':').unwrap_or((link, link));
        let number = match instance.purpose {
            Purpose::Replica(number) => number,
            Purpose::OneOff { .. } => 1,
        };
        for name in containers(target) {
            links.push(format!("{name}:{alias}"));
            links.push(format!("{name}:{target}-{number}"));
            links.push(format!("{name}:{project}-{target}-{number}"));
        }
    }
    if matches!(instance.purpose, Purpose::OneOff { .. }) && !service.links.is_empty() {
        for name in containers(&service.name) {
            let short = name.strip_prefix(&format!("{project}-")).unwrap_or(name);
            links.push(format!("{name}:{}", service.name));
            links.push(format!("{name}:{short}"));
            links.push(format!("{name}:{name}"));
        }
    }
    for link in &service.external_links {
        let (target, alias) = link.split_once(':').unwrap_or((link, link));
        links.push(format!("{target}:{alias}"));
    }
    links
}
