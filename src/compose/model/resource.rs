//! What services share: networks, volumes, configs, secrets, models.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Extensions, is_default};

/// A network of the project.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Network {
    /// Its real name.
    #[serde(skip_serializing_if = "is_default")]
    pub name: String,
    /// Driver, empty for the engine's default.
    #[serde(skip_serializing_if = "is_default")]
    pub driver: String,
    /// Driver options.
    #[serde(skip_serializing_if = "is_default")]
    pub driver_opts: BTreeMap<String, String>,
    /// Address management.
    pub ipam: Ipam,
    /// Whether it is managed elsewhere.
    #[serde(skip_serializing_if = "is_default")]
    pub external: bool,
    /// Whether it has no way out.
    #[serde(skip_serializing_if = "is_default")]
    pub internal: bool,
    /// Whether standalone containers may join.
    #[serde(skip_serializing_if = "is_default")]
    pub attachable: bool,
    /// The user's labels.
    #[serde(skip_serializing_if = "is_default")]
    pub labels: BTreeMap<String, String>,
    /// IPv4.
    #[serde(skip_serializing_if = "is_default")]
    pub enable_ipv4: Option<bool>,
    /// IPv6.
    #[serde(skip_serializing_if = "is_default")]
    pub enable_ipv6: Option<bool>,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// Address management of a network.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Ipam {
    /// Driver.
    #[serde(skip_serializing_if = "is_default")]
    pub driver: String,
    /// Pools.
    #[serde(skip_serializing_if = "is_default")]
    pub config: Vec<IpamPool>,
    /// Driver options.
    #[serde(skip_serializing_if = "is_default")]
    pub options: BTreeMap<String, String>,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// A pool of addresses.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct IpamPool {
    /// Subnet in CIDR form.
    #[serde(skip_serializing_if = "is_default")]
    pub subnet: String,
    /// Gateway.
    #[serde(skip_serializing_if = "is_default")]
    pub gateway: String,
    /// Range of which addresses are given out.
    #[serde(skip_serializing_if = "is_default")]
    pub ip_range: String,
    /// Addresses in use elsewhere.
    #[serde(skip_serializing_if = "is_default")]
    pub aux_addresses: BTreeMap<String, String>,
    /// `x-` keys. Docker Compose does not print them here.
    #[serde(skip)]
    pub extensions: Extensions,
}

/// A volume of the project.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Volume {
    /// Its real name.
    #[serde(skip_serializing_if = "is_default")]
    pub name: String,
    /// Driver, empty for `local`.
    #[serde(skip_serializing_if = "is_default")]
    pub driver: String,
    /// Driver options.
    #[serde(skip_serializing_if = "is_default")]
    pub driver_opts: BTreeMap<String, String>,
    /// Whether it is managed elsewhere.
    #[serde(skip_serializing_if = "is_default")]
    pub external: bool,
    /// The user's labels.
    #[serde(skip_serializing_if = "is_default")]
    pub labels: BTreeMap<String, String>,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// A config or a secret of the project.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct FileObject {
    /// Its real name.
    #[serde(skip_serializing_if = "is_default")]
    pub name: String,
    /// File that holds it.
    #[serde(skip_serializing_if = "is_default")]
    pub file: String,
    /// Variable that holds it.
    #[serde(skip_serializing_if = "is_default")]
    pub environment: String,
    /// The content itself, as written or as captured from `environment`.
    #[serde(skip_serializing_if = "is_default")]
    pub content: String,
    /// Whether it is managed elsewhere.
    #[serde(skip_serializing_if = "is_default")]
    pub external: bool,
    /// Labels.
    #[serde(skip_serializing_if = "is_default")]
    pub labels: BTreeMap<String, String>,
    /// Driver.
    #[serde(skip_serializing_if = "is_default")]
    pub driver: String,
    /// Driver options.
    #[serde(skip_serializing_if = "is_default")]
    pub driver_opts: BTreeMap<String, String>,
    /// Template driver.
    #[serde(skip_serializing_if = "is_default")]
    pub template_driver: String,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// A model that services use.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Model {
    /// Its real name.
    #[serde(skip_serializing_if = "is_default")]
    pub name: String,
    /// Model reference.
    #[serde(skip_serializing_if = "is_default")]
    pub model: String,
    /// Context size in tokens.
    #[serde(skip_serializing_if = "is_default")]
    pub context_size: i64,
    /// Flags of its runtime.
    #[serde(skip_serializing_if = "is_default")]
    pub runtime_flags: Vec<String>,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}
