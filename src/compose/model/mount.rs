//! Mounts of a service.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{ByteSize, Extensions, is_default};

/// A mount of a service.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Mount {
    /// `bind`, `volume`, `tmpfs`, `image`, `npipe` or `cluster`.
    #[serde(skip_serializing_if = "is_default")]
    pub r#type: String,
    /// Path, volume key, image; empty for an anonymous volume.
    #[serde(skip_serializing_if = "is_default")]
    pub source: String,
    /// Path in the container.
    #[serde(skip_serializing_if = "is_default")]
    pub target: String,
    /// Whether it is read-only.
    #[serde(skip_serializing_if = "is_default")]
    pub read_only: bool,
    /// Kept, without effect.
    #[serde(skip_serializing_if = "is_default")]
    pub consistency: String,
    /// Options of a bind.
    #[serde(skip_serializing_if = "is_default")]
    pub bind: Option<MountBind>,
    /// Options of a volume.
    #[serde(skip_serializing_if = "is_default")]
    pub volume: Option<MountVolume>,
    /// Options of a tmpfs.
    #[serde(skip_serializing_if = "is_default")]
    pub tmpfs: Option<MountTmpfs>,
    /// Options of an image.
    #[serde(skip_serializing_if = "is_default")]
    pub image: Option<MountImage>,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// Options of a bind mount.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct MountBind {
    /// `z` or `Z`.
    #[serde(skip_serializing_if = "is_default")]
    pub selinux: String,
    /// Propagation mode.
    #[serde(skip_serializing_if = "is_default")]
    pub propagation: String,
    /// Whether a missing source is created as a directory; `None` is not written, which Docker
    /// Compose 2 takes for no, and 5 for yes.
    #[serde(skip_serializing_if = "is_default")]
    pub create_host_path: Option<bool>,
    /// `enabled`, `disabled`, `writable` or `readonly`.
    #[serde(skip_serializing_if = "is_default")]
    pub recursive: String,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// Options of a volume mount.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct MountVolume {
    /// Labels of the anonymous volume.
    #[serde(skip_serializing_if = "is_default")]
    pub labels: BTreeMap<String, String>,
    /// Whether the image's content is not copied into an empty volume.
    #[serde(skip_serializing_if = "is_default")]
    pub nocopy: bool,
    /// Path inside the volume.
    #[serde(skip_serializing_if = "is_default")]
    pub subpath: String,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// Options of a tmpfs mount.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct MountTmpfs {
    /// Size.
    #[serde(skip_serializing_if = "is_default")]
    pub size: ByteSize,
    /// Permission bits, serialised as a plain number.
    #[serde(skip_serializing_if = "is_default")]
    pub mode: u32,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// Options of an image mount.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct MountImage {
    /// Path inside the image.
    #[serde(skip_serializing_if = "is_default")]
    pub subpath: String,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}
