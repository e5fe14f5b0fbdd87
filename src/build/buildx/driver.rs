//! What a node of a builder is, by its driver and options. Pure; the words of refusals are buildx's.

use std::path::PathBuf;

use super::container::{self, ContainerOptions};
use super::store::{Instance, Node};
use crate::engine::endpoint::{Address, SshAddress};

/// How a node's BuildKit is reached.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Driver {
    /// BuildKit in a container of an engine, which is made where it is missing (`docker-container`).
    Container(Box<ContainerOptions>),
    /// A BuildKit that somebody else runs (`remote`).
    Remote(Remote),
}

/// Where a BuildKit listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Remote {
    /// At a socket or a port.
    Address(Address, Option<TlsFiles>),
    /// Behind `buildctl` on another machine.
    Ssh(SshAddress),
    /// Behind `buildctl` in a container, of the engine in use or of another context's.
    Container {
        /// The container's name.
        name: String,
        /// The Docker context, where one is named.
        context: Option<String>,
    },
}

/// TLS towards a BuildKit: files, and the name that the certificate must have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct TlsFiles {
    pub(super) authority: PathBuf,
    pub(super) certificate: Option<PathBuf>,
    pub(super) key: Option<PathBuf>,
    pub(super) server_name: Option<String>,
}

impl Driver {
    /// The name of the driver, as buildx has it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Container(_) => "docker-container",
            Self::Remote(_) => "remote",
        }
    }

    /// What the nodes of a builder are.
    pub(super) fn of_nodes(instance: &Instance) -> Result<Vec<Self>, String> {
        let node: fn(&Node) -> Result<Self, String> = match instance.driver.as_str() {
            "docker-container" => container,
            "remote" => remote,
            "docker" | "" => {
                return Err(
                    "additional instances of driver \"docker\" cannot be created".to_owned()
                );
            }
            "kubernetes" => {
                return Err(format!(
                    "builder {:?} has the driver kubernetes, which Bireme does not speak",
                    instance.name
                ));
            }
            other => return Err(format!("failed to find driver {other:?}")),
        };
        if instance.nodes.is_empty() {
            return Err(format!("builder {:?} has no node", instance.name));
        }
        let refused = |words: String| format!("no valid drivers found: {words}");
        instance.nodes.iter().map(|it| node(it).map_err(refused)).collect()
    }
}

fn container(node: &Node) -> Result<Driver, String> {
    container::options(node).map(|options| Driver::Container(Box::new(options)))
}

fn remote(node: &Node) -> Result<Driver, String> {
    for (given, what) in
        [(!node.files.is_empty(), "config file"), (!node.flags.is_empty(), "buildkit flags")]
    {
        if given {
            return Err(format!("setting {what} is not supported for remote driver"));
        }
    }
    let tls = tls_files(node)?;
    let endpoint = node.endpoint.as_str();
    let (scheme, rest) = endpoint
        .split_once("://")
        .ok_or_else(|| format!("invalid endpoint address: {endpoint}"))?;
    let address = || Address::parse(endpoint, tls.is_some()).map_err(|error| error.to_string());
    let remote = match scheme {
        "unix" => Remote::Address(address()?, None),
        "tcp" => Remote::Address(address()?, tls),
        "ssh" => match address()? {
            Address::Ssh(ssh) => Remote::Ssh(ssh),
            other => Remote::Address(other, None),
        },
        "docker-container" => container_behind(rest),
        "npipe" | "kube-pod" => return Err(format!("Bireme does not speak {scheme}://")),
        _ => return Err(format!("unrecognized url scheme {scheme}")),
    };
    Ok(Driver::Remote(remote))
}

/// `NAME`, or `NAME?context=CONTEXT`.
fn container_behind(text: &str) -> Remote {
    let (name, query) = text.split_once('?').unwrap_or((text, ""));
    let context = query.split('&').find_map(|pair| pair.strip_prefix("context="));
    Remote::Container {
        name: name.trim_end_matches('/').to_owned(),
        context: context.filter(|name| !name.is_empty()).map(str::to_owned),
    }
}

fn tls_files(node: &Node) -> Result<Option<TlsFiles>, String> {
    let (mut files, mut authority, mut asked) = (TlsFiles::default(), None, false);
    for (key, value) in &node.driver_opts {
        let path = || {
            let path = PathBuf::from(value);
            let absolute = path.is_absolute();
            absolute
                .then_some(path)
                .ok_or_else(|| format!("non-absolute path '{value}' provided for {key}"))
        };
        match key.as_str() {
            "servername" => files.server_name = Some(value.clone()).filter(|name| !name.is_empty()),
            "cacert" => authority = Some(path()?),
            "cert" => files.certificate = Some(path()?),
            "key" => files.key = Some(path()?),
            // Docker Compose always says where an image goes.
            "default-load" => continue,
            _ => return Err(format!("invalid driver option {key} for remote driver")),
        }
        asked = true;
    }
    if !asked {
        return Ok(None);
    }
    let missing = [
        (authority.is_none(), "cacert"),
        (files.certificate.is_some() && files.key.is_none(), "key"),
        (files.key.is_some() && files.certificate.is_none(), "cert"),
    ];
    let missing: Vec<&str> = missing.iter().filter(|(it, _)| *it).map(|(_, name)| *name).collect();
    match authority {
        Some(authority) if missing.is_empty() => Ok(Some(TlsFiles { authority, ..files })),
        _ => Err(format!("tls enabled, but missing keys {}", missing.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(endpoint: &str, options: &[(&str, &str)]) -> Result<Driver, String> {
        let options = options.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let node = Node {
            endpoint: endpoint.to_owned(),
            driver_opts: options.collect(),
            ..Node::default()
        };
        let instance =
            Instance { name: "b".to_owned(), driver: "remote".to_owned(), nodes: vec![node] };
        Driver::of_nodes(&instance).map(|mut nodes| nodes.remove(0))
    }

    #[test]
    fn a_remote_builder_is_where_its_endpoint_says() {
        let address = |text: &str| Address::parse(text, false).unwrap();
        let tls = TlsFiles {
            authority: "/ca".into(),
            certificate: Some("/c".into()),
            key: Some("/k".into()),
            server_name: Some("box".to_owned()),
        };
        let all = [("cacert", "/ca"), ("cert", "/c"), ("key", "/k"), ("servername", "box")];
        let container = |name: &str, context: Option<&str>| Remote::Container {
            name: name.to_owned(),
            context: context.map(str::to_owned),
        };
        for (endpoint, options, expected) in [
            ("unix:///s", &[][..], Remote::Address(address("unix:///s"), None)),
            ("tcp://h:1234", &[][..], Remote::Address(address("tcp://h:1234"), None)),
            ("tcp://h:1234", &all[..], Remote::Address(address("tcp://h:1234"), Some(tls))),
            ("docker-container://b", &[][..], container("b", None)),
            ("docker-container://b?context=colima", &[][..], container("b", Some("colima"))),
        ] {
            assert_eq!(read(endpoint, options), Ok(Driver::Remote(expected)), "{endpoint}");
        }
        let Ok(Driver::Remote(Remote::Ssh(ssh))) = read("ssh://me@box", &[]) else { panic!() };
        assert_eq!((ssh.user.as_deref(), ssh.host.as_str()), (Some("me"), "box"));
    }

    #[test]
    fn what_cannot_be_is_refused_in_the_words_of_buildx() {
        for (endpoint, options, expected) in [
            ("unix:///s", &[("foo", "1")][..], "invalid driver option foo for remote driver"),
            ("tcp://h:1", &[("cert", "/c")], "tls enabled, but missing keys cacert, key"),
            ("tcp://h:1", &[("cacert", "c")], "non-absolute path 'c' provided for cacert"),
            ("ftp://h", &[], "unrecognized url scheme ftp"),
            ("h", &[], "invalid endpoint address: h"),
        ] {
            let expected = format!("no valid drivers found: {expected}");
            assert_eq!(read(endpoint, options).unwrap_err(), expected);
        }
        let of = |driver: &str| {
            let instance = Instance { name: "b".into(), driver: driver.into(), nodes: Vec::new() };
            Driver::of_nodes(&instance).unwrap_err()
        };
        assert_eq!(of("cloud"), "failed to find driver \"cloud\"");
        assert_eq!(of("docker"), "additional instances of driver \"docker\" cannot be created");
        assert_eq!(
            of("kubernetes"),
            "builder \"b\" has the driver kubernetes, which Bireme does not speak"
        );
        assert_eq!(of("remote"), "builder \"b\" has no node");
    }
}
