//! Networks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{is_default, null_default};

/// Body of NetworkCreate.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct NetworkCreate {
    /// Name.
    #[serde(deserialize_with = "null_default")]
    pub name: String,
    /// Driver, empty for the engine's default.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub driver: String,
    /// Refuse a second of the same name; engines before API 1.44.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub check_duplicate: bool,
    /// Whether it has no way out.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub internal: bool,
    /// Whether standalone containers may join.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub attachable: bool,
    /// Address management.
    #[serde(rename = "IPAM", skip_serializing_if = "is_default")]
    pub ipam: Option<Ipam>,
    /// IPv4.
    #[serde(rename = "EnableIPv4", skip_serializing_if = "is_default")]
    pub enable_ipv4: Option<bool>,
    /// IPv6.
    #[serde(rename = "EnableIPv6", skip_serializing_if = "is_default")]
    pub enable_ipv6: Option<bool>,
    /// Driver options.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub options: BTreeMap<String, String>,
    /// Labels.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub labels: BTreeMap<String, String>,
}

/// Address management.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Ipam {
    /// Driver.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub driver: String,
    /// Driver options.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub options: BTreeMap<String, String>,
    /// Pools.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub config: Vec<IpamPool>,
}

/// A pool of addresses.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct IpamPool {
    /// Subnet.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub subnet: String,
    /// Range.
    #[serde(
        rename = "IPRange",
        skip_serializing_if = "is_default",
        deserialize_with = "null_default"
    )]
    pub ip_range: String,
    /// Gateway.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub gateway: String,
    /// Addresses in use elsewhere.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub auxiliary_addresses: BTreeMap<String, String>,
}

/// A network.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct NetworkDetails {
    /// Name.
    #[serde(deserialize_with = "null_default")]
    pub name: String,
    /// Id.
    #[serde(deserialize_with = "null_default")]
    pub id: String,
    /// RFC 3339.
    #[serde(deserialize_with = "null_default")]
    pub created: String,
    /// `local`, `global` or `swarm`.
    #[serde(deserialize_with = "null_default")]
    pub scope: String,
    /// Driver.
    #[serde(deserialize_with = "null_default")]
    pub driver: String,
    /// Whether it has no way out.
    #[serde(deserialize_with = "null_default")]
    pub internal: bool,
    /// Whether standalone containers may join.
    #[serde(deserialize_with = "null_default")]
    pub attachable: bool,
    /// Whether it has IPv6.
    #[serde(rename = "EnableIPv6", deserialize_with = "null_default")]
    pub enable_ipv6: bool,
    /// Address management, as the engine has filled it in.
    #[serde(rename = "IPAM", deserialize_with = "null_default")]
    pub ipam: Ipam,
    /// Driver options.
    #[serde(deserialize_with = "null_default")]
    pub options: BTreeMap<String, String>,
    /// Labels.
    #[serde(deserialize_with = "null_default")]
    pub labels: BTreeMap<String, String>,
    /// Containers attached, by id; only from NetworkInspect.
    #[serde(deserialize_with = "null_default")]
    pub containers: BTreeMap<String, NetworkEndpoint>,
}

/// A container on a network.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct NetworkEndpoint {
    /// Container name.
    #[serde(deserialize_with = "null_default")]
    pub name: String,
}
