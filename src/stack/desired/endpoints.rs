//! How a container joins its networks.

use std::collections::BTreeMap;

use super::{Setting, StackError};
use crate::compose::model::{NetworkAttachment, Service};
use crate::diagnostic::codes;
use crate::engine::api::{
    ApiVersion, ContainerCreate, EndpointIpam, EndpointSettings, NetworkingConfig,
};

/// Engines from this version take all endpoints, each with its MAC address, at creation.
const ALL_ENDPOINTS: ApiVersion = ApiVersion::new(1, 44);
/// Engines from this version name interfaces.
const INTERFACE_NAMES: ApiVersion = ApiVersion::new(1, 49);
/// The driver option that names an interface.
const INTERFACE_OPTION: &str = "com.docker.network.endpoint.ifname";

/// An endpoint on a network, by its real name.
pub(super) type Endpoint = (String, EndpointSettings);

/// Fills in the networks of `body`. Returns the endpoints that this engine only takes once the
/// container exists.
pub(super) fn apply(
    setting: &Setting<'_>,
    service: &Service,
    aliases: &dyn Fn(Option<&NetworkAttachment>) -> Vec<String>,
    body: &mut ContainerCreate,
) -> Result<Vec<Endpoint>, StackError> {
    check(setting, service)?;
    let all_at_once = setting.api_version >= ALL_ENDPOINTS;
    let keys = by_priority(service);
    let primary = keys.first().and_then(|key| service.networks.get(*key)?.as_deref());
    let primary_address = primary.map_or("", |network| network.mac_address.as_str());
    if !all_at_once {
        let address =
            if primary_address.is_empty() { &service.mac_address } else { primary_address };
        address.clone_into(&mut body.mac_address);
    }
    if !service.network_mode.is_empty() {
        body.host_config.network_mode.clone_from(&service.network_mode);
        return Ok(Vec::new());
    }
    let mut endpoints = keys.iter().filter_map(|key| {
        let network = setting.project.networks.get(*key)?;
        let attachment = service.networks.get(*key)?.as_deref();
        let links = &body.host_config.links;
        Some((network.name.clone(), settings(attachment, aliases(attachment), links)))
    });
    let Some((primary_name, mut primary_settings)) = endpoints.next() else {
        body.host_config.network_mode = "none".into();
        return Ok(Vec::new());
    };
    let rest: Vec<Endpoint> = endpoints.collect();
    if all_at_once && primary_settings.mac_address.is_empty() {
        primary_settings.mac_address.clone_from(&service.mac_address);
    }
    body.host_config.network_mode.clone_from(&primary_name);
    let mut at_creation = BTreeMap::from([(primary_name, primary_settings)]);
    let later = if all_at_once {
        at_creation.extend(rest);
        Vec::new()
    } else {
        rest
    };
    body.networking_config = Some(NetworkingConfig { endpoints_config: at_creation });
    Ok(later)
}

/// Keys of a service's networks: by priority from the highest, then by key.
pub(super) fn by_priority(service: &Service) -> Vec<&str> {
    let mut keys: Vec<(i64, &str)> = service
        .networks
        .iter()
        .map(|(key, network)| (network.as_ref().map_or(0, |network| -network.priority), &**key))
        .collect();
    keys.sort_unstable();
    keys.into_iter().map(|(_, key)| key).collect()
}

fn settings(
    attachment: Option<&NetworkAttachment>,
    aliases: Vec<String>,
    links: &[String],
) -> EndpointSettings {
    let mut settings =
        EndpointSettings { aliases, links: links.to_vec(), ..EndpointSettings::default() };
    let Some(attachment) = attachment else { return settings };
    settings.ipam_config = Some(EndpointIpam {
        ipv4_address: attachment.ipv4_address.clone(),
        ipv6_address: attachment.ipv6_address.clone(),
        link_local_ips: attachment.link_local_ips.clone(),
    });
    settings.ip_address.clone_from(&attachment.ipv4_address);
    // Docker Compose says the address so; the engine shows it until the container starts.
    settings.ipv6_gateway.clone_from(&attachment.ipv6_address);
    settings.mac_address.clone_from(&attachment.mac_address);
    settings.driver_opts.clone_from(&attachment.driver_opts);
    if !attachment.interface_name.is_empty() {
        settings.driver_opts.insert(INTERFACE_OPTION.into(), attachment.interface_name.clone());
    }
    settings.gw_priority = attachment.gw_priority;
    settings
}

/// What this engine cannot do, and MAC addresses that contradict each other.
fn check(setting: &Setting<'_>, service: &Service) -> Result<(), StackError> {
    let path = format!("services.{}", service.name);
    let keys = by_priority(service);
    let with_address: Vec<&str> = keys
        .iter()
        .filter(|key| {
            matches!(service.networks.get(**key), Some(Some(network)) if !network.mac_address.is_empty())
        })
        .copied()
        .collect();
    if setting.api_version < ALL_ENDPOINTS && with_address.len() > 1 {
        return Err(setting.problem(
            codes::SEVERAL_MAC_ADDRESSES,
            &format!("{path}.networks"),
            format!(
                "a MAC address is specified for multiple networks ({}), but this feature requires \
                 Docker Engine v25 or later",
                with_address.join(", ")
            ),
        ));
    }
    for key in keys.iter().take(1) {
        if let Some(Some(network)) = service.networks.get(*key)
            && !service.mac_address.is_empty()
            && !network.mac_address.is_empty()
            && service.mac_address != network.mac_address
        {
            return Err(setting.problem(
                codes::MAC_ADDRESS_MISMATCH,
                &format!("{path}.mac_address"),
                format!(
                    "the service-level mac_address should have the same value as network {key}"
                ),
            ));
        }
    }
    let named = service.networks.iter().find(|(_, network)| {
        network.as_ref().is_some_and(|network| !network.interface_name.is_empty())
    });
    if let Some((key, _)) = named
        && setting.api_version < INTERFACE_NAMES
    {
        return Err(setting.problem(
            codes::INTERFACE_NAME_UNSUPPORTED,
            &format!("{path}.networks.{key}.interface_name"),
            "interface_name requires Docker Engine v28.1 or later",
        ));
    }
    Ok(())
}
