//! The first contact: one ping, which tells what is there and which version of the API to speak; and
//! what is said when nobody answers.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use hyper::header::HeaderName;
use hyper::{HeaderMap, Method};

use super::events::Clock;
use super::{DockerEngine, NEWEST_API, OLDEST_API, Settings, Shared, bridge};
use crate::engine::api::{ApiVersion, Description};
use crate::engine::endpoint::{
    Address, Endpoint, KnownEngine, Origin, Surroundings, known_engines, start_command,
};
use crate::engine::no_engine::{Found, NoEngine};
use crate::engine::transport::{Transport, empty};
use crate::engine::{EngineError, Result};

/// How long another engine may take to say that it is there; only for the text of an error.
const PROBE_TIME: Duration = Duration::from_secs(1);

impl DockerEngine {
    /// Connects: one `HEAD /_ping`, and the highest version of the API that both sides speak.
    ///
    /// # Errors
    /// [`EngineError::NoEngine`] when nobody answers: it says what was tried, which other engines
    /// of this machine do answer, and what starts one. [`EngineError::Configuration`] when the
    /// engine is too old.
    pub async fn connect(settings: Settings, surroundings: &dyn Surroundings) -> Result<Self> {
        let Settings { endpoint, config, api_version, headers, credentials } = settings;
        let transport = Transport::new(&endpoint, headers)?;
        let clock = Clock::start();
        let ping = match ping(&transport).await {
            Ok(headers) => headers,
            Err(error) => {
                let error = explain(&endpoint, reason(error), surroundings).await;
                return Err(EngineError::NoEngine(Box::new(error)));
            }
        };
        let version = match api_version {
            Some(fixed) => fixed,
            None => negotiate(&ping, transport.endpoint())?,
        };
        let text = |name: &'static str| {
            let value = ping.get(HeaderName::from_static(name));
            value.and_then(|value| value.to_str().ok()).unwrap_or_default()
        };
        // Podman does not say, and runs Linux.
        let os = Some(text("ostype")).filter(|os| !os.is_empty()).unwrap_or("linux");
        let description = Description {
            endpoint: transport.endpoint().to_owned(),
            server: text("server").to_owned(),
            api_version: version,
            os: os.to_owned(),
            // Engines before 23 say nothing unless they were configured, and have it. Podman has none.
            buildkit: match text("builder-version") {
                "" => text("ostype") != "windows" && !text("server").starts_with("Libpod/"),
                version => version == "2",
            },
            swarm_active: text("swarm").starts_with("active"),
        };
        let shared = Shared {
            clock: clock.compare(text("date")),
            bollard: bridge::client(&transport, version)?,
            transport: transport.versioned(version),
            endpoint,
            description,
            config,
            credentials,
        };
        Ok(Self { shared: Arc::new(shared), answers: None })
    }
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

/// The version to speak: the engine's newest or ours, whichever is lower.
fn negotiate(ping: &HeaderMap, endpoint: &str) -> Result<ApiVersion> {
    let newest = ping.get("api-version").and_then(|value| value.to_str().ok());
    let Some(newest) = newest.filter(|text| !text.is_empty()) else { return Ok(NEWEST_API) };
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
    Ok(engine.min(NEWEST_API))
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
            negotiate(&headers, "unix:///s").map(|version| version.to_string())
        };
        for (version, expected) in [
            (Some("1.41"), "1.41"),
            (Some("1.40"), "1.40"),
            (Some("1.53"), "1.53"),
            (Some("1.99"), "1.53"),
            (None, "1.53"),
            (Some(""), "1.53"),
        ] {
            assert_eq!(offered(version).unwrap(), expected);
        }
        assert_eq!(
            offered(Some("1.39")).unwrap_err().to_string(),
            "the engine at unix:///s is too old: it speaks version 1.39 of the Engine API, and at \
             least 1.40 is needed (Docker Engine 19.03 or later)"
        );
        assert!(offered(Some("new")).is_err());
    }
}
