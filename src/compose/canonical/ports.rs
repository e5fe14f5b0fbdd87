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
        let expanded = match &item.value {
            Value::Int(port) => expand(&port.to_string(), item.span),
            Value::Float(port) => Err(format!("invalid type float64 for port: {port}")),
            Value::String(text) => expand(text, item.span),
            _ => Ok(vec![item.clone()]),
        };
        match expanded {
            Ok(expanded) => ports.extend(expanded),
            Err(_) if context.lenient => return,
            Err(message) => {
                context.refuse(message, item.span);
                ports.push(Node::new(Value::Broken, item.span));
            }
        }
        // Whole ranges in a row make a small file large.
        if context.ports + ports.len() > limits::PORTS {
            let message = format!("the ranges of ports stand for more than {}", limits::PORTS);
            context.refuse(message, item.span);
            break;
        }
    }
    context.ports += ports.len();
    *items = ports;
}

/// The long forms of a short one, in the order of their text `port/protocol`.
fn expand(text: &str, span: Span) -> Result<Vec<Node>, String> {
    let (address, host, container) = parts(text);
    let (container, protocol) = split_protocol(container);
    let address = plain_address(address)?;
    if container.is_empty() {
        return Err(format!("No port specified: {text}<empty>"));
    }
    let ports = range(container).ok_or_else(|| format!("Invalid containerPort: {container}"))?;
    let host_ports = match host {
        "" => (0, 0),
        _ => range(host).ok_or_else(|| format!("Invalid hostPort: {host}"))?,
    };
    let single = ports.0 == ports.1;
    if !host.is_empty() && ports.1 - ports.0 != host_ports.1 - host_ports.0 && !single {
        return Err(format!(
            "Invalid ranges specified for container and host Ports: {container} and {host}"
        ));
    }
    let lowercase = protocol.to_lowercase();
    if !matches!(lowercase.as_str(), "tcp" | "udp" | "sctp") {
        return Err(format!("Invalid proto: {protocol}"));
    }

    let mut targets: Vec<u16> = (ports.0..=ports.1).collect();
    targets.sort_by_cached_key(u16::to_string);
    Ok(targets
        .into_iter()
        .map(|target| {
            let published = match host {
                "" => None,
                _ if single && host_ports.0 != host_ports.1 => {
                    Some(format!("{}-{}", host_ports.0, host_ports.1))
                }
                _ => Some((host_ports.0 + (target - ports.0)).to_string()),
            };
            let entries = [
                Some(("mode", make::text("ingress"))),
                (!address.is_empty()).then(|| ("host_ip", make::text(address))),
                Some(("target", Value::Int(target.into()))),
                published.map(|published| ("published", make::text(published))),
                Some(("protocol", make::text(lowercase.as_str()))),
            ];
            make::mapping(entries.into_iter().flatten(), span)
        })
        .collect())
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
