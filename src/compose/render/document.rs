//! A project in the order in which it is printed.
//!
//! An entry becomes a [`Tree`] only when its turn comes, so that printing takes the memory of the
//! largest entry and not of the whole project.

use std::collections::BTreeMap;

use super::tree::Tree;
use crate::compose::hash::Dialect;
use crate::compose::model::{Extensions, FileObject, Model, Network, Project, Service, Volume};

/// What stands under a key of the project.
pub(super) enum Part<'a> {
    /// A value.
    Value(Tree),
    /// Entries by name, in no particular order.
    Section(Vec<(&'a str, Object<'a>)>),
}

impl<'a> Part<'a> {
    /// The part as a whole, its entries as `entry` makes them.
    pub(super) fn into_tree(self, entry: impl Fn(Object<'a>) -> Tree) -> Tree {
        match self {
            Self::Value(tree) => tree,
            Self::Section(entries) => Tree::Map(
                entries
                    .into_iter()
                    .map(|(name, object)| (name.to_owned(), entry(object)))
                    .collect(),
            ),
        }
    }
}

/// An entry of a section.
#[derive(Clone, Copy)]
pub(super) enum Object<'a> {
    Service(&'a Service),
    Network(&'a Network),
    Volume(&'a Volume),
    /// A config or a secret.
    File(&'a FileObject),
    Model(&'a Model),
}

impl Object<'_> {
    /// The entry as it is printed, which is not always as it is held.
    pub(super) fn tree(self) -> Tree {
        match self {
            Self::Service(service) => {
                let mut service = service.clone();
                Dialect::V2.apply(&mut service);
                Tree::of_entry(&service)
            }
            Self::Network(network) => {
                let mut network = network.clone();
                Dialect::V2.apply_to_network(&mut network);
                Tree::of_entry(&network)
            }
            Self::Volume(volume) => Tree::of_entry(volume),
            // What was taken from a variable may be confidential.
            Self::File(object) if !object.environment.is_empty() => {
                Tree::of_entry(&FileObject { content: String::new(), ..object.clone() })
            }
            Self::File(object) => Tree::of_entry(object),
            Self::Model(model) => Tree::of_entry(model),
        }
    }

    /// The entry with what printing leaves out because it may be confidential.
    pub(super) fn whole_tree(self) -> Tree {
        match self {
            Self::File(object) => Tree::of_entry(object),
            other => other.tree(),
        }
    }
}

/// The services, and the other sections that are not empty, in Docker Compose's order.
pub(super) fn sections(project: &Project) -> impl Iterator<Item = (&str, Part<'_>)> {
    let services = project.services.iter();
    let services = services.map(|(name, service)| (name.as_str(), Object::Service(service)));
    let sections = [
        ("networks", section(&project.networks, Object::Network)),
        ("volumes", section(&project.volumes, Object::Volume)),
        ("secrets", section(&project.secrets, Object::File)),
        ("configs", section(&project.configs, Object::File)),
    ];
    std::iter::once(("services", Part::Section(services.collect())))
        .chain(sections.into_iter().filter_map(|(name, section)| Some((name, section?))))
}

/// The services that are not enabled.
pub(super) fn disabled_services(project: &Project) -> impl Iterator<Item = (&str, Object<'_>)> {
    let services = project.disabled_services.iter();
    services.map(|(name, service)| (name.as_str(), Object::Service(service)))
}

/// The section of the models, if there are any.
pub(super) fn models(project: &Project) -> Option<(&str, Part<'_>)> {
    section(&project.models, Object::Model).map(|models| ("models", models))
}

/// The `x-` keys beside the sections.
pub(super) fn extensions(extensions: &Extensions) -> impl Iterator<Item = (&str, Tree)> {
    extensions.iter().map(|(key, value)| (key.as_str(), Tree::of(value)))
}

fn section<'a, T>(
    entries: &'a BTreeMap<String, T>,
    object: fn(&'a T) -> Object<'a>,
) -> Option<Part<'a>> {
    let entries: Vec<_> =
        entries.iter().map(|(name, entry)| (name.as_str(), object(entry))).collect();
    (!entries.is_empty()).then_some(Part::Section(entries))
}
