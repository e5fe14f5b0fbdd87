//! What registries give for a name: indexes and manifests, read for the platforms in them. Pure.
//!
//! By the OCI image specification and Docker's older forms: a descriptor need not say its platform, an
//! index may hold others, and what is not understood is passed over. Attestations of BuildKit lie in
//! an index as images of the platform `unknown/unknown`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::engine::api::ImagePlatform;
use crate::platform::Platform;
use crate::remote::registry::Digest;

const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
const INDEXES: [&str; 2] = [OCI_INDEX, "application/vnd.docker.distribution.manifest.list.v2+json"];
const MANIFESTS: [&str; 2] = [
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
];
const CONFIGURATIONS: [&str; 2] =
    ["application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"];

/// What a name or a digest stands for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// Images for several platforms, or others of its kind.
    Index(Vec<Entry>),
    /// One image, whose platform its configuration tells.
    Image {
        /// The configuration.
        configuration: Digest,
        /// Its size in bytes.
        size: u64,
    },
    /// One image in the form of before 2016, which tells its platform itself.
    Old(Platform),
    /// Something else: a chart, a signature.
    NoImage,
}

/// What an index names.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// An image for a platform.
    Image(Platform),
    /// Something whose platform is not said, or another index.
    Unsaid(Digest),
}

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "schemaVersion", default)]
    schema_version: u32,
    #[serde(rename = "mediaType", default)]
    media_type: String,
    manifests: Option<Vec<serde_json::Value>>,
    config: Option<Descriptor>,
    /// Of the first form.
    #[serde(default)]
    architecture: String,
}

#[derive(Deserialize)]
struct Descriptor {
    #[serde(rename = "mediaType", default)]
    media_type: String,
    digest: String,
    #[serde(default)]
    size: u64,
    platform: Option<ImagePlatform>,
    #[serde(rename = "artifactType", default)]
    artifact_type: String,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

/// Whether an engine that has asked a registry has told of all that is under a media type: in an index of OCI, entries need
/// not say their platform, and engines leave those out.
pub(super) fn is_told_whole(media_type: &str) -> bool {
    media_type != OCI_INDEX
}

/// Whether a media type is that of an index.
pub(super) fn is_index(media_type: &str) -> bool {
    INDEXES.contains(&media_type)
}

/// Reads what came under a name. `None` is what cannot be read as any of it.
pub(super) fn read(bytes: &[u8]) -> Option<Content> {
    let document: Document = serde_json::from_slice(bytes).ok()?;
    if let Some(manifests) = document.manifests.filter(|_| !is_manifest(&document.media_type)) {
        // One entry of a kind to come must not spoil the others.
        let entries = manifests.into_iter().filter_map(|it| serde_json::from_value(it).ok());
        return Some(Content::Index(entries.filter_map(entry).collect()));
    }
    if let Some(configuration) = document.config {
        if !CONFIGURATIONS.contains(&configuration.media_type.as_str()) {
            return Some(Content::NoImage);
        }
        let digest = Digest::parse(&configuration.digest).ok()?;
        return Some(Content::Image { configuration: digest, size: configuration.size });
    }
    let is_old = document.schema_version == 1 && !document.architecture.is_empty();
    is_old.then(|| Content::Old(Platform::new("linux", &document.architecture, "")))
}

/// The images of an index that are for the operating system and the CPU of a platform; of their variants configurations say
/// less than indexes.
pub(super) fn images_for(bytes: &[u8], platform: &Platform) -> Vec<Digest> {
    let manifests = serde_json::from_slice(bytes).ok().and_then(|it: Document| it.manifests);
    let descriptors = manifests.unwrap_or_default().into_iter();
    let descriptors = descriptors.filter_map(|it| serde_json::from_value(it).ok());
    let is_for = |descriptor: &Descriptor| {
        let said = descriptor.platform.as_ref().map(ImagePlatform::normal);
        said.is_some_and(|it| {
            (it.os(), it.architecture()) == (platform.os(), platform.architecture())
        })
    };
    let digest = |descriptor: Descriptor| Digest::parse(&descriptor.digest).ok();
    descriptors.filter(is_for).filter_map(digest).collect()
}

/// The platform in an image's configuration.
pub(super) fn platform_of_configuration(bytes: &[u8]) -> Option<Platform> {
    let platform: ImagePlatform = serde_json::from_slice(bytes).ok()?;
    is_known(&platform).then(|| platform.normal())
}

/// Platforms without what stands for attestations, each once, in their order.
pub(super) fn without_attestations(platforms: &[ImagePlatform]) -> Vec<Platform> {
    distinct(platforms.iter().filter(|it| is_known(it)).map(ImagePlatform::normal))
}

/// Each platform once, in their order.
pub(super) fn distinct(platforms: impl Iterator<Item = Platform>) -> Vec<Platform> {
    let mut distinct = Vec::new();
    for platform in platforms {
        if !distinct.contains(&platform) {
            distinct.push(platform);
        }
    }
    distinct
}

fn is_manifest(media_type: &str) -> bool {
    MANIFESTS.contains(&media_type)
}

fn is_known(platform: &ImagePlatform) -> bool {
    let is_said = |part: &str| !part.is_empty() && part != "unknown";
    is_said(&platform.os) && is_said(&platform.architecture)
}

fn entry(descriptor: Descriptor) -> Option<Entry> {
    let is_attestation = descriptor
        .annotations
        .get("vnd.docker.reference.type")
        .is_some_and(|kind| kind == "attestation-manifest");
    if !(is_manifest(&descriptor.media_type) || is_index(&descriptor.media_type))
        || is_attestation
        || !descriptor.artifact_type.is_empty()
    {
        return None;
    }
    // What an index within it is said to be for need not be what it holds, and classic engines refuse it.
    match descriptor.platform.filter(|_| !is_index(&descriptor.media_type)) {
        Some(platform) => is_known(&platform).then(|| Entry::Image(platform.normal())),
        None => Digest::parse(&descriptor.digest).ok().map(Entry::Unsaid),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(digit: &str) -> String {
        format!("sha256:{}", digit.repeat(64))
    }

    fn platform(text: &str) -> Platform {
        Platform::parse(text, &Platform::new("linux", "amd64", "")).unwrap()
    }

    #[test]
    fn an_index_of_buildkit_names_its_images_and_not_their_attestations() {
        let text = format!(
            r#"{{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [
              {{"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": "{a}", "size": 1,
                "platform": {{"architecture": "amd64", "os": "linux"}}}},
              {{"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": "{b}", "size": 1,
                "platform": {{"architecture": "arm64", "os": "linux", "variant": "v8"}}}},
              {{"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": "{c}", "size": 1,
                "annotations": {{"vnd.docker.reference.digest": "{a}",
                                "vnd.docker.reference.type": "attestation-manifest"}},
                "platform": {{"architecture": "unknown", "os": "unknown"}}}}]}}"#,
            a = digest("a"),
            b = digest("b"),
            c = digest("c"),
        );
        let expected = ["linux/amd64", "linux/arm64"].map(|it| Entry::Image(platform(it)));
        assert_eq!(read(text.as_bytes()), Some(Content::Index(expected.into())));
    }

    #[test]
    fn a_list_of_docker_hub_names_windows_and_every_arm() {
        // As library/golang was written before OCI; an unknown kind and a broken entry among them.
        let entry = |rest: &str| {
            format!(
                r#"{{"mediaType": "application/vnd.docker.distribution.manifest.v2+json",
                    "digest": "{}", "size": 1, "platform": {{{rest}}}}}"#,
                digest("a")
            )
        };
        let entries = [
            entry(r#""architecture": "amd64", "os": "linux""#),
            entry(r#""architecture": "arm", "os": "linux", "variant": "v5""#),
            entry(r#""architecture": "arm", "os": "linux", "variant": "v7""#),
            r#"{"mediaType": "application/vnd.example.new", "digest": "x"}"#.to_owned(),
            r#"{"mediaType": 7}"#.to_owned(),
            entry(r#""architecture": "amd64", "os": "windows", "os.version": "10.0.17763.1""#),
        ];
        let text = format!(
            r#"{{"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.list.v2+json",
                "manifests": [{}]}}"#,
            entries.join(",")
        );
        let expected = ["linux/amd64", "linux/arm/v5", "linux/arm/v7", "windows/amd64"];
        let expected = expected.map(|it| Entry::Image(platform(it)));
        assert_eq!(read(text.as_bytes()), Some(Content::Index(expected.into())));
    }

    #[test]
    fn an_index_need_not_say_the_platform_of_what_it_holds() {
        let text = format!(
            r#"{{"schemaVersion": 2, "manifests": [
              {{"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": "{a}",
                "platform": {{"architecture": "amd64", "os": "linux"}}}},
              {{"mediaType": "application/vnd.oci.image.index.v1+json", "digest": "{a}",
                "platform": {{"architecture": "amd64", "os": "linux"}}}},
              {{"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": "{b}"}},
              {{"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": "{b}",
                "artifactType": "application/vnd.example.signature"}},
              {{"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": "../x"}}]}}"#,
            a = digest("a"),
            b = digest("b"),
        );
        let unsaid = |digit| Entry::Unsaid(Digest::parse(&digest(digit)).unwrap());
        let image = Entry::Image(platform("linux/amd64"));
        let expected = Content::Index(vec![image, unsaid("a"), unsaid("b")]);
        assert_eq!(read(text.as_bytes()), Some(expected));
    }

    #[test]
    fn images_are_found_by_their_platform() {
        let entry = |digit: &str, platform: &str| {
            format!(r#"{{"digest": "{}", "platform": {{{platform}}}}}"#, digest(digit))
        };
        let text = format!(
            r#"{{"manifests": [{}, {}, {}, {{"digest": "{}"}}]}}"#,
            entry("a", r#""architecture": "amd64", "os": "linux""#),
            entry("b", r#""architecture": "arm", "os": "linux", "variant": "v6""#),
            entry("c", r#""architecture": "arm", "os": "linux", "variant": "v7""#),
            digest("d"),
        );
        let found = images_for(text.as_bytes(), &platform("linux/arm/v7"));
        let expected = ["b", "c"].map(|digit| Digest::parse(&digest(digit)).unwrap());
        assert_eq!(found, expected);
        assert_eq!(images_for(b"{}", &platform("linux/amd64")), []);
    }

    #[test]
    fn one_image_points_at_its_configuration() {
        let manifest = |kind: &str| {
            format!(
                r#"{{"schemaVersion": 2, "config": {{"mediaType": "{kind}", "digest": "{}", "size": 9}}}}"#,
                digest("a")
            )
        };
        for kind in CONFIGURATIONS {
            let configuration = Digest::parse(&digest("a")).unwrap();
            let expected = Content::Image { configuration, size: 9 };
            assert_eq!(read(manifest(kind).as_bytes()), Some(expected));
        }
        let chart = manifest("application/vnd.cncf.helm.config.v1+json");
        assert_eq!(read(chart.as_bytes()), Some(Content::NoImage));
        let old = br#"{"schemaVersion": 1, "name": "x", "architecture": "amd64", "fsLayers": []}"#;
        assert_eq!(read(old), Some(Content::Old(platform("linux/amd64"))));
        for nothing in ["", "[]", "{}", "<html>", r#"{"errors": []}"#] {
            assert_eq!(read(nothing.as_bytes()), None, "{nothing}");
        }
    }

    #[test]
    fn a_configuration_tells_the_platform() {
        let text = br#"{"architecture": "arm64", "os": "linux", "variant": "v8", "rootfs": {}}"#;
        assert_eq!(platform_of_configuration(text), Some(platform("linux/arm64")));
        assert_eq!(platform_of_configuration(b"{}"), None);
    }
}
