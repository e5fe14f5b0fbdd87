//! What is sent to make a container.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::host::HostConfig;
use crate::engine::api::{is_default, null_default};

/// Body of ContainerCreate.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ContainerCreate {
    /// Host name.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub hostname: String,
    /// NIS domain name.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub domainname: String,
    /// User.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub user: String,
    /// Whether the creator will attach to standard input.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub attach_stdin: bool,
    /// Whether the creator will attach to standard output.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub attach_stdout: bool,
    /// Whether the creator will attach to standard error.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub attach_stderr: bool,
    /// Ports exposed, `80/tcp`.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub exposed_ports: BTreeMap<String, EmptyObject>,
    /// Whether it has a terminal.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub tty: bool,
    /// Whether standard input stays open.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub open_stdin: bool,
    /// Whether standard input closes after the first client.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub stdin_once: bool,
    /// `KEY=value`, or `KEY` to unset.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub env: Vec<String>,
    /// Command.
    #[serde(skip_serializing_if = "is_default")]
    pub cmd: Option<Vec<String>>,
    /// Healthcheck.
    #[serde(skip_serializing_if = "is_default")]
    pub healthcheck: Option<HealthConfig>,
    /// Image reference.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub image: String,
    /// Working directory.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub working_dir: String,
    /// Entrypoint.
    #[serde(skip_serializing_if = "is_default")]
    pub entrypoint: Option<Vec<String>>,
    /// Whether it has no network at all.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub network_disabled: bool,
    /// MAC address; engines before API 1.44.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub mac_address: String,
    /// Labels.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub labels: BTreeMap<String, String>,
    /// Signal that stops it.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub stop_signal: String,
    /// Seconds it may take to stop.
    #[serde(skip_serializing_if = "is_default")]
    pub stop_timeout: Option<i64>,
    /// What depends on the host.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub host_config: HostConfig,
    /// Networks it joins from the start.
    #[serde(skip_serializing_if = "is_default")]
    pub networking_config: Option<NetworkingConfig>,
}

/// A healthcheck; times in nanoseconds, zero for the engine's default.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct HealthConfig {
    /// Command.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub test: Vec<String>,
    /// Time between probes.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub interval: i64,
    /// Longest time of one probe.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub timeout: i64,
    /// Time in which failures do not count.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub start_period: i64,
    /// Time between probes in the start period; API 1.44.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub start_interval: i64,
    /// Failures in a row that make it unhealthy.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub retries: i64,
}

/// Networks a container joins from the start.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct NetworkingConfig {
    /// By network name.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub endpoints_config: BTreeMap<String, EndpointSettings>,
}

/// How a container joins a network, and what it got there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct EndpointSettings {
    /// Fixed addresses.
    #[serde(rename = "IPAMConfig", skip_serializing_if = "is_default")]
    pub ipam_config: Option<EndpointIpam>,
    /// Links.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub links: Vec<String>,
    /// MAC address.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub mac_address: String,
    /// Names on the network.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub aliases: Vec<String>,
    /// Driver options.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub driver_opts: BTreeMap<String, String>,
    /// Priority as the default gateway; API 1.48.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub gw_priority: i64,
    /// Id of the network.
    #[serde(
        rename = "NetworkID",
        skip_serializing_if = "is_default",
        deserialize_with = "null_default"
    )]
    pub network_id: String,
    /// IPv4 address.
    #[serde(
        rename = "IPAddress",
        skip_serializing_if = "is_default",
        deserialize_with = "null_default"
    )]
    pub ip_address: String,
    /// IPv6 gateway.
    #[serde(
        rename = "IPv6Gateway",
        skip_serializing_if = "is_default",
        deserialize_with = "null_default"
    )]
    pub ipv6_gateway: String,
}

/// Fixed addresses.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct EndpointIpam {
    /// IPv4 address.
    #[serde(
        rename = "IPv4Address",
        skip_serializing_if = "is_default",
        deserialize_with = "null_default"
    )]
    pub ipv4_address: String,
    /// IPv6 address.
    #[serde(
        rename = "IPv6Address",
        skip_serializing_if = "is_default",
        deserialize_with = "null_default"
    )]
    pub ipv6_address: String,
    /// Link-local addresses.
    #[serde(
        rename = "LinkLocalIPs",
        skip_serializing_if = "is_default",
        deserialize_with = "null_default"
    )]
    pub link_local_ips: Vec<String>,
}

/// An empty JSON object, the value in the API's sets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmptyObject {}

/// Answer of ContainerCreate.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct CreatedContainer {
    /// Its id.
    #[serde(deserialize_with = "null_default")]
    pub id: String,
    /// What the engine warns of.
    #[serde(deserialize_with = "null_default")]
    pub warnings: Vec<String>,
}
