//! What would be published that its owner may not want others to see.

use std::fmt::Write as _;

use regex_lite::Regex;

use crate::compose::model::Project;
use crate::compose::yaml::{self, Node};
use crate::diagnostic::FileId;
use crate::remote::{Layer, LayerKind};

/// Kinds of secrets, and how they look.
const SECRETS: [(&str, &str); 5] = [
    ("AWS Client ID", r"(A3T[A-Z0-9]|AKIA|AGPA|AIDA|AROA|AIPA|ANPA|ANVA|ASIA)[A-Z0-9]{16}"),
    ("AWS Secret Key", r#"(?i)aws(.{0,20})?['"][0-9a-z/+]{40}['"]"#),
    ("Github authentication", r"(?i)(ghu|ghs|gho|ghp|github_pat)_[0-9a-z]{36}"),
    ("JSON Web Token", r"(ey[A-Za-z0-9_=-]{16,})\.(ey[A-Za-z0-9_=-]{16,})(\.[A-Za-z0-9_.+/=-]*)?"),
    (
        "Private Key",
        r"-----BEGIN ((EC|PGP|DSA|RSA|OPENSSH) )?PRIVATE KEY( BLOCK)?-----[\s\S]+?-----END ((EC|PGP|DSA|RSA|OPENSSH) )?PRIVATE KEY( BLOCK)?-----",
    ),
];

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

/// What looks like a secret in the layers and in further texts: its kind, its key and itself.
pub(super) fn secrets(layers: &[Layer], texts: &[String]) -> String {
    let patterns: Vec<(&str, Regex)> = SECRETS
        .iter()
        .map(|(kind, pattern)| (*kind, Regex::new(pattern).expect("the patterns are constant")))
        .collect();
    let mut told = String::new();
    let mut look = |key: &str, value: &str| {
        for (kind, pattern) in &patterns {
            if let Some(found) = pattern.find(value) {
                let _ = writeln!(told, "{kind}\n{key:?}: {}", found.as_str());
            }
        }
    };
    for layer in layers {
        let text = String::from_utf8_lossy(&layer.content);
        match layer.kind {
            LayerKind::Variables => {
                for line in text.lines() {
                    let (key, value) = line.split_once('=').unwrap_or(("", line));
                    look(key.trim(), value);
                }
            }
            LayerKind::Compose | LayerKind::Extended => {
                for document in &yaml::parse(FileId(0), &text).documents {
                    walk(document, "", &mut look);
                }
            }
        }
    }
    for text in texts {
        look("", text);
    }
    told
}

/// Looks at every text of a tree by its path.
fn walk(node: &Node, path: &str, look: &mut impl FnMut(&str, &str)) {
    if let Some(mapping) = node.as_mapping() {
        for (key, entry) in mapping {
            let path = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
            walk(&entry.node, &path, look);
        }
    } else if let Some(items) = node.as_sequence() {
        for item in items {
            walk(item, path, look);
        }
    } else if let Some(text) = node.as_str() {
        match text.split_once('=') {
            // A variable in a list.
            Some((name, value)) if path.ends_with(".environment") => {
                look(&format!("{path}.{name}"), value);
            }
            _ => look(path, text),
        }
    }
}
