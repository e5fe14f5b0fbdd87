//! How an image is built.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::Serialize;

use super::{ByteSize, Extensions, FileReference, Ulimit, is_default};

/// How an image is built (Compose Build Specification).
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Build {
    /// Directory, archive or repository with the sources.
    #[serde(skip_serializing_if = "is_default")]
    pub context: String,
    /// Dockerfile, relative to the context.
    #[serde(skip_serializing_if = "is_default")]
    pub dockerfile: String,
    /// The Dockerfile itself.
    #[serde(skip_serializing_if = "is_default")]
    pub dockerfile_inline: String,
    /// Privileges the build may use.
    #[serde(skip_serializing_if = "is_default")]
    pub entitlements: Vec<String>,
    /// Build arguments; `None` takes the environment's value.
    #[serde(skip_serializing_if = "is_default")]
    pub args: BTreeMap<String, Option<String>>,
    /// Provenance attestation.
    #[serde(skip_serializing_if = "is_default")]
    pub provenance: String,
    /// SBOM attestation.
    #[serde(skip_serializing_if = "is_default")]
    pub sbom: String,
    /// SSH agents or keys by id, in the order of the file; empty path for the default agent.
    #[serde(skip_serializing_if = "is_default", serialize_with = "super::scalar_lists::keys")]
    pub ssh: IndexMap<String, String>,
    /// Labels of the image.
    #[serde(skip_serializing_if = "is_default")]
    pub labels: BTreeMap<String, String>,
    /// Caches to read.
    #[serde(skip_serializing_if = "is_default")]
    pub cache_from: Vec<String>,
    /// Caches to write.
    #[serde(skip_serializing_if = "is_default")]
    pub cache_to: Vec<String>,
    /// Whether the cache is ignored.
    #[serde(skip_serializing_if = "is_default")]
    pub no_cache: bool,
    /// Stages that ignore the cache.
    #[serde(skip_serializing_if = "is_default")]
    pub no_cache_filter: Vec<String>,
    /// Named contexts.
    #[serde(skip_serializing_if = "is_default")]
    pub additional_contexts: BTreeMap<String, String>,
    /// Whether base images are always pulled.
    #[serde(skip_serializing_if = "is_default")]
    pub pull: bool,
    /// Additional host names.
    #[serde(skip_serializing_if = "is_default", serialize_with = "super::scalar_lists::hosts")]
    pub extra_hosts: BTreeMap<String, Vec<String>>,
    /// Isolation technology (Windows).
    #[serde(skip_serializing_if = "is_default")]
    pub isolation: String,
    /// Network of RUN instructions.
    #[serde(skip_serializing_if = "is_default")]
    pub network: String,
    /// Stage to build.
    #[serde(skip_serializing_if = "is_default")]
    pub target: String,
    /// Secrets of RUN instructions.
    #[serde(skip_serializing_if = "is_default")]
    pub secrets: Vec<FileReference>,
    /// Size of /dev/shm.
    #[serde(skip_serializing_if = "is_default")]
    pub shm_size: ByteSize,
    /// Additional image names.
    #[serde(skip_serializing_if = "is_default")]
    pub tags: Vec<String>,
    /// Resource limits of RUN instructions.
    #[serde(skip_serializing_if = "is_default")]
    pub ulimits: BTreeMap<String, Ulimit>,
    /// Platforms to build for.
    #[serde(skip_serializing_if = "is_default")]
    pub platforms: Vec<String>,
    /// Whether RUN instructions are privileged.
    #[serde(skip_serializing_if = "is_default")]
    pub privileged: bool,
    /// `x-` keys.
    #[serde(rename = "#extensions", skip_serializing_if = "is_default")]
    pub extensions: Extensions,
}

/// A secret granted to a build; the same form as one granted to a service.
pub type BuildSecretReference = FileReference;
