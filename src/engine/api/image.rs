//! Images: what the engine says of one, and how a pull goes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::platform::Platform;

use super::container::{EmptyObject, HealthConfig};
use super::{is_default, null_default};

/// Answer of ImageInspect.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ImageDetails {
    /// Id.
    #[serde(deserialize_with = "null_default")]
    pub id: String,
    /// Names.
    #[serde(deserialize_with = "null_default")]
    pub repo_tags: Vec<String>,
    /// Names with digest.
    #[serde(deserialize_with = "null_default")]
    pub repo_digests: Vec<String>,
    /// RFC 3339.
    #[serde(deserialize_with = "null_default")]
    pub created: String,
    /// CPU architecture, in Go's words.
    #[serde(deserialize_with = "null_default")]
    pub architecture: String,
    /// Variant of the architecture.
    #[serde(deserialize_with = "null_default")]
    pub variant: String,
    /// Operating system.
    #[serde(deserialize_with = "null_default")]
    pub os: String,
    /// Bytes.
    #[serde(deserialize_with = "null_default")]
    pub size: i64,
    /// What containers inherit.
    #[serde(deserialize_with = "null_default")]
    pub config: ImageConfig,
    /// What the engine knows besides.
    #[serde(deserialize_with = "null_default")]
    pub metadata: ImageMetadata,
    /// What the name stands for, where the engine keeps that (API 1.48): an index or a manifest.
    pub descriptor: Option<ImageDescriptor>,
    /// What it consists of, where the engine keeps several platforms under a name (API 1.48) and
    /// was not asked for one of them.
    #[serde(deserialize_with = "null_default")]
    pub manifests: Vec<ImageManifest>,
}

/// What the name of an image stands for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ImageDescriptor {
    /// Its kind.
    #[serde(rename = "mediaType", deserialize_with = "null_default")]
    pub media_type: String,
    /// Its digest.
    #[serde(deserialize_with = "null_default")]
    pub digest: String,
}

/// A part of an image that is kept for several platforms.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ImageManifest {
    /// Digest.
    #[serde(rename = "ID", deserialize_with = "null_default")]
    pub id: String,
    /// Whether its content is here.
    #[serde(deserialize_with = "null_default")]
    pub available: bool,
    /// `image`, `attestation` or `unknown`.
    #[serde(deserialize_with = "null_default")]
    pub kind: String,
    /// Of an image.
    pub image_data: Option<ImageData>,
}

/// The image in a manifest.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ImageData {
    /// Its platform.
    #[serde(deserialize_with = "null_default")]
    pub platform: ImagePlatform,
}

/// A platform as an index writes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ImagePlatform {
    /// CPU architecture, in Go's words.
    #[serde(deserialize_with = "null_default")]
    pub architecture: String,
    /// Operating system.
    #[serde(deserialize_with = "null_default")]
    pub os: String,
    /// Variant of the architecture.
    #[serde(deserialize_with = "null_default")]
    pub variant: String,
}

impl ImagePlatform {
    /// In normal form.
    pub fn normal(&self) -> Platform {
        Platform::new(&self.os, &self.architecture, &self.variant)
    }
}

/// What containers inherit from an image.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ImageConfig {
    /// User.
    #[serde(deserialize_with = "null_default")]
    pub user: String,
    /// `KEY=value`.
    #[serde(deserialize_with = "null_default")]
    pub env: Vec<String>,
    /// Entrypoint.
    #[serde(deserialize_with = "null_default")]
    pub entrypoint: Vec<String>,
    /// Command.
    #[serde(deserialize_with = "null_default")]
    pub cmd: Vec<String>,
    /// Paths that get an anonymous volume.
    #[serde(deserialize_with = "null_default")]
    pub volumes: BTreeMap<String, EmptyObject>,
    /// Working directory.
    #[serde(deserialize_with = "null_default")]
    pub working_dir: String,
    /// Labels.
    #[serde(deserialize_with = "null_default")]
    pub labels: BTreeMap<String, String>,
    /// Ports, `80/tcp`.
    #[serde(deserialize_with = "null_default")]
    pub exposed_ports: BTreeMap<String, EmptyObject>,
    /// Healthcheck.
    pub healthcheck: Option<HealthConfig>,
    /// Signal that stops it.
    #[serde(deserialize_with = "null_default")]
    pub stop_signal: String,
}

/// What the engine knows of an image besides its content.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ImageMetadata {
    /// RFC 3339; when it was last tagged here.
    #[serde(deserialize_with = "null_default")]
    pub last_tag_time: String,
}

impl ImageDetails {
    /// The platform of the image, or of the one among its manifests that was chosen.
    pub fn platform(&self) -> Platform {
        Platform::new(&self.os, &self.architecture, &self.variant)
    }

    /// Whether it is for exactly this platform; for one of any CPU where the architecture is empty.
    pub fn is_for(&self, wanted: &Platform) -> bool {
        let have = self.platform();
        have == *wanted || wanted.architecture().is_empty() && have.os() == wanted.os()
    }

    /// The platforms whose content is here: those under the name where the engine keeps several, else
    /// its own.
    pub fn platforms(&self) -> Vec<Platform> {
        if self.manifests.is_empty() {
            let own = self.platform();
            return Vec::from_iter((!own.architecture().is_empty()).then_some(own));
        }
        self.available_platforms().collect()
    }

    /// The platforms whose content is here, where the engine keeps several under a name.
    pub fn available_platforms(&self) -> impl Iterator<Item = Platform> {
        let available = self.manifests.iter().filter(|manifest| manifest.available);
        available.filter_map(ImageManifest::platform)
    }

    /// The digest of what containers of this platform are made from: that of the platform's
    /// manifest where the engine keeps several, otherwise the image's id.
    pub fn manifest_id(&self) -> &str {
        let platform = self.platform();
        let mut available = self.manifests.iter().filter(|manifest| manifest.available);
        let own = available.find(|manifest| manifest.platform().as_ref() == Some(&platform));
        own.map_or(&self.id, |manifest| &manifest.id)
    }
}

impl ImageManifest {
    /// The platform, where it is that of an image.
    pub fn platform(&self) -> Option<Platform> {
        let data = self.image_data.as_ref().filter(|_| self.kind == "image")?;
        Some(data.platform.normal())
    }
}

/// What a registry has under a name: answer of DistributionInspect.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Distribution {
    /// Media type of what the name stands for: an index or a manifest.
    pub media_type: String,
    /// Its digest.
    pub digest: String,
    /// Its platforms as they are written, attestations among them (`unknown`).
    pub platforms: Vec<ImagePlatform>,
}

/// A row of ImageList, its fields in the order in which Docker Compose prints them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ImageSummary {
    /// Containers that use it; -1 where they were not counted.
    #[serde(deserialize_with = "null_default")]
    pub containers: i64,
    /// Seconds since 1970.
    #[serde(deserialize_with = "null_default")]
    pub created: i64,
    /// Id.
    #[serde(deserialize_with = "null_default")]
    pub id: String,
    /// Labels.
    #[serde(deserialize_with = "null_default")]
    pub labels: BTreeMap<String, String>,
    /// Id of the image that it was built from here.
    #[serde(deserialize_with = "null_default")]
    pub parent_id: String,
    /// Names with digest.
    #[serde(deserialize_with = "null_default")]
    pub repo_digests: Vec<String>,
    /// Names.
    #[serde(deserialize_with = "null_default")]
    pub repo_tags: Vec<String>,
    /// Bytes that other images have too; -1 where they were not counted.
    #[serde(deserialize_with = "null_default")]
    pub shared_size: i64,
    /// Bytes.
    #[serde(deserialize_with = "null_default")]
    pub size: i64,
    /// As `size`; told until API 1.43.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub virtual_size: i64,
}

/// A message of a pull or a push.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PullProgress {
    /// Layer, or empty for the whole.
    pub id: String,
    /// What is done with it.
    pub status: String,
    /// Bytes done.
    pub current: u64,
    /// Bytes in all; 0 when not known.
    pub total: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_the_platforms_under_a_name_apart() {
        let image: ImageDetails = serde_json::from_str(
            r#"{"Id": "sha256:index", "Architecture": "arm64", "Variant": "v8", "Os": "linux",
                "RepoTags": null, "Manifests": [
                {"ID": "sha256:a", "Available": true, "Kind": "image", "ImageData":
                    {"Platform": {"architecture": "amd64", "os": "linux"}}},
                {"ID": "sha256:b", "Available": true, "Kind": "image", "ImageData":
                    {"Platform": {"architecture": "arm64", "os": "linux"}}},
                {"ID": "sha256:c", "Available": false, "Kind": "image", "ImageData":
                    {"Platform": {"architecture": "386", "os": "linux"}}},
                {"ID": "sha256:d", "Available": true, "Kind": "attestation"}]}"#,
        )
        .unwrap();
        assert_eq!(image.manifest_id(), "sha256:b");
        let platforms: Vec<_> =
            image.available_platforms().map(|platform| platform.to_string()).collect();
        assert_eq!(platforms, ["linux/amd64", "linux/arm64"]);
        let single = ImageDetails { manifests: Vec::new(), ..image };
        assert_eq!(single.manifest_id(), "sha256:index");
        for (os, architecture, expected) in
            [("linux", "aarch64", true), ("linux", "", true), ("linux", "amd64", false)]
        {
            assert_eq!(single.is_for(&Platform::new(os, architecture, "")), expected);
        }
    }
}
