//! What the engine in memory holds, and the rules by which it changes.

use std::collections::{BTreeMap, BTreeSet};

use super::{Happening, refused};
use crate::engine::api::{
    ContainerCreate, ContainerDetails, ContainerState, ContainerSummary, EndpointSettings, Health,
    HealthConfig, MountDetails, NetworkCreate, NetworkDetails, SummaryNetworks, VolumeCreate,
    VolumeDetails,
};
use crate::engine::{EngineError, Result};
use crate::stack::labels;

/// A container.
#[derive(Debug, Clone)]
pub(in crate::stack) struct Container {
    pub(in crate::stack) id: String,
    pub(in crate::stack) name: String,
    pub(in crate::stack) body: ContainerCreate,
    pub(in crate::stack) status: &'static str,
    /// Turns until it is healthy, once it runs.
    until_healthy: u32,
    networks: BTreeMap<String, EndpointSettings>,
}

/// What the engine holds.
#[derive(Debug, Default)]
pub(in crate::stack) struct State {
    pub(in crate::stack) containers: BTreeMap<String, Container>,
    pub(in crate::stack) networks: BTreeMap<String, NetworkDetails>,
    pub(in crate::stack) volumes: BTreeMap<String, VolumeDetails>,
    /// What went against the files: a start before what it depends on.
    pub(in crate::stack) violations: Vec<String>,
    /// Calls that changed something.
    pub(in crate::stack) writes: u32,
    next: u32,
}

type Changed<T = ()> = Result<(T, Vec<Happening>)>;

/// Turns that a probe takes.
const TURNS_TO_HEALTH: u32 = 40;

impl State {
    fn fresh_id(&mut self) -> String {
        self.next += 1;
        // The first twelve digits tell containers apart, as a real engine's do.
        let scattered = u64::from(self.next).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        format!("{scattered:016x}{:048x}", self.next)
    }

    fn find(&self, container: &str) -> Result<&Container> {
        let found =
            self.containers.values().find(|one| one.id == container || one.name == container);
        found.ok_or_else(|| EngineError::NotFound(format!("No such container: {container}")))
    }

    fn find_mut(&mut self, container: &str) -> Result<&mut Container> {
        let id = self.find(container)?.id.clone();
        self.containers.get_mut(&id).ok_or(EngineError::NotFound(id))
    }

    fn network_id(&self, network: &str) -> Result<String> {
        self.networks
            .values()
            .find(|one| one.id == network || one.name == network)
            .map(|one| one.id.clone())
            .ok_or_else(|| EngineError::NotFound(format!("network {network} not found")))
    }

    /// Time goes on: what runs becomes healthy.
    pub(super) fn tick(&mut self) -> Vec<Happening> {
        let mut happenings = Vec::new();
        for container in self.containers.values_mut() {
            if container.status == "running" && container.until_healthy > 0 {
                container.until_healthy -= 1;
                if container.until_healthy == 0 {
                    let action = "health_status: healthy";
                    happenings.push(Happening { container: container.id.clone(), action });
                }
            }
        }
        happenings
    }

    pub(super) fn create_container(
        &mut self,
        name: &str,
        body: &ContainerCreate,
    ) -> Changed<String> {
        self.writes += 1;
        if self.find(name).is_ok() {
            return Err(EngineError::Conflict(format!("The name {name} is already in use")));
        }
        let mut networks = BTreeMap::new();
        for (network, endpoint) in
            body.networking_config.iter().flat_map(|networking| &networking.endpoints_config)
        {
            let network_id = self.network_id(network)?;
            networks.insert(network.clone(), EndpointSettings { network_id, ..endpoint.clone() });
        }
        for bind in &body.host_config.binds {
            let source = bind.split(':').next().unwrap_or_default();
            if !source.starts_with('/') && !self.volumes.contains_key(source) {
                return Err(refused("a volume was not created before its container"));
            }
        }
        let id = self.fresh_id();
        self.containers.insert(
            id.clone(),
            Container {
                id: id.clone(),
                name: name.to_owned(),
                body: body.clone(),
                status: "created",
                until_healthy: 0,
                networks,
            },
        );
        Ok((id, Vec::new()))
    }

    pub(super) fn start_container(&mut self, container: &str) -> Changed {
        self.writes += 1;
        let container = self.find(container)?.clone();
        if container.status == "running" {
            return Ok(((), Vec::new()));
        }
        self.check_dependencies(&container);
        for (name, endpoint) in &container.networks {
            if !self.networks.contains_key(&endpoint.network_id) {
                return Err(EngineError::NotFound(format!("network {name} not found")));
            }
        }
        let started = self.find_mut(&container.id)?;
        started.status = "running";
        started.until_healthy =
            if started.body.healthcheck.is_some() { TURNS_TO_HEALTH } else { 0 };
        Ok(((), vec![Happening { container: container.id, action: "start" }]))
    }

    /// Notes a start that comes before what the container's label says it depends on.
    fn check_dependencies(&mut self, container: &Container) {
        let label = container.body.labels.get(labels::DEPENDS_ON).cloned().unwrap_or_default();
        for entry in label.split(',').filter(|entry| !entry.is_empty()) {
            let mut parts = entry.split(':');
            let (service, condition) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
            // Those that do not run may be on their way out.
            let mut running = self
                .containers
                .values()
                .filter(|other| other.service() == service && other.status == "running")
                .peekable();
            let ready = running.peek().is_some()
                && running.all(|other| condition != "service_healthy" || other.until_healthy == 0);
            if !ready {
                let name = &container.name;
                self.violations.push(format!("{name} started before {service} {condition}"));
            }
        }
    }

    pub(super) fn stop_container(&mut self, container: &str) -> Changed {
        self.writes += 1;
        let container = self.find_mut(container)?;
        if container.status != "running" {
            return Ok(((), Vec::new()));
        }
        container.status = "exited";
        Ok(((), vec![Happening { container: container.id.clone(), action: "die" }]))
    }

    pub(super) fn remove_container(&mut self, container: &str, force: bool) -> Changed {
        self.writes += 1;
        let found = self.find(container)?;
        if found.status == "running" && !force {
            return Err(EngineError::Conflict("it runs".into()));
        }
        let id = found.id.clone();
        self.containers.remove(&id);
        Ok(((), vec![Happening { container: id, action: "destroy" }]))
    }

    pub(super) fn rename_container(&mut self, container: &str, name: &str) -> Changed {
        self.writes += 1;
        if self.find(name).is_ok() {
            return Err(EngineError::Conflict(format!("The name {name} is already in use")));
        }
        name.clone_into(&mut self.find_mut(container)?.name);
        Ok(((), Vec::new()))
    }

    pub(super) fn create_network(&mut self, body: &NetworkCreate) -> Changed<String> {
        self.writes += 1;
        if self.network_id(&body.name).is_ok() {
            return Err(EngineError::Conflict(format!("network {} already exists", body.name)));
        }
        let id = self.fresh_id();
        let network = NetworkDetails {
            name: body.name.clone(),
            id: id.clone(),
            labels: body.labels.clone(),
            ..NetworkDetails::default()
        };
        self.networks.insert(id.clone(), network);
        Ok((id, Vec::new()))
    }

    pub(super) fn remove_network(&mut self, network: &str) -> Changed {
        self.writes += 1;
        let id = self.network_id(network)?;
        let used = self.containers.values().any(|container| {
            container.status == "running"
                && container.networks.values().any(|endpoint| endpoint.network_id == id)
        });
        if used {
            let message = format!("network {network} has active endpoints");
            return Err(EngineError::Refused { status: 403, message });
        }
        self.networks.remove(&id);
        Ok(((), Vec::new()))
    }

    pub(super) fn connect(
        &mut self,
        network: &str,
        container: &str,
        endpoint: &EndpointSettings,
    ) -> Changed {
        self.writes += 1;
        let network_id = self.network_id(network)?;
        let name = self.networks[&network_id].name.clone();
        let container = self.find_mut(container)?;
        if container.networks.contains_key(&name) {
            return Err(refused("endpoint already exists in network"));
        }
        container.networks.insert(name, EndpointSettings { network_id, ..endpoint.clone() });
        Ok(((), Vec::new()))
    }

    pub(super) fn disconnect(&mut self, network: &str, container: &str) -> Changed {
        self.writes += 1;
        let id = self.network_id(network)?;
        let container = self.find_mut(container)?;
        container.networks.retain(|_, endpoint| endpoint.network_id != id);
        Ok(((), Vec::new()))
    }

    #[expect(clippy::unnecessary_wraps, reason = "all changes have one shape")]
    pub(super) fn create_volume(&mut self, body: &VolumeCreate) -> Changed<VolumeDetails> {
        self.writes += 1;
        let volume = VolumeDetails {
            name: body.name.clone(),
            labels: body.labels.clone(),
            ..VolumeDetails::default()
        };
        let kept = self.volumes.entry(body.name.clone()).or_insert(volume);
        Ok((kept.clone(), Vec::new()))
    }

    pub(super) fn remove_volume(&mut self, name: &str) -> Changed {
        self.writes += 1;
        let prefix = format!("{name}:");
        let used = self
            .containers
            .values()
            .any(|one| one.body.host_config.binds.iter().any(|bind| bind.starts_with(&prefix)));
        if used {
            return Err(EngineError::Conflict(format!("volume {name} is in use")));
        }
        self.volumes.remove(name);
        Ok(((), Vec::new()))
    }

    /// Names of containers with their service's hash: what a test compares.
    pub(in crate::stack) fn names(&self) -> BTreeSet<String> {
        self.containers.values().map(|container| container.name.clone()).collect()
    }
}

impl Container {
    fn service(&self) -> &str {
        self.body.labels.get(labels::SERVICE).map_or("", String::as_str)
    }

    fn health(&self) -> &'static str {
        if self.until_healthy == 0 { "healthy" } else { "starting" }
    }

    fn mounts(&self) -> Vec<MountDetails> {
        let binds = self.body.host_config.binds.iter().filter_map(|bind| {
            let mut parts = bind.split(':');
            Some(MountDetails {
                r#type: "volume".into(),
                name: parts.next()?.to_owned(),
                destination: parts.next()?.to_owned(),
                writable: true,
                ..MountDetails::default()
            })
        });
        binds.collect()
    }

    pub(super) fn summary(&self) -> ContainerSummary {
        let probed = self.body.healthcheck.is_some();
        ContainerSummary {
            id: self.id.clone(),
            names: vec![format!("/{}", self.name)],
            image: self.body.image.clone(),
            labels: self.body.labels.clone(),
            state: self.status.into(),
            status: match (self.status, probed) {
                ("running", true) if self.until_healthy == 0 => "Up 1 second (healthy)".into(),
                ("running", true) => "Up 1 second (health: starting)".into(),
                ("running", false) => "Up 1 second".into(),
                _ => String::new(),
            },
            mounts: self.mounts(),
            network_settings: SummaryNetworks { networks: self.networks.clone() },
            ..ContainerSummary::default()
        }
    }

    pub(super) fn details(&self) -> ContainerDetails {
        let health = self
            .body
            .healthcheck
            .as_ref()
            .map(|_: &HealthConfig| Health { status: self.health().into(), ..Health::default() });
        ContainerDetails {
            id: self.id.clone(),
            name: format!("/{}", self.name),
            state: ContainerState {
                status: self.status.into(),
                running: self.status == "running",
                health: health.filter(|_| self.status == "running"),
                ..ContainerState::default()
            },
            config: self.body.clone(),
            host_config: self.body.host_config.clone(),
            mounts: self.mounts(),
            network_settings: SummaryNetworks { networks: self.networks.clone() },
            ..ContainerDetails::default()
        }
    }
}
