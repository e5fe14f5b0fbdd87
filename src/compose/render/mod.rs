//! The project as `config` prints it, byte for byte as Docker Compose 2 does.
//!
//! The model becomes a [`tree::Tree`]; JSON and YAML are printed from that. `$` is doubled, so that
//! what is printed can be loaded again.

mod go_yaml;
pub(crate) mod json;
mod natural;
pub(crate) mod number;
pub(crate) mod tree;
mod yaml;

use std::collections::BTreeMap;

use self::tree::{Record, Tree};
use super::hash::Dialect;
use super::model::{Extensions, FileObject, Network, Project, Service, Volume};
use super::yaml::Node;

/// A project in YAML, with a trailing newline.
pub fn project_yaml(project: &Project) -> String {
    let printed = Printed::of(project);
    let mut fields = Vec::new();
    if !project.name.is_empty() {
        fields.push(("name", Tree::of(&project.name)));
    }
    fields.push(("services", Tree::of(&printed.services)));
    fields.extend(printed.sections());
    if !project.models.is_empty() {
        fields.push(("models", Tree::of(&project.models)));
    }
    let extensions = entries(&project.extensions);
    let record = Record { fields, extensions, written: true };
    doubled(&yaml::print(&Tree::Record(record)))
}

/// A project in JSON, without a trailing newline. Models are left out, as they are in Docker
/// Compose 2.
pub fn project_json(project: &Project) -> String {
    let printed = Printed::of(project);
    let mut sections =
        vec![("name", Tree::of(&project.name)), ("services", Tree::of(&printed.services))];
    sections.extend(printed.sections());
    let sections = sections.into_iter().map(|(name, tree)| (name.to_owned(), tree));
    let extensions = entries(&project.extensions).into_iter();
    let extensions = extensions.map(|(key, tree)| (key, tree.without_empty_lists()));
    doubled(&json::indented(&Tree::Map(sections.chain(extensions).collect())))
}

/// A tree in YAML as it is, `$` not doubled, with a trailing newline.
pub fn tree_yaml(tree: &Node) -> String {
    yaml::print(&Tree::of_node(tree))
}

/// A tree in JSON as it is, `$` not doubled, without a trailing newline.
pub fn tree_json(tree: &Node) -> String {
    json::indented(&Tree::of_node(tree).without_empty_lists())
}

/// One line of text as a YAML scalar.
pub fn text_yaml(text: &str) -> String {
    go_yaml::emit(&text.into()).trim_end().to_owned()
}

/// The parts of a project that are printed otherwise than they are held.
struct Printed<'a> {
    services: BTreeMap<&'a str, Service>,
    networks: BTreeMap<&'a str, Network>,
    volumes: &'a BTreeMap<String, Volume>,
    secrets: BTreeMap<&'a str, FileObject>,
    configs: BTreeMap<&'a str, FileObject>,
}

impl<'a> Printed<'a> {
    fn of(project: &'a Project) -> Self {
        let services = project.services.iter().map(|(name, service)| {
            let mut service = service.clone();
            Dialect::V2.apply(&mut service);
            (name.as_str(), service)
        });
        let networks = project.networks.iter().map(|(key, network)| {
            let mut network = network.clone();
            Dialect::V2.apply_to_network(&mut network);
            (key.as_str(), network)
        });
        Self {
            services: services.collect(),
            networks: networks.collect(),
            volumes: &project.volumes,
            secrets: without_captured(&project.secrets),
            configs: without_captured(&project.configs),
        }
    }

    /// The sections that are not empty, in the order of Docker Compose.
    fn sections(&self) -> impl Iterator<Item = (&'static str, Tree)> {
        [
            ("networks", Tree::of(&self.networks)),
            ("volumes", Tree::of(self.volumes)),
            ("secrets", Tree::of(&self.secrets)),
            ("configs", Tree::of(&self.configs)),
        ]
        .into_iter()
        .filter(|(_, tree)| !matches!(tree, Tree::Map(entries) if entries.is_empty()))
    }
}

/// Without what was taken from a variable, which may be confidential.
fn without_captured(objects: &BTreeMap<String, FileObject>) -> BTreeMap<&str, FileObject> {
    objects
        .iter()
        .map(|(key, object)| {
            let mut object = object.clone();
            if !object.environment.is_empty() {
                object.content.clear();
            }
            (key.as_str(), object)
        })
        .collect()
}

fn entries(extensions: &Extensions) -> Vec<(String, Tree)> {
    extensions.iter().map(|(key, value)| (key.clone(), Tree::of(value))).collect()
}

fn doubled(text: &str) -> String {
    text.replace('$', "$$")
}
