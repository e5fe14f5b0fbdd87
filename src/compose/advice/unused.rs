//! Networks, volumes, secrets, configs and models that no service uses, enabled or not.

use std::collections::BTreeSet;

use super::{entry, without_lines};
use crate::compose::model::{Project, Service};
use crate::diagnostic::{Diagnostic, codes};

/// What a service uses of a kind.
type Uses = fn(&Service) -> Vec<&str>;

pub(super) fn check(project: &Project) -> Vec<Diagnostic> {
    let external = |section: &str, key: &str| match section {
        "networks" => project.networks.get(key).is_some_and(|it| it.external),
        "volumes" => project.volumes.get(key).is_some_and(|it| it.external),
        "secrets" => project.secrets.get(key).is_some_and(|it| it.external),
        "configs" => project.configs.get(key).is_some_and(|it| it.external),
        _ => false,
    };
    let sections: [(&str, &str, Vec<&String>, Uses); 5] = [
        ("networks", "network", project.networks.keys().collect(), networks),
        ("volumes", "volume", project.volumes.keys().collect(), volumes),
        ("secrets", "secret", project.secrets.keys().collect(), secrets),
        ("configs", "config", project.configs.keys().collect(), configs),
        ("models", "model", project.models.keys().collect(), models),
    ];
    let services = || project.services.values().chain(project.disabled_services.values());
    let mut warnings = Vec::new();
    for (section, kind, keys, uses) in sections {
        let used: BTreeSet<&str> = services().flat_map(uses).collect();
        for key in keys {
            // The default network is there without being asked for, and to configure it is fine.
            let implied = section == "networks" && key == "default";
            if implied || used.contains(key.as_str()) || external(section, key) {
                continue;
            }
            warnings.extend(unused(project, section, kind, key));
        }
    }
    warnings
}

fn unused(project: &Project, section: &str, kind: &str, key: &str) -> Option<Diagnostic> {
    let entry = entry(project, section, key)?;
    let warning = Diagnostic::warning(
        codes::UNUSED_RESOURCE,
        format!("{section}.{key}: no service uses this {kind}"),
    )
    .at(entry.key_span, "")
    .help(format!("remove it, or name it under `{section}` of a service"));
    Some(match without_lines(&project.sources, entry.key_span, entry.node.span) {
        Some(lines) => warning.edit(lines, ""),
        None => warning,
    })
}

fn networks(service: &Service) -> Vec<&str> {
    let joined = service.networks.keys().map(String::as_str);
    // A network may also be named by its mode, for the service or for its build.
    let build = service.build.iter().map(|build| build.network.as_str());
    joined.chain([service.network_mode.as_str()]).chain(build).collect()
}

fn volumes(service: &Service) -> Vec<&str> {
    service.volumes.iter().map(|mount| mount.source.as_str()).collect()
}

fn secrets(service: &Service) -> Vec<&str> {
    let built = service.build.iter().flat_map(|build| &build.secrets);
    service.secrets.iter().chain(built).map(|reference| reference.source.as_str()).collect()
}

fn configs(service: &Service) -> Vec<&str> {
    let credentials = service.credential_spec.iter().map(|it| it.config.as_str());
    service.configs.iter().map(|it| it.source.as_str()).chain(credentials).collect()
}

fn models(service: &Service) -> Vec<&str> {
    service.models.keys().map(String::as_str).collect()
}
