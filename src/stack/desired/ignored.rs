//! What an engine is too old for and leaves out without a word: Docker Compose sends it all the same,
//! and so do we. The versions are those of the Engine API's history.

use super::endpoints::by_priority;
use super::{DesiredNetwork, Setting};
use crate::compose::model::{Mount, Service};
use crate::engine::api::{ApiVersion, ContainerCreate, EndpointSettings};

/// Since when an engine knows something: the API's version, and the engine's.
type Since = (ApiVersion, &'static str);

const ANNOTATIONS: Since = (ApiVersion::new(1, 43), "v24");
const WRITABLE_SUBMOUNTS: Since = (ApiVersion::new(1, 44), "v25");
/// On each network; before, a container had one address, on its first network.
const MAC_ADDRESSES: Since = (ApiVersion::new(1, 44), "v25");
const SUBPATHS: Since = (ApiVersion::new(1, 45), "v26");
const GATEWAY_PRIORITIES: Since = (ApiVersion::new(1, 48), "v28");
const WITHOUT_IPV4: Since = (ApiVersion::new(1, 48), "v28");

/// Adds a sentence for each attribute of a service that has no effect on this engine.
pub(super) fn warn(setting: &Setting<'_>, service: &Service, warnings: &mut Vec<String>) {
    let name = &service.name;
    let mut tell = |path: &str, since: Since, effect: &str| {
        let text = sentence(setting, &format!("services.{name}.{path}"), since);
        warnings.extend(text.map(|text| text + effect).filter(|text| !warnings.contains(text)));
    };
    if !service.annotations.is_empty() {
        tell("annotations", ANNOTATIONS, "");
    }
    for (index, mount) in service.volumes.iter().enumerate() {
        if has_subpath(mount) {
            let path = format!("volumes[{index}].volume.subpath");
            tell(&path, SUBPATHS, ": the whole volume is mounted");
        }
        let recursive = mount.bind.as_ref().map_or("", |bind| bind.recursive.as_str());
        if recursive == "writable" {
            tell(&format!("volumes[{index}].bind.recursive"), WRITABLE_SUBMOUNTS, "");
        }
    }
    for (network, attachment) in &service.networks {
        if attachment.as_ref().is_some_and(|attachment| attachment.gw_priority != 0) {
            tell(&format!("networks.{network}.gw_priority"), GATEWAY_PRIORITIES, "");
        }
    }
    for network in by_priority(service).into_iter().skip(1) {
        let attachment = service.networks.get(network).and_then(|it| it.as_deref());
        if attachment.is_some_and(|attachment| !attachment.mac_address.is_empty()) {
            tell(&format!("networks.{network}.mac_address"), MAC_ADDRESSES, "");
        }
    }
}

/// A sentence if a network that is to be created has an attribute without effect on this engine.
pub fn warning_of_network(setting: &Setting<'_>, network: &DesiredNetwork) -> Option<String> {
    let path = format!("networks.{}.enable_ipv4", network.key);
    let is_without = network.body.enable_ipv4 == Some(false);
    is_without.then(|| sentence(setting, &path, WITHOUT_IPV4)).flatten()
}

/// A container without what this engine leaves out.
pub fn known_to_engine(setting: &Setting<'_>, mut body: ContainerCreate) -> ContainerCreate {
    let lacks = |(api, _): Since| setting.api_version < api;
    let host = &mut body.host_config;
    if lacks(ANNOTATIONS) {
        host.annotations.clear();
    }
    for mount in &mut host.mounts {
        if let Some(volume) = mount.volume_options.as_mut().filter(|_| lacks(SUBPATHS)) {
            volume.subpath.clear();
        }
        if let Some(bind) = mount.bind_options.as_mut().filter(|_| lacks(WRITABLE_SUBMOUNTS)) {
            bind.read_only_non_recursive = false;
        }
    }
    body
}

/// An endpoint without what this engine leaves out.
pub fn endpoint_known_to_engine(
    setting: &Setting<'_>,
    mut endpoint: EndpointSettings,
) -> EndpointSettings {
    if setting.api_version < GATEWAY_PRIORITIES.0 {
        endpoint.gw_priority = 0;
    }
    if setting.api_version < MAC_ADDRESSES.0 {
        endpoint.mac_address.clear();
    }
    endpoint
}

/// That an attribute is ignored, on an engine from before it was known.
fn sentence(setting: &Setting<'_>, path: &str, (api, engine): Since) -> Option<String> {
    let own = setting.api_version;
    (own < api).then(|| {
        format!(
            "{path} requires Docker Engine {engine} or later (API {api}) and is ignored by this one (API {own})"
        )
    })
}

fn has_subpath(mount: &Mount) -> bool {
    mount.volume.as_ref().is_some_and(|volume| !volume.subpath.is_empty())
}
