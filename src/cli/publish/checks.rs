//! What would be published that its owner may not want others to see.

use std::fmt::Write as _;

use crate::compose::model::Project;
use crate::compose::yaml::Node;

/// Services that have only a build section: nobody else could run them.
pub(super) fn build_only(project: &Project) -> Vec<&str> {
    let services = project.services.values();
    services
        .filter(|it| it.build.is_some() && it.image.is_empty())
        .map(|it| it.name.as_str())
        .collect()
}

/// Directories and files of this machine that services mount, a line each.
pub(super) fn bind_mounts(project: &Project) -> String {
    let mut told = String::new();
    for service in project.services.values() {
        let binds: Vec<_> = service.volumes.iter().filter(|mount| mount.r#type == "bind").collect();
        if !binds.is_empty() {
            told.push_str(&service.name);
        }
        for mount in binds {
            let mode = if mount.read_only { "ro" } else { "rw" };
            // Writing to a string cannot fail.
            let _ = writeln!(told, "{}:{}:{mode}", mount.source, mount.target);
        }
    }
    told
}

/// A sentence for each service with variables, in Docker Compose's words.
pub(super) fn undeclared_variables(project: &Project) -> String {
    let mut told = String::new();
    for service in project.services.values() {
        let name = &service.name;
        if written(project, name, "env_file").is_some() {
            let _ = writeln!(told, "service {name:?} has env_file declared.");
        }
        if !service.environment.is_empty() {
            let _ = writeln!(told, "service {name:?} has environment variable(s) declared.");
        }
    }
    for config in project.configs.values().filter(|config| !config.environment.is_empty()) {
        let _ = writeln!(told, "config {:?} is declare as an environment variable.", config.name);
    }
    told
}

/// What the files say of a service, before its environment files were read.
fn written<'a>(project: &'a Project, service: &str, key: &str) -> Option<&'a Node> {
    project.tree.get("services")?.get(service)?.get(key)
}

/// The variables of services, as they will be read by others.
pub(super) fn variables(project: &Project) -> String {
    let mut told = String::new();
    for service in project.services.values().filter(|service| !service.environment.is_empty()) {
        let _ = writeln!(told, "Service/Config  {}", service.name);
        for (name, value) in &service.environment {
            let _ = writeln!(told, "{name}={}", value.as_deref().unwrap_or_default());
        }
    }
    for config in project.configs.values().filter(|config| !config.environment.is_empty()) {
        let _ = writeln!(told, "Service/Config  {0}\n{0}={1}", config.name, config.environment);
    }
    told
}
