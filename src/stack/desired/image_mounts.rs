//! Images that a container mounts (`type: image`).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::image_name;
use crate::compose::model::{Mount, Project, Service};
use crate::engine::api::ImageDetails;
use crate::stack::observed::ImageKey;

/// The images that a service mounts.
pub fn image_mounts(service: &Service) -> impl Iterator<Item = &Mount> {
    service.volumes.iter().filter(|mount| mount.r#type == "image")
}

/// What is looked up for an image that is mounted: it has no platform of its own.
pub fn mounted_key(mount: &Mount) -> ImageKey {
    (mount.source.clone(), String::new())
}

/// The value of [`IMAGE_VOLUME_DIGEST`](crate::stack::labels::IMAGE_VOLUME_DIGEST): `target=id` of each
/// image that is mounted, by target; `None` where none is, or one is not known.
pub fn mounted_digests(
    service: &Service,
    images: &BTreeMap<ImageKey, Arc<ImageDetails>>,
) -> Option<String> {
    let mut digests: Vec<String> = image_mounts(service)
        .map(|mount| {
            let image = images.get(&mounted_key(mount))?;
            Some(format!("{}={}", mount.target, image.id))
        })
        .collect::<Option<_>>()?;
    digests.sort_unstable();
    (!digests.is_empty()).then(|| digests.join(","))
}

/// Puts the image in place of a service that is built, where one is named as what to mount: the
/// name alone is no image that anybody could pull (as in Compose 5).
pub fn name_built_images(project: &Project, service: &mut Service) {
    for mount in service.volumes.iter_mut().filter(|mount| mount.r#type == "image") {
        let (selected, others) = (&project.services, &project.disabled_services);
        let named = selected.get(&mount.source).or_else(|| others.get(&mount.source));
        if let Some(built) = named.filter(|other| other.build.is_some()) {
            mount.source = image_name(project, built);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mounting(mounts: &[(&str, &str)]) -> Service {
        let volumes = mounts.iter().map(|(source, target)| Mount {
            r#type: "image".into(),
            source: (*source).into(),
            target: (*target).into(),
            ..Mount::default()
        });
        Service { name: "web".into(), volumes: volumes.collect(), ..Service::default() }
    }

    fn image(name: &str, id: &str) -> (ImageKey, Arc<ImageDetails>) {
        let details = ImageDetails { id: id.into(), ..ImageDetails::default() };
        ((name.into(), String::new()), Arc::new(details))
    }

    #[test]
    fn digests_are_in_the_order_of_the_targets() {
        let images = BTreeMap::from([image("a", "sha256:1"), image("b", "sha256:2")]);
        let service = mounting(&[("a", "/z"), ("b", "/c")]);
        let digests = mounted_digests(&service, &images);
        assert_eq!(digests.as_deref(), Some("/c=sha256:2,/z=sha256:1"));
        assert_eq!(mounted_digests(&mounting(&[]), &images), None);
        let unknown = mounting(&[("a", "/z"), ("lost", "/c")]);
        assert_eq!(mounted_digests(&unknown, &images), None, "half of it says nothing");
    }

    #[test]
    fn a_service_that_is_built_stands_for_its_image() {
        let built = Service { build: Some(Box::default()), ..Service::default() };
        let named = Service { image: "shop/assets".into(), ..built.clone() };
        let mut project = Project::unwritten("shop");
        for (name, service) in [("built", built), ("named", named), ("db", Service::default())] {
            project.services.insert(name.into(), Service { name: name.into(), ..service });
        }
        let mut service =
            mounting(&[("built", "/1"), ("named", "/2"), ("db", "/3"), ("other", "/4")]);
        name_built_images(&project, &mut service);
        let sources: Vec<_> = service.volumes.iter().map(|mount| mount.source.as_str()).collect();
        assert_eq!(sources, ["shop-built", "shop/assets", "db", "other"]);
    }
}
