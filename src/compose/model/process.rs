//! How the processes of a service run: commands, hooks, health, environment, logs.

use std::collections::BTreeMap;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::{Duration, Extensions, is_default};

/// A command line: `None` is not written, an empty list is written empty.
pub type Command = Option<Vec<String>>;

/// A command run at a point of a container's life.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Hook {
    /// The command.
    pub command: Command,
    /// Image it runs in (`pre_start` only).
    #[serde(skip_serializing_if = "is_default")]
    pub image: String,
    /// User.
    #[serde(skip_serializing_if = "is_default")]
    pub user: String,
    /// Whether privileged.
    #[serde(skip_serializing_if = "is_default")]
    pub privileged: bool,
    /// Working directory.
    #[serde(skip_serializing_if = "is_default")]
    pub working_dir: String,
    /// Environment.
    #[serde(skip_serializing_if = "is_default")]
    pub environment: BTreeMap<String, Option<String>>,
    /// Whether it runs for every replica (`pre_start` only).
    #[serde(skip_serializing_if = "is_default")]
    pub per_replica: bool,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// How health is probed.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Healthcheck {
    /// Command, first item `CMD`, `CMD-SHELL` or `NONE`.
    #[serde(skip_serializing_if = "is_default")]
    pub test: Vec<String>,
    /// Longest time of one probe.
    #[serde(skip_serializing_if = "is_default")]
    pub timeout: Option<Duration>,
    /// Time between probes.
    #[serde(skip_serializing_if = "is_default")]
    pub interval: Option<Duration>,
    /// Failures in a row that make it unhealthy.
    #[serde(skip_serializing_if = "is_default")]
    pub retries: Option<u64>,
    /// Time in which failures do not count.
    #[serde(skip_serializing_if = "is_default")]
    pub start_period: Option<Duration>,
    /// Time between probes in the start period.
    #[serde(skip_serializing_if = "is_default")]
    pub start_interval: Option<Duration>,
    /// Whether the image's healthcheck is switched off.
    #[serde(skip_serializing_if = "is_default")]
    pub disable: bool,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// A file of environment variables. Serialised as its path alone if it must exist.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EnvFile {
    /// Path.
    pub path: String,
    /// Whether it must exist.
    pub required: bool,
    /// `raw`, or empty for dotenv.
    pub format: String,
}

impl Serialize for EnvFile {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.required {
            return serializer.serialize_str(&self.path);
        }
        let mut record = serializer.serialize_struct("EnvFile", 3)?;
        record.serialize_field("path", &self.path)?;
        record.serialize_field("required", &self.required)?;
        if !self.format.is_empty() {
            record.serialize_field("format", &self.format)?;
        }
        record.end()
    }
}

/// Log driver of a container.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Logging {
    /// Name.
    #[serde(skip_serializing_if = "is_default")]
    pub driver: String,
    /// Options.
    #[serde(skip_serializing_if = "is_default")]
    pub options: BTreeMap<String, String>,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// Credentials of a managed service account.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct CredentialSpec {
    /// A config that holds them.
    #[serde(skip_serializing_if = "is_default")]
    pub config: String,
    /// A file that holds them.
    #[serde(skip_serializing_if = "is_default")]
    pub file: String,
    /// A registry value that holds them.
    #[serde(skip_serializing_if = "is_default")]
    pub registry: String,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// A service that another one starts from.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Extends {
    /// The file it is in; empty for the same file.
    #[serde(skip_serializing_if = "is_default")]
    pub file: String,
    /// Its name.
    #[serde(skip_serializing_if = "is_default")]
    pub service: String,
}

/// An external program that provides a service.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Provider {
    /// Name of the program.
    #[serde(skip_serializing_if = "is_default")]
    pub r#type: String,
    /// Its options.
    #[serde(skip_serializing_if = "is_default")]
    pub options: BTreeMap<String, Vec<String>>,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}
