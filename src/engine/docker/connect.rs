//! The first contact: one ping, which tells what is there and which version of the API to speak; and
//! what is said when nobody answers.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use hyper::header::HeaderName;
use hyper::{HeaderMap, Method};

use super::events::Clock;
use super::{DockerEngine, Met, NEWEST_API, OLDEST_API, Settings, Way, bridge};
use crate::engine::api::{ApiVersion, Description};
use crate::engine::endpoint::{
    Address, Endpoint, KnownEngine, Origin, Surroundings, known_engines, start_command,
};
use crate::engine::no_engine::{Found, NoEngine};
use crate::engine::transport::{Transport, empty};
use crate::engine::{EngineError, Result};

/// How long another engine may take to say that it is there; only for the text of an error.
const PROBE_TIME: Duration = Duration::from_secs(1);

/// An engine that nobody has talked to yet.
pub struct Unmet {
    way: Arc<Way>,
    api_version: Option<ApiVersion>,
    transport: Transport,
}

impl Unmet {
    /// Prepares a connection.
    ///
    /// # Errors
    /// TLS material that cannot be used, or a kind of endpoint that is not spoken here.
    pub fn new(settings: Settings) -> Result<Self> {
        let Settings { endpoint, config, api_version, headers, credentials } = settings;
        let transport = Transport::new(&endpoint, headers)?;
        Ok(Self { way: Arc::new(Way { endpoint, config, credentials }), api_version, transport })
    }

    /// The engine as it most likely is, no newer than we are: lists, which are asked alike in every version,
    /// can be had of it beside the ping, for [`DockerEngine::remembering_with`]. `None` where a version is
    /// asked for, or where a connection costs more than on a socket of this machine.
    ///
    /// # Errors
    /// A client that cannot be made.
    pub fn presumed(&self) -> Result<Option<DockerEngine>> {
        if self.api_version.is_some() || !matches!(self.way.endpoint.address, Address::Unix(_)) {
            return Ok(None);
        }
        let met = Met {
            description: self.describe(&HeaderMap::new(), NEWEST_API),
            newest: true,
            bollard: bridge::client(&self.transport, NEWEST_API)?,
            transport: self.transport.clone(),
            clock: Clock::Unknown,
        };
        let way = Arc::clone(&self.way);
        Ok(Some(DockerEngine { way, met: Arc::new(met), answers: Some(Arc::default()) }))
    }

    /// Connects: one `HEAD /_ping`, and the highest version of the API that both sides speak.
    ///
    /// # Errors
    /// [`EngineError::NoEngine`] when nobody answers: it says what was tried, which other engines
    /// of this machine do answer, and what starts one. [`EngineError::Configuration`] when the
    /// engine is too old.
    pub async fn meet(self, surroundings: &dyn Surroundings) -> Result<DockerEngine> {
        let started = Clock::start();
        let ping = match ping(&self.transport).await {
            Ok(headers) => headers,
            Err(error) => {
                let error = explain(&self.way.endpoint, reason(error), surroundings).await;
                return Err(EngineError::NoEngine(Box::new(error)));
            }
        };
        let (version, newest) = match self.api_version {
            Some(fixed) => (fixed, false),
            None => negotiate(&ping, self.transport.endpoint())?,
        };
        let met = Met {
            description: self.describe(&ping, version),
            newest,
            clock: started.compare(header(&ping, "date")),
            bollard: bridge::client(&self.transport, version)?,
            transport: self.transport.versioned(version),
        };
        Ok(DockerEngine { way: self.way, met: Arc::new(met), answers: None })
    }

    /// What the headers of the answer to a ping say.
    fn describe(&self, ping: &HeaderMap, api_version: ApiVersion) -> Description {
        let server = header(ping, "server");
        // Podman does not say, and runs Linux.
        let os = Some(header(ping, "ostype")).filter(|os| !os.is_empty()).unwrap_or("linux");
        Description {
            endpoint: self.transport.endpoint().to_owned(),
            server: server.to_owned(),
            api_version,
            os: os.to_owned(),
            // Engines before 23 say nothing unless they were configured, and have it. Podman has none.
            buildkit: match header(ping, "builder-version") {
                "" => os != "windows" && !server.starts_with("Libpod/"),
                version => version == "2",
            },
            swarm_active: header(ping, "swarm").starts_with("active"),
        }
    }
}

impl DockerEngine {
    /// Connects to an engine.
    ///
    /// # Errors
    /// Those of [`Unmet::new`] and [`Unmet::meet`].
    pub async fn connect(settings: Settings, surroundings: &dyn Surroundings) -> Result<Self> {
        Unmet::new(settings)?.meet(surroundings).await
    }
}

/// The text of a header, empty if there is none.
fn header<'a>(headers: &'a HeaderMap, name: &'static str) -> &'a str {
    let value = headers.get(HeaderName::from_static(name));
    value.and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Asks whether somebody is there; the headers of the answer say who.
async fn ping(transport: &Transport) -> Result<HeaderMap> {
    let head = transport.send(Method::HEAD, "/_ping", HeaderMap::new(), empty()).await?;
    if head.status().is_success() {
        return Ok(head.headers().clone());
    }
    // Engines and proxies that do not answer HEAD.
    let response = transport.request(Method::GET, "/_ping", HeaderMap::new(), empty()).await?;
    let headers = response.headers().clone();
    transport.collect("GET /_ping", response).await?;
    Ok(headers)
}

/// The version to speak: the engine's newest or ours, whichever is lower; and whether it is known to be
/// the engine's.
fn negotiate(ping: &HeaderMap, endpoint: &str) -> Result<(ApiVersion, bool)> {
    let newest = header(ping, "api-version");
    if newest.is_empty() {
        return Ok((NEWEST_API, false));
    }
    let engine: ApiVersion = newest.parse().map_err(|_| EngineError::Broken {
        context: format!("HEAD /_ping at {endpoint}"),
        reason: format!("{newest:?} is not a version of the Engine API"),
    })?;
    if engine < OLDEST_API {
        return Err(EngineError::Configuration(format!(
            "the engine at {endpoint} is too old: it speaks version {engine} of the Engine API, \
             and at least {OLDEST_API} is needed (Docker Engine 19.03 or later)"
        )));
    }
    Ok((engine.min(NEWEST_API), engine <= NEWEST_API))
}

/// Why there is no engine, and what to do.
async fn explain(endpoint: &Endpoint, reason: String, surroundings: &dyn Surroundings) -> NoEngine {
    let others = known_engines(surroundings)
        .into_iter()
        .filter(|known| Address::Unix(known.socket.clone()) != endpoint.address);
    let others = join_all(others.map(probe)).await.into_iter().flatten().collect();
    let os = std::env::consts::OS;
    NoEngine {
        endpoint: endpoint.address.to_string(),
        origin: endpoint.describe_origin(),
        reason,
        others,
        start: start_command(
            endpoint.origin,
            &endpoint.context,
            &endpoint.address,
            os,
            surroundings,
        ),
    }
}

/// Why a ping failed, without what the text around it says anyway.
fn reason(error: EngineError) -> String {
    match error {
        EngineError::Unreachable { reason, .. } | EngineError::Broken { reason, .. } => reason,
        refusal => refusal.to_string(),
    }
}

/// Whether a socket that is there has an engine behind it.
async fn probe(known: KnownEngine) -> Option<Found> {
    let host = known.host();
    let address = Address::Unix(known.socket);
    let endpoint = Endpoint::new("default".to_owned(), Origin::Default, address, None);
    let transport = Transport::new(&endpoint, HeaderMap::new()).ok()?;
    let answer = match tokio::time::timeout(PROBE_TIME, ping(&transport)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(reason(error)),
        Err(_) => Err("no answer within a second".to_owned()),
    };
    Some(Found { name: known.name, host, answer })
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    #[test]
    fn speaks_what_both_speak() {
        let offered = |version: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            if let Some(version) = version {
                headers.insert("api-version", HeaderValue::from_static(version));
            }
            negotiate(&headers, "unix:///s").map(|(version, newest)| (version.to_string(), newest))
        };
        for (version, expected, newest) in [
            (Some("1.41"), "1.41", true),
            (Some("1.40"), "1.40", true),
            (Some("1.53"), "1.53", true),
            (Some("1.99"), "1.53", false),
            (None, "1.53", false),
            (Some(""), "1.53", false),
        ] {
            assert_eq!(offered(version).unwrap(), (expected.to_owned(), newest));
        }
        assert_eq!(
            offered(Some("1.39")).unwrap_err().to_string(),
            "the engine at unix:///s is too old: it speaks version 1.39 of the Engine API, and at \
             least 1.40 is needed (Docker Engine 19.03 or later)"
        );
        assert!(offered(Some("new")).is_err());
    }
}
