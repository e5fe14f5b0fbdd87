//! Bodies of networks.

use super::{DesiredNetwork, Setting};
use crate::compose::hash;
use crate::compose::model::Network;
use crate::engine::api::{ApiVersion, Ipam, IpamPool, NetworkCreate};
use crate::stack::labels;

/// Engines from this version refuse a second network of one name on their own.
const UNIQUE_NAMES: ApiVersion = ApiVersion::new(1, 44);

/// The network under `key`.
pub(super) fn desired(setting: &Setting<'_>, key: &str, network: &Network) -> DesiredNetwork {
    let mut body = NetworkCreate {
        name: network.name.clone(),
        driver: network.driver.clone(),
        check_duplicate: setting.api_version < UNIQUE_NAMES,
        internal: network.internal,
        attachable: network.attachable,
        ipam: ipam(network),
        enable_ipv4: network.enable_ipv4,
        enable_ipv6: network.enable_ipv6,
        options: network.driver_opts.clone(),
        labels: network.labels.clone(),
    };
    body.labels.extend(labels::resource(&setting.project.name, labels::NETWORK, key));
    body.labels.insert(labels::CONFIG_HASH.into(), hash::network(network, labels::WRITTEN_DIALECT));
    DesiredNetwork {
        key: key.to_owned(),
        name: network.name.clone(),
        external: network.external,
        body,
    }
}

/// Not sent at all unless something in it is written.
fn ipam(network: &Network) -> Option<Ipam> {
    let ipam = &network.ipam;
    if ipam.driver.is_empty() && ipam.config.is_empty() && ipam.options.is_empty() {
        return None;
    }
    Some(Ipam {
        driver: ipam.driver.clone(),
        options: ipam.options.clone(),
        config: ipam
            .config
            .iter()
            .map(|pool| IpamPool {
                subnet: pool.subnet.clone(),
                ip_range: pool.ip_range.clone(),
                gateway: pool.gateway.clone(),
                auxiliary_addresses: pool.aux_addresses.clone(),
            })
            .collect(),
    })
}
