//! `port`: where a port of a service is published. One call: the list of containers says it.

use super::context::Context;
use super::failure::{Failure, Result};
use super::runtime::Signals;
use crate::engine::api::PublishedPort;
use crate::stack::query::{self, ProjectContainer};

/// The flags of `port`.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(override_usage = "bireme port [OPTIONS] SERVICE PRIVATE_PORT")]
pub(super) struct Args {
    /// Which container of the service; 0 is the first
    #[arg(long, value_name = "N", default_value = "0", value_parser = super::flags::integer)]
    index: i64,
    /// tcp or udp
    #[arg(long, value_name = "PROTOCOL", default_value = "tcp")]
    protocol: String,
    /// Service, and the port in its container
    #[arg(value_name = "WORD", required = true, num_args = 2..)]
    words: Vec<String>,
}

/// Prints the address.
pub(super) fn run(args: &Args, context: &Context) -> Result {
    let [service, port, ..] = args.words.as_slice() else { return Ok(()) };
    let port = number(port)?;
    let protocol = args.protocol.to_lowercase();
    let scope = context.named_scope()?;
    let index = u32::try_from(args.index).map_err(|_| {
        Failure::new(format!("service {service:?} is not running container #{}", args.index))
    })?;
    context.with_engine(Signals::Drop, async |engine, _| {
        let target = query::target(&*engine, scope.name(), service, index).await;
        let target = target.map_err(|error| scope.advise(error.into(), service))?;
        let found = published(&target.summary.ports, port, &protocol)
            .ok_or_else(|| not_found(&target, port, &protocol))?;
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
    }
}
