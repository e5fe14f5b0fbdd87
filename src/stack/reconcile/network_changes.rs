//! What exactly differs between a network and what the files ask for now, for the cause of its
//! replacement. Nothing of it decides whether it is replaced: the hash in its label does.

use std::collections::{BTreeMap, BTreeSet};

use super::differences::{is_nobodys_business, is_ours};
use crate::compose::model::Project;
use crate::engine::api::{Ipam, NetworkDetails};
use crate::stack::desired::DesiredNetwork;
use crate::stack::plan::{Change, place};

/// The differences, by field below the network.
pub(super) fn network_changes(
    project: &Project,
    wanted: &DesiredNetwork,
    found: &NetworkDetails,
) -> Vec<Change> {
    let body = &wanted.body;
    // Pools that nobody asked for are the engine's.
    let pools = body.ipam.as_ref().filter(|ipam| !ipam.config.is_empty());
    let none = BTreeMap::new();
    let new = facts(&Shape {
        driver: &body.driver,
        flags: [body.internal, body.attachable, body.enable_ipv6.unwrap_or(false)],
        options: &body.options,
        labels: &body.labels,
        pools,
        ipam_options: body.ipam.as_ref().map_or(&none, |ipam| &ipam.options),
    });
    let old = facts(&Shape {
        driver: &found.driver,
        flags: [found.internal, found.attachable, found.enable_ipv6],
        options: &found.options,
        labels: &found.labels,
        pools: pools.map(|_| &found.ipam),
        ipam_options: &found.ipam.options,
    });
    let fields: BTreeSet<&String> = new.keys().chain(old.keys()).collect();
    let differing = fields.into_iter().filter(|field| new.get(*field) != old.get(*field));
    let change = |field: &String| {
        let path = format!("networks.{}.{field}", wanted.key);
        let (old, new) = (old.get(field).cloned(), new.get(field).cloned());
        let hidden = is_nobodys_business(project, &path, [old.as_ref(), new.as_ref()]);
        Change { field: field.clone(), place: place(project, &path), hidden, old, new }
    };
    differing.map(change).collect()
}

/// What of a network can be compared.
struct Shape<'a> {
    driver: &'a str,
    /// `internal`, `attachable` and `enable_ipv6`.
    flags: [bool; 3],
    options: &'a BTreeMap<String, String>,
    labels: &'a BTreeMap<String, String>,
    pools: Option<&'a Ipam>,
    ipam_options: &'a BTreeMap<String, String>,
}

/// Values by field; what is not set, or as engines have it anyway, is left out.
fn facts(shape: &Shape<'_>) -> BTreeMap<String, String> {
    let mut facts = BTreeMap::new();
    let mut put = |field: String, value: &str| {
        if !value.is_empty() {
            facts.insert(field, value.to_owned());
        }
    };
    let driver = if shape.driver == "bridge" { "" } else { shape.driver };
    put("driver".to_owned(), driver);
    for (field, flag) in ["internal", "attachable", "enable_ipv6"].iter().zip(shape.flags) {
        put((*field).to_owned(), if flag { "true" } else { "" });
    }
    for (option, value) in shape.options {
        put(format!("driver_opts.{option}"), value);
    }
    for (label, value) in shape.labels.iter().filter(|(label, _)| !is_ours(label)) {
        put(format!("labels.{label}"), value);
    }
    for (option, value) in shape.ipam_options {
        put(format!("ipam.options.{option}"), value);
    }
    for (index, pool) in shape.pools.into_iter().flat_map(|ipam| &ipam.config).enumerate() {
        let field = |name: &str| format!("ipam.config[{index}].{name}");
        put(field("subnet"), &pool.subnet);
        put(field("ip_range"), &pool.ip_range);
        put(field("gateway"), &pool.gateway);
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::api::{IpamPool, NetworkCreate};
    use crate::stack::testing::project;

    #[test]
    fn what_the_engine_fills_in_is_no_difference() {
        let option = |value: &str| BTreeMap::from([("mtu".to_owned(), value.to_owned())]);
        let found = NetworkDetails {
            driver: "bridge".into(),
            options: option("1400"),
            labels: [("com.docker.compose.network".to_owned(), "n".to_owned())].into(),
            ipam: Ipam {
                config: vec![IpamPool { subnet: "172.18.0.0/16".into(), ..IpamPool::default() }],
                ..Ipam::default()
            },
            ..NetworkDetails::default()
        };
        let body = NetworkCreate {
            options: option("1410"),
            internal: true,
            ipam: Some(Ipam { options: option("1420"), ..Ipam::default() }),
            ..NetworkCreate::default()
        };
        let wanted = DesiredNetwork { key: "n".into(), name: "n".into(), external: false, body };
        let changes = network_changes(&project(&[]), &wanted, &found);
        let told: Vec<String> = changes.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            ["driver_opts.mtu 1400 → 1410", "internal true added", "ipam.options.mtu 1420 added"]
        );
    }
}
