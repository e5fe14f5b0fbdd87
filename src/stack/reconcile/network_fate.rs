//! What becomes of each network.

use std::collections::BTreeMap;

use super::Input;
use super::network_changes::network_changes;
use crate::compose::hash;
use crate::diagnostic::{Diagnostic, codes};
use crate::engine::api::NetworkDetails;
use crate::stack::desired::{DesiredNetwork, warning_of_network};
use crate::stack::labels;
use crate::stack::plan::{Cause, Plan};

/// What becomes of a network.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fate<'a> {
    /// It is used as it is; the id is empty when only the engine's swarm knows it.
    Keep { id: &'a str },
    /// It is created.
    Create(Cause),
    /// It is removed and created anew.
    Recreate { old: &'a NetworkDetails, cause: Cause },
    /// It is created, and the one under its former name goes if nothing uses it any more.
    Rename { old: &'a NetworkDetails, cause: Cause },
}

/// Fates by key; `mistakes` gets what is wrong with external ones.
pub(super) fn decide<'a>(
    input: &Input<'a>,
    plan: &mut Plan,
    mistakes: &mut Vec<Diagnostic>,
) -> BTreeMap<&'a str, Fate<'a>> {
    input
        .desired
        .networks
        .iter()
        .map(|network| {
            let fate = if network.external {
                external(input, network).unwrap_or_else(|mistake| {
                    mistakes.push(*mistake);
                    Fate::Keep { id: "" }
                })
            } else {
                let fate = managed(input, network, plan);
                if !matches!(fate, Fate::Keep { .. })
                    && let Some(warning) = warning_of_network(&input.setting, network)
                {
                    plan.warn(warning);
                }
                fate
            };
            (network.key.as_str(), fate)
        })
        .collect()
}

fn external<'a>(
    input: &Input<'a>,
    network: &'a DesiredNetwork,
) -> Result<Fate<'a>, Box<Diagnostic>> {
    let name = &network.name;
    let all = &input.observed.networks;
    let by_id = all.iter().filter(|found| found.id == *name);
    let mut found: Vec<&NetworkDetails> = by_id.collect();
    if found.is_empty() {
        found = all.iter().filter(|found| found.name == *name).collect();
    }
    let message = match found.as_slice() {
        [only] => return Ok(Fate::Keep { id: &only.id }),
        [] if input.swarm_active => return Ok(Fate::Keep { id: "" }),
        [] => format!("network {name} declared as external, but could not be found"),
        _ => format!(
            "multiple networks with name {name:?} were found. Use network ID as `name` to avoid \
             ambiguity"
        ),
    };
    let mut diagnostic = Diagnostic::error(codes::EXTERNAL_NETWORK, message)
        .at(input.setting.project.origin(&format!("networks.{}", network.key)), "");
    if found.is_empty() {
        diagnostic = diagnostic.help(format!(
            "create it with `docker network create {name}`, or remove `external: true` to have it \
             created with the project"
        ));
    }
    Err(Box::new(diagnostic))
}

fn managed<'a>(input: &Input<'a>, network: &'a DesiredNetwork, plan: &mut Plan) -> Fate<'a> {
    let project = input.setting.project;
    let cause = |reason: String| Cause::at(project, &format!("networks.{}", network.key), reason);
    let label = |found: &'a NetworkDetails, key: &str| found.labels.get(key).map(String::as_str);
    let mut ours: Vec<&NetworkDetails> = input
        .observed
        .networks
        .iter()
        .filter(|found| {
            label(found, labels::PROJECT) == Some(&project.name)
                && label(found, labels::NETWORK) == Some(&network.key)
        })
        .collect();
    // The exact name wins, else the smallest one.
    ours.sort_by_key(|found| (found.name != network.name, found.name.clone()));
    if let Some(found) = ours.first().copied().filter(|found| found.name == network.name) {
        let dialect = labels::dialect(label(found, labels::VERSION).unwrap_or_default());
        let wanted =
            project.networks.get(&network.key).map(|network| hash::network(network, dialect));
        return match label(found, labels::CONFIG_HASH) {
            Some(hash) if Some(hash) != wanted.as_deref() => Fate::Recreate {
                old: found,
                cause: cause(format!("network {:?} changed in the files", network.key))
                    .with_changes(network_changes(project, network, found)),
            },
            _ => Fate::Keep { id: &found.id },
        };
    }
    if let Some(found) = input.observed.networks.iter().find(|found| found.name == network.name) {
        plan.warn(stranger(project.name.as_str(), found));
        return Fate::Keep { id: &found.id };
    }
    match ours.first().copied() {
        Some(old) => Fate::Rename {
            old,
            cause: cause(format!("network {:?} was named {} before", network.key, old.name)),
        },
        None => Fate::Create(cause(format!("network {:?} does not exist", network.key))),
    }
}

/// What to say of a network that has the name we want but is not the project's.
fn stranger(project: &str, found: &NetworkDetails) -> String {
    let name = &found.name;
    match found.labels.get(labels::PROJECT) {
        Some(owner) if owner != project => {
            format!(
                "a network with name {name} exists but was not created for project {project:?}.\n\
                 Set `external: true` to use an existing network"
            )
        }
        _ => format!(
            "a network with name {name} exists but was not created by compose.\n\
             Set `external: true` to use an existing network"
        ),
    }
}
