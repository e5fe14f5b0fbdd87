//! Projects for tests, made without files.

use std::collections::BTreeMap;
use std::path::Path;

use indexmap::IndexMap;

use super::desired::HostFiles;
use crate::compose::model::{Dependency, Network, Project, Service, Volume};
use crate::compose::yaml::{Node, Value};
use crate::diagnostic::{FileId, SourceMap, Span};

/// An empty project named `shop`.
pub(crate) fn empty() -> Project {
    Project {
        name: "shop".into(),
        working_dir: "/srv/shop".into(),
        compose_files: vec!["/srv/shop/compose.yaml".into()],
        env_files: Vec::new(),
        environment: BTreeMap::new(),
        profiles: Vec::new(),
        services: IndexMap::new(),
        disabled_services: IndexMap::new(),
        networks: BTreeMap::new(),
        volumes: BTreeMap::new(),
        secrets: BTreeMap::new(),
        configs: BTreeMap::new(),
        models: BTreeMap::new(),
        extensions: BTreeMap::new(),
        tree: Node::new(Value::Null, Span::new(FileId(0), 0, 0)),
        sources: SourceMap::default(),
    }
}

/// Services on the default network, each with the services that it depends on.
pub(crate) fn project(services: &[(&str, &[&str])]) -> Project {
    let mut project = empty();
    for (name, dependencies) in services {
        let service = service(&mut project, name);
        for dependency in *dependencies {
            service.depends_on.insert(
                (*dependency).to_owned(),
                Dependency { required: true, ..Dependency::default() },
            );
        }
    }
    project
}

/// Adds a service on the default network, with the image `busybox`.
pub(crate) fn service<'a>(project: &'a mut Project, name: &str) -> &'a mut Service {
    project
        .networks
        .entry("default".into())
        .or_insert_with(|| Network { name: "shop_default".into(), ..Network::default() });
    project.services.entry(name.to_owned()).or_insert_with(|| Service {
        name: name.to_owned(),
        image: "busybox".into(),
        networks: BTreeMap::from([("default".into(), None)]),
        ..Service::default()
    })
}

/// Adds a volume.
pub(crate) fn volume(project: &mut Project, key: &str) {
    let name = format!("{}_{key}", project.name);
    project.volumes.insert(key.to_owned(), Volume { name, ..Volume::default() });
}

/// A machine on which every file exists and is empty.
pub(crate) struct NoFiles;

impl HostFiles for NoFiles {
    fn read(&self, _path: &Path) -> std::io::Result<String> {
        Ok(String::new())
    }

    fn exists(&self, _path: &Path) -> bool {
        true
    }
}
