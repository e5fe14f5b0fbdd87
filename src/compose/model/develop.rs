//! Rules of `watch`.

use serde::Serialize;

use super::{Extensions, Hook, is_default};

/// What `watch` does on file changes (Compose Develop Specification).
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Develop {
    /// Its rules.
    #[serde(skip_serializing_if = "is_default")]
    pub watch: Vec<WatchTrigger>,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// One rule of `watch`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct WatchTrigger {
    /// What is watched.
    pub path: String,
    /// `sync`, `rebuild`, `restart`, `sync+restart` or `sync+exec`.
    pub action: String,
    /// Where files go in the container.
    #[serde(skip_serializing_if = "is_default")]
    pub target: String,
    /// What `sync+exec` runs.
    pub exec: Hook,
    /// Patterns that must match.
    #[serde(skip_serializing_if = "is_default")]
    pub include: Vec<String>,
    /// Patterns that must not match.
    #[serde(skip_serializing_if = "is_default")]
    pub ignore: Vec<String>,
    /// Whether everything is synced at the start.
    #[serde(skip_serializing_if = "is_default")]
    pub initial_sync: bool,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}
