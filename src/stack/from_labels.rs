//! A project known only by its name, rebuilt from the labels of what exists.

use std::collections::BTreeMap;

use futures_util::future::join;
use indexmap::IndexMap;

use super::query::{self, Filter, OneOff, ProjectContainer};
use super::{StackError, labels};
use crate::compose::model::{Dependency, DependencyCondition, Network, Project, Service, Volume};
use crate::compose::yaml::{Node, Value};
use crate::diagnostic::{FileId, SourceMap, Span};
use crate::engine::Engine;
use crate::engine::api::{NetworkDetails, VolumeDetails};

/// The project as far as labels tell: services with image, scale and those dependencies that
/// have a container; networks and volumes. Empty when nothing has the project's label.
///
/// # Errors
/// An engine that does not answer.
pub async fn project<E: Engine>(name: &str, engine: &E) -> Result<Project, StackError> {
    let filter = Filter { all: true, one_off: OneOff::Exclude, services: Vec::new() };
    let label = [format!("{}={name}", labels::PROJECT)];
    let (containers, (networks, volumes)) = join(
        query::containers(engine, name, &filter),
        join(engine.list_networks(&label), engine.list_volumes(&label)),
    )
    .await;
    Ok(rebuild(name, &containers?, &networks?, &volumes?))
}

fn rebuild(
    name: &str,
    containers: &[ProjectContainer],
    networks: &[NetworkDetails],
    volumes: &[VolumeDetails],
) -> Project {
    let networks = networks_of(networks);
    let volumes = volumes_of(volumes);
    let mut services: IndexMap<String, Service> = IndexMap::new();
    for container in containers {
        let service = services.entry(container.service.clone()).or_insert_with(|| Service {
            name: container.service.clone(),
            image: container.summary.image.clone(),
            scale: Some(0),
            depends_on: depends_on(container.label(labels::DEPENDS_ON)),
            ..Service::default()
        });
        service.scale = service.scale.map(|scale| scale + 1);
        let attached = &container.summary.network_settings.networks;
        for (key, network) in &networks {
            if attached.contains_key(&network.name) {
                service.networks.entry(key.clone()).or_default();
            }
        }
    }
    let known: Vec<String> = services.keys().cloned().collect();
    for service in services.values_mut() {
        service.depends_on.retain(|dependency, _| known.contains(dependency));
    }
    Project {
        name: name.to_owned(),
        working_dir: working_dir(containers),
        compose_files: Vec::new(),
        env_files: Vec::new(),
        inclusions: BTreeMap::new(),
        environment: BTreeMap::new(),
        profiles: Vec::new(),
        services,
        disabled_services: IndexMap::new(),
        networks,
        volumes,
        secrets: BTreeMap::new(),
        configs: BTreeMap::new(),
        models: BTreeMap::new(),
        extensions: BTreeMap::new(),
        tree: Node::new(Value::Null, Span::new(FileId(0), 0, 0)),
        sources: SourceMap::default(),
    }
}

fn working_dir(containers: &[ProjectContainer]) -> std::path::PathBuf {
    containers.first().map_or("", |container| container.label(labels::WORKING_DIR)).into()
}

fn networks_of(networks: &[NetworkDetails]) -> BTreeMap<String, Network> {
    networks
        .iter()
        .filter_map(|network| {
            let key = network.labels.get(labels::NETWORK)?.clone();
            let network = Network {
                name: network.name.clone(),
                driver: network.driver.clone(),
                ..Network::default()
            };
            Some((key, network))
        })
        .collect()
}

fn volumes_of(volumes: &[VolumeDetails]) -> BTreeMap<String, Volume> {
    volumes
        .iter()
        .filter_map(|volume| {
            let key = volume.labels.get(labels::VOLUME)?.clone();
            let volume = Volume {
                name: volume.name.clone(),
                driver: volume.driver.clone(),
                ..Volume::default()
            };
            Some((key, volume))
        })
        .collect()
}

/// Reads a `depends_on` label. What it does not say is waited for to run, and restarted with it.
fn depends_on(label: &str) -> BTreeMap<String, Dependency> {
    label
        .split(',')
        .filter(|entry| !entry.is_empty())
        .map(|entry| {
            let mut parts = entry.split(':');
            let name = parts.next().unwrap_or_default().to_owned();
            let condition = match parts.next() {
                Some("service_healthy") => DependencyCondition::ServiceHealthy,
                Some("service_completed_successfully") => {
                    DependencyCondition::ServiceCompletedSuccessfully
                }
                _ => DependencyCondition::ServiceStarted,
            };
            let restart = parts.next().is_none_or(|restart| restart == "true");
            let dependency =
                Dependency { condition, restart, required: true, ..Dependency::default() };
            (name, dependency)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_from_their_label() {
        let read = depends_on("db:service_healthy:false,cache:service_started:true,old");
        let summary: Vec<_> = read
            .iter()
            .map(|(name, how)| (name.as_str(), how.condition.as_str(), how.restart))
            .collect();
        assert_eq!(
            summary,
            [
                ("cache", "service_started", true),
                ("db", "service_healthy", false),
                ("old", "service_started", true),
            ]
        );
        assert!(depends_on("").is_empty());
    }
}
