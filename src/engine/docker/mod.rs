//! The [`Engine`](super::Engine) behind a Docker Engine API: negotiation, and the calls in terms of
//! bollard or of our own requests.
//!
//! bollard makes the calls that send or give nothing but plain values, and pulls. Where its types
//! are stricter than engines are (an unknown state fails a whole list), lack a parameter (platform
//! of an inspection, MAC address of a container) or guess (whether output is framed), the request is
//! our own, with the bodies of [`api`](super::api).

mod answers;
mod archive;
mod bridge;
mod calls;
mod connect;
mod containers;
mod events;
mod frames;
mod images;
pub mod json_stream;
mod load;
mod networks;
mod processes;
mod push;
mod system;
#[cfg(test)]
mod tests;
mod usage;

pub use connect::Unmet;
pub use load::load as load_image;
pub use push::push as push_image;

use std::sync::Arc;

use hyper::HeaderMap;

use answers::Answers;

use super::api::{ApiVersion, Description};
use super::credentials::Credentials;
use super::endpoint::{Address, Endpoint, Flags, Surroundings};
use super::transport::Transport;
use super::{ClientConfig, EngineError, Result, Warn, endpoint};

/// The newest version of the API that is spoken: bollard's.
pub const NEWEST_API: ApiVersion = ApiVersion::new(1, 53);
/// The oldest version of the API that is spoken: Docker 19.03's.
pub const OLDEST_API: ApiVersion = ApiVersion::new(1, 40);

/// How to reach the engine, with all that flags, environment and `config.json` say about it.
pub struct Settings {
    /// Where it is.
    pub endpoint: Endpoint,
    /// `config.json`.
    pub config: ClientConfig,
    /// `DOCKER_API_VERSION`: this version and no other.
    pub api_version: Option<ApiVersion>,
    /// Headers that go with every request.
    headers: HeaderMap,
    credentials: Credentials,
}

impl Settings {
    /// Reads flags, environment and configuration; connects to nothing. `warn` is kept: it is told
    /// later of credential helpers that fail.
    pub fn resolve(flags: &Flags, surroundings: &dyn Surroundings, warn: &Warn) -> Result<Self> {
        let directory = endpoint::configuration_directory(flags, surroundings);
        let config = ClientConfig::load(&directory, surroundings, &|text| warn(text));
        let current = config.current_context.as_deref();
        let endpoint = endpoint::resolve(flags, &directory, current, surroundings)?;
        let api_version = match surroundings.filled_variable("DOCKER_API_VERSION") {
            Some(text) => Some(fixed_version(&text)?),
            None => None,
        };
        let headers = config.headers(surroundings);
        let credentials = Credentials::new(&config, surroundings, Arc::clone(warn));
        Ok(Self { endpoint, config, api_version, headers, credentials })
    }
}

/// The version in `DOCKER_API_VERSION`.
fn fixed_version(text: &str) -> Result<ApiVersion> {
    let version: ApiVersion = text.parse().map_err(|_| {
        EngineError::Configuration(format!(
            "DOCKER_API_VERSION={text} is not a version such as {NEWEST_API}"
        ))
    })?;
    // One that is too new is refused by the engine, in words that people search for.
    if version < OLDEST_API {
        return Err(EngineError::Configuration(format!(
            "DOCKER_API_VERSION={text} is too old: at least {OLDEST_API} is needed"
        )));
    }
    Ok(version)
}

/// A Docker engine that answered. Cheap to clone.
#[derive(Clone)]
pub struct DockerEngine {
    way: Arc<Way>,
    met: Arc<Met>,
    /// What was answered already, where that stays true.
    answers: Option<Arc<Answers>>,
}

/// How to reach an engine.
struct Way {
    endpoint: Endpoint,
    config: ClientConfig,
    credentials: Credentials,
}

/// What an engine was found to be.
struct Met {
    description: Description,
    /// Whether the version in use is the engine's newest, which it takes a path without one for.
    newest: bool,
    /// With the negotiated version in front of every path.
    transport: Transport,
    bollard: bollard::Docker,
    clock: events::Clock,
}

impl DockerEngine {
    /// Raw requests, with the negotiated version in front of every path: `/build`, `/grpc`,
    /// `/session`.
    pub fn transport(&self) -> &Transport {
        &self.met.transport
    }

    /// Credentials for registries.
    pub fn credentials(&self) -> &Credentials {
        &self.way.credentials
    }

    /// `config.json`.
    pub fn config(&self) -> &ClientConfig {
        &self.way.config
    }

    /// Where the engine listens.
    pub fn address(&self) -> &Address {
        &self.way.endpoint.address
    }

    /// Where the engine listens, and what decided on it.
    pub fn endpoint(&self) -> &Endpoint {
        &self.way.endpoint
    }

    /// The version in use.
    fn api(&self) -> ApiVersion {
        self.met.description.api_version
    }

    fn bollard(&self) -> &bollard::Docker {
        &self.met.bollard
    }
}
