//! What follows from a whole project and need not be written: the default network, names of
//! resources, dependencies that links and shared namespaces imply (Compose Specification).
//!
//! Works on the merged, canonical tree, so that `config --no-interpolate` and the typed project
//! see the same. New values take the place of what they follow from.

use std::collections::BTreeMap;

use super::paths::clean;
use super::yaml::{Entry, Mapping, Node, Value};
use crate::diagnostic::Span;

/// Namespaces that a service may share with another by `service:<name>`.
const NAMESPACES: [&str; 5] = ["network_mode", "ipc", "pid", "uts", "cgroup"];

/// Adds to a tree what follows from it, for a project of that name; keys without a value take the
/// environment's.
pub fn normalize(tree: &mut Node, name: &str, environment: &BTreeMap<String, String>) {
    let root = tree.span;
    let Some(project) = tree.as_mapping_mut() else { return };
    let place = project.get("name").map_or(root, |name| name.node.span);
    project.insert("name".to_owned(), text(name, place));
    let mut default_network = None;
    for entry in entries(project, "services") {
        let place = entry.key_span;
        let Some(service) = entry.node.as_mapping_mut() else { continue };
        if uses_default_network(service, place) {
            default_network.get_or_insert(place);
        }
        normalize_service(service, place, environment);
    }
    if let Some(place) = default_network {
        let broken = project.get("networks").is_some_and(|written| written.node.is_broken());
        if !broken {
            let networks = mapping(project, "networks", root);
            networks.get_or_insert_with("default", || entry(Value::Null, place));
        }
    }
    for section in ["networks", "volumes", "configs", "secrets"] {
        name_resources(project, section, name);
    }
}

/// Whether the service is on the network `default`; puts it there if it says nothing else.
fn uses_default_network(service: &mut Mapping, place: Span) -> bool {
    if service.contains_key("provider") || service.contains_key("network_mode") {
        return false;
    }
    if service.get("networks").is_some_and(|networks| networks.node.is_broken()) {
        return false;
    }
    let networks = mapping(service, "networks", place);
    if networks.is_empty() {
        networks.insert("default".to_owned(), entry(Value::Null, place));
    }
    networks.contains_key("default")
}

fn normalize_service(service: &mut Mapping, place: Span, environment: &BTreeMap<String, String>) {
    if let Some(policy) = service.get_mut("pull_policy")
        && policy.node.as_str() == Some("if_not_present")
    {
        policy.node.value = Value::String("missing".to_owned());
    }
    if let Some(build) = service.get_mut("build") {
        let place = build.key_span;
        if let Some(build) = build.node.as_mapping_mut() {
            normalize_build(build, place, environment);
        }
    }
    if let Some(variables) = service.get_mut("environment") {
        resolve(&mut variables.node, environment, true);
    }
    add_implicit_dependencies(service, place);
    if let Some(volumes) = service.get_mut("volumes")
        && let Some(volumes) = volumes.node.as_sequence_mut()
    {
        for volume in volumes {
            if let Some(Value::String(target)) =
                volume.get_mut("target").map(|target| &mut target.value)
            {
                *target = clean(target);
            }
        }
    }
}

fn normalize_build(build: &mut Mapping, place: Span, environment: &BTreeMap<String, String>) {
    let written = |build: &Mapping, key| build.get(key).is_some_and(|it| !it.node.is_null());
    if !written(build, "context") {
        build.insert("context".to_owned(), text(".", place));
    }
    if !written(build, "dockerfile") && !written(build, "dockerfile_inline") {
        build.insert("dockerfile".to_owned(), text("Dockerfile", place));
    }
    if let Some(arguments) = build.get_mut("args") {
        resolve(&mut arguments.node, environment, false);
    }
}

/// Gives keys without a value the environment's. Of those that it does not have, `keep` says
/// whether they stay.
fn resolve(node: &mut Node, environment: &BTreeMap<String, String>, keep: bool) {
    match &mut node.value {
        Value::Mapping(mapping) => mapping.retain(|key, entry| {
            if !entry.node.is_null() {
                return true;
            }
            match environment.get(key) {
                Some(value) => entry.node.value = Value::String(value.clone()),
                None => return keep,
            }
            true
        }),
        Value::Sequence(items) => items.retain_mut(|item| {
            let Value::String(text) = &mut item.value else { return true };
            if text.contains('=') {
                return true;
            }
            match environment.get(text.as_str()) {
                Some(value) => *text = format!("{text}={value}"),
                None => return keep,
            }
            true
        }),
        _ => {}
    }
}

/// Adds the dependencies that links, shared namespaces and shared volumes imply. What the file
/// says itself of a dependency stays.
fn add_implicit_dependencies(service: &mut Mapping, place: Span) {
    let mut implied = Vec::new();
    for (link, span) in texts(service, "links") {
        let target = match link.split(':').collect::<Vec<_>>()[..] {
            [target, _] => target,
            _ => link,
        };
        implied.push((target.to_owned(), true, span));
    }
    for namespace in NAMESPACES {
        if let Some(entry) = service.get(namespace)
            && let Some(target) = entry.node.as_str().and_then(|it| it.strip_prefix("service:"))
        {
            implied.push((target.to_owned(), true, entry.node.span));
        }
    }
    for (source, span) in texts(service, "volumes_from") {
        if !source.starts_with("container:") {
            let target = source.split(':').next().unwrap_or(source);
            implied.push((target.to_owned(), false, span));
        }
    }
    let known = !service.get("depends_on").is_some_and(|written| written.node.is_broken());
    if implied.is_empty() || !known {
        return;
    }
    let dependencies = mapping(service, "depends_on", place);
    for (target, restart, span) in implied {
        dependencies.get_or_insert_with(&target, || {
            let fields = [
                ("condition", Value::String("service_started".to_owned())),
                ("restart", Value::Bool(restart)),
                ("required", Value::Bool(true)),
            ];
            let fields = fields.map(|(key, value)| (key.to_owned(), entry(value, span)));
            entry(Value::Mapping(fields.into_iter().collect()), span)
        });
    }
}

/// The texts of a list and their places.
fn texts<'a>(service: &'a Mapping, key: &str) -> impl Iterator<Item = (&'a str, Span)> {
    service
        .get(key)
        .and_then(|entry| entry.node.as_sequence())
        .into_iter()
        .flatten()
        .filter_map(|item| Some((item.as_str()?, item.span)))
}

/// Names each resource that has no name: by its key, behind the project's name unless the
/// resource is managed elsewhere.
fn name_resources(project: &mut Mapping, section: &str, project_name: &str) {
    let Some(resources) = project.get_mut(section).and_then(|it| it.node.as_mapping_mut()) else {
        return;
    };
    for (key, resource) in resources {
        if resource.node.is_null() {
            resource.node.value = Value::Mapping(Mapping::new());
        }
        let place = resource.key_span;
        let Some(resource) = resource.node.as_mapping_mut() else { continue };
        if resource.get("name").is_some_and(|name| !name.node.is_null()) {
            continue;
        }
        let external = resource.get("external").is_some_and(|it| is_true(&it.node.value));
        let name = if external { key.clone() } else { format!("{project_name}_{key}") };
        resource.insert("name".to_owned(), text(&name, place));
    }
}

fn is_true(value: &Value) -> bool {
    match value {
        Value::Bool(value) => *value,
        Value::String(text) => text.eq_ignore_ascii_case("true"),
        _ => false,
    }
}

fn entries<'a>(mapping: &'a mut Mapping, key: &str) -> impl Iterator<Item = &'a mut Entry> {
    mapping
        .get_mut(key)
        .and_then(|entry| entry.node.as_mapping_mut())
        .into_iter()
        .flat_map(Mapping::values_mut)
}

/// The mapping under a key, made empty if there is none.
fn mapping<'a>(parent: &'a mut Mapping, key: &str, place: Span) -> &'a mut Mapping {
    let empty = || Value::Mapping(Mapping::new());
    let node = &mut parent.get_or_insert_with(key, || entry(empty(), place)).node;
    if node.as_mapping().is_none() {
        node.value = empty();
    }
    node.as_mapping_mut().expect("made a mapping just above")
}

fn entry(value: Value, place: Span) -> Entry {
    Entry { key_span: place, node: Node::new(value, place) }
}

fn text(value: &str, place: Span) -> Entry {
    entry(Value::String(value.to_owned()), place)
}

#[cfg(test)]
mod tests {
    use crate::compose::load::LoadOptions;
    use crate::compose::loaded::Loaded;
    use crate::compose::render::tree_yaml;

    /// The part of the normalised tree at a path, in YAML.
    fn at(compose: &str, path: &str) -> String {
        let options = LoadOptions { no_consistency: true, ..LoadOptions::default() };
        let loaded = Loaded::from(compose).variable("SET", "outside").options(options);
        loaded.project().tree.at_path(path).map(tree_yaml).unwrap_or_default()
    }

    #[test]
    fn services_are_on_the_default_network_unless_they_say_otherwise() {
        for (service, networks) in [
            ("{image: x}", "default: null\n"),
            ("{image: x, networks: {}}", "default: null\n"),
            ("{image: x, networks: [n]}", "\"n\": null\n"),
            ("{image: x, network_mode: host}", ""),
            ("{provider: {type: x}}", ""),
        ] {
            let compose = format!("services: {{a: {service}}}\nnetworks: {{n: }}");
            assert_eq!(at(&compose, "services.a.networks"), networks, "{service}");
            let expected = if networks.starts_with("default") { "name: p_default\n" } else { "" };
            assert_eq!(at(&compose, "networks.default"), expected, "{service}");
        }
    }

    #[test]
    fn resources_are_named_by_project_and_key() {
        let compose = "services: {a: {image: x}}\n\
            volumes: {plain: , own: {name: mine}, outside: {external: true}}\n\
            secrets: {s: {file: ./s}}";
        assert_eq!(at(compose, "volumes.plain.name"), "p_plain\n");
        assert_eq!(at(compose, "volumes.own.name"), "mine\n");
        assert_eq!(at(compose, "volumes.outside.name"), "outside\n");
        assert_eq!(at(compose, "secrets.s.name"), "p_s\n");
        assert_eq!(at(compose, "name"), "p\n");
    }

    #[test]
    fn builds_get_a_dockerfile_and_lose_arguments_without_a_value() {
        let compose = "services: {a: {build: {args: {SET: , UNSET: , OWN: '1'}}},\n\
             b: {build: {context: /b, dockerfile_inline: FROM x, args: [SET, UNSET, OWN=1]}}}";
        assert_eq!(
            at(compose, "services.a.build"),
            "args:\n  OWN: \"1\"\n  SET: outside\ncontext: /srv/app\ndockerfile: Dockerfile\n"
        );
        assert_eq!(
            at(compose, "services.b.build"),
            "args:\n  - SET=outside\n  - OWN=1\ncontext: /b\ndockerfile_inline: FROM x\n"
        );
    }

    #[test]
    fn links_and_shared_namespaces_are_dependencies() {
        let compose = "services:\n  a:\n    image: x\n    links: ['b:alias', c]\n    pid: service:d\n    \
             volumes_from: ['e:ro', 'container:f']\n    depends_on: {c: {condition: service_healthy}}\n    \
             pull_policy: if_not_present\n    volumes: [/x/../y/]";
        assert_eq!(
            at(compose, "services.a.depends_on"),
            "b:\n  condition: service_started\n  required: true\n  restart: true\n\
             c:\n  condition: service_healthy\n  required: true\n\
             d:\n  condition: service_started\n  required: true\n  restart: true\n\
             e:\n  condition: service_started\n  required: true\n  restart: false\n"
        );
        assert_eq!(at(compose, "services.a.pull_policy"), "missing\n");
        assert_eq!(at(compose, "services.a.volumes[0].target"), "/y\n");
    }
}
