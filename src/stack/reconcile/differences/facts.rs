//! What a container consists of, one fact for each thing that a Compose file can say of it, in the
//! words of the file. Both sides of a comparison become facts by the same code, so that only what
//! means something else is a difference.

use std::collections::BTreeMap;

use serde_json::Value;

use super::mounts::volumes_of;
use super::networks::of_service;
use super::scalars::{SCALARS, shown};
use crate::compose::model::Duration;
use crate::engine::api::{
    ContainerCreate, EndpointSettings, HealthConfig, HostConfig, ImageConfig,
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
    /// Services by the names of their containers.
    pub(super) containers: BTreeMap<String, String>,
    /// Fields of secrets and configs by their path in the container.
    pub(super) files: BTreeMap<String, String>,
    /// Fields of secrets and configs by the file that they are.
    pub(super) sources: BTreeMap<String, String>,
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

    /// Forgets a fact.
    pub(super) fn remove(&mut self, key: &(usize, String)) {
        self.0.remove(key);
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
        facts.links(host, endpoints, names);
        facts.fold_api_socket();
        facts
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

    pub(super) fn put(&mut self, rank: Rank, field: &str, value: String) {
        self.add(rank, field, field, vec![field.to_owned()], value);
    }

    pub(super) fn add(
        &mut self,
        rank: Rank,
        key: &str,
        field: &str,
        paths: Vec<String>,
        value: String,
    ) {
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
pub(super) enum Rank {
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

/// Whether a label is not the user's.
pub(in crate::stack::reconcile) fn is_ours(label: &str) -> bool {
    label.starts_with("com.docker.compose.") || label.starts_with(crate::stack::labels::OWN)
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

pub(super) fn number(number: i64) -> String {
    if number == 0 { String::new() } else { number.to_string() }
}
