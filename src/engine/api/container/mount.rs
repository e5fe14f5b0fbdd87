//! Mounts of a container.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::engine::api::{is_default, null_default};

/// A mount.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct MountSpec {
    /// Type.
    #[serde(deserialize_with = "null_default")]
    pub r#type: String,
    /// Source.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub source: String,
    /// Path in the container.
    #[serde(deserialize_with = "null_default")]
    pub target: String,
    /// Whether read-only.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub read_only: bool,
    /// Consistency.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub consistency: String,
    /// Of a bind.
    #[serde(skip_serializing_if = "is_default")]
    pub bind_options: Option<MountBindOptions>,
    /// Of a volume.
    #[serde(skip_serializing_if = "is_default")]
    pub volume_options: Option<MountVolumeOptions>,
    /// Of a tmpfs.
    #[serde(skip_serializing_if = "is_default")]
    pub tmpfs_options: Option<MountTmpfsOptions>,
    /// Of an image.
    #[serde(skip_serializing_if = "is_default")]
    pub image_options: Option<MountImageOptions>,
}

/// Options of a bind.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct MountBindOptions {
    /// Propagation.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub propagation: String,
    /// Whether a missing source is created.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub create_mountpoint: bool,
    /// Whether submounts are left out.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub non_recursive: bool,
    /// Whether submounts stay writable.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub read_only_non_recursive: bool,
    /// Whether submounts must become read-only.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub read_only_force_recursive: bool,
}

/// Options of a volume.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct MountVolumeOptions {
    /// Whether the image's content is not copied.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub no_copy: bool,
    /// Labels of an anonymous volume.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub labels: BTreeMap<String, String>,
    /// Path inside the volume.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub subpath: String,
}

/// Options of a tmpfs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct MountTmpfsOptions {
    /// Size.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub size_bytes: i64,
    /// Permission bits.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub mode: u32,
}

/// Options of an image mount.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct MountImageOptions {
    /// Path inside the image.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub subpath: String,
}

/// A mount that a container has.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct MountDetails {
    /// Type.
    #[serde(deserialize_with = "null_default")]
    pub r#type: String,
    /// Volume name.
    #[serde(deserialize_with = "null_default")]
    pub name: String,
    /// Path on the host, or image.
    #[serde(deserialize_with = "null_default")]
    pub source: String,
    /// Path in the container.
    #[serde(deserialize_with = "null_default")]
    pub destination: String,
    /// Volume driver.
    #[serde(deserialize_with = "null_default")]
    pub driver: String,
    /// Options.
    #[serde(deserialize_with = "null_default")]
    pub mode: String,
    /// Whether writable.
    #[serde(rename = "RW", deserialize_with = "null_default")]
    pub writable: bool,
    /// Propagation.
    #[serde(deserialize_with = "null_default")]
    pub propagation: String,
}
