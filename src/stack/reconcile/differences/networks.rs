//! The networks of a container, and its links, as facts.

use super::facts::{Endpoints, Facts, Names, Rank, number};
use crate::engine::api::HostConfig;

impl Facts {
    pub(super) fn networks(&mut self, host: &HostConfig, endpoints: &Endpoints<'_>, names: &Names) {
        let mode = host.network_mode.as_str();
        if mode == "host" || mode == "none" || mode == "bridge" || mode.starts_with("container:") {
            let mode = of_service(mode, names);
            self.put(Rank::Networks, "network_mode", mode);
            return;
        }
        for (network, endpoint) in endpoints {
            let key = names.networks.get(*network).map_or(*network, String::as_str);
            let field = format!("networks.{key}");
            let path = vec![field.clone(), "networks".to_owned()];
            self.add(Rank::Networks, &field, "networks", path, key.to_owned());
            let mut aliases: Vec<&str> = endpoint
                .aliases
                .iter()
                .map(String::as_str)
                .filter(|alias| !names.own_aliases.iter().any(|own| own == alias))
                .collect();
            aliases.sort_unstable();
            aliases.dedup();
            let mut part = |name: &str, value: String| {
                self.put(Rank::Networks, &format!("{field}.{name}"), value);
            };
            part("aliases", aliases.join(", "));
            let addresses = endpoint.ipam_config.clone().unwrap_or_default();
            part("ipv4_address", addresses.ipv4_address);
            part("ipv6_address", addresses.ipv6_address);
            part("link_local_ips", addresses.link_local_ips.join(", "));
            part("gw_priority", number(endpoint.gw_priority));
            for (option, value) in &endpoint.driver_opts {
                part(&format!("driver_opts.{option}"), value.clone());
            }
            let address = format!("{field}.mac_address");
            let paths = vec![address.clone(), "mac_address".to_owned()];
            self.add(Rank::Networks, &address, &address, paths, endpoint.mac_address.clone());
        }
    }

    /// Links to services by those, whatever their containers are called: Docker Compose gives each
    /// container several names.
    pub(super) fn links(&mut self, host: &HostConfig, endpoints: &Endpoints<'_>, names: &Names) {
        let of_networks = endpoints.values().flat_map(|endpoint| &endpoint.links);
        for link in host.links.iter().chain(of_networks) {
            let (container, alias) = link.split_once(':').unwrap_or((link, link));
            let container = container.trim_start_matches('/');
            // An engine's own network names the container that has the link, too.
            let alias = alias.rsplit('/').next().unwrap_or(alias);
            let (field, target) = match names.containers.get(container) {
                Some(service) if is_numbered(alias, service) => continue,
                Some(service) => ("links", service.as_str()),
                None => ("external_links", container),
            };
            let value = match alias {
                alias if alias == target => target.to_owned(),
                alias => format!("{target}:{alias}"),
            };
            self.add(Rank::Others, &format!("{field} {value}"), field, vec![field.into()], value);
        }
    }
}

/// `container:<id>` as the service whose container that is.
pub(super) fn of_service(mode: &str, names: &Names) -> String {
    let id = mode.strip_prefix("container:").unwrap_or(mode);
    match names.services.get(id) {
        Some(service) => format!("service:{service}"),
        None => mode.to_owned(),
    }
}

/// Whether an alias is one of those that Docker Compose adds to a link: `db-1`, `shop-db-1`.
fn is_numbered(alias: &str, service: &str) -> bool {
    let Some((name, number)) = alias.rsplit_once('-') else { return false };
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number && (name == service || name.ends_with(&format!("-{service}")))
}
