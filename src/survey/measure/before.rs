//! What the engine has before a measurement, and afterwards again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Result;
use crate::engine::api::{ImageDetails, ImageSummary};
use crate::engine::{DockerEngine, Engine};
use crate::remote::registry::OciReference;
use crate::stack::labels;

/// What the engine had before anything was fetched.
pub(super) struct Before {
    name: String,
    /// What the name stood for.
    image: Option<Arc<ImageDetails>>,
    images: Images,
    project: String,
    /// The ids of the project's networks.
    networks: BTreeSet<String>,
}

impl Before {
    pub(super) async fn of(name: &str, project: &str, engine: &DockerEngine) -> Result<Self> {
        let images = Images::of(&engine.list_images(&[]).await?);
        let networks = networks(project, engine).await?.into_iter().collect();
        let image = engine.inspect_image(name, None).await?;
        let (name, project) = (name.to_owned(), project.to_owned());
        Ok(Self { name, image, images, project, networks })
    }

    /// Lets the name stand for what it stood for, and removes what came for the measuring alone. What an
    /// engine refuses here is what a pull would have brought, too, or what something else uses by now.
    pub(super) async fn restore(&self, engine: &DockerEngine) {
        let networks = networks(&self.project, engine).await.unwrap_or_default();
        for network in networks.iter().filter(|id| !self.networks.contains(*id)) {
            let _ = engine.remove_network(network).await;
        }
        let Ok(Some(now)) = engine.inspect_image(&self.name, None).await else { return };
        match &self.image {
            None => self.take_name_from(&now.id, engine).await,
            Some(before) if before.id != now.id => {
                let _ = engine.tag_image(&before.id, &self.name).await;
            }
            // One that keeps all platforms under one name has only got more. To take a platform away
            // would take layers from other images.
            Some(_) => {}
        }
        for image in engine.list_images(&[]).await.unwrap_or_default() {
            if self.images.came(&image, &self.name, &now.id) {
                let _ = engine.remove_image(&image.id, false).await;
            }
        }
        for image in engine.list_images(&[]).await.unwrap_or_default() {
            for digest in self.images.new_digests(&image, &self.name) {
                let _ = engine.remove_image(digest, false).await;
            }
        }
    }

    /// Takes the name, which was nobody's, from an image.
    async fn take_name_from(&self, id: &str, engine: &DockerEngine) {
        if self.images.outlives(id, &self.name) {
            let _ = engine.remove_image(&self.name, false).await;
            return;
        }
        // It would go with its last name, but not with one that another image takes over.
        let images = engine.list_images(&[]).await.unwrap_or_default();
        let Some(other) = self.images.other_bearer(&images, id, &self.name) else { return };
        if engine.tag_image(other, &self.name).await.is_ok() {
            let _ = engine.remove_image(&self.name, false).await;
        }
    }
}

/// The images of an engine, by id, with all that they are called.
struct Images(BTreeMap<String, BTreeSet<String>>);

impl Images {
    fn of(images: &[ImageSummary]) -> Self {
        let each = images.iter().map(|image| {
            (image.id.clone(), references(image).map(str::to_owned).collect::<BTreeSet<_>>())
        });
        Self(each.collect())
    }

    /// Whether an image was not there, and came under a name, or from where that is from; `now` is what the name
    /// came to stand for.
    fn came(&self, image: &ImageSummary, name: &str, now: &str) -> bool {
        !self.0.contains_key(&image.id)
            && (image.id == now || references(image).any(|it| is_of_same(it, name)))
    }

    /// Whether an image that was there stays where a name is taken from it: engines remove an image with its last name, and the
    /// digests of a repository with its last tag there. One that was not there may go.
    fn outlives(&self, id: &str, name: &str) -> bool {
        let Some(before) = self.0.get(id) else { return true };
        let mut there = before.iter().filter(|it| is_of_same(it, name)).peekable();
        match there.peek() {
            None => !before.is_empty(),
            Some(_) => there.any(|it| !it.contains('@')),
        }
    }

    /// An image that may bear a name for a moment, and loses nothing with it: best one that goes anyway.
    fn other_bearer<'i>(
        &self,
        images: &'i [ImageSummary],
        id: &str,
        name: &str,
    ) -> Option<&'i str> {
        let others = || images.iter().filter(|it| it.id != id);
        let came = others().find(|it| self.came(it, name, id));
        let is_named =
            |it: &&ImageSummary| self.0.contains_key(&it.id) && self.outlives(&it.id, name);
        came.or_else(|| others().find(is_named)).map(|it| it.id.as_str())
    }

    /// The digests that an image which was there has got of a name's repository. One without any name would go with them.
    fn new_digests<'i>(&self, image: &'i ImageSummary, name: &str) -> Vec<&'i str> {
        let before = self.0.get(&image.id).filter(|before| !before.is_empty());
        let Some(before) = before else { return Vec::new() };
        let is_new = |it: &&str| it.contains('@') && is_of_same(it, name) && !before.contains(*it);
        references(image).filter(is_new).collect()
    }
}

/// What an image is called. Old engines call one without names `<none>`.
fn references(image: &ImageSummary) -> impl Iterator<Item = &str> {
    let all = image.repo_tags.iter().chain(&image.repo_digests);
    all.map(String::as_str).filter(|it| !it.starts_with("<none>"))
}

/// Whether two names are of the same repository.
fn is_of_same(one: &str, other: &str) -> bool {
    let repository = |name: &str| {
        let reference = OciReference::parse(name).ok()?;
        Some((reference.registry, reference.repository))
    };
    repository(one).is_some_and(|one| repository(other) == Some(one))
}

/// The networks of a project, by id.
async fn networks(project: &str, engine: &DockerEngine) -> Result<Vec<String>> {
    let label = [format!("{}={project}", labels::PROJECT)];
    Ok(engine.list_networks(&label).await?.into_iter().map(|network| network.id).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "host/box:stable";

    fn image(id: &str, tags: &[&str], digests: &[&str]) -> ImageSummary {
        let list = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        ImageSummary {
            id: id.to_owned(),
            repo_tags: list(tags),
            repo_digests: list(digests),
            ..ImageSummary::default()
        }
    }

    #[test]
    fn what_was_there_stays_and_what_came_goes() {
        let digest = format!("host/box@sha256:{}", "0".repeat(64));
        let digest = digest.as_str();
        let before = Images::of(&[
            image("named", &["box:latest"], &[]),
            image("sibling", &["host/box:1"], &[]),
            image("dangling", &["<none>:<none>"], &["<none>@<none>"]),
            image("left", &[], &[digest]),
            image("both", &["box:2"], &[digest]),
        ]);
        let outlives = |id: &str| before.outlives(id, NAME);
        assert!(["named", "sibling", "new"].into_iter().all(outlives));
        assert!(!["dangling", "left", "both"].into_iter().any(outlives));

        let new = |id: &str| {
            let now = image(id, &[], &[digest]);
            before.new_digests(&now, NAME).len()
        };
        assert_eq!(["named", "sibling", "dangling", "left", "new"].map(new), [1, 1, 0, 0, 0]);
        let other = format!("other/box@sha256:{}", "0".repeat(64));
        let elsewhere = image("named", &["box:latest"], &[&other]);
        assert!(before.new_digests(&elsewhere, NAME).is_empty(), "somebody else pulled it");

        let came = |image: &ImageSummary| before.came(image, NAME, "now");
        assert!(came(&image("now", &[], &[])) && came(&image("new", &[], &[digest])));
        assert!(!came(&image("dangling", &[NAME], &[])) && !came(&image("new", &["x:1"], &[])));
    }

    #[test]
    fn a_name_is_taken_over_by_one_that_loses_nothing() {
        let digest = format!("host/box@sha256:{}", "0".repeat(64));
        let before = Images::of(&[image("a", &[], &[]), image("b", &["x:1"], &[])]);
        let named = [image("a", &[NAME], &[&digest]), image("b", &["x:1"], &[])];
        assert_eq!(before.other_bearer(&named, "a", NAME), Some("b"));
        let [a, b] = named;
        let more = [a.clone(), b, image("c", &[], &[&digest])];
        assert_eq!(before.other_bearer(&more, "a", NAME), Some("c"));
        assert_eq!(before.other_bearer(&[a], "a", NAME), None);
    }
}
