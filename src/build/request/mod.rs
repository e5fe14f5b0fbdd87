//! What is to be built, as a value: everything a builder needs and nothing of where it came from.
//! [`BuildRequest::new`] makes one from a service; it is pure: files are read when the build runs.

mod bake;
mod cache;
mod cycle;
mod options;
mod platform;
mod resolve;

use std::collections::BTreeMap;
use std::path::PathBuf;

pub use bake::Bake;
pub use cycle::build_cycle;
pub use options::BuildOptions;

/// The attestation that a builder other than an engine's own makes unless another one or none is asked
/// for, as buildx has it: it goes into registries alone.
pub const DEFAULT_PROVENANCE: &str = "mode=min,inline-only=true";

/// One image to build.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BuildRequest {
    /// The service whose image it is; used in messages.
    pub service: String,
    /// Who builds it.
    pub builder: BuilderKind,
    /// The sources.
    pub context: Context,
    /// The Dockerfile.
    pub dockerfile: Dockerfile,
    /// Other contexts by the name under which the Dockerfile uses them.
    pub named_contexts: BTreeMap<String, NamedContext>,
    /// Stage to build; empty for the last.
    pub target: String,
    /// Names of the image, in the order in which they are given to the engine.
    pub tags: Vec<String>,
    /// Build arguments with their values.
    pub args: BTreeMap<String, String>,
    /// Labels of the image.
    pub labels: BTreeMap<String, String>,
    /// Platforms (`os/arch[/variant]`); empty for the builder's own.
    pub platforms: Vec<String>,
    /// Caches to read.
    pub cache_from: Vec<Cache>,
    /// Caches to write.
    pub cache_to: Vec<Cache>,
    /// Whether the cache is ignored.
    pub no_cache: bool,
    /// Stages that ignore the cache.
    pub no_cache_filter: Vec<String>,
    /// Whether base images are always pulled.
    pub pull: bool,
    /// Network of RUN instructions; empty for the builder's own.
    pub network: String,
    /// Additional hosts, `name` to address.
    pub extra_hosts: Vec<(String, String)>,
    /// Size of `/dev/shm` in bytes; 0 for the builder's own.
    pub shm_size: i64,
    /// Resource limits: name, soft, hard.
    pub ulimits: Vec<(String, i64, i64)>,
    /// Secrets of RUN instructions.
    pub secrets: Vec<Secret>,
    /// SSH agents of RUN instructions.
    pub ssh: Vec<SshForward>,
    /// Privileges that the build may use (`security.insecure`, `network.host`).
    pub entitlements: Vec<String>,
    /// Attestations by kind (`provenance`, `sbom`), with their options.
    pub attestations: BTreeMap<String, String>,
    /// Whether RUN instructions are privileged.
    pub privileged: bool,
    /// Isolation technology (Windows, classic builder).
    pub isolation: String,
    /// Memory limit in bytes (classic builder); 0 for none.
    pub memory: i64,
    /// Whether the image is pushed under all its names when it is built.
    pub push: bool,
    /// Whether the builder's own messages are told, too (BuildKit).
    pub records: bool,
}

/// Who builds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum BuilderKind {
    /// The engine's BuildKit.
    #[default]
    BuildKit,
    /// The builder from before BuildKit, and Podman's.
    Classic,
}

/// Where sources come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Context {
    /// A directory of this machine, absolute.
    Directory(PathBuf),
    /// A Git repository or an archive that the builder fetches.
    Remote(String),
}

impl Default for Context {
    fn default() -> Self {
        Self::Directory(PathBuf::from("."))
    }
}

/// Where a Dockerfile is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dockerfile {
    /// A path: relative to the context, or absolute.
    File(String),
    /// The text itself.
    Inline(String),
}

impl Default for Dockerfile {
    fn default() -> Self {
        Self::File("Dockerfile".to_owned())
    }
}

/// A context beside the main one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamedContext {
    /// A directory of this machine, absolute.
    Directory(PathBuf),
    /// Something the builder fetches: `docker-image://…`, a Git repository, an archive.
    Reference(String),
    /// The image of another service, which must be built first; the name of that image.
    Service {
        /// The other service.
        service: String,
        /// The name of its image.
        image: String,
    },
}

/// A cache to read or to write.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cache {
    /// `registry`, `local`, `inline`, `gha`, `s3` …
    pub kind: String,
    /// Its options.
    pub attributes: BTreeMap<String, String>,
}

/// A secret that RUN instructions may mount.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// Its id in the Dockerfile.
    pub id: String,
    /// Its value, or where that is.
    pub source: SecretSource,
}

/// Where a secret's value is.
#[derive(Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// In a file of this machine, read when the builder asks for it.
    File(PathBuf),
    /// Here.
    Value(Vec<u8>),
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secret").field("id", &self.id).field("source", &self.source).finish()
    }
}

/// Shows a file's path, never a value.
impl std::fmt::Debug for SecretSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Value(_) => f.write_str("Value(…)"),
        }
    }
}

/// An SSH agent that RUN instructions may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SshForward {
    /// Its id in the Dockerfile; `default` where that names none.
    pub id: String,
    /// Sockets of an agent, or private keys.
    pub paths: Vec<PathBuf>,
}
