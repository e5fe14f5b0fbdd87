//! Where an engine is: the endpoint that the Docker CLI would use, read from flags, environment and
//! configuration that are handed in. Nothing is connected to here.

mod address;

pub use address::{Address, AddressError, DEFAULT_SOCKET, SshAddress};

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
}
