//! Lists whose items name something: of two items with one name the later wins, in the earlier's
//! place (Compose Specification, Merge, "Unique resources").
//!
//! Runs before validation, so items of a wrong kind are left for the schema to refuse.

use std::borrow::Cow;
use std::collections::HashMap;

use super::canonical::mount_target;
use super::place::Place;
use super::scalar_text::scalar_text;
use super::yaml::{Node, Value};

/// What names an item of a list.
#[derive(Debug, Clone, Copy)]
enum Identity {
    /// The text before `=`.
    Key,
    /// The path in the container.
    MountTarget,
    /// The path in the container, of a device.
    DeviceTarget,
    /// `target`, or the source in this directory.
    FileTarget(&'static str),
    /// Address, published port, target and protocol; short syntax as it is written.
    Port,
    /// The value as text.
    Text,
    /// `path`.
    Path,
}

/// Drops items that a later item of the same list replaces.
pub fn enforce(tree: &mut Node) {
    within(tree, Place::Root);
}

fn within(node: &mut Node, place: Place) {
    let Value::Mapping(mapping) = &mut node.value else { return };
    for (key, entry) in mapping {
        match &mut entry.node.value {
            Value::Sequence(items) => {
                if let Some(identity) = identity(place, key) {
                    keep_last(items, identity);
                }
            }
            Value::Mapping(_) => match place.inside(key) {
                Place::Elsewhere => {}
                inside => within(&mut entry.node, inside),
            },
            _ => {}
        }
    }
}

/// What names the items of the list under `key` at `place`.
fn identity(place: Place, key: &str) -> Option<Identity> {
    Some(match (place, key) {
        (Place::Service, "volumes") => Identity::MountTarget,
        (Place::Service, "devices") => Identity::DeviceTarget,
        (Place::Service, "secrets") => Identity::FileTarget("/run/secrets"),
        (Place::Service, "configs") => Identity::FileTarget(""),
        (Place::Service, "ports") => Identity::Port,
        (Place::Service, "expose") => Identity::Text,
        (Place::Service, "env_file") => Identity::Path,
        (
            Place::Service,
            "annotations" | "cap_add" | "cap_drop" | "dns" | "dns_opt" | "dns_search"
            | "environment" | "labels" | "links" | "profiles" | "sysctls" | "tmpfs",
        )
        | (Place::Build, "additional_contexts" | "args" | "labels" | "tags")
        | (Place::Deploy | Place::Network, "labels")
        | (Place::Attachment, "aliases" | "link_local_ips")
        | (Place::Ipam, "options") => Identity::Key,
        _ => return None,
    })
}

/// What names an item of the list at a path of keys; `None` if nothing does.
pub(super) fn item_name(path: &[&str], item: &Node) -> Option<String> {
    name(item, identity_at(path)?).map(Cow::into_owned)
}

/// Whether the items of the list at a path of keys are named by their text before `=`.
pub(super) fn is_keyed(path: &[&str]) -> bool {
    matches!(identity_at(path), Some(Identity::Key))
}

fn identity_at(path: &[&str]) -> Option<Identity> {
    let (key, parents) = path.split_last()?;
    identity(parents.iter().fold(Place::Root, |place, key| place.inside(key)), key)
}

fn keep_last(items: &mut Vec<Node>, identity: Identity) {
    let mut places: HashMap<String, usize> = HashMap::with_capacity(items.len());
    let mut kept: Vec<Node> = Vec::with_capacity(items.len());
    for item in std::mem::take(items) {
        let name = name(&item, identity).map(Cow::into_owned);
        let place = name.as_ref().and_then(|name| places.get(name));
        if let Some(place) = place {
            kept[*place] = item;
        } else {
            if let Some(name) = name {
                places.insert(name, kept.len());
            }
            kept.push(item);
        }
    }
    *items = kept;
}

fn name(item: &Node, identity: Identity) -> Option<Cow<'_, str>> {
    let attribute = |key: &str| item.get(key).map(|node| scalar_text(&node.value));
    match (identity, &item.value) {
        (Identity::Key, Value::String(text)) => {
            Some(text.split_once('=').map_or(text.as_str(), |(key, _)| key).into())
        }
        (Identity::MountTarget, Value::String(text)) => mount_target(text).map(Cow::from),
        (Identity::DeviceTarget, Value::String(text)) => {
            let mut parts = text.split(':');
            let source = parts.next()?;
            Some(parts.next().unwrap_or(source).into())
        }
        (Identity::MountTarget | Identity::DeviceTarget, Value::Mapping(_)) => attribute("target"),
        (Identity::FileTarget(directory), Value::String(source)) => {
            Some(format!("{directory}/{source}").into())
        }
        (Identity::FileTarget(directory), Value::Mapping(_)) => attribute("target").or_else(|| {
            Some(format!("{directory}/{}", attribute("source").unwrap_or_default()).into())
        }),
        (Identity::Port, Value::Mapping(_)) => {
            let or = |key, default| attribute(key).unwrap_or(Cow::Borrowed(default));
            // A number and the same number as text are two ports to Docker Compose.
            let published = match item.get("published").map(|node| &node.value) {
                Some(Value::Int(number)) => format!("number {number}"),
                _ => or("published", "").into_owned(),
            };
            let (address, protocol) = (or("host_ip", "0.0.0.0"), or("protocol", "tcp"));
            Some(format!("{address}:{published}:{}/{protocol}", attribute("target")?).into())
        }
        (Identity::Port | Identity::Text, Value::Int(_) | Value::String(_)) => {
            Some(scalar_text(&item.value))
        }
        (Identity::Path, Value::String(path)) => Some(path.into()),
        (Identity::Path, Value::Mapping(_)) => attribute("path"),
        _ => None,
    }
}
