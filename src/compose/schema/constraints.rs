//! Rules of the format that need more than one attribute at once or know what a text means, so
//! that no schema states them. They are checked on the canonical tree, after defaults.

use std::net::IpAddr;

use crate::compose::yaml::{Entry, Mapping, Node, Value};
use crate::diagnostic::{Diagnostic, codes};

/// Reports what a canonical tree says that contradicts itself.
pub fn check(tree: &Node, diagnostics: &mut Vec<Diagnostic>) {
    for (name, entry) in section(tree, "volumes") {
        external(name, entry, diagnostics);
    }
    for (name, entry) in section(tree, "configs") {
        sources("configs", name, entry, &["file", "environment", "content"], diagnostics);
    }
    for (name, entry) in section(tree, "secrets") {
        sources("secrets", name, entry, &["file", "environment"], diagnostics);
    }
    for (name, entry) in section(tree, "services") {
        service(name, &entry.node, diagnostics);
    }
}

fn section<'a>(tree: &'a Node, key: &str) -> impl Iterator<Item = (&'a String, &'a Entry)> {
    tree.get(key).and_then(Node::as_mapping).into_iter().flatten()
}

/// A volume that is managed elsewhere has nothing to configure here.
fn external(name: &str, entry: &Entry, diagnostics: &mut Vec<Diagnostic>) {
    let Some(volume) = entry.node.as_mapping() else { return };
    let Some(external) = volume.get("external") else { return };
    if external.node.value != Value::Bool(true) {
        return;
    }
    let others = volume
        .iter()
        .filter(|(key, _)| !matches!(key.as_str(), "name" | "external") && !key.starts_with("x-"));
    for (key, other) in others {
        diagnostics.push(
            Diagnostic::error(
                codes::EXTERNAL_CONFLICT,
                format!(
                    "volumes.{name}: conflicting parameters \"external\" and \"{key}\" specified"
                ),
            )
            .at(other.key_span, "has no effect on a volume that is managed elsewhere")
            .with_context(external.key_span, "external because of this")
            .help(format!("remove `{key}`, or `external`")),
        );
    }
}

/// A config or secret gets its content from exactly one place.
fn sources(
    section: &str,
    name: &str,
    entry: &Entry,
    keys: &[&str],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let Some(object) = entry.node.as_mapping() else { return };
    let written: Vec<_> = keys.iter().filter_map(|key| object.get(key)).collect();
    let list = keys.join("|");
    match written.as_slice() {
        [] if object.contains_key("driver") || object.contains_key("external") => {}
        [] => diagnostics.push(
            Diagnostic::error(
                codes::CONTENT_MISSING,
                format!("{section}.{name}: one of {list} must be set"),
            )
            .at(entry.key_span, "its content comes from nowhere")
            .help("add `file:` with a path, or `environment:` with the name of a variable"),
        ),
        [_] => {}
        [first, others @ ..] => {
            let mut diagnostic = Diagnostic::error(
                codes::CONTENT_CONFLICT,
                format!("{section}.{name}: {list} attributes are mutually exclusive"),
            );
            for other in others {
                diagnostic = diagnostic.at(other.key_span, "a second source of its content");
            }
            diagnostics.push(
                diagnostic.with_context(first.key_span, "the first").help("keep one of them"),
            );
        }
    }
}

fn service(name: &str, service: &Node, diagnostics: &mut Vec<Diagnostic>) {
    let items = |path: &[&str]| -> &[Node] {
        path.iter()
            .try_fold(service, |node, key| node.get(key))
            .and_then(Node::as_sequence)
            .unwrap_or_default()
    };
    for (index, port) in items(&["ports"]).iter().enumerate() {
        self::port(name, index, port, diagnostics);
    }
    for (index, mount) in items(&["volumes"]).iter().enumerate() {
        self::mount(name, index, mount, diagnostics);
    }
    for (index, device) in items(&["devices"]).iter().enumerate() {
        if let Some(device) = device.as_mapping().filter(|device| !device.contains_key("target")) {
            diagnostics.push(
                Diagnostic::error(
                    codes::TARGET_MISSING,
                    format!(
                        "service device services.{name}.devices.[{index}] is missing a mount target"
                    ),
                )
                .at(
                    device.values().next().map(|entry| entry.key_span),
                    "a device without `target`",
                ),
            );
        }
    }
    for rule in items(&["develop", "watch"]) {
        if let Some(path) = rule.get("path").filter(|path| path.as_str() == Some("")) {
            diagnostics.push(
                Diagnostic::error(
                    codes::WATCH_PATH_BLANK,
                    format!("services.{name}.develop.watch.[].path: value can't be blank"),
                )
                .at(path.span, ""),
            );
        }
    }
    for request in items(&["gpus"]) {
        device_request(&format!("services.{name}.gpus.[]"), request, diagnostics);
    }
    for request in items(&["deploy", "resources", "reservations", "devices"]) {
        let path = format!("services.{name}.deploy.resources.reservations.devices.[]");
        device_request(&path, request, diagnostics);
    }
}

fn port(service: &str, index: usize, port: &Node, diagnostics: &mut Vec<Diagnostic>) {
    let Some(mapping) = port.as_mapping() else { return };
    if !mapping.contains_key("target") {
        diagnostics.push(
            Diagnostic::error(
                codes::TARGET_MISSING,
                format!(
                    "service ports services.{service}.ports.[{index}] is missing a target port"
                ),
            )
            .at(first_key(mapping), "a port without `target`")
            .help("`target` is the port inside the container"),
        );
    }
    let Some(address) = mapping.get("host_ip") else { return };
    let Some(text) = address.node.as_str() else { return };
    if text.parse::<IpAddr>().is_err() {
        diagnostics.push(
            Diagnostic::error(
                codes::PORT_ADDRESS,
                format!("services.{service}.ports.[]: invalid ip address: {text}"),
            )
            .at(address.node.span, "")
            .help("write an address such as `127.0.0.1`, not a name"),
        );
    }
}

fn mount(service: &str, index: usize, mount: &Node, diagnostics: &mut Vec<Diagnostic>) {
    let Some(mapping) = mount.as_mapping() else { return };
    if !mapping.contains_key("target") {
        diagnostics.push(
            Diagnostic::error(
                codes::TARGET_MISSING,
                format!(
                    "service volume services.{service}.volumes.[{index}] is missing a mount target"
                ),
            )
            .at(first_key(mapping), "a mount without `target`")
            .help("`target` is the path inside the container"),
        );
    }
    let bind = mapping.get("type").filter(|kind| kind.node.as_str() == Some("bind"));
    if let Some(kind) = bind.filter(|_| !mapping.contains_key("source")) {
        diagnostics.push(
            Diagnostic::error(
                codes::BIND_WITHOUT_SOURCE,
                "invalid mount config for type \"bind\": field Source must not be empty",
            )
            .at(kind.node.span, "a bind without `source`")
            .help("`source` is the path on the engine's machine"),
        );
    }
}

fn device_request(path: &str, request: &Node, diagnostics: &mut Vec<Diagnostic>) {
    let Some(request) = request.as_mapping() else { return };
    if let (Some(count), Some(ids)) = (request.get("count"), request.get("device_ids")) {
        diagnostics.push(
            Diagnostic::error(
                codes::DEVICE_COUNT_AND_IDS,
                format!("{path}: \"count\" and \"device_ids\" attributes are exclusive"),
            )
            .at(count.key_span, "a number of devices")
            .at(ids.key_span, "and which devices")
            .help("keep one of them"),
        );
    }
}

fn first_key(mapping: &Mapping) -> Option<crate::diagnostic::Span> {
    mapping.values().next().map(|entry| entry.key_span)
}
