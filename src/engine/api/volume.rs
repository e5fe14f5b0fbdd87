//! Volumes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{is_default, null_default};

/// Body of VolumeCreate.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct VolumeCreate {
    /// Name.
    #[serde(deserialize_with = "null_default")]
    pub name: String,
    /// Driver, empty for `local`.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub driver: String,
    /// Driver options.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub driver_opts: BTreeMap<String, String>,
    /// Labels.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub labels: BTreeMap<String, String>,
}

/// A volume.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct VolumeDetails {
    /// Name.
    #[serde(deserialize_with = "null_default")]
    pub name: String,
    /// Driver.
    #[serde(deserialize_with = "null_default")]
    pub driver: String,
    /// Path in the engine's guest.
    #[serde(deserialize_with = "null_default")]
    pub mountpoint: String,
    /// RFC 3339.
    #[serde(deserialize_with = "null_default")]
    pub created_at: String,
    /// Labels.
    #[serde(deserialize_with = "null_default")]
    pub labels: BTreeMap<String, String>,
    /// `local` or `global`.
    #[serde(deserialize_with = "null_default")]
    pub scope: String,
    /// Driver options.
    #[serde(deserialize_with = "null_default")]
    pub options: BTreeMap<String, String>,
}
