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
    /// What a swarm knows of it, where it is the swarm's.
    pub cluster_volume: Option<ClusterVolume>,
}

/// A volume of a swarm.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ClusterVolume {
    /// What was asked for.
    #[serde(deserialize_with = "null_default")]
    pub spec: ClusterVolumeSpec,
    /// What its plugin says.
    #[serde(deserialize_with = "null_default")]
    pub info: ClusterVolumeInfo,
    /// The nodes that have it.
    #[serde(deserialize_with = "null_default")]
    pub publish_status: Vec<serde::de::IgnoredAny>,
}

/// What was asked for of a volume of a swarm.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ClusterVolumeSpec {
    /// Group of volumes that may stand in for each other.
    #[serde(deserialize_with = "null_default")]
    pub group: String,
    /// `active`, `pause` or `drain`.
    #[serde(deserialize_with = "null_default")]
    pub availability: String,
}

/// What a plugin says of a volume.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ClusterVolumeInfo {
    /// Its id there; empty as long as it is not made.
    #[serde(rename = "VolumeID", deserialize_with = "null_default")]
    pub volume_id: String,
}
