//! `alpha generate`: a project out of containers that exist, whoever made them.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::try_join_all;
use futures_util::try_join;

use super::{StackError, labels};
use crate::compose::model::{
    Duration, FileObject, FileReference, Healthcheck, Mount, Network, NetworkAttachment, Port,
    Project, Service, Volume,
};
use crate::engine::Engine;
use crate::engine::api::{
    ContainerDetails, ContainerFilter, ContainerSummary, HealthConfig, HostConfig, MountDetails,
};

/// What labels that programs set for themselves begin with.
const TECHNICAL: [&str; 3] = ["com.docker.compose.", "desktop.docker.io", labels::OWN];
/// Where Docker Compose mounts secrets.
const SECRETS: &str = "/run/secrets";
/// What stands before a path of the host where Docker Desktop is the engine.
const DESKTOP_HOST: &str = "/host_mnt";
/// Networks that every engine has and no file can describe.
const MODES: [&str; 2] = ["host", "none"];

/// A container, and what more there is to know of it, unless it vanished meanwhile.
pub type Found = (Arc<ContainerSummary>, Option<ContainerDetails>);

/// The containers that `words` name: regular expressions for names or ids, as the engine takes them.
///
/// # Errors
/// An engine that does not answer.
pub async fn find<E: Engine>(engine: &E, words: &[String]) -> Result<Vec<Found>, StackError> {
    let any = ContainerFilter { all: true, ..ContainerFilter::default() };
    let by_name = ContainerFilter { names: words.to_vec(), ..any.clone() };
    let by_id = ContainerFilter { ids: words.to_vec(), ..any };
    let (mut containers, by_id) =
        try_join!(engine.list_containers(&by_name), engine.list_containers(&by_id))?;
    for container in by_id {
        if containers.iter().all(|known| known.id != container.id) {
            containers.push(container);
        }
    }
    let inspected = containers.into_iter().map(async |container| {
        let details = engine.inspect_container(&container.id).await?;
        Ok::<_, StackError>((container, details))
    });
    try_join_all(inspected).await
}

/// A project of containers. Those of one service of a project become one service.
///
/// # Errors
/// An engine that does not answer.
pub async fn project<E: Engine>(
    engine: &E,
    name: &str,
    containers: &[Found],
) -> Result<Project, StackError> {
    let mut project = Project::unwritten(name);
    for (summary, details) in containers {
        let own = summary.labels.get(labels::SERVICE).map_or(summary.name(), String::as_str);
        let service = project.services.entry(own.to_owned()).or_insert_with(|| Service {
            name: own.to_owned(),
            image: summary.image.clone(),
            labels: own_labels(&summary.labels),
            ..Service::default()
        });
        service.scale = Some(service.scale.unwrap_or(0) + 1);
        let Some(details) = details else { continue };
        service.environment = environment(&details.config.env);
        service.healthcheck = details.config.healthcheck.as_ref().map(healthcheck);
        add_ports(service, &details.host_config);
        for name in details.network_settings.networks.keys() {
            project.networks.insert(name.clone(), Network::default());
        }
        add_networks(service, details);
        let mut mounts: Vec<_> = details.mounts.iter().collect();
        mounts.sort_by(|left, right| left.destination.cmp(&right.destination));
        for mount in mounts {
            add_mount(service, mount, &mut project.volumes, &mut project.secrets);
        }
    }
    project.services.sort_unstable_keys();
    for mode in MODES {
        project.networks.remove(mode);
    }
    let networks = project.networks.keys().map(|name| engine.inspect_network(name));
    let inspected = try_join_all(networks).await?;
    for (network, details) in project.networks.values_mut().zip(inspected) {
        network.internal = details.is_some_and(|details| details.internal);
    }
    Ok(project)
}

fn own_labels(labels: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let own = labels.iter().filter(|(key, _)| !TECHNICAL.iter().any(|it| key.starts_with(it)));
    own.map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn environment(variables: &[String]) -> BTreeMap<String, Option<String>> {
    let split = |variable: &String| match variable.split_once('=') {
        Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
        None => (variable.clone(), None),
    };
    variables.iter().map(split).collect()
}

fn healthcheck(config: &HealthConfig) -> Healthcheck {
    let time = |nanoseconds: i64| (nanoseconds != 0).then_some(Duration(nanoseconds));
    Healthcheck {
        test: config.test.clone(),
        timeout: time(config.timeout),
        interval: time(config.interval),
        retries: u64::try_from(config.retries).ok().filter(|retries| *retries != 0),
        start_period: time(config.start_period),
        start_interval: time(config.start_interval),
        ..Healthcheck::default()
    }
}

fn add_ports(service: &mut Service, host: &HostConfig) {
    for (port, bindings) in &host.port_bindings {
        let (target, protocol) = port.split_once('/').unwrap_or((port, "tcp"));
        let Ok(target) = target.parse() else { continue };
        let ports = bindings.iter().map(|binding| Port {
            target,
            protocol: protocol.to_owned(),
            published: binding.host_port.clone(),
            host_ip: binding.host_ip.clone(),
            ..Port::default()
        });
        for port in ports {
            push_new(&mut service.ports, port);
        }
    }
}

fn add_networks(service: &mut Service, details: &ContainerDetails) {
    service.networks.clear();
    for (name, endpoint) in &details.network_settings.networks {
        if MODES.contains(&name.as_str()) {
            service.network_mode.clone_from(name);
        } else {
            let aliases = endpoint.aliases.clone();
            let attachment = NetworkAttachment { aliases, ..NetworkAttachment::default() };
            service.networks.insert(name.clone(), Some(Box::new(attachment)));
        }
    }
}

fn add_mount(
    service: &mut Service,
    found: &MountDetails,
    volumes: &mut BTreeMap<String, Volume>,
    secrets: &mut BTreeMap<String, FileObject>,
) {
    let mut mount = Mount {
        r#type: found.r#type.clone(),
        source: found.source.clone(),
        target: found.destination.clone(),
        read_only: !found.writable,
        ..Mount::default()
    };
    match found.r#type.as_str() {
        "volume" => {
            let mut volume = Volume::default();
            if found.driver != "local" {
                volume.driver.clone_from(&found.driver);
                volume.name.clone_from(&found.name);
            }
            volumes.insert(found.name.clone(), volume);
            mount.source.clone_from(&found.name);
            push_new(&mut service.volumes, mount);
        }
        "bind" if found.destination.starts_with(SECRETS) => {
            let name = found.destination.rsplit('/').next().unwrap_or_default().to_owned();
            let file = found.source.strip_prefix(DESKTOP_HOST).unwrap_or(&found.source).to_owned();
            let secret = FileObject { name: name.clone(), file, ..FileObject::default() };
            secrets.insert(name.clone(), secret);
            let target = found.destination.clone();
            let reference = FileReference { source: name, target, ..FileReference::default() };
            push_new(&mut service.secrets, reference);
        }
        "bind" => push_new(&mut service.volumes, mount),
        // Anything else is the container's own.
        _ => {}
    }
}

/// Adds what is not there: containers of one service mount and publish the same.
fn push_new<T: PartialEq>(items: &mut Vec<T>, item: T) {
    if !items.contains(&item) {
        items.push(item);
    }
}
