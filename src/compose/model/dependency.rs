//! What a service needs of others.

use serde::Serialize;

use super::{Extensions, is_default};

/// What one service waits for in another.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Dependency {
    /// The state to reach.
    pub condition: DependencyCondition,
    /// Whether a restart of the other restarts this one.
    #[serde(skip_serializing_if = "is_default")]
    pub restart: bool,
    /// Whether it is an error if the other is missing or fails.
    pub required: bool,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// The state that a dependency must reach (Compose Specification, `depends_on`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DependencyCondition {
    /// Its containers were started.
    #[default]
    ServiceStarted,
    /// All its containers are healthy.
    ServiceHealthy,
    /// A container of it ran to its end and exited with 0.
    ServiceCompletedSuccessfully,
}

impl DependencyCondition {
    /// As it is written in a file and in the `depends_on` label.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ServiceStarted => "service_started",
            Self::ServiceHealthy => "service_healthy",
            Self::ServiceCompletedSuccessfully => "service_completed_successfully",
        }
    }
}
