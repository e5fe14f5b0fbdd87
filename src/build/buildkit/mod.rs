//! Builds with the engine's own BuildKit: we are its client, as the `docker` driver of buildx is.
//!
//! Two connections are taken over from the Engine API: `POST /session`, over which the builder asks
//! us for files ([`super::session`]), and `POST /grpc`, over which we ask it to solve and to tell
//! how it goes.

mod abilities;
mod bridge;
mod caches;
mod channel;
mod contexts;
mod failure;
mod solve;
mod solver;
mod status;
mod workers;

use std::collections::HashMap;
use std::sync::Arc;

use bollard::moby::buildkit::v1::SolveResponse;

use super::error::BuildError;
use super::event::BuildEvent;
use super::inputs::Inputs;
use super::request::BuildRequest;
use super::session::CredentialSource;
use super::{BuiltImage, Checked};
use crate::engine::transport::Transport;
use solver::Solver;
pub(super) use workers::platforms;

/// Builds an image. Dropping the future calls the build off.
pub(super) async fn build(
    transport: &Transport,
    request: &BuildRequest,
    credentials: Arc<dyn CredentialSource>,
    events: &(dyn Fn(BuildEvent) + Sync),
) -> Result<BuiltImage, BuildError> {
    abilities::check(transport, request).await?;
    let inputs = Inputs::prepare(request)?;
    if solve::pull_is_impossible(request) {
        events(BuildEvent::Warning {
            message:
                "base images are not pulled, since one of them is the image of another service"
                    .to_owned(),
            details: Vec::new(),
            url: String::new(),
            lines: None,
        });
    }
    let mut solver = Solver::new(transport, credentials, events);
    let result = match solver.solve(request, &inputs).await {
        Err(error) if contexts::unsupported(&error) => {
            contexts::build(&mut solver, request, &inputs).await
        }
        result => result,
    };
    result.map(built).map_err(|error| inputs.locate(error))
}

/// Looks at a Dockerfile and builds nothing.
pub(super) async fn check(
    transport: &Transport,
    request: &BuildRequest,
    credentials: Arc<dyn CredentialSource>,
    events: &(dyn Fn(BuildEvent) + Sync),
) -> Result<Checked, BuildError> {
    let inputs = Inputs::prepare(request)?;
    let mut solver = Solver::new(transport, credentials, events);
    let answer = match solver.check(request, &inputs).await {
        Err(BuildError::Failed(failure)) if failure.message.contains(NO_CHECKS) => {
            return Err(BuildError::Unsupported(format!(
                "the engine's builder is too old for checks ({NO_CHECKS}): they need Docker 27, or \
                 `# syntax=docker/dockerfile:1` as the first line of the Dockerfile"
            )));
        }
        answer => answer.map_err(|error| inputs.locate(error))?,
    };
    Ok(checked(&answer))
}

/// What a frontend says that cannot check.
const NO_CHECKS: &str = "unsupported request frontend.lint";

/// The answer of the frontend (Dockerfile frontend, subrequest `lint`).
fn checked(answer: &HashMap<String, Vec<u8>>) -> Checked {
    #[derive(Default, serde::Deserialize)]
    #[serde(default)]
    struct Findings {
        warnings: Vec<serde::de::IgnoredAny>,
    }
    let text =
        |name: &str| answer.get(name).map(|bytes| String::from_utf8_lossy(bytes).trim().to_owned());
    let findings: Findings = answer
        .get("result.json")
        .and_then(|json| serde_json::from_slice(json).ok())
        .unwrap_or_default();
    Checked {
        text: text("result.txt").unwrap_or_default(),
        warnings: findings.warnings.len(),
        clean: text("result.statuscode").is_none_or(|code| code == "0"),
    }
}

/// The image that an exporter says it made.
fn built(response: SolveResponse) -> BuiltImage {
    let answer = response.exporter_response;
    let id = answer
        .get("containerimage.digest")
        .or_else(|| answer.get("containerimage.config.digest"))
        .cloned()
        .unwrap_or_default();
    BuiltImage { id, config: answer.get("containerimage.config.digest").cloned() }
}
