//! Host strings (`unix:///run/docker.sock`, `tcp://host:2375`, `ssh://user@host`) as values, by the
//! rules of the Docker CLI (`opts/hosts.go`, `cli/connhelper`). Pure: nothing is looked up.

use std::fmt;
use std::path::PathBuf;

/// Where the default engine of a Unix machine listens.
pub const DEFAULT_SOCKET: &str = "/var/run/docker.sock";

/// Port of an engine that speaks plain HTTP.
const PLAIN_PORT: u16 = 2375;
/// Port of an engine that speaks TLS.
const TLS_PORT: u16 = 2376;

/// An address that an engine may listen at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A Unix socket.
    Unix(PathBuf),
    /// TCP, with or without TLS.
    Tcp {
        /// Name or IP address; IPv6 without brackets.
        host: String,
        /// Port.
        port: u16,
        /// Put in front of every API path; empty or with a leading slash, without a trailing one.
        prefix: String,
    },
    /// Through `ssh … docker system dial-stdio`.
    Ssh(SshAddress),
    /// A Windows named pipe, as `//./pipe/name`.
    NamedPipe(String),
}

/// A machine that is reached by ssh.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SshAddress {
    /// User, where the address names one.
    pub user: Option<String>,
    /// Host, or a name of the user's ssh configuration.
    pub host: String,
    /// Port, where the address names one.
    pub port: Option<u16>,
    /// Socket on that machine, where it is not the default one.
    pub socket: Option<String>,
}

/// Why a host string is refused. The first sentence is the CLI's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// A scheme that is not spoken.
    #[error("invalid bind address format: {0}")]
    Format(String),
    /// Not a TCP address.
    #[error("invalid bind address ({address}): {reason}")]
    Tcp {
        /// As written.
        address: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Not an ssh address.
    #[error("invalid ssh URL ({address}): {reason}")]
    Ssh {
        /// As written.
        address: String,
        /// What is wrong with it.
        reason: &'static str,
    },
}

impl Address {
    /// Reads a host string. `tls` is whether TLS is asked for: it changes the default port and,
    /// for an empty string, the default endpoint.
    pub fn parse(text: &str, tls: bool) -> Result<Self, AddressError> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Self::default_for(tls));
        }
        let (scheme, rest) = text.split_once("://").unwrap_or(("tcp", text));
        match scheme {
            "tcp" => parse_tcp(text, rest, tls),
            "unix" => Ok(Self::Unix(PathBuf::from(simple(text, rest, DEFAULT_SOCKET)?))),
            "npipe" => Ok(Self::NamedPipe(simple(text, rest, "//./pipe/docker_engine")?.into())),
            "ssh" => parse_ssh(text, rest),
            _ => Err(AddressError::Format(text.to_owned())),
        }
    }

    /// The endpoint of a machine on which nothing is configured.
    pub fn default_for(tls: bool) -> Self {
        if tls {
            Self::Tcp { host: "localhost".to_owned(), port: TLS_PORT, prefix: String::new() }
        } else {
            Self::Unix(PathBuf::from(DEFAULT_SOCKET))
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Tcp { host, port, prefix } if host.contains(':') => {
                write!(f, "tcp://[{host}]:{port}{prefix}")
            }
            Self::Tcp { host, port, prefix } => write!(f, "tcp://{host}:{port}{prefix}"),
            Self::NamedPipe(name) => write!(f, "npipe://{name}"),
            Self::Ssh(ssh) => {
                f.write_str("ssh://")?;
                if let Some(user) = &ssh.user {
                    write!(f, "{user}@")?;
                }
                if ssh.host.contains(':') {
                    write!(f, "[{}]", ssh.host)?;
                } else {
                    f.write_str(&ssh.host)?;
                }
                if let Some(port) = ssh.port {
                    write!(f, ":{port}")?;
                }
                f.write_str(ssh.socket.as_deref().unwrap_or_default())
            }
        }
    }
}

/// The path behind a scheme that has nothing but a path.
fn simple<'a>(text: &str, rest: &'a str, default: &'a str) -> Result<&'a str, AddressError> {
    if rest.contains("://") {
        return Err(AddressError::Format(text.to_owned()));
    }
    Ok(if rest.is_empty() { default } else { rest })
}

fn parse_tcp(text: &str, rest: &str, tls: bool) -> Result<Address, AddressError> {
    let refuse = |reason| AddressError::Tcp { address: text.to_owned(), reason };
    if rest.contains("://") {
        return Err(AddressError::Format(text.to_owned()));
    }
    let (authority, prefix) = match rest.find('/') {
        Some(slash) => rest.split_at(slash),
        None => (rest, ""),
    };
    let (host, port) = split_port(authority).map_err(refuse)?;
    Ok(Address::Tcp {
        host: if host.is_empty() { "localhost".to_owned() } else { host.to_owned() },
        port: port.unwrap_or(if tls { TLS_PORT } else { PLAIN_PORT }),
        prefix: prefix.trim_end_matches('/').to_owned(),
    })
}

fn parse_ssh(text: &str, rest: &str) -> Result<Address, AddressError> {
    let refuse = |reason| AddressError::Ssh { address: text.to_owned(), reason };
    if rest.contains('?') {
        return Err(refuse("extra query after the host"));
    }
    if rest.contains('#') {
        return Err(refuse("extra fragment after the host"));
    }
    let (authority, socket) = match rest.find('/') {
        Some(slash) => rest.split_at(slash),
        None => (rest, ""),
    };
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, authority),
    };
    if user.is_some_and(|user| user.contains(':')) {
        return Err(refuse("plain-text password is not supported"));
    }
    let (host, port) = split_port(host).map_err(refuse)?;
    if host.is_empty() {
        return Err(refuse("no host specified"));
    }
    // ssh would take these for options.
    if host.starts_with('-') || user.is_some_and(|user| user.starts_with('-')) {
        return Err(refuse("host and user must not begin with a dash"));
    }
    Ok(Address::Ssh(SshAddress {
        user: user.filter(|user| !user.is_empty()).map(str::to_owned),
        host: host.to_owned(),
        port,
        socket: (!socket.trim_matches('/').is_empty()).then(|| socket.to_owned()),
    }))
}

/// `host[:port]`, the host in brackets where it is an IPv6 address.
fn split_port(authority: &str) -> Result<(&str, Option<u16>), &'static str> {
    let (host, port) = if let Some(rest) = authority.strip_prefix('[') {
        let (host, behind) = rest.split_once(']').ok_or("missing ']' in address")?;
        match behind.strip_prefix(':') {
            Some(port) => (host, port),
            None if behind.is_empty() => (host, ""),
            None => return Err("unexpected text behind ']'"),
        }
    } else {
        match authority.split_once(':') {
            Some((_, port)) if port.contains(':') => return Err("too many colons in address"),
            Some(parts) => parts,
            None => (authority, ""),
        }
    };
    if port.is_empty() {
        return Ok((host, None));
    }
    port.parse().map(|port| (host, Some(port))).map_err(|_| "port is not a number below 65536")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_forms_the_cli_reads() {
        for (text, tls, expected) in [
            ("", false, "unix:///var/run/docker.sock"),
            ("", true, "tcp://localhost:2376"),
            ("  unix:///x/y.sock ", false, "unix:///x/y.sock"),
            ("unix://", false, "unix:///var/run/docker.sock"),
            ("box", false, "tcp://box:2375"),
            ("box", true, "tcp://box:2376"),
            ("box:99", true, "tcp://box:99"),
            ("tcp://", false, "tcp://localhost:2375"),
            ("tcp://:4243", false, "tcp://localhost:4243"),
            ("tcp://[::1]:5", false, "tcp://[::1]:5"),
            ("tcp://[::1]", false, "tcp://[::1]:2375"),
            ("tcp://h:1/a/b/", false, "tcp://h:1/a/b"),
            ("ssh://me@box:22/run/x.sock", false, "ssh://me@box:22/run/x.sock"),
            ("ssh://box/", false, "ssh://box"),
            ("npipe:////./pipe/x", false, "npipe:////./pipe/x"),
        ] {
            let address = Address::parse(text, tls).unwrap();
            assert_eq!(address.to_string(), expected, "{text}");
            assert_eq!(Address::parse(&address.to_string(), tls).unwrap(), address, "{text}");
        }
    }

    #[test]
    fn refuses_what_the_cli_refuses() {
        for (text, expected) in [
            ("http://x", "invalid bind address format: http://x"),
            ("fd://", "invalid bind address format: fd://"),
            ("unix://tcp://x", "invalid bind address format: unix://tcp://x"),
            ("tcp://h:x", "invalid bind address (tcp://h:x): port is not a number below 65536"),
            ("ssh://a:b@h", "invalid ssh URL (ssh://a:b@h): plain-text password is not supported"),
            ("ssh://", "invalid ssh URL (ssh://): no host specified"),
            ("ssh://h?x=1", "invalid ssh URL (ssh://h?x=1): extra query after the host"),
            (
                "ssh://-oProxyCommand=x",
                "invalid ssh URL (ssh://-oProxyCommand=x): host and user must not begin with a dash",
            ),
        ] {
            assert_eq!(Address::parse(text, false).unwrap_err().to_string(), expected);
        }
    }
}
