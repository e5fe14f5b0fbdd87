//! Devices and limits of a service.

use serde::Serialize;

use super::{ByteSize, Extensions, is_default};

/// Block I/O limits.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct BlkioConfig {
    /// Relative weight, 10 to 1000.
    #[serde(skip_serializing_if = "is_default")]
    pub weight: u16,
    /// Weight per device.
    #[serde(skip_serializing_if = "is_default")]
    pub weight_device: Vec<WeightDevice>,
    /// Read limit per device in bytes per second.
    #[serde(skip_serializing_if = "is_default")]
    pub device_read_bps: Vec<ThrottleDevice>,
    /// Read limit per device in operations per second.
    #[serde(skip_serializing_if = "is_default")]
    pub device_read_iops: Vec<ThrottleDevice>,
    /// Write limit per device in bytes per second.
    #[serde(skip_serializing_if = "is_default")]
    pub device_write_bps: Vec<ThrottleDevice>,
    /// Write limit per device in operations per second.
    #[serde(skip_serializing_if = "is_default")]
    pub device_write_iops: Vec<ThrottleDevice>,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// A weight for one device.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct WeightDevice {
    /// Path of the device.
    #[serde(rename = "Path")]
    pub path: String,
    /// Relative weight.
    #[serde(rename = "Weight")]
    pub weight: u16,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// A rate for one device.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ThrottleDevice {
    /// Path of the device.
    #[serde(rename = "Path")]
    pub path: String,
    /// Bytes or operations per second.
    #[serde(rename = "Rate")]
    pub rate: ByteSize,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// A device mapped into a container.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct DeviceMapping {
    /// Path on the host, or a CDI name.
    #[serde(skip_serializing_if = "is_default")]
    pub source: String,
    /// Path in the container.
    #[serde(skip_serializing_if = "is_default")]
    pub target: String,
    /// `r`, `w`, `m`.
    #[serde(skip_serializing_if = "is_default")]
    pub permissions: String,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// A resource limit: one number for both, or a soft and a hard one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Ulimit {
    /// The same soft and hard limit.
    Single(i64),
    /// Different limits; zero parts are not serialised.
    Range {
        /// Soft limit.
        #[serde(skip_serializing_if = "is_default")]
        soft: i64,
        /// Hard limit.
        #[serde(skip_serializing_if = "is_default")]
        hard: i64,
    },
}

impl Default for Ulimit {
    fn default() -> Self {
        Self::Single(0)
    }
}
