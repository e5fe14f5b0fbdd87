//! Replicas, resources and placement.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{ByteSize, Count, Duration, Extensions, Float, is_default};

/// Replicas, resources and placement (Compose Deploy Specification).
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Deploy {
    /// `replicated` or `global`.
    #[serde(skip_serializing_if = "is_default")]
    pub mode: String,
    /// Number of containers.
    #[serde(skip_serializing_if = "is_default")]
    pub replicas: Option<i64>,
    /// Labels of the service.
    #[serde(skip_serializing_if = "is_default")]
    pub labels: BTreeMap<String, String>,
    /// How updates roll out.
    #[serde(skip_serializing_if = "is_default")]
    pub update_config: Option<UpdateConfig>,
    /// How updates are rolled back.
    #[serde(skip_serializing_if = "is_default")]
    pub rollback_config: Option<UpdateConfig>,
    /// Limits and reservations.
    pub resources: Resources,
    /// When containers are restarted.
    #[serde(skip_serializing_if = "is_default")]
    pub restart_policy: Option<RestartPolicy>,
    /// Where containers may run.
    pub placement: Placement,
    /// Service discovery.
    #[serde(skip_serializing_if = "is_default")]
    pub endpoint_mode: String,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// How an update rolls out.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct UpdateConfig {
    /// Containers at once.
    #[serde(skip_serializing_if = "is_default")]
    pub parallelism: Option<u64>,
    /// Pause between them.
    #[serde(skip_serializing_if = "is_default")]
    pub delay: Duration,
    /// What a failure does.
    #[serde(skip_serializing_if = "is_default")]
    pub failure_action: String,
    /// How long a container is watched.
    #[serde(skip_serializing_if = "is_default")]
    pub monitor: Duration,
    /// Tolerated share of failures.
    #[serde(skip_serializing_if = "is_default")]
    pub max_failure_ratio: Float,
    /// `start-first` or `stop-first`.
    #[serde(skip_serializing_if = "is_default")]
    pub order: String,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// Limits and reservations.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Resources {
    /// What it may use.
    #[serde(skip_serializing_if = "is_default")]
    pub limits: Option<ResourceLimits>,
    /// What it is guaranteed.
    #[serde(skip_serializing_if = "is_default")]
    pub reservations: Option<ResourceLimits>,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// Amounts of resources.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ResourceLimits {
    /// Number of CPUs.
    #[serde(skip_serializing_if = "is_default")]
    pub cpus: Float,
    /// Memory.
    #[serde(skip_serializing_if = "is_default")]
    pub memory: ByteSize,
    /// Processes.
    #[serde(skip_serializing_if = "is_default")]
    pub pids: i64,
    /// Devices.
    #[serde(skip_serializing_if = "is_default")]
    pub devices: Vec<DeviceRequest>,
    /// User-defined resources.
    #[serde(skip_serializing_if = "is_default")]
    pub generic_resources: Vec<GenericResource>,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// Devices by capability.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct DeviceRequest {
    /// What they must be able to do.
    #[serde(skip_serializing_if = "is_default")]
    pub capabilities: Vec<String>,
    /// Driver.
    #[serde(skip_serializing_if = "is_default")]
    pub driver: String,
    /// How many.
    #[serde(skip_serializing_if = "is_default")]
    pub count: Count,
    /// Which.
    #[serde(skip_serializing_if = "is_default")]
    pub device_ids: Vec<String>,
    /// Driver options.
    #[serde(skip_serializing_if = "is_default")]
    pub options: BTreeMap<String, String>,
    /// `x-` keys. Docker Compose does not print them here.
    #[serde(skip)]
    pub extensions: Extensions,
}

/// A user-defined resource.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct GenericResource {
    /// A countable one.
    #[serde(skip_serializing_if = "is_default")]
    pub discrete_resource_spec: Option<DiscreteResource>,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// A countable user-defined resource.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct DiscreteResource {
    /// Name.
    pub kind: String,
    /// Number.
    pub value: i64,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// When containers are restarted.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct RestartPolicy {
    /// `none`, `on-failure` or `any`.
    #[serde(skip_serializing_if = "is_default")]
    pub condition: String,
    /// Pause before a restart.
    #[serde(skip_serializing_if = "is_default")]
    pub delay: Option<Duration>,
    /// Number of attempts.
    #[serde(skip_serializing_if = "is_default")]
    pub max_attempts: Option<u64>,
    /// Time after which a start counts as a success.
    #[serde(skip_serializing_if = "is_default")]
    pub window: Option<Duration>,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// Where containers may run.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Placement {
    /// Constraints on nodes.
    #[serde(skip_serializing_if = "is_default")]
    pub constraints: Vec<String>,
    /// Preferences among nodes.
    #[serde(skip_serializing_if = "is_default")]
    pub preferences: Vec<PlacementPreference>,
    /// Limit per node.
    #[serde(skip_serializing_if = "is_default")]
    pub max_replicas_per_node: u64,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// A preference among nodes.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct PlacementPreference {
    /// Label to spread over.
    #[serde(skip_serializing_if = "is_default")]
    pub spread: String,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}
