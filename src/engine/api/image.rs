//! Images: what the engine says of one, and how a pull goes.

use std::collections::BTreeMap;

use serde::Deserialize;

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
