//! Images: what the engine says of one, and how a pull goes.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::platform::Platform;

use super::container::{EmptyObject, HealthConfig};
use super::null_default;

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
    /// What it consists of, where the engine keeps several platforms under a name (API 1.48) and
    /// was not asked for one of them.
    #[serde(deserialize_with = "null_default")]
    pub manifests: Vec<ImageManifest>,
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

    /// Whether it can make containers of exactly this platform (of any CPU where the architecture
    /// is empty): itself, or one of its manifests whose content is here.
    pub fn serves(&self, wanted: &Platform) -> bool {
        let fits = |have: &Platform| {
            have == wanted || wanted.architecture().is_empty() && have.os() == wanted.os()
        };
        let available = self.manifests.iter().filter(|manifest| manifest.available);
        fits(&self.platform())
            || available.filter_map(ImageManifest::platform).any(|platform| fits(&platform))
    }
}

impl ImageManifest {
    /// The platform, where it is that of an image.
    pub fn platform(&self) -> Option<Platform> {
        let data = self.image_data.as_ref().filter(|_| self.kind == "image")?;
        let platform = &data.platform;
        Some(Platform::new(&platform.os, &platform.architecture, &platform.variant))
    }
}

/// A row of ImageList.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ImageSummary {
    /// Id.
    #[serde(deserialize_with = "null_default")]
    pub id: String,
    /// Names.
    #[serde(deserialize_with = "null_default")]
    pub repo_tags: Vec<String>,
    /// Names with digest.
    #[serde(deserialize_with = "null_default")]
    pub repo_digests: Vec<String>,
    /// Seconds since 1970.
    #[serde(deserialize_with = "null_default")]
    pub created: i64,
    /// Bytes.
    #[serde(deserialize_with = "null_default")]
    pub size: i64,
    /// Labels.
    #[serde(deserialize_with = "null_default")]
    pub labels: BTreeMap<String, String>,
}

/// A message of a pull.
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
