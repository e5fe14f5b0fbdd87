//! Values that an attribute has when its file does not say otherwise (Compose Specification).
//!
//! Works on the canonical tree. Only what Docker Compose 2.40.3 adds, since the identity of a
//! service is computed from the result.

use super::yaml::{Entry, Mapping, Node, Value};
use crate::diagnostic::Span;

/// Adds the default values of a tree.
pub fn add(tree: &mut Node) {
    let services = tree.get_mut("services").and_then(Node::as_mapping_mut);
    for entry in services.into_iter().flat_map(Mapping::values_mut) {
        add_to_service(&mut entry.node);
    }
}

fn add_to_service(service: &mut Node) {
    if let Some(build) = service.get_mut("build") {
        set(build, "context", || text("."));
    }
    for secret in items(service, &["secrets"]) {
        let source = secret.get("source").and_then(Node::as_str).unwrap_or_default();
        let target = format!("/run/secrets/{source}");
        set(secret, "target", || Value::String(target));
    }
    for port in items(service, &["ports"]) {
        set(port, "protocol", || text("tcp"));
        set(port, "mode", || text("ingress"));
    }
    for path in [&["gpus"][..], &["deploy", "resources", "reservations", "devices"]] {
        for request in items(service, path) {
            if request.get("count").is_none() && request.get("device_ids").is_none() {
                set(request, "count", || text("all"));
            }
        }
    }
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

fn items<'a>(node: &'a mut Node, path: &[&str]) -> impl Iterator<Item = &'a mut Node> {
    path.iter()
        .try_fold(node, |node, key| node.get_mut(key))
        .and_then(Node::as_sequence_mut)
        .into_iter()
        .flatten()
}

/// Sets a key that is not there. It has the place of the mapping that it completes.
fn set(node: &mut Node, key: &str, value: impl FnOnce() -> Value) {
    let span: Span = node.span;
    if let Some(mapping) = node.as_mapping_mut()
        && !mapping.contains_key(key)
    {
        let entry = Entry { key_span: span, node: Node::new(value(), span) };
        mapping.insert(key.to_owned(), entry);
    }
}
