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

/// The same, and what is behind symbolic links: whoever edits that changes what the container sees, and not the link.
pub(super) fn with_linked(seen: Vec<Seen>, project: &Path, files: &dyn Files) -> Vec<Seen> {
    let linked = |seen: &Seen| {
        let path = behind(&seen.path, project, |path| files.canonical(path))?;
        Some(Seen { path, ..seen.clone() })
    };
    let is_new = |one: &Seen| !seen.iter().any(|it| it.path == one.path);
    let linked: Vec<Seen> = seen.iter().filter_map(linked).filter(is_new).collect();
    seen.into_iter().chain(linked).collect()
}

/// What a path stands for where it is a symbolic link, or leads through one in the project. Links on the way to the project
/// count for nothing: all of it is reached through them. `canonical` follows all the links of a path.
pub fn behind(
    path: &Path,
    project: &Path,
    canonical: impl Fn(&Path) -> Option<PathBuf>,
) -> Option<PathBuf> {
    let around = if path.starts_with(project) { project } else { path.parent()? };
    let (real, real_around) = (canonical(path)?, canonical(around)?);
    let rest = path.strip_prefix(around).ok()?;
    if real == real_around.join(rest) {
        return None;
    }
    let inside = real.strip_prefix(&real_around).map(|rest| around.join(rest));
    Some(inside.unwrap_or(real))
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

/// Whether a path belongs to the system, and not to the project or what lies around that (`/var/www/shop/src` beside
/// `/var/www/shop/deploy`): what changes there is not edited for a service.
pub fn is_of_system(path: &Path, project: &Path) -> bool {
    let is_around_project = |system: &Path| {
        let around = project.ancestors().take_while(|it| it.starts_with(system) && *it != system);
        around.into_iter().any(|around| path.starts_with(around))
    };
    let mut systems = SYSTEM.iter().map(Path::new);
    systems.any(|system| path.starts_with(system) && !is_around_project(system))
        && !path.starts_with(project)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_in_the_project_are_followed_and_those_on_the_way_to_it_are_not() {
        // `/home/me/shop` is a link to `/data/shop`.
        let canonical = |path: &Path| {
            let path = path.to_str()?;
            let path = path.replace("/home/me/shop", "/data/shop");
            let path = path.replace("/data/shop/app.conf", "/data/shop/envs/dev.conf");
            Some(PathBuf::from(path.replace("/etc/link", "/srv/shared")))
        };
        let behind = |path: &str| behind(Path::new(path), Path::new("/home/me/shop"), canonical);
        assert_eq!(behind("/home/me/shop"), None);
        assert_eq!(behind("/home/me/shop/src"), None);
        assert_eq!(behind("/home/me/shop/app.conf"), Some("/home/me/shop/envs/dev.conf".into()));
        assert_eq!(behind("/etc/link"), Some("/srv/shared".into()));
        assert_eq!(behind("/etc/link/conf"), None, "only its directory is one");
    }

    #[test]
    fn what_lies_around_a_project_is_not_the_systems() {
        for (path, project, expected) in [
            ("/var/www/shop/src", "/var/www/shop/deploy", false),
            ("/var/www/shop/deploy/conf", "/var/www/shop/deploy", false),
            ("/var/run/docker.sock", "/var/www/shop", true),
            ("/etc/localtime", "/home/me/shop", true),
            ("/home/me/conf", "/home/me/shop", false),
            ("/tmp/.X11-unix", "/tmp/shop", true),
        ] {
            assert_eq!(is_of_system(Path::new(path), Path::new(project)), expected, "{path}");
        }
    }
}
