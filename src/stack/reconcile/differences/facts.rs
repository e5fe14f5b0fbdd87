//! What a container consists of, one fact for each thing that a Compose file can say of it, in the
//! words of the file. Both sides of a comparison become facts by the same code, so that only what
//! means something else is a difference.

use std::collections::BTreeMap;

use serde_json::Value;

use super::scalars::{SCALARS, shown};
use crate::compose::model::Duration;
use crate::engine::api::{
    ContainerCreate, EndpointSettings, HealthConfig, HostConfig, ImageConfig, MountSpec,
};

/// Something that holds of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fact {
    /// Its field, below the service, as it is shown: `ports`, `environment.MODE`.
    pub(super) field: String,
    /// Paths below the service where a file may say it, the likeliest first.
    pub(super) paths: Vec<String>,
    /// Its value, as a file would have it.
    pub(super) value: String,
}

/// Names that the engine knows by others than the file.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    /// Keys of volumes by their real names.
    pub(super) volumes: BTreeMap<String, String>,
    /// Keys of networks by their real names.
    pub(super) networks: BTreeMap<String, String>,
    /// Services by the ids of their containers.
    pub(super) services: BTreeMap<String, String>,
    /// Fields of secrets and configs by their path in the container.
    pub(super) files: BTreeMap<String, String>,
    /// Fields of ports by their target and protocol, and of mounts by their target.
    pub(super) items: BTreeMap<String, String>,
    /// What the engine or Compose adds to the aliases of a container.
    pub(super) own_aliases: Vec<String>,
}

/// How a container joins networks, by their names.
pub(super) type Endpoints<'a> = BTreeMap<&'a str, EndpointSettings>;

/// Facts by their rank and key.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts(BTreeMap<(usize, String), Fact>);

impl Facts {
    /// All facts, by rank and key.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&(usize, String), &Fact)> {
        self.0.iter()
    }

    /// A fact.
    pub(super) fn get(&self, key: &(usize, String)) -> Option<&Fact> {
        self.0.get(key)
    }

    /// The facts of a container.
    pub(super) fn of(config: &ContainerCreate, endpoints: &Endpoints<'_>, names: &Names) -> Self {
        let host = &config.host_config;
        let mut facts = Self::default();
        facts.put(Rank::Image, "image", config.image.clone());
        facts.words(Rank::Command, "entrypoint", config.entrypoint.as_deref());
        facts.words(Rank::Command, "command", config.cmd.as_deref());
        facts.variables(&config.env);
        facts.ports(config, names);
        facts.mounts(host, names);
        facts.networks(host, endpoints, names);
        facts.health(config.healthcheck.as_ref());
        facts.labels(&config.labels);
        facts.scalars(config);
        facts.host(host, names);
        facts
    }

    /// Adds files that are written into the container, by their paths in it.
    pub(super) fn add_files<'a>(&mut self, paths: impl Iterator<Item = &'a str>, names: &Names) {
        for path in paths {
            let field = names.files.get(path).map_or("configs", String::as_str);
            self.add(Rank::Files, path, field, vec![file_path(field)], path.to_owned());
        }
    }

    /// What containers get from their image, where nobody says otherwise.
    pub(super) fn of_image(image: &ImageConfig) -> Self {
        let config = ContainerCreate {
            user: image.user.clone(),
            working_dir: image.working_dir.clone(),
            stop_signal: image.stop_signal.clone(),
            cmd: Some(image.cmd.clone()),
            entrypoint: Some(image.entrypoint.clone()),
            env: image.env.clone(),
            labels: image.labels.clone(),
            exposed_ports: image.exposed_ports.clone(),
            healthcheck: image.healthcheck.clone(),
            host_config: HostConfig { mounts: volumes_of(image), ..HostConfig::default() },
            ..ContainerCreate::default()
        };
        Self::of(&config, &Endpoints::new(), &Names::default())
    }

    fn put(&mut self, rank: Rank, field: &str, value: String) {
        self.add(rank, field, field, vec![field.to_owned()], value);
    }

    fn add(&mut self, rank: Rank, key: &str, field: &str, paths: Vec<String>, value: String) {
        if !value.is_empty() {
            let fact = Fact { field: field.to_owned(), paths, value };
            self.0.insert((rank as usize, key.to_owned()), fact);
        }
    }

    fn words(&mut self, rank: Rank, field: &str, words: Option<&[String]>) {
        if let Some(words) = words.filter(|words| !words.is_empty()) {
            self.put(rank, field, command_line(words));
        }
    }

    fn variables(&mut self, variables: &[String]) {
        for variable in variables {
            // Without a value it is taken away, if the image has it.
            if let Some((name, value)) = variable.split_once('=') {
                let field = format!("environment.{name}");
                let value = if value.is_empty() { "\"\"" } else { value };
                self.put(Rank::Environment, &field, value.to_owned());
            }
        }
    }

    fn labels(&mut self, labels: &BTreeMap<String, String>) {
        for (key, value) in labels.iter().filter(|(key, _)| !is_ours(key)) {
            let value = if value.is_empty() { "\"\"" } else { value };
            self.put(Rank::Labels, &format!("labels.{key}"), value.to_owned());
        }
    }

    fn ports(&mut self, config: &ContainerCreate, names: &Names) {
        let bindings = &config.host_config.port_bindings;
        for (target, bindings) in bindings {
            for binding in bindings {
                let address = match binding.host_ip.as_str() {
                    "" => String::new(),
                    ip if ip.contains(':') => format!("[{ip}]:"),
                    ip => format!("{ip}:"),
                };
                let host = match binding.host_port.as_str() {
                    "" | "0" => String::new(),
                    port => format!("{port}:"),
                };
                let value = format!("{address}{host}{}", target.trim_end_matches("/tcp"));
                // A port is another one when its target is; of several for one target each counts.
                let key = match bindings.len() {
                    1 => target.clone(),
                    _ => format!("{target} {value}"),
                };
                let path = names.items.get(target).cloned().unwrap_or_else(|| "ports".to_owned());
                self.add(Rank::Ports, &key, "ports", vec![path, "ports".to_owned()], value);
            }
        }
        for target in config.exposed_ports.keys().filter(|target| !bindings.contains_key(*target)) {
            let value = target.trim_end_matches("/tcp").to_owned();
            self.add(Rank::Expose, target, "expose", vec!["expose".to_owned()], value);
        }
    }

    /// By target, whichever of its two forms the engine was given. Volumes without a name are told by their target
    /// alone: they pass from one container to the next.
    fn mounts(&mut self, host: &HostConfig, names: &Names) {
        let binds = host.binds.iter().map(|bind| from_bind(bind));
        for mount in binds.chain(host.mounts.iter().map(from_spec)) {
            let (kind, source, target) = (&mount.kind, &mount.source, &mount.target);
            if let Some(field) = names.files.get(target) {
                self.add(Rank::Files, target, field, vec![file_path(field)], source.clone());
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

    fn networks(&mut self, host: &HostConfig, endpoints: &Endpoints<'_>, names: &Names) {
        let mode = host.network_mode.as_str();
        if mode == "host" || mode == "none" || mode == "bridge" || mode.starts_with("container:") {
            let mode = of_service(mode, names);
            self.put(Rank::Networks, "network_mode", mode);
            return;
        }
        for (network, endpoint) in endpoints {
            let key = names.networks.get(*network).map_or(*network, String::as_str);
            let field = format!("networks.{key}");
            let path = vec![field.clone(), "networks".to_owned()];
            self.add(Rank::Networks, &field, "networks", path, key.to_owned());
            let mut aliases: Vec<&str> = endpoint
                .aliases
                .iter()
                .map(String::as_str)
                .filter(|alias| !names.own_aliases.iter().any(|own| own == alias))
                .collect();
            aliases.sort_unstable();
            aliases.dedup();
            let mut part = |name: &str, value: String| {
                self.put(Rank::Networks, &format!("{field}.{name}"), value);
            };
            part("aliases", aliases.join(", "));
            let addresses = endpoint.ipam_config.clone().unwrap_or_default();
            part("ipv4_address", addresses.ipv4_address);
            part("ipv6_address", addresses.ipv6_address);
            part("link_local_ips", addresses.link_local_ips.join(", "));
            part("gw_priority", number(endpoint.gw_priority));
            for (option, value) in &endpoint.driver_opts {
                part(&format!("driver_opts.{option}"), value.clone());
            }
            let address = format!("{field}.mac_address");
            let paths = vec![address.clone(), "mac_address".to_owned()];
            self.add(Rank::Networks, &address, &address, paths, endpoint.mac_address.clone());
        }
    }

    fn health(&mut self, check: Option<&HealthConfig>) {
        let Some(check) = check else { return };
        let test = match check.test.split_first() {
            Some((kind, _)) if kind == "NONE" => "disabled".to_owned(),
            Some((kind, words)) if kind == "CMD" => command_line(words),
            Some((kind, words)) if kind == "CMD-SHELL" => words.join(" "),
            _ => command_line(&check.test),
        };
        let mut part = |name: &str, value: String| {
            self.put(Rank::Health, &format!("healthcheck.{name}"), value);
        };
        part("test", test);
        part("interval", duration(check.interval));
        part("timeout", duration(check.timeout));
        part("start_period", duration(check.start_period));
        part("start_interval", duration(check.start_interval));
        part("retries", number(check.retries));
    }

    /// Fields that are one value each.
    fn scalars(&mut self, config: &ContainerCreate) {
        let config_json = serde_json::to_value(config).unwrap_or(Value::Null);
        let host = config_json.get("HostConfig").cloned().unwrap_or(Value::Null);
        for scalar in SCALARS {
            let object = if scalar.on_host { &host } else { &config_json };
            let Some(value) = object.get(scalar.name) else { continue };
            let text = shown(value, scalar.unit);
            let paths: Vec<String> = scalar.paths.iter().map(|path| (*path).to_owned()).collect();
            self.add(Rank::Others, scalar.paths[0], scalar.paths[0], paths, text);
        }
    }

    fn host(&mut self, host: &HostConfig, names: &Names) {
        if let Some(policy) = &host.restart_policy {
            let value = match policy.maximum_retry_count {
                0 => policy.name.clone(),
                count => format!("{}:{count}", policy.name),
            };
            let paths = vec!["restart".to_owned(), "deploy.restart_policy".to_owned()];
            self.add(Rank::Others, "restart", "restart", paths, value);
        }
        if let Some(logging) = &host.log_config {
            self.put(Rank::Others, "logging.driver", logging.r#type.clone());
            for (option, value) in &logging.config {
                self.put(Rank::Others, &format!("logging.options.{option}"), value.clone());
            }
        }
        for (field, mode) in [("ipc", &host.ipc_mode), ("pid", &host.pid_mode)] {
            self.put(Rank::Others, field, of_service(mode, names));
        }
        let sources: Vec<String> =
            host.volumes_from.iter().map(|source| of_service(source, names)).collect();
        self.put(Rank::Volumes, "volumes_from", sources.join(", "));
        for (key, value) in &host.sysctls {
            self.put(Rank::Others, &format!("sysctls.{key}"), value.clone());
        }
        for limit in &host.ulimits {
            let value = if limit.soft == limit.hard {
                limit.soft.to_string()
            } else {
                format!("{}:{}", limit.soft, limit.hard)
            };
            self.put(Rank::Others, &format!("ulimits.{}", limit.name), value);
        }
        for (key, value) in &host.annotations {
            self.put(Rank::Others, &format!("annotations.{key}"), value.clone());
        }
        for device in &host.devices {
            let target = &device.path_in_container;
            let value = format!("{}:{target}:{}", device.path_on_host, device.cgroup_permissions);
            let key = format!("devices {target}");
            self.add(Rank::Others, &key, "devices", vec!["devices".to_owned()], value);
        }
    }
}

/// The order in which facts are told.
#[derive(Debug, Clone, Copy)]
enum Rank {
    Image,
    Command,
    Environment,
    Ports,
    Expose,
    Volumes,
    Files,
    Networks,
    Health,
    Labels,
    Others,
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
fn volumes_of(image: &ImageConfig) -> Vec<MountSpec> {
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
pub(in crate::stack) fn is_anonymous(volume: &str) -> bool {
    volume.len() == 64 && volume.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a label is not the user's.
pub(super) fn is_ours(label: &str) -> bool {
    label.starts_with("com.docker.compose.") || label.starts_with(crate::stack::labels::OWN)
}

/// `container:<id>` as the service whose container that is.
fn of_service(mode: &str, names: &Names) -> String {
    let id = mode.strip_prefix("container:").unwrap_or(mode);
    match names.services.get(id) {
        Some(service) => format!("service:{service}"),
        None => mode.to_owned(),
    }
}

/// Where the list is that a secret or config stands in.
fn file_path(field: &str) -> String {
    field.split('.').next().unwrap_or(field).to_owned()
}

/// Words as a command line, those with blanks quoted.
fn command_line(words: &[String]) -> String {
    let quoted = words.iter().map(|word| {
        if word.is_empty() || word.contains(|c: char| c.is_whitespace() || c == '"') {
            format!("{word:?}")
        } else {
            word.clone()
        }
    });
    quoted.collect::<Vec<_>>().join(" ")
}

fn duration(nanoseconds: i64) -> String {
    if nanoseconds == 0 { String::new() } else { Duration(nanoseconds).to_string() }
}

fn number(number: i64) -> String {
    if number == 0 { String::new() } else { number.to_string() }
}
