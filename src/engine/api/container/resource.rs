//! Devices and limits of a container.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::engine::api::{is_default, null_default};

/// Block I/O weight of a device.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct BlkioWeight {
    /// Device.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub path: String,
    /// Weight.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub weight: u16,
}

/// Block I/O limit of a device.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct BlkioDevice {
    /// Device.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub path: String,
    /// Rate.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub rate: i64,
}

/// A device.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DeviceMapping {
    /// Path on the host.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub path_on_host: String,
    /// Path in the container.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub path_in_container: String,
    /// `rwm`.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub cgroup_permissions: String,
}

/// Devices by capability.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DeviceRequest {
    /// Driver.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub driver: String,
    /// How many; -1 is all.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub count: i64,
    /// Which.
    #[serde(
        rename = "DeviceIDs",
        skip_serializing_if = "is_default",
        deserialize_with = "null_default"
    )]
    pub device_ids: Vec<String>,
    /// Alternatives of capabilities.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub capabilities: Vec<Vec<String>>,
    /// Driver options.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub options: BTreeMap<String, String>,
}

/// A resource limit.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Ulimit {
    /// Name.
    #[serde(deserialize_with = "null_default")]
    pub name: String,
    /// Soft limit.
    #[serde(deserialize_with = "null_default")]
    pub soft: i64,
    /// Hard limit.
    #[serde(deserialize_with = "null_default")]
    pub hard: i64,
}
