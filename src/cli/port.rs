//! `port`: where a port of a service is published, or all of them. One call: the list of containers
//! says it.

use super::context::Context;
use super::failure::{Failure, Result};
use super::runtime::Signals;
use crate::engine::api::PublishedPort;
use crate::stack::query::{self, ProjectContainer};

/// The flags of `port`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Args {
    /// Which container of the service; 0 is the first
    #[arg(long, value_name = "N", default_value = "0", value_parser = super::flags::integer)]
    index: i64,
    /// tcp or udp [default: tcp, where a port is named]
    #[arg(long, value_name = "PROTOCOL")]
    protocol: Option<String>,
    /// Service, and the port in its container; without it all its ports
    #[arg(value_name = "SERVICE [PRIVATE_PORT]", required = true, num_args = 1..)]
    words: Vec<String>,
}

/// Prints the address, or a line for each port.
pub(super) fn run(args: &Args, context: &Context) -> Result {
    let [service, rest @ ..] = args.words.as_slice() else { return Ok(()) };
    let port = rest.first().map(|word| number(word)).transpose()?;
    let protocol = args.protocol.as_ref().map(|word| word.to_lowercase());
    let scope = context.named_scope()?;
    let index = super::flags::index(args.index);
    context.with_engine(Signals::Drop, async |engine, _| {
        let target = query::target(&*engine, scope.name(), service, index).await;
        let target = target.map_err(|error| scope.advise(error.into(), service))?;
        let Some(port) = port else {
            for line in all(&target.summary.ports, protocol.as_deref()) {
                context.ui.print(&line);
            }
            return Ok(());
        };
        let protocol = protocol.as_deref().unwrap_or("tcp");
        let found = published(&target.summary.ports, port, protocol)
            .ok_or_else(|| not_found(&target, port, protocol))?;
        context.ui.print(&format!("{}:{}", found.ip, found.public_port));
        Ok(())
    })
}

/// A port, as Go reads one.
fn number(word: &str) -> Result<u16> {
    word.parse().map_err(|_| {
        let digits = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
        let reason = if digits { "value out of range" } else { "invalid syntax" };
        let failure = Failure::new(format!("strconv.ParseUint: parsing {word:?}: {reason}"));
        match word.split_once('/') {
            Some((port, protocol)) => {
                failure.help(format!("the protocol is a flag: `--protocol {protocol} … {port}`"))
            }
            None => failure,
        }
    })
}

/// The entry of a port: of several addresses the one of version 4, whatever order they come in.
fn published<'a>(
    ports: &'a [PublishedPort],
    port: u16,
    protocol: &str,
) -> Option<&'a PublishedPort> {
    ports
        .iter()
        .filter(|entry| entry.private_port == port && entry.r#type == protocol)
        .min_by_key(|entry| entry.ip.contains(':'))
}

/// A line for each address that a port is published at, `80/tcp -> 0.0.0.0:8080`.
fn all(ports: &[PublishedPort], protocol: Option<&str>) -> Vec<String> {
    let mut ports: Vec<&PublishedPort> = ports
        .iter()
        .filter(|entry| entry.public_port != 0 && protocol.is_none_or(|it| it == entry.r#type))
        .collect();
    ports.sort_by_key(|entry| {
        (entry.private_port, &entry.r#type, entry.ip.contains(':'), entry.public_port)
    });
    let line = |entry: &&PublishedPort| {
        let PublishedPort { ip, private_port, public_port, r#type: kind } = entry;
        let ip = if ip.contains(':') { format!("[{ip}]") } else { ip.clone() };
        format!("{private_port}/{kind} -> {ip}:{public_port}")
    };
    ports.iter().map(line).collect()
}

fn not_found(container: &ProjectContainer, port: u16, protocol: &str) -> Failure {
    let ports = &container.summary.ports;
    let outside: Vec<String> =
        ports.iter().map(|entry| format!("{}/{}", entry.public_port, entry.r#type)).collect();
    let failure = Failure::new(format!(
        "no port {port}/{protocol} for container {}: {}",
        container.name,
        outside.join(", ")
    ));
    // The list is of ports outside; what was meant is one inside.
    let mut inside: Vec<String> = Vec::new();
    for entry in ports {
        let entry = format!("{}/{}", entry.private_port, entry.r#type);
        if !inside.contains(&entry) {
            inside.push(entry);
        }
    }
    if inside.is_empty() {
        failure.help("the container has no ports")
    } else {
        failure.help(format!("the ports in the container are {}", inside.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(failure: Failure) -> String {
        match failure {
            Failure::Message { message, .. } => message,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn ports_are_plain_numbers() {
        assert_eq!(number("80").unwrap(), 80);
        for (word, reason) in
            [("80/tcp", "invalid syntax"), ("", "invalid syntax"), ("99999", "value out of range")]
        {
            assert_eq!(
                message(number(word).unwrap_err()),
                format!("strconv.ParseUint: parsing {word:?}: {reason}")
            );
        }
    }

    #[test]
    fn the_address_of_version_4_comes_first() {
        let entry = |ip: &str, private_port, public_port, protocol: &str| PublishedPort {
            ip: ip.to_owned(),
            private_port,
            public_port,
            r#type: protocol.to_owned(),
        };
        let ports = [
            entry("::", 80, 8081, "tcp"),
            entry("0.0.0.0", 80, 8080, "tcp"),
            entry("0.0.0.0", 80, 5353, "udp"),
        ];
        let found =
            |port, protocol| published(&ports, port, protocol).map(|entry| entry.public_port);
        assert_eq!(found(80, "tcp"), Some(8080));
        assert_eq!(found(80, "udp"), Some(5353));
        assert_eq!(found(81, "tcp"), None);
        assert_eq!(
            all(&ports, None),
            ["80/tcp -> 0.0.0.0:8080", "80/tcp -> [::]:8081", "80/udp -> 0.0.0.0:5353"]
        );
        assert_eq!(all(&ports, Some("udp")), ["80/udp -> 0.0.0.0:5353"]);
    }
}
