//! Ports of the host that two containers would take.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::enumerate;
use crate::compose::model::{DependencyCondition, Project, Service};
use crate::diagnostic::{Diagnostic, Span, codes};

/// A port of the host that a service takes.
struct Taken<'a> {
    service: &'a Service,
    /// Its position under `ports`.
    index: usize,
    host_ip: &'a str,
}

/// A port of the host: protocol and number.
type HostPort<'a> = (&'a str, u16);

pub(super) fn check(project: &Project) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    let mut taken: BTreeMap<HostPort<'_>, Vec<Taken<'_>>> = BTreeMap::new();
    for service in project.services.values().filter(|service| publishes(service)) {
        let mut several = false;
        for (index, port) in service.ports.iter().enumerate() {
            // Of a range the engine takes what is free; 0 is any.
            let Some(number) = port.published.parse().ok().filter(|number| *number != 0) else {
                continue;
            };
            if service.replicas() > 1 && !several {
                several = true;
                warnings.push(replicas(project, service, index));
            }
            let protocol = if port.protocol.is_empty() { "tcp" } else { &port.protocol };
            let holders = taken.entry((protocol, number)).or_default();
            holders.push(Taken { service, index, host_ip: &port.host_ip });
        }
    }
    for (port, holders) in taken {
        warnings.extend(twice(project, port, holders));
    }
    warnings
}

/// Whether the ports of a service are published at all.
fn publishes(service: &Service) -> bool {
    let mode = service.network_mode.as_str();
    let elsewhere = mode == "host"
        || mode == "none"
        || mode.starts_with("service:")
        || mode.starts_with("container:");
    !elsewhere && service.replicas() > 0 && service.provider.is_none()
}

/// Whether two containers cannot have the port at the same time, and would.
fn collide(project: &Project, one: &Taken<'_>, two: &Taken<'_>) -> bool {
    overlap(one.host_ip, two.host_ip) && !one_after_the_other(project, one, two)
}

/// Whether one of two services has come to its end before the other begins.
fn one_after_the_other(project: &Project, one: &Taken<'_>, two: &Taken<'_>) -> bool {
    begins_after(project, one.service, &two.service.name)
        || begins_after(project, two.service, &one.service.name)
}

/// Whether a service waits, perhaps through others, for the end of the one named.
fn begins_after(project: &Project, service: &Service, ended: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut waiting = vec![service];
    while let Some(service) = waiting.pop() {
        for (name, dependency) in &service.depends_on {
            let ends = dependency.condition == DependencyCondition::ServiceCompletedSuccessfully;
            if ends && name == ended {
                return true;
            }
            if seen.insert(name) {
                waiting.extend(project.services.get(name));
            }
        }
    }
    false
}

/// Whether a port of one address cannot be had beside that of the other. No address is all.
fn overlap(one: &str, two: &str) -> bool {
    let address = |text: &str| text.trim_matches(['[', ']']).parse::<IpAddr>().ok();
    match (address(one), address(two)) {
        (None, _) if one.is_empty() => true,
        (_, None) if two.is_empty() => true,
        (Some(one), Some(two)) => {
            let wild = one.is_unspecified() || two.is_unspecified();
            one == two || (wild && one.is_ipv4() == two.is_ipv4())
        }
        _ => one == two,
    }
}

/// One warning for a port of the host, however many want it.
fn twice(project: &Project, port: HostPort<'_>, holders: Vec<Taken<'_>>) -> Option<Diagnostic> {
    let mut colliding: Vec<Taken<'_>> = Vec::new();
    let mut apart: Vec<Taken<'_>> = Vec::new();
    for holder in holders {
        if colliding.iter().any(|other| collide(project, other, &holder)) {
            colliding.push(holder);
        } else if let Some(at) = apart.iter().position(|other| collide(project, other, &holder)) {
            colliding.push(apart.swap_remove(at));
            colliding.push(holder);
        } else {
            apart.push(holder);
        }
    }
    let (first, others) = colliding.split_first()?;
    let mut names: Vec<&str> = colliding.iter().map(|it| it.service.name.as_str()).collect();
    names.dedup();
    let (protocol, number) = port;
    let message = match names.as_slice() {
        [only] => {
            format!("services.{only}: port {number}/{protocol} of the host is published twice")
        }
        several => format!(
            "port {number}/{protocol} of the host is published by services {}",
            enumerate(several)
        ),
    };
    let mut warning = Diagnostic::warning(codes::PORT_PUBLISHED_TWICE, message)
        .help("only one container can have it: give the others other ports");
    let first = place(project, first.service, first.index);
    let mut told = BTreeSet::from([first]);
    for other in others {
        let place = place(project, other.service, other.index);
        // Services that extend one another publish at the same place.
        if told.insert(place) {
            warning = warning.at(place, "published again");
        }
    }
    Some(if warning.labels.is_empty() {
        warning.at(first, "published by each of them")
    } else {
        warning.with_context(first, "first published here")
    })
}

fn replicas(project: &Project, service: &Service, index: usize) -> Diagnostic {
    let (name, count) = (&service.name, service.replicas());
    let published = &service.ports[index].published;
    let says = ["scale", "deploy.replicas"]
        .into_iter()
        .find_map(|key| project.tree.at_path(&format!("services.{name}.{key}")));
    Diagnostic::warning(
        codes::PORT_OF_REPLICAS,
        format!("services.{name}: {count} containers cannot all have port {published} of the host"),
    )
    .at(place(project, service, index), "published by each container")
    .with_context(says.map(|node| node.span), "this many")
    .help(format!(
        "publish a range with room for all (`{published}-{}`), or only the port in the container, \
         which gives each one that is free",
        published.parse::<i64>().map_or(0, |first| first.saturating_add(count - 1)),
    ))
}

fn place(project: &Project, service: &Service, index: usize) -> Option<Span> {
    project.origin(&format!("services.{}.ports[{index}]", service.name))
}
