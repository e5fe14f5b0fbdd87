//! Images pinned to digests: which digests a project needs to know, and the project with them
//! (`config --resolve-image-digests`, `--lock-image-digests`). Who knows them is another's affair.

use std::collections::BTreeMap;

use super::image_name::ImageName;
use super::model::{Project, Service};
use super::yaml::{Entry, Mapping, Node, Value};
use crate::diagnostic::{Diagnostic, Span, codes};

/// What is asked of a registry: images without a digest, each with the services that run it.
pub type Wanted = BTreeMap<String, Vec<String>>;

/// What a registry said: the digest of each image that was asked for.
pub type Known = BTreeMap<String, String>;

/// The images of services, as they are pinned.
#[derive(Debug, Clone, Default)]
pub struct Pins {
    /// By service.
    names: BTreeMap<String, ImageName>,
}

impl Pins {
    /// The images of a project's services.
    pub fn of_project(project: &Project) -> Result<Self, Vec<Diagnostic>> {
        Self::of(project.services.values().map(|service| {
            let place = || project.origin(&format!("services.{}.image", service.name));
            (service.name.as_str(), service.image.as_str(), place())
        }))
    }

    /// The images of a tree's services.
    pub fn of_tree(tree: &Node) -> Result<Self, Vec<Diagnostic>> {
        let services = tree.get("services").and_then(Node::as_mapping);
        Self::of(services.into_iter().flatten().filter_map(|(name, entry)| {
            let image = entry.node.get("image")?;
            Some((name.as_str(), image.as_str()?, Some(image.span)))
        }))
    }

    fn of<'a>(
        images: impl Iterator<Item = (&'a str, &'a str, Option<Span>)>,
    ) -> Result<Self, Vec<Diagnostic>> {
        let mut pins = Self::default();
        let mut problems = Vec::new();
        for (service, image, place) in images.filter(|(_, image, _)| !image.is_empty()) {
            match ImageName::parse(image) {
                Ok(name) => {
                    pins.names.insert(service.to_owned(), name);
                }
                Err(error) => problems.push(
                    Diagnostic::error(codes::IMAGE_NAME, format!("service {service:?}: {error}"))
                        .at(place, "this names no image")
                        .help("an image is written `[host[:port]/]path[:tag][@digest]`"),
                ),
            }
        }
        if problems.is_empty() { Ok(pins) } else { Err(problems) }
    }

    /// What must be asked. An image that several services run is asked for once.
    pub fn wanted(&self) -> Wanted {
        let mut wanted = Wanted::new();
        for (service, name) in self.names.iter().filter(|(_, name)| !name.is_pinned()) {
            wanted.entry(name.to_string()).or_default().push(service.clone());
        }
        wanted
    }

    /// The image of a service with its digest; `None` if there is none or nobody knows it.
    fn pinned(&self, service: &str, known: &Known) -> Option<String> {
        let name = self.names.get(service)?;
        if name.is_pinned() {
            return Some(name.to_string());
        }
        Some(name.pinned_to(known.get(&name.to_string())?))
    }

    /// Pins the images of a project.
    pub fn pin_project(&self, project: &mut Project, known: &Known) {
        for (name, service) in &mut project.services {
            if let Some(image) = self.pinned(name, known) {
                service.image = image;
            }
        }
    }

    /// Pins the images of a tree.
    pub fn pin_tree(&self, tree: &mut Node, known: &Known) {
        let services = tree.get_mut("services").and_then(Node::as_mapping_mut);
        for (name, entry) in services.into_iter().flatten() {
            if let Some(image) = self.pinned(name, known)
                && let Some(node) = entry.node.get_mut("image")
            {
                node.value = Value::String(image);
            }
        }
    }
}

/// Cuts a project down to the images of its services, to be laid over the files it came from.
pub fn lock_project(project: &mut Project) {
    let images = project.services.iter().map(|(name, service)| {
        let image = service.image.clone();
        (name.clone(), Service { name: name.clone(), image, ..Service::default() })
    });
    project.services = images.collect();
    project.name.clear();
    project.networks.clear();
    project.volumes.clear();
    project.secrets.clear();
    project.configs.clear();
    project.models.clear();
    project.extensions.clear();
}

/// Cuts a tree down to the images of its services.
pub fn lock_tree(tree: &mut Node) {
    keep(tree, |key| key == "services");
    for entry in tree.get_mut("services").and_then(Node::as_mapping_mut).into_iter().flatten() {
        let (_, Entry { node, .. }) = entry;
        keep(node, |key| key == "image");
    }
}

fn keep(node: &mut Node, wanted: impl Fn(&str) -> bool) {
    let mapping: Option<&mut Mapping> = node.as_mapping_mut();
    if let Some(mapping) = mapping {
        mapping.retain(|key, _| wanted(key));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::loaded::Loaded;

    fn pins(compose: &str) -> Pins {
        Pins::of_project(&Loaded::from(compose).project()).unwrap()
    }

    #[test]
    fn asks_once_for_an_image_and_never_for_a_pinned_one() {
        let digest = "a".repeat(64);
        let compose = format!(
            "services: {{a: {{image: x}}, b: {{image: 'x:latest'}}, c: {{image: 'x:2'}},\n\
             d: {{image: 'x:3@sha256:{digest}'}}, e: {{build: .}}}}"
        );
        let x = |tag: &str| format!("docker.io/library/x:{tag}");
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let expected =
            [(x("2"), names(&["c"])), (x("latest"), names(&["a", "b"]))].into_iter().collect();
        assert_eq!(pins(&compose).wanted(), expected);

        let known: Known = [(x("2"), "sha256:2"), (x("latest"), "sha256:1")]
            .map(|(name, digest)| (name, digest.to_owned()))
            .into();
        let mut project = Loaded::from(&compose).project();
        pins(&compose).pin_project(&mut project, &known);
        let image = |service: &str| project.services[service].image.clone();
        assert_eq!(image("b"), x("latest@sha256:1"));
        assert_eq!(image("c"), x("2@sha256:2"));
        assert_eq!(image("d"), format!("docker.io/library/x@sha256:{digest}"));
        assert_eq!(image("e"), "");
    }

    #[test]
    fn says_which_service_has_a_name_that_is_none() {
        let project = Loaded::from("services: {a: {image: X}, b: {image: 'y:'}}").project();
        let problems = Pins::of_project(&project).unwrap_err();
        let messages: Vec<_> = problems.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(
            messages,
            [
                "service \"a\": invalid reference format: repository name (library/X) must be lowercase",
                "service \"b\": invalid reference format"
            ]
        );
        assert_eq!(problems[0].labels.len(), 1);
    }
}
