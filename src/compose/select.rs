//! Restricts a project to some of its services and what they need.

use std::collections::BTreeSet;

use super::model::{Project, Service};
use super::profiles;

/// A service was named that the project does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no such service: {0}")]
pub struct NoSuchService(pub String);

/// Restricts a project to the named services and, unless `without_dependencies`, to what they
/// depend on. No names mean all enabled services.
///
/// Naming a service that is not enabled activates its profiles, for every service that has one of
/// them. Dependencies on services that are left out are forgotten.
pub fn select(
    project: &mut Project,
    names: &[String],
    without_dependencies: bool,
) -> Result<(), NoSuchService> {
    if names.is_empty() {
        return Ok(());
    }
    enable(project, names);
    let selected = closure(project, names, without_dependencies)?;
    let services = std::mem::take(&mut project.services);
    let (kept, dropped) = services.into_iter().partition(|(name, _)| selected.contains(name));
    project.services = kept;
    project.disabled_services.extend(dropped);
    for service in project.services.values_mut() {
        service.depends_on.retain(|name, _| selected.contains(name));
    }
    Ok(())
}

/// Activates the profiles of the named services that are not enabled.
fn enable(project: &mut Project, names: &[String]) {
    let wanted: Vec<String> = names
        .iter()
        .filter_map(|name| project.disabled_services.get(name))
        .flat_map(|service| service.profiles.iter().cloned())
        .collect();
    if wanted.is_empty() {
        return;
    }
    for profile in wanted {
        if !project.profiles.contains(&profile) {
            project.profiles.push(profile);
        }
    }
    let disabled = std::mem::take(&mut project.disabled_services);
    let (enabled, disabled) = profiles::part(disabled, &project.profiles);
    project.services.extend(enabled);
    project.disabled_services = disabled;
}

/// The named services and what they depend on.
fn closure(
    project: &Project,
    names: &[String],
    without_dependencies: bool,
) -> Result<BTreeSet<String>, NoSuchService> {
    let mut selected = BTreeSet::new();
    let mut waiting: Vec<&str> = names.iter().map(String::as_str).collect();
    while let Some(name) = waiting.pop() {
        let Some(service) = project.services.get(name) else {
            return Err(NoSuchService(name.to_owned()));
        };
        if selected.insert(name.to_owned()) && !without_dependencies {
            let needed = service.depends_on.iter().filter(|(name, dependency)| {
                dependency.required || project.services.contains_key(*name)
            });
            waiting.extend(needed.map(|(name, _)| name.as_str()));
        }
    }
    Ok(selected)
}

/// Drops networks, volumes, configs, secrets and models that no enabled service uses.
pub fn drop_unused_resources(project: &mut Project) {
    let services = &project.services;
    let used = |names: fn(&Service) -> Vec<&str>| -> BTreeSet<String> {
        services.values().flat_map(names).map(str::to_owned).collect()
    };
    let networks = used(|service| service.networks.keys().map(String::as_str).collect());
    let volumes = used(|service| {
        let volumes = service.volumes.iter().filter(|mount| mount.r#type == "volume");
        volumes.map(|mount| mount.source.as_str()).collect()
    });
    let configs = used(|service| service.configs.iter().map(|it| it.source.as_str()).collect());
    let secrets = used(|service| {
        let built = service.build.iter().flat_map(|build| &build.secrets);
        service.secrets.iter().chain(built).map(|it| it.source.as_str()).collect()
    });
    let models = used(|service| service.models.keys().map(String::as_str).collect());
    project.networks.retain(|key, _| networks.contains(key));
    project.volumes.retain(|key, _| volumes.contains(key));
    project.configs.retain(|key, _| configs.contains(key));
    project.secrets.retain(|key, _| secrets.contains(key));
    project.models.retain(|key, _| models.contains(key));
}
