//! The identity of a service, a network, a volume: Docker Compose's hash over what it is made from
//! (version 2.40.3's dialect). Pure.

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::compose::model::{Network, Service, Volume};

/// Identity of a service; `container_of` gives the id of a service's first container, for those
/// that share namespaces or mounts.
pub fn service(service: &Service, container_of: &dyn Fn(&str) -> Option<String>) -> String {
    let mut service = service.clone();
    service.build = None;
    service.depends_on.clear();
    service.pull_policy.clear();
    service.profiles.clear();
    service.scale = None;
    if let Some(deploy) = &mut service.deploy {
        deploy.replicas = None;
    }
    for mode in [&mut service.network_mode, &mut service.ipc, &mut service.pid] {
        if let Some(id) = mode.strip_prefix("service:").and_then(container_of) {
            *mode = format!("container:{id}");
        }
    }
    for source in &mut service.volumes_from {
        *source = volumes_from(source, container_of);
    }
    hash(&service)
}

/// An entry of `volumes_from` as the engine takes it: an id, without its access mode, as Compose
/// has it.
pub fn volumes_from(source: &str, container_of: &dyn Fn(&str) -> Option<String>) -> String {
    if let Some(name) = source.strip_prefix("container:") {
        return name.to_owned();
    }
    let name = source.split(':').next().unwrap_or(source);
    container_of(name).unwrap_or_else(|| source.to_owned())
}

/// Identity of a network.
pub fn network(network: &Network) -> String {
    hash(network)
}

/// Identity of a volume.
pub fn volume(volume: &Volume) -> String {
    let mut volume = volume.clone();
    if volume.driver.is_empty() {
        volume.driver = "local".into();
    }
    hash(&volume)
}

fn hash<T: Serialize>(value: &T) -> String {
    let text = serde_json::to_string(value).unwrap_or_default();
    let text = text
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029");
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
