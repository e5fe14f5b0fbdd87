//! Where an engine is: the endpoint that the Docker CLI would use, read from flags, environment and
//! configuration that are handed in. Nothing is connected to here.

mod address;
pub(in crate::engine) mod context;
mod known;
mod resolve;
pub(in crate::engine) mod surroundings;

use std::path::PathBuf;

pub use address::{Address, AddressError, DEFAULT_SOCKET, SshAddress};
pub use context::exists as has_context;
pub use known::{KnownEngine, colima_homes, known_engines, start_command};
pub use resolve::{Flags, configuration_directory, resolve};
#[cfg(test)]
pub(crate) use surroundings::tests::Imagined;
pub use surroundings::{Surroundings, ThisMachine};

/// An endpoint, with all that is needed to connect to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Name of the context, `default` where none is in use.
    pub context: String,
    /// What decided on it.
    pub origin: Origin,
    /// Where it listens.
    pub address: Address,
    /// TLS, where it is spoken.
    pub tls: Option<Tls>,
}

/// What decided on an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// `--context`.
    ContextFlag,
    /// `--host`.
    HostFlag,
    /// `DOCKER_HOST`.
    HostVariable,
    /// `DOCKER_CONTEXT`.
    ContextVariable,
    /// `currentContext` in `config.json`.
    CurrentContext,
    /// Nothing.
    Default,
}

/// How TLS is spoken. Texts are PEM.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    /// Whether the engine's certificate is not checked.
    pub skip_verify: bool,
    /// Authorities to trust instead of the machine's own.
    pub authority: Option<Vec<u8>>,
    /// Our certificate, and those that vouch for it.
    pub certificate: Option<Vec<u8>>,
    /// Its private key.
    pub key: Option<Vec<u8>>,
    /// The name that the certificate must have, instead of the host's.
    pub server_name: Option<String>,
}

impl Endpoint {
    /// An endpoint. TLS is left out where the address does not speak it.
    pub fn new(context: String, origin: Origin, address: Address, tls: Option<Tls>) -> Self {
        let tls = tls.filter(|_| matches!(address, Address::Tcp { .. }));
        Self { context, origin, address, tls }
    }

    /// How a user would say where this endpoint comes from.
    pub fn describe_origin(&self) -> String {
        match self.origin {
            Origin::ContextFlag => format!("from --context {}", self.context),
            Origin::HostFlag => "from --host".to_owned(),
            Origin::HostVariable => "from DOCKER_HOST".to_owned(),
            Origin::ContextVariable => format!("from DOCKER_CONTEXT={}", self.context),
            Origin::CurrentContext => format!("from the current context, {}", self.context),
            Origin::Default => "the default".to_owned(),
        }
    }
}

/// Why there is no endpoint. The words are the Docker CLI's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// Two flags that exclude each other.
    #[error("conflicting options: cannot specify both --host and --context")]
    Conflict,
    /// `--host` twice.
    #[error("unable to resolve docker endpoint: specify only one -H")]
    SeveralHosts,
    /// A host that cannot be read.
    #[error("unable to resolve docker endpoint: {0}")]
    Address(#[from] AddressError),
    /// A context that is not in the store, or whose entry cannot be read.
    #[error("unable to resolve docker endpoint: context {name:?}: {reason}")]
    Context {
        /// Its name.
        name: String,
        /// What is wrong.
        reason: String,
    },
    /// A file of TLS material that cannot be read.
    #[error("unable to resolve docker endpoint: open {path}: {1}", path = .0.display())]
    File(PathBuf, String),
}

/// Whether a path is the default socket, under either of its names.
fn is_default_socket(path: &str) -> bool {
    path == DEFAULT_SOCKET || path == "/run/docker.sock"
}
