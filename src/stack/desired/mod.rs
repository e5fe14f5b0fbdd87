//! What should exist: bodies of the Engine API, names and labels, computed from a project. Pure.
//!
//! The mapping is Docker Compose's, to the field, so that a container is the same whoever made it.

mod container;
mod endpoints;
mod files;
mod hook;
mod identity;
mod ignored;
mod image_mounts;
mod mounts;
mod names;
mod network;
mod resources;
mod security;
#[cfg(test)]
mod tests;
mod volume;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::StackError;
use super::programs::Brought;
use super::selection::Selection;
use crate::compose::check;
use crate::compose::files::Files;
use crate::compose::model::{Project, Service};
use crate::diagnostic::{Code, Diagnostic, codes};
use crate::engine::api::{ApiVersion, NetworkCreate, VolumeCreate};

pub(in crate::stack) use container::START_INTERVAL;
pub use container::{
    Blueprint, Instance, Purpose, blueprint, named_containers, referenced_services,
};
pub use files::{InjectedFile, injected_files};
pub use hook::{PRE_START, PreStart, hook_image, pre_start};
pub use identity::Identity;
pub use ignored::{endpoint_known_to_engine, known_to_engine, warning_of_network};
pub use image_mounts::{image_mounts, mounted_digests, mounted_key, name_built_images};
pub use names::{
    container_name, image_name, one_off_name, platform, replaced_name, temporary_name,
};

/// What the desired state depends on besides the project.
#[derive(Clone, Copy)]
pub struct Setting<'a> {
    /// The project.
    pub project: &'a Project,
    /// Version of the Engine API in use, which gates some fields.
    pub api_version: ApiVersion,
    /// Files of this machine.
    pub files: &'a dyn Files,
    /// `--compatibility`: `_` in container names.
    pub compatibility: bool,
    /// Proxy variables from the client's configuration; a service's own environment wins.
    pub proxy_environment: &'a BTreeMap<String, String>,
}

impl Setting<'_> {
    /// A problem of the project's files at a dotted path of the model.
    fn problem(&self, code: Code, path: &str, message: impl Into<String>) -> StackError {
        StackError::project(
            self.project,
            Diagnostic::error(code, message).at(self.project.origin(path), ""),
        )
    }
}

/// A network that should exist.
#[derive(Debug, Clone, PartialEq)]
pub struct DesiredNetwork {
    /// Key in the file.
    pub key: String,
    /// Real name.
    pub name: String,
    /// Whether it is managed elsewhere.
    pub external: bool,
    /// What it would be created from, labels included.
    pub body: NetworkCreate,
}

/// A volume that should exist.
#[derive(Debug, Clone, PartialEq)]
pub struct DesiredVolume {
    /// Key in the file.
    pub key: String,
    /// Real name.
    pub name: String,
    /// Whether it is managed elsewhere.
    pub external: bool,
    /// What it would be created from, labels included.
    pub body: VolumeCreate,
}

/// A service whose containers should exist.
#[derive(Debug, Clone, PartialEq)]
pub struct DesiredService {
    /// The service, with what the environment adds to it.
    pub service: Arc<Service>,
    /// Name of its image.
    pub image: String,
    /// Platform asked of the engine, `os/arch[/variant]`; empty for any.
    pub platform: String,
    /// Number of containers.
    pub scale: u32,
    /// Whether it was asked for, as opposed to needed by one that was.
    pub named: bool,
    /// Its identity.
    pub identity: Identity,
}

/// Everything that should exist.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Desired {
    /// Networks that the services use, by key.
    pub networks: Vec<DesiredNetwork>,
    /// Volumes that the services use, by key.
    pub volumes: Vec<DesiredVolume>,
    /// Services, dependencies first.
    pub services: Vec<DesiredService>,
    /// Services that other programs provide, dependencies first. They have no containers.
    pub providers: Vec<Arc<Service>>,
}

impl DesiredService {
    /// Its image, and the platform that it is needed for.
    pub fn image_key(&self) -> (String, String) {
        (self.image.clone(), self.platform.clone())
    }

    /// Names of the images whose change replaces its containers: its own, and those that it mounts.
    pub fn images(&self) -> impl Iterator<Item = &str> {
        let mounted = image_mounts(&self.service).map(|mount| mount.source.as_str());
        std::iter::once(self.image.as_str()).chain(mounted)
    }
}

impl Desired {
    /// Works out what else is worked out when it is needed: for a while in which there is nothing
    /// better to do.
    pub fn work_ahead(&self) {
        for desired in &self.services {
            desired.identity.alone(&desired.service);
        }
    }

    /// The service of that name.
    pub fn service(&self, name: &str) -> Option<&DesiredService> {
        self.services.iter().find(|desired| desired.service.name == name)
    }

    /// The network of that key.
    pub fn network(&self, key: &str) -> Option<&DesiredNetwork> {
        self.networks.iter().find(|network| network.key == key)
    }

    /// The volume of that key.
    pub fn volume(&self, key: &str) -> Option<&DesiredVolume> {
        self.volumes.iter().find(|volume| volume.key == key)
    }
}

/// What the selected services need, and the networks and volumes of `target`, a service that gets no
/// container here. `scale` overrides what the files say; `brought` is added to services.
///
/// # Errors
/// A scale for a service that is not selected; a fixed name for more than one container.
pub(super) fn desire(
    setting: &Setting<'_>,
    selection: &Selection<'_>,
    target: Option<&Service>,
    scale: &BTreeMap<String, i64>,
    brought: &Brought,
) -> Result<Desired, StackError> {
    if let Some(unknown) = scale.keys().find(|name| !selection.contains(name)) {
        // Compose wraps its own "no such service" in a "not found".
        return Err(StackError::NoSuchService(format!("{unknown}: not found")));
    }
    let project = setting.project;
    let selected = selection.services.iter().copied();
    if let Some(twice) = check::container_names_of(project, selected).into_iter().next() {
        return Err(StackError::project(project, twice));
    }
    let mut desired = Desired::default();
    let used = Used::by(selection.services.iter().copied().chain(target));
    // What no service at all uses is in a project only where `--all-resources` keeps it.
    let known = Used::by(project.services.values());
    for service in &selection.services {
        if service.provider.is_some() {
            desired.providers.push(Arc::new((*service).clone()));
            continue;
        }
        let mut service = desired_service(setting, selection, service, scale)?;
        brought.apply(project, Arc::make_mut(&mut service.service));
        desired.services.push(service);
    }
    for (key, network) in &project.networks {
        let key = key.as_str();
        if used.networks.contains(key) || !known.networks.contains(key) {
            desired.networks.push(network::desired(setting, key, network));
        }
    }
    for (key, volume) in &project.volumes {
        let key = key.as_str();
        if used.volumes.contains(key) || !known.volumes.contains(key) {
            desired.volumes.push(volume::desired(project, key, volume));
        }
    }
    Ok(desired)
}

/// Keys of the networks and volumes that services use.
struct Used<'a> {
    networks: BTreeSet<&'a str>,
    volumes: BTreeSet<&'a str>,
}

impl<'a> Used<'a> {
    fn by(services: impl Iterator<Item = &'a Service>) -> Self {
        let mut used = Self { networks: BTreeSet::new(), volumes: BTreeSet::new() };
        for service in services {
            used.networks.extend(service.networks.keys().map(String::as_str));
            let volumes = service.volumes.iter().filter(|mount| mount.r#type == "volume");
            used.volumes.extend(volumes.map(|mount| mount.source.as_str()));
        }
        used
    }
}

fn desired_service(
    setting: &Setting<'_>,
    selection: &Selection<'_>,
    service: &Service,
    scale: &BTreeMap<String, i64>,
) -> Result<DesiredService, StackError> {
    let project = setting.project;
    let path = format!("services.{}", service.name);
    let mut service = service.clone();
    name_built_images(project, &mut service);
    if let Some(platform) = project.environment.get("DOCKER_DEFAULT_PLATFORM")
        && service.platform.is_empty()
        && service.build.is_some()
    {
        service.platform.clone_from(platform);
    }
    let wanted = scale.get(&service.name).copied().unwrap_or_else(|| replicas(&service));
    if wanted > 1 && !service.container_name.is_empty() {
        return Err(setting.problem(
            codes::FIXED_NAME_SCALED,
            &format!("{path}.container_name"),
            format!(
                "WARNING: The {:?} service is using the custom container name {:?}. Docker \
                 requires each container to have a unique name. Remove the custom name to scale \
                 the service",
                service.name, service.container_name
            ),
        ));
    }
    Ok(DesiredService {
        image: image_name(project, &service),
        platform: platform(project, &service).to_owned(),
        scale: u32::try_from(wanted).unwrap_or(0),
        named: selection.named.contains(service.name.as_str()),
        service: Arc::new(service),
        identity: Identity::default(),
    })
}

/// The number of containers that the files ask for.
pub fn replicas(service: &Service) -> i64 {
    let deployed = service.deploy.as_ref().and_then(|deploy| deploy.replicas);
    service.scale.or(deployed).unwrap_or(1)
}
