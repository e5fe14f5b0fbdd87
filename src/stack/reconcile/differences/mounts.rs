//! The mounts and files of a container as facts.

use super::facts::{Facts, Names, Rank};
use crate::engine::api::{HostConfig, ImageConfig, MountSpec};
use crate::stack::api_socket;

/// The field that gives a service the engine's socket.
const API_SOCKET: &str = "use_api_socket";

impl Facts {
    /// Adds files that are written into the container, by their paths in it.
    pub(super) fn add_files<'a>(&mut self, paths: impl Iterator<Item = &'a str>, names: &Names) {
        for path in paths {
            let field = names.files.get(path).map_or("configs", String::as_str);
            self.add(Rank::Files, path, field, vec![file_path(field)], path.to_owned());
        }
        self.fold_api_socket();
    }

    /// By target, whichever of its two forms the engine was given. Volumes without a name are told by their target
    /// alone: they pass from one container to the next.
    pub(super) fn mounts(&mut self, host: &HostConfig, names: &Names) {
        let binds = host.binds.iter().map(|bind| from_bind(bind));
        for mount in binds.chain(host.mounts.iter().map(from_spec)) {
            let (kind, source, target) = (&mount.kind, &mount.source, &mount.target);
            // Under another target it is the same file.
            let moved = names.sources.get(source).filter(|_| !names.items.contains_key(target));
            let file = names.files.get(target).or(moved.filter(|_| kind == "bind"));
            if let Some(field) = file {
                let value = if is_usual_target(target, field) {
                    source.clone()
                } else {
                    format!("{source}:{target}")
                };
                self.add(Rank::Files, target, field, vec![file_path(field)], value);
                continue;
            }
            if target.starts_with("/run/secrets/") && kind == "bind" {
                let field = format!("secrets.{}", &target["/run/secrets/".len()..]);
                self.add(Rank::Files, target, &field, vec!["secrets".into()], source.clone());
                continue;
            }
            let source = names.volumes.get(source).unwrap_or(source);
            let mut value = match kind.as_str() {
                "volume" if source.is_empty() || is_anonymous(source) => target.clone(),
                "bind" | "volume" => format!("{source}:{target}"),
                "tmpfs" => format!("tmpfs:{target}"),
                kind => format!("{kind}:{source}:{target}"),
            };
            if !mount.options.is_empty() {
                value = format!("{value}:{}", mount.options.join(","));
            }
            let path = names.items.get(target).cloned().unwrap_or_else(|| "volumes".to_owned());
            self.add(Rank::Volumes, target, "volumes", vec![path, "volumes".to_owned()], value);
        }
        for (path, options) in &host.tmpfs {
            let value = if options.is_empty() { path.clone() } else { format!("{path}:{options}") };
            self.add(Rank::Volumes, &format!("tmpfs {path}"), "tmpfs", vec!["tmpfs".into()], value);
        }
    }

    /// What `use_api_socket` comes to is one fact.
    pub(super) fn fold_api_socket(&mut self) {
        let key = |rank: Rank, name: &str| (rank as usize, name.to_owned());
        let variable = key(Rank::Environment, "environment.DOCKER_CONFIG");
        let socket = key(Rank::Volumes, api_socket::SOCKET);
        let given = self.get(&socket).is_some()
            && self.get(&variable).is_some_and(|fact| fact.value == api_socket::DIRECTORY);
        let known = self.get(&key(Rank::Others, API_SOCKET)).is_some();
        if given {
            self.remove(&variable);
            self.remove(&socket);
            self.put(Rank::Others, API_SOCKET, "true".to_owned());
        }
        if given || known {
            let file = format!("{}/config.json", api_socket::DIRECTORY);
            self.remove(&key(Rank::Files, &file));
        }
    }
}

/// Whether a secret or config has the target that it gets where none is named.
fn is_usual_target(target: &str, field: &str) -> bool {
    field.split_once('.').is_some_and(|(kind, name)| match kind {
        "secrets" => target.strip_prefix("/run/secrets/") == Some(name),
        _ => target.strip_prefix('/') == Some(name),
    })
}

/// Where the list is that a secret or config stands in.
fn file_path(field: &str) -> String {
    field.split('.').next().unwrap_or(field).to_owned()
}

/// A mount in either form.
struct MountFact {
    kind: String,
    source: String,
    target: String,
    options: Vec<String>,
}

/// `source:target[:options]`, as the engine's older form has it.
fn from_bind(bind: &str) -> MountFact {
    let (source, rest) = bind.split_once(':').unwrap_or(("", bind));
    let (target, options) = rest.split_once(':').unwrap_or((rest, ""));
    let options = options.split(',').filter(|option| !matches!(*option, "" | "rw"));
    MountFact {
        kind: if source.starts_with('/') { "bind" } else { "volume" }.to_owned(),
        source: source.to_owned(),
        target: target.to_owned(),
        options: options.map(str::to_owned).collect(),
    }
}

/// The volumes that an image asks for: they have no names.
pub(super) fn volumes_of(image: &ImageConfig) -> Vec<MountSpec> {
    let of_target = |target: &String| MountSpec {
        r#type: "volume".to_owned(),
        target: target.clone(),
        ..MountSpec::default()
    };
    image.volumes.keys().map(of_target).collect()
}

fn from_spec(mount: &MountSpec) -> MountFact {
    let mut options = Vec::new();
    let mut option = |given: bool, text: String| {
        if given {
            options.push(text);
        }
    };
    option(mount.read_only, "ro".to_owned());
    if let Some(bind) = &mount.bind_options {
        option(!bind.propagation.is_empty(), bind.propagation.clone());
        option(bind.non_recursive, "non-recursive".to_owned());
        option(bind.read_only_non_recursive, "recursive=writable".to_owned());
        option(bind.read_only_force_recursive, "recursive=readonly".to_owned());
    }
    if let Some(volume) = &mount.volume_options {
        option(volume.no_copy, "nocopy".to_owned());
        option(!volume.subpath.is_empty(), format!("subpath={}", volume.subpath));
    }
    if let Some(tmpfs) = &mount.tmpfs_options {
        option(tmpfs.size_bytes != 0, format!("size={}", tmpfs.size_bytes));
        option(tmpfs.mode != 0, format!("mode={:o}", tmpfs.mode));
    }
    if let Some(image) = &mount.image_options {
        option(!image.subpath.is_empty(), format!("subpath={}", image.subpath));
    }
    MountFact {
        kind: mount.r#type.clone(),
        source: mount.source.clone(),
        target: mount.target.clone(),
        options,
    }
}

/// Whether a volume has one of the names that the engine makes up.
fn is_anonymous(volume: &str) -> bool {
    volume.len() == 64 && volume.bytes().all(|byte| byte.is_ascii_hexdigit())
}
