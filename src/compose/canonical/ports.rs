//! Short syntax of `ports`: `[[ADDRESS:]HOST[-HOST]:]CONTAINER[-CONTAINER][/PROTOCOL]`.

use std::net::IpAddr;

use super::{Context, make};
use crate::compose::limits;
use crate::compose::yaml::{Node, Value};
use crate::diagnostic::Span;

/// Replaces every number and text of the list by one mapping per container port. A list with a
/// text that may hold a variable stays as it is, whole.
pub(super) fn transform(list: &mut Node, context: &mut Context<'_>) {
    let Some(items) = list.as_sequence_mut() else { return };
    let mut ports = Vec::with_capacity(items.len());
    for item in items.iter() {
        let digits;
        let short = match &item.value {
            Value::Int(port) => {
                digits = port.to_string();
                Short::parse(&digits).map(Some)
            }
            Value::Float(port) => Err(format!("invalid type float64 for port: {port}")),
            Value::String(text) => Short::parse(text).map(Some),
            _ => Ok(None),
        };
        match short {
            // Whole ranges in a row make a small file large: they are counted, and only then
            // written out. One that goes too far counts as well, so that none behind it fits.
            Ok(short) => {
                let count = short.as_ref().map_or(1, Short::count);
                let room = limits::PORTS.saturating_sub(context.ports);
                context.ports += count;
                if count <= room {
                    match short {
                        Some(short) => short.write_out(&mut ports, item.span),
                        None => ports.push(item.clone()),
                    }
                    continue;
                }
                // Told once, of the first that does not fit.
                if context.ports - count <= limits::PORTS {
                    let message =
                        format!("the ranges of ports stand for more than {}", limits::PORTS);
                    context.refuse(message, item.span);
                }
            }
            Err(_) if context.lenient => return,
            Err(message) => context.refuse(message, item.span),
        }
        ports.push(Node::new(Value::Broken, item.span));
    }
    *items = ports;
}

/// A port or a range of them in the short syntax.
struct Short<'text> {
    address: &'text str,
    /// First and last port of the host, where it has any.
    published: Option<(u16, u16)>,
    /// First and last port of the container.
    targets: (u16, u16),
    protocol: String,
}

impl<'text> Short<'text> {
    fn parse(text: &'text str) -> Result<Self, String> {
        let (address, host, container) = parts(text);
        let (container, protocol) = split_protocol(container);
        let address = plain_address(address)?;
        if container.is_empty() {
            return Err(format!("No port specified: {text}<empty>"));
        }
        let targets =
            range(container).ok_or_else(|| format!("Invalid containerPort: {container}"))?;
        let published = match host {
            "" => None,
            _ => Some(range(host).ok_or_else(|| format!("Invalid hostPort: {host}"))?),
        };
        if let Some(published) = published
            && targets.0 != targets.1
            && targets.1 - targets.0 != published.1 - published.0
        {
            return Err(format!(
                "Invalid ranges specified for container and host Ports: {container} and {host}"
            ));
        }
        let lowercase = protocol.to_lowercase();
        if !matches!(lowercase.as_str(), "tcp" | "udp" | "sctp") {
            return Err(format!("Invalid proto: {protocol}"));
        }
        Ok(Self { address, published, targets, protocol: lowercase })
    }

    /// How many long forms it stands for.
    fn count(&self) -> usize {
        usize::from(self.targets.1 - self.targets.0) + 1
    }

    /// Adds the long forms in the order of their text `port/protocol`.
    fn write_out(&self, ports: &mut Vec<Node>, span: Span) {
        let (first, last) = self.targets;
        let mut targets: Vec<u16> = (first..=last).collect();
        targets.sort_by_cached_key(u16::to_string);
        ports.extend(targets.into_iter().map(|target| {
            let published = self.published.map(|published| {
                if first == last && published.0 != published.1 {
                    format!("{}-{}", published.0, published.1)
                } else {
                    (published.0 + (target - first)).to_string()
                }
            });
            let entries = [
                Some(("mode", make::text("ingress"))),
                (!self.address.is_empty()).then(|| ("host_ip", make::text(self.address))),
                // Docker Compose takes port 0 for one that is missing.
                (target != 0).then(|| ("target", Value::Int(target.into()))),
                published.map(|published| ("published", make::text(published))),
                Some(("protocol", make::text(self.protocol.as_str()))),
            ];
            make::mapping(entries.into_iter().flatten(), span)
        }));
    }
}

/// Address, host port and container port; the address may contain colons.
fn parts(text: &str) -> (&str, &str, &str) {
    let Some((rest, container)) = text.rsplit_once(':') else { return ("", "", text) };
    match rest.rsplit_once(':') {
        Some((address, host)) => (address, host, container),
        None => ("", rest, container),
    }
}

fn split_protocol(container: &str) -> (&str, &str) {
    let mut parts = container.split('/');
    match (parts.next(), parts.next()) {
        (Some(port @ ""), _) => (port, ""),
        (Some(port), Some(protocol)) if !protocol.is_empty() => (port, protocol),
        (port, _) => (port.unwrap_or_default(), "tcp"),
    }
}

/// The address without the brackets that IPv6 needs.
fn plain_address(address: &str) -> Result<&str, String> {
    let refuse =
        |reason| Err(format!("Invalid ip address {address}: address {address}:: {reason}"));
    let plain = match address.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((inner, "")) => inner,
            Some(_) => return refuse("missing port in address"),
            None => return refuse("missing ']' in address"),
        },
        None if address.contains(':') => return refuse("too many colons in address"),
        None => address,
    };
    if plain.is_empty() || plain.parse::<IpAddr>().is_ok() {
        Ok(plain)
    } else {
        Err(format!("Invalid ip address: {plain}"))
    }
}

/// First and last port; a third part is ignored, as Docker's parser ignores it.
fn range(text: &str) -> Option<(u16, u16)> {
    let port = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten()
    };
    let mut parts = text.split('-');
    let first = port(parts.next()?)?;
    let last = parts.next().map_or(Some(first), port)?;
    (first <= last).then_some((first, last))
}
