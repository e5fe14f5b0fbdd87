//! Restricts a project to some of its services and what they need.

use std::collections::BTreeSet;

use super::model::{Project, Service};
use super::{limits, profiles};

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
pub fn enable(project: &mut Project, names: &[String]) {
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

/// The service that may be meant by a name that none has.
pub fn nearest_service<'a>(project: &'a Project, name: &str) -> Option<&'a str> {
    if name.len() > limits::COMPARED_NAME {
        return None;
    }
    let known = project.services.keys().chain(project.disabled_services.keys());
    known
        .map(|service| (strsim::osa_distance(name, service), service.as_str()))
        .min()
        .filter(|(distance, _)| distance * 3 <= name.chars().count())
        .map(|(_, nearest)| nearest)
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

#[cfg(test)]
mod tests {
    use crate::compose::assemble::Selection;
    use crate::compose::loaded::Loaded;

    const SHOP: &str = "
services:
  web: {image: x, depends_on: {api: {condition: service_started}, tracer: {condition: service_started, required: false}}}
  api: {image: x, depends_on: [db], networks: [back], secrets: [token]}
  db: {image: x, networks: [back], volumes: ['data:/data']}
  mail: {image: x, volumes: ['letters:/letters']}
  tracer: {image: x, profiles: [debug]}
  console: {image: x, profiles: [debug], depends_on: [tracer, db]}
networks: {back: , unused: }
volumes: {data: , letters: , unused: }
secrets: {token: {file: ./token}}
";

    /// Names of services, and of the networks, volumes and secrets that stay with them.
    fn selected(names: &[&str], without_dependencies: bool) -> [String; 2] {
        let services = names.iter().map(|name| (*name).to_owned()).collect();
        let selection = Selection { services, without_dependencies, all_resources: false };
        match Loaded::from(SHOP).selection(selection).load() {
            Ok((project, _)) => {
                let mut names: Vec<&str> = project.services.keys().map(String::as_str).collect();
                names.sort_unstable();
                let resources = project.networks.keys().chain(project.volumes.keys());
                let resources: Vec<&str> =
                    resources.chain(project.secrets.keys()).map(String::as_str).collect();
                [names.join(" "), resources.join(" ")]
            }
            Err(failure) => [failure.to_string(), String::new()],
        }
    }

    #[test]
    fn services_come_with_what_they_need() {
        for (names, services, resources) in [
            (&[][..], "api db mail web", "back default data letters token"),
            (&["web"], "api db web", "back default data token"),
            (&["api"], "api db", "back data token"),
            (&["db", "mail"], "db mail", "back default data letters"),
            (&["tracer"], "tracer", "default"),
            (&["console"], "console db tracer", "back default data"),
            (&["nosuch"], "no such service: nosuch", ""),
        ] {
            assert_eq!(selected(names, false), [services, resources], "{names:?}");
        }
        assert_eq!(selected(&["web"], true), ["web", "default"]);
    }

    #[test]
    fn dependencies_on_what_is_left_out_are_forgotten() {
        let select = |without_dependencies| {
            let selection = Selection {
                services: vec!["web".to_owned()],
                without_dependencies,
                all_resources: true,
            };
            let project = Loaded::from(SHOP).selection(selection).project();
            assert!(project.networks.contains_key("unused"));
            assert!(project.disabled_services.contains_key("mail"));
            project.services["web"].depends_on.keys().cloned().collect::<Vec<_>>()
        };
        assert_eq!(select(false), ["api"]);
        assert!(select(true).is_empty());
    }
}
