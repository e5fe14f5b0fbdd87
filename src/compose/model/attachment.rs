//! How a service joins networks, models, configs and secrets, and what it publishes.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Extensions, FileMode, is_default};

/// How a service joins a network.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct NetworkAttachment {
    /// Additional names on it.
    #[serde(skip_serializing_if = "is_default")]
    pub aliases: Vec<String>,
    /// Driver options of the endpoint.
    #[serde(skip_serializing_if = "is_default")]
    pub driver_opts: BTreeMap<String, String>,
    /// Which network gives the default gateway; the highest does.
    #[serde(skip_serializing_if = "is_default")]
    pub gw_priority: i64,
    /// Name of the interface in the container.
    #[serde(skip_serializing_if = "is_default")]
    pub interface_name: String,
    /// Fixed IPv4 address.
    #[serde(skip_serializing_if = "is_default")]
    pub ipv4_address: String,
    /// Fixed IPv6 address.
    #[serde(skip_serializing_if = "is_default")]
    pub ipv6_address: String,
    /// Link-local addresses.
    #[serde(skip_serializing_if = "is_default")]
    pub link_local_ips: Vec<String>,
    /// MAC address.
    #[serde(skip_serializing_if = "is_default")]
    pub mac_address: String,
    /// Order in which networks are joined, highest first.
    #[serde(skip_serializing_if = "is_default")]
    pub priority: i64,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// A published port.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Port {
    /// Name.
    #[serde(skip_serializing_if = "is_default")]
    pub name: String,
    /// `ingress` or `host`.
    #[serde(skip_serializing_if = "is_default")]
    pub mode: String,
    /// Address on the host.
    #[serde(skip_serializing_if = "is_default")]
    pub host_ip: String,
    /// Port in the container.
    #[serde(skip_serializing_if = "is_default")]
    pub target: u32,
    /// Port or range on the host, empty for any.
    #[serde(skip_serializing_if = "is_default")]
    pub published: String,
    /// `tcp`, `udp` or `sctp`.
    #[serde(skip_serializing_if = "is_default")]
    pub protocol: String,
    /// Protocol spoken over it.
    #[serde(skip_serializing_if = "is_default")]
    pub app_protocol: String,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// How a service is told of a model.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ModelAttachment {
    /// Variable that takes the endpoint.
    #[serde(skip_serializing_if = "is_default")]
    pub endpoint_var: String,
    /// Variable that takes the name.
    #[serde(skip_serializing_if = "is_default")]
    pub model_var: String,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// A config or secret granted to a service.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct FileReference {
    /// Key in the top-level section.
    #[serde(skip_serializing_if = "is_default")]
    pub source: String,
    /// Path or name in the container.
    #[serde(skip_serializing_if = "is_default")]
    pub target: String,
    /// Owner.
    #[serde(skip_serializing_if = "is_default")]
    pub uid: String,
    /// Group.
    #[serde(skip_serializing_if = "is_default")]
    pub gid: String,
    /// Permission bits.
    #[serde(skip_serializing_if = "is_default")]
    pub mode: Option<FileMode>,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}
