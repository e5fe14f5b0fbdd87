//! The identity of a service, a network, a volume: a SHA-256 over its JSON, as Docker Compose
//! makes it, so that a stack may be started by one program and continued by the other.
//!
//! A container whose `config-hash` label equals the hash of its service needs no recreation. The
//! hash covers what the engine is told of a container; how its image is built, what it depends on
//! and how many replicas there are do not change it.

use sha2::{Digest, Sha256};

use super::model::{Network, Service, Volume};
use super::render::json;
use super::render::tree::Tree;

/// Whose way of writing the model is hashed. They differ in bind mounts and in keys that only the
/// later one knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// Docker Compose 2.
    V2,
    /// Docker Compose 5.
    V5,
}

impl Dialect {
    /// Takes out of a service what this dialect leaves unwritten.
    pub(super) fn apply(self, service: &mut Service) {
        // Version 2 leaves out "no", version 5 "yes".
        let unwritten = self == Self::V5;
        for bind in service.volumes.iter_mut().filter_map(|mount| mount.bind.as_mut()) {
            bind.create_host_path = bind.create_host_path.filter(|create| *create != unwritten);
        }
    }

    /// Takes out of a network what this dialect leaves unwritten.
    pub(super) fn apply_to_network(self, network: &mut Network) {
        if self == Self::V2 {
            network.ipam.options.clear();
        }
    }
}

/// The hash of a service as it stands: namespaces of other services by the services' names, which
/// is what `config --hash` prints.
pub fn service(service: &Service, dialect: Dialect) -> String {
    digest(&service_json(service.clone(), dialect))
}

/// The hash of a service whose references to other services are resolved, which is what the label
/// of a container holds.
///
/// `container` gives the full id of the first container of a service. A service that it does not
/// know is left by name.
pub fn resolved_service(
    service: &Service,
    dialect: Dialect,
    container: impl Fn(&str) -> Option<String>,
) -> String {
    digest(&service_json(resolve_references(service, container), dialect))
}

/// The service with `service:x` in its namespaces replaced by `container:<id>`, and the entries of
/// `volumes_from` by ids; whether those are read-only is lost, as it is in Docker Compose.
pub fn resolve_references(
    service: &Service,
    container: impl Fn(&str) -> Option<String>,
) -> Service {
    let mut resolved = service.clone();
    for namespace in [&mut resolved.network_mode, &mut resolved.ipc, &mut resolved.pid] {
        if let Some(id) = namespace.strip_prefix("service:").and_then(&container) {
            *namespace = format!("container:{id}");
        }
    }
    for source in &mut resolved.volumes_from {
        if let Some(name) = source.strip_prefix("container:") {
            *source = name.to_owned();
        } else if let Some(id) = source.split(':').next().and_then(&container) {
            *source = id;
        }
    }
    resolved
}

/// The hash of a network. Its `config-hash` label holds it.
pub fn network(network: &Network, dialect: Dialect) -> String {
    digest(&network_json(network.clone(), dialect))
}

/// The hash of a volume. Its `config-hash` label holds it.
pub fn volume(volume: &Volume) -> String {
    digest(&volume_json(volume.clone()))
}

fn service_json(mut service: Service, dialect: Dialect) -> String {
    service.build = None;
    service.depends_on.clear();
    service.pull_policy.clear();
    service.profiles.clear();
    service.scale = None;
    if let Some(deploy) = &mut service.deploy {
        deploy.replicas = None;
    }
    dialect.apply(&mut service);
    json::compact(&Tree::of(&service))
}

fn network_json(mut network: Network, dialect: Dialect) -> String {
    dialect.apply_to_network(&mut network);
    json::compact(&Tree::of(&network))
}

fn volume_json(mut volume: Volume) -> String {
    if volume.driver.is_empty() {
        "local".clone_into(&mut volume.driver);
    }
    json::compact(&Tree::of(&volume))
}

fn digest(text: &str) -> String {
    use std::fmt::Write as _;

    Sha256::digest(text).iter().fold(String::with_capacity(64), |mut hexadecimal, byte| {
        let _ = write!(hexadecimal, "{byte:02x}");
        hexadecimal
    })
}

#[cfg(test)]
mod tests;
