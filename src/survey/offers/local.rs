//! What the engine's own copy of an image tells of the registry's. Pure.

use chrono::DateTime;

use super::cache::Seconds;
use super::manifest::{distinct, is_index};
use crate::engine::api::{ImageDetails, ImageManifest};
use crate::platform::Offer;
use crate::remote::registry::OciReference;

/// What a local copy tells.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Local {
    /// The digest that the name had when it was pulled.
    pub(super) digest: Option<String>,
    /// When it was; 0 where that is not known.
    pub(super) tagged: Seconds,
    /// All that the name stands for, where the engine keeps that.
    pub(super) offer: Option<Offer>,
    /// Whether it has no digest of its repository: it is made or tagged here, or not the first that a classic store took out
    /// of its index. Those of a containerd store always have one.
    pub(super) is_undigested: bool,
}

/// Reads an image under one of its names.
pub(super) fn read(image: &ImageDetails, reference: &OciReference) -> Local {
    let digests = image.repo_digests.iter().filter_map(|name| {
        let name = OciReference::parse(name).ok()?;
        let is_same =
            (&name.registry, &name.repository) == (&reference.registry, &reference.repository);
        name.digest.filter(|_| is_same)
    });
    let mut digests = digests.peekable();
    // Those of other repositories are of what was pulled from there, and tagged here.
    let is_undigested = image.descriptor.is_none() && digests.peek().is_none();
    let tags = image.repo_tags.iter().filter_map(|name| OciReference::parse(name).ok());
    let siblings = tags.filter(|name| {
        (&name.registry, &name.repository) == (&reference.registry, &reference.repository)
    });
    // A tag that has moved may have left the digest of before; and the classic store keeps a digest for one image
    // alone, so that of the image's other tag may be all there is.
    let digest = match (digests.next(), digests.next()) {
        (Some(digest), None) if image.descriptor.is_some() || siblings.count() < 2 => {
            Some(digest.to_string())
        }
        _ => None,
    };
    let tagged = DateTime::parse_from_rfc3339(&image.metadata.last_tag_time);
    let tagged = tagged.ok().and_then(|time| Seconds::try_from(time.timestamp()).ok());
    Local { digest, tagged: tagged.unwrap_or(0), offer: offer(image), is_undigested }
}

/// What a containerd store keeps of an index, with the platforms whose content is elsewhere. If there
/// are none of those, the image may have been built here, and who pushes it may push more.
fn offer(image: &ImageDetails) -> Option<Offer> {
    let descriptor = image.descriptor.as_ref()?;
    let images = || image.manifests.iter().filter(|manifest| manifest.platform().is_some());
    let is_whole = is_index(&descriptor.media_type) && images().any(|manifest| !manifest.available);
    let platforms = distinct(images().filter_map(ImageManifest::platform));
    is_whole.then_some(Offer::Known { platforms, is_index: true })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(text: &str) -> ImageDetails {
        serde_json::from_str(text).unwrap()
    }

    fn digest(digit: &str) -> String {
        format!("sha256:{}", digit.repeat(64))
    }

    #[test]
    fn the_digest_is_that_of_the_names_own_repository() {
        let (a, b) = (digest("a"), digest("b"));
        let image = image(&format!(
            r#"{{"RepoDigests": ["busybox@{a}", "r.io/busybox@{b}", "twice@{a}", "twice@{b}",
                "r.io/tagged@{a}"], "RepoTags": ["r.io/tagged:1", "r.io/tagged:2", "r.io/busybox:1"],
                "Metadata": {{"LastTagTime": "1970-01-01T00:01:00.5Z"}}}}"#
        ));
        for (name, expected) in [
            ("busybox:stable", Some(a.clone())),
            ("docker.io/library/busybox", Some(a)),
            ("r.io/busybox", Some(b)),
            ("other", None),
            ("twice", None),
            ("r.io/tagged:2", None),
        ] {
            let local = read(&image, &OciReference::parse(name).unwrap());
            let is_undigested = name == "other";
            let expected = Local { digest: expected, tagged: 60, offer: None, is_undigested };
            assert_eq!(local, expected, "{name}");
        }
        let made = super::read(&ImageDetails::default(), &OciReference::parse("a").unwrap());
        assert!(made.is_undigested);
    }

    #[test]
    fn a_containerd_store_knows_the_whole_index() {
        let text = r#"{"Descriptor": {"mediaType": "application/vnd.oci.image.index.v1+json",
            "digest": "sha256:x"}, "Metadata": {"LastTagTime": "0001-01-01T00:00:00Z"}, "Manifests": [
            {"ID": "a", "Available": true, "Kind": "image", "ImageData":
                {"Platform": {"architecture": "amd64", "os": "linux"}}},
            {"ID": "b", "Available": AVAILABLE, "Kind": "image", "ImageData":
                {"Platform": {"architecture": "arm64", "os": "linux", "variant": "v8"}}},
            {"ID": "c", "Available": false, "Kind": "attestation"}]}"#;
        let reference = OciReference::parse("busybox").unwrap();
        let local = read(&image(&text.replace("AVAILABLE", "false")), &reference);
        let Some(offer) = local.offer else { panic!("it is whole") };
        let platforms: Vec<String> = offer.platforms().iter().map(ToString::to_string).collect();
        assert_eq!((platforms.join(" "), local.tagged), ("linux/amd64 linux/arm64".to_owned(), 0));
        let built = read(&image(&text.replace("AVAILABLE", "true")), &reference);
        assert_eq!(built.offer, None, "it may have been made here");
    }
}
