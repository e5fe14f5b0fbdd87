//! Builds with BuildKit, whose client we are: with the engine's own, as the `docker` driver of buildx, or
//! with a daemon of its own ([`place`]).
//!
//! There are two connections: one over which we ask it to solve and to tell how it goes, and one over
//! which it asks us for files ([`super::session`]). Of an engine they are taken over from its API
//! (`POST /grpc`, `POST /session`); a daemon carries the second one inside the first.

mod abilities;
mod bridge;
mod caches;
mod channel;
mod contexts;
mod failure;
mod output;
mod place;
mod receive;
mod record;
mod solve;
mod solver;
mod status;
mod workers;

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use bollard::moby::buildkit::v1::SolveResponse;

use super::error::BuildError;
use super::event::BuildEvent;
use super::inputs::Inputs;
use super::request::{BuildRequest, NamedContext};
use super::session::CredentialSource;
use super::{BuiltImage, Checked};
use crate::engine::transport::Transport;
pub(super) use abilities::keeps_indexes;
pub(super) use channel::Channel;
use output::{Format, Output, Receiver};
pub(super) use place::{Daemon, Place, of_engine};
use solver::Solver;
pub use workers::Runnable;
pub(super) use workers::workers;

/// Builds an image by the engine's own BuildKit. Dropping the future calls the build off.
pub(super) async fn build(
    transport: &Transport,
    request: &BuildRequest,
    credentials: Arc<dyn CredentialSource>,
    events: &(dyn Fn(BuildEvent) + Sync),
) -> Result<BuiltImage, BuildError> {
    abilities::check(transport, request).await?;
    let inputs = Inputs::prepare(request)?;
    if solve::pull_is_impossible(request) {
        warn(
            events,
            "base images are not pulled, since one of them is the image of another service",
        );
    }
    let place = Place::Engine(transport);
    let mut solver = Solver::new(&place, credentials, events);
    let result = match solver.solve(request, &inputs, &Output::Engine).await {
        Err(error) if contexts::unsupported(&error) => {
            contexts::build(&mut solver, transport, request, &inputs).await
        }
        result => result,
    };
    result.map(built).map_err(|error| inputs.locate(error))
}

/// Builds an image by a BuildKit of its own. `finished` tells how the image of another service was built
/// there: the engine's images are not the daemon's.
pub(super) async fn build_by(
    daemon: &Daemon<'_>,
    request: &BuildRequest,
    credentials: Arc<dyn CredentialSource>,
    finished: &(dyn Fn(&str) -> Option<BuildRequest> + Sync),
    events: &(dyn Fn(BuildEvent) + Sync),
) -> Result<BuiltImage, BuildError> {
    let output = Output::of(request, daemon)?;
    let mut inputs = Inputs::prepare(request)?;
    let place = Place::Daemon(daemon);
    let mut solver = Solver::new(&place, credentials, events);
    // Lives as long as the builder may read from it.
    let directory = tempfile::tempdir().map_err(|error| BuildError::Input(error.to_string()))?;
    for (name, context) in &request.named_contexts {
        let NamedContext::Service { service, .. } = context else { continue };
        let Some(other) = finished(service) else { continue };
        let path = directory.path().join(service);
        keep(&mut solver, &other, path.clone()).await?;
        inputs.use_layout(name, &path)?;
    }
    if let Output::Builder { push: false } = output {
        warn(
            events,
            "an image for several platforms stays in the builder's cache: --push puts it into a registry",
        );
    }
    let result = solver.solve(request, &inputs, &output).await;
    result.map(built).map_err(|error| inputs.locate(error))
}

/// Has a daemon pack an image once more, into a directory. Every step of it is cached.
async fn keep(
    solver: &mut Solver<'_>,
    request: &BuildRequest,
    directory: PathBuf,
) -> Result<(), BuildError> {
    let request = BuildRequest {
        no_cache: false,
        no_cache_filter: Vec::new(),
        pull: false,
        push: false,
        cache_to: Vec::new(),
        attestations: BTreeMap::new(),
        ..request.clone()
    };
    let output = Output::Archive(Format::Oci, Receiver::Directory(directory));
    let inputs = Inputs::prepare(&request)?;
    solver.solve(&request, &inputs, &output).await.map_err(|error| inputs.locate(error))?;
    Ok(())
}

fn warn(events: &(dyn Fn(BuildEvent) + Sync), message: &str) {
    events(BuildEvent::Warning {
        message: message.to_owned(),
        details: Vec::new(),
        url: String::new(),
        lines: None,
    });
}

/// Looks at a Dockerfile and builds nothing.
pub(super) async fn check(
    place: &Place<'_>,
    request: &BuildRequest,
    credentials: Arc<dyn CredentialSource>,
    events: &(dyn Fn(BuildEvent) + Sync),
) -> Result<Checked, BuildError> {
    let inputs = Inputs::prepare(request)?;
    let mut solver = Solver::new(place, credentials, events);
    let answer = match solver.check(request, &inputs).await {
        Err(BuildError::Failed(failure)) if failure.message.contains(NO_CHECKS) => {
            return Err(BuildError::Unsupported(format!(
                "the builder is too old for checks ({NO_CHECKS}): they need Docker 27, or \
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
