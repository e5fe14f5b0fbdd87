//! Files of this machine that are mounted into containers.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::compose::files::{FileKind, Files};
use crate::compose::model::{FileObject, FileReference, Project, Service};

/// A path of this machine that a container sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// On this machine.
    pub path: PathBuf,
    /// In the container.
    pub target: String,
    /// Whether the container cannot write there.
    pub read_only: bool,
    /// The key that says so, below the service (`volumes[0]`).
    pub key: String,
}

/// What a service sees of this machine: bind mounts, and configs and secrets that are files.
pub fn seen(project: &Project, service: &Service) -> Vec<Seen> {
    let binds = service.volumes.iter().enumerate().filter(|(_, mount)| mount.r#type == "bind");
    let binds = binds.map(|(at, mount)| Seen {
        path: PathBuf::from(&mount.source),
        target: mount.target.clone(),
        read_only: mount.read_only,
        key: format!("volumes[{at}]"),
    });
    let references =
        |references: &[FileReference], objects: &BTreeMap<String, FileObject>, key, directory| {
            let one = |(at, reference): (usize, &FileReference)| {
                let file = &objects.get(&reference.source)?.file;
                let target = match reference.target.as_str() {
                    "" => format!("{directory}/{}", reference.source),
                    target if target.starts_with('/') => target.to_owned(),
                    target => format!("{directory}/{target}"),
                };
                (!file.is_empty()).then(|| Seen {
                    path: PathBuf::from(file),
                    target,
                    read_only: true,
                    key: format!("{key}[{at}]"),
                })
            };
            references.iter().enumerate().filter_map(one).collect::<Vec<_>>()
        };
    let configs = references(&service.configs, &project.configs, "configs", "");
    let secrets = references(&service.secrets, &project.secrets, "secrets", "/run/secrets");
    binds.chain(configs).chain(secrets).collect()
}

/// Whether a path that a container sees looks like configuration, and not like data or source.
pub(super) fn is_configuration(seen: &Seen, project: &Path, files: &dyn Files) -> Option<bool> {
    let kind = files.kind(&seen.path)?;
    if is_of_system(&seen.path, project) {
        return Some(false);
    }
    let name = seen.path.file_name().and_then(|it| it.to_str()).unwrap_or_default();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let parts: Vec<&str> = seen.target.split('/').collect();
    let in_configuration = seen.target.starts_with("/etc/")
        || seen.target.starts_with("/usr/local/etc/")
        || parts.iter().any(|part| ["conf", "config", "conf.d", "provisioning"].contains(part));
    Some(match kind {
        FileKind::File if extension == "sock" => false,
        FileKind::File => {
            seen.read_only
                || in_configuration
                || WRITTEN_BY_HAND.contains(&extension)
                || name == "Caddyfile"
        }
        FileKind::Directory => in_configuration,
    })
}

/// Whether a path belongs to the system, and not to the project: what changes there is not edited for a service.
pub fn is_of_system(path: &Path, project: &Path) -> bool {
    !path.starts_with(project) && SYSTEM.iter().any(|it| path.starts_with(it))
}

/// Where systems have their own files.
const SYSTEM: [&str; 12] = [
    "/etc", "/var", "/run", "/proc", "/sys", "/dev", "/usr", "/lib", "/bin", "/tmp", "/boot",
    "/System",
];

/// Endings of files that people write and programs do not.
const WRITTEN_BY_HAND: [&str; 18] = [
    "conf",
    "cnf",
    "cfg",
    "ini",
    "yml",
    "yaml",
    "toml",
    "xml",
    "properties",
    "hcl",
    "lua",
    "vcl",
    "rules",
    "acl",
    "tmpl",
    "template",
    "config",
    "alloy",
];
