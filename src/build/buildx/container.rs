//! The container of a node with the driver `docker-container`: what it is made of, as buildx makes it,
//! so that either may start it, use it and remove it. Pure.

use std::collections::BTreeMap;

use super::store::Node;
use crate::compose::units::parse_bytes;
use crate::engine::api::{ContainerCreate, HostConfig, MountSpec, RestartPolicy, ServerInfo};

/// The image where no other is asked for.
pub(super) const DEFAULT_IMAGE: &str = "moby/buildkit:buildx-stable-1";
/// The directory in which the daemon keeps its state, on a volume that outlives the container.
const STATE: &str = "/var/lib/buildkit";
/// The directory of the daemon's configuration, and the file in it that is its main one.
pub(super) const CONFIGURATION: &str = "etc/buildkit";
const MAIN_FILE: &str = "buildkitd.toml";
/// The group of the daemons where groups are files.
const GROUP: &str = "/docker/buildx";

/// A node's container as its builder was created.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct ContainerOptions {
    /// Its name.
    pub(super) name: String,
    /// Its image.
    pub(super) image: String,
    /// Files for the daemon's configuration directory.
    pub(super) files: BTreeMap<String, Vec<u8>>,
    arguments: Vec<String>,
    environment: Vec<String>,
    host: HostConfig,
    /// Why Bireme does not make the container itself.
    pub(super) beyond: Option<String>,
}

/// Reads a node's options.
pub(super) fn options(node: &Node) -> Result<ContainerOptions, String> {
    let name = format!("buildx_buildkit_{}", node.name);
    let state = MountSpec {
        r#type: "volume".to_owned(),
        source: format!("{name}_state"),
        target: STATE.to_owned(),
        ..MountSpec::default()
    };
    let mut options = ContainerOptions {
        name,
        image: DEFAULT_IMAGE.to_owned(),
        files: node.files.clone(),
        arguments: arguments(node),
        host: HostConfig {
            privileged: true,
            // Reaps what the steps of a build leave behind.
            init: Some(true),
            restart_policy: restart_policy("unless-stopped")?,
            mounts: vec![state],
            ..HostConfig::default()
        },
        ..ContainerOptions::default()
    };
    for (key, value) in &node.driver_opts {
        options.set(key, value)?;
    }
    Ok(options)
}

fn arguments(node: &Node) -> Vec<String> {
    let mut arguments = Vec::new();
    if node.files.contains_key(MAIN_FILE) {
        arguments.extend(["--config".to_owned(), format!("/{CONFIGURATION}/{MAIN_FILE}")]);
    }
    arguments.extend(node.flags.iter().cloned());
    arguments
}

impl ContainerOptions {
    fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        let host = &mut self.host;
        match key {
            "network" => value.clone_into(&mut host.network_mode),
            "image" if value.is_empty() => {}
            "image" => value.clone_into(&mut self.image),
            "memory" => host.memory = bytes(value)?,
            "memory-swap" => host.memory_swap = bytes(value)?,
            "cpu-period" => host.cpu_period = number(value)?,
            "cpu-quota" => host.cpu_quota = number(value)?,
            "cpu-shares" => host.cpu_shares = number(value)?,
            "cpuset-cpus" => value.clone_into(&mut host.cpuset_cpus),
            "cpuset-mems" => value.clone_into(&mut host.cpuset_mems),
            "cgroup-parent" => value.clone_into(&mut host.cgroup_parent),
            "restart-policy" => host.restart_policy = restart_policy(value)?,
            "gpus" => self.beyond = Some("it is to have GPUs".to_owned()),
            // Docker Compose always says where an image goes; the event is GitHub's, for provenance.
            "default-load" | "provenance-add-gha" => {}
            key => match key.strip_prefix("env.") {
                Some("") => {
                    return Err(format!("invalid env option {key:?}, expecting env.FOO=bar"));
                }
                Some(name) => self.environment.push(format!("{name}={value}")),
                None => {
                    return Err(format!("invalid driver option {key} for docker-container driver"));
                }
            },
        }
        Ok(())
    }

    /// What to make of it on an engine that says this of itself.
    pub(super) fn body(&self, engine: &ServerInfo) -> ContainerCreate {
        let mut host_config = self.host.clone();
        if engine.cgroup_driver != "cgroupfs" {
            host_config.cgroup_parent.clear();
        } else if host_config.cgroup_parent.is_empty() {
            GROUP.clone_into(&mut host_config.cgroup_parent);
        }
        if engine.security_options.iter().any(|option| option.starts_with("name=userns")) {
            "host".clone_into(&mut host_config.userns_mode);
        }
        ContainerCreate {
            image: self.image.clone(),
            env: self.environment.clone(),
            cmd: (!self.arguments.is_empty()).then(|| self.arguments.clone()),
            host_config,
            ..ContainerCreate::default()
        }
    }
}

fn bytes(value: &str) -> Result<i64, String> {
    parse_bytes(value).map(|size| size.0).map_err(|error| error.to_string())
}

fn number(value: &str) -> Result<i64, String> {
    value.parse().map_err(|_| format!("invalid number {value:?}"))
}

/// `NAME` or `on-failure:COUNT`.
fn restart_policy(text: &str) -> Result<Option<RestartPolicy>, String> {
    let (name, count) = text.split_once(':').unwrap_or((text, ""));
    if name.is_empty() {
        return Ok(None);
    }
    let count = if count.is_empty() { 0 } else { number(count)? };
    Ok(Some(RestartPolicy { name: name.to_owned(), maximum_retry_count: count }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(options: &[(&str, &str)]) -> Node {
        let options = options.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Node {
            name: "cont0".to_owned(),
            endpoint: "unix:///s".to_owned(),
            driver_opts: options.collect(),
            flags: vec!["--debug".to_owned()],
            ..Node::default()
        }
    }

    #[test]
    fn the_container_is_the_one_that_buildx_makes() {
        let info = ServerInfo { cgroup_driver: "cgroupfs".to_owned(), ..ServerInfo::default() };
        let plain = options(&node(&[])).unwrap();
        assert_eq!(plain.name, "buildx_buildkit_cont0");
        let body = plain.body(&info);
        assert_eq!(body.image, DEFAULT_IMAGE);
        assert_eq!(body.cmd, Some(vec!["--debug".to_owned()]));
        let host = &body.host_config;
        assert!(host.privileged && host.init == Some(true));
        assert_eq!(host.cgroup_parent, "/docker/buildx");
        assert_eq!(host.restart_policy.as_ref().unwrap().name, "unless-stopped");
        let mount = &host.mounts[0];
        assert_eq!(
            (mount.r#type.as_str(), mount.source.as_str(), mount.target.as_str()),
            ("volume", "buildx_buildkit_cont0_state", "/var/lib/buildkit")
        );

        let asked = [
            ("image", "own:1"),
            ("network", "host"),
            ("memory", "100m"),
            ("memory-swap", "-1"),
            ("cpu-shares", "3"),
            ("cpuset-cpus", "0-1"),
            ("cgroup-parent", "/mine"),
            ("restart-policy", "on-failure:4"),
            ("env.A", "b"),
            ("default-load", "true"),
        ];
        let body = options(&node(&asked)).unwrap().body(&info);
        let host = &body.host_config;
        assert_eq!((body.image.as_str(), body.env.as_slice()), ("own:1", &["A=b".to_owned()][..]));
        assert_eq!((host.network_mode.as_str(), host.cgroup_parent.as_str()), ("host", "/mine"));
        assert_eq!((host.memory, host.memory_swap, host.cpu_shares), (100 << 20, -1, 3));
        assert_eq!(host.restart_policy.as_ref().unwrap().maximum_retry_count, 4);

        let mapped = ServerInfo {
            cgroup_driver: "systemd".to_owned(),
            security_options: vec!["name=seccomp,profile=builtin".into(), "name=userns".into()],
            ..ServerInfo::default()
        };
        let host = options(&node(&asked)).unwrap().body(&mapped).host_config;
        assert_eq!((host.cgroup_parent.as_str(), host.userns_mode.as_str()), ("", "host"));
    }

    #[test]
    fn its_own_configuration_is_named_before_other_arguments() {
        let mut node = node(&[]);
        node.files.insert("buildkitd.toml".to_owned(), b"debug = true".to_vec());
        let body = options(&node).unwrap().body(&ServerInfo::default());
        let expected = ["--config", "/etc/buildkit/buildkitd.toml", "--debug"];
        assert_eq!(body.cmd.unwrap(), expected);
    }

    #[test]
    fn options_that_it_does_not_have_are_refused() {
        for (key, value, words) in [
            ("foo", "1", "invalid driver option foo for docker-container driver"),
            ("env.", "1", "invalid env option \"env.\", expecting env.FOO=bar"),
            ("cpu-quota", "x", "invalid number \"x\""),
        ] {
            assert_eq!(options(&node(&[(key, value)])).unwrap_err(), words);
        }
        assert!(options(&node(&[("memory", "much")])).is_err());
        assert!(options(&node(&[("gpus", "all")])).unwrap().beyond.is_some());
    }
}
