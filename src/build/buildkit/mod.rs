//! Builds with the engine's own BuildKit: we are its client, as the `docker` driver of buildx is.
//!
//! Two connections are taken over from the Engine API: `POST /session`, over which the builder asks
//! us for files ([`super::session`]), and `POST /grpc`, over which we ask it to solve and to tell
//! how it goes.

mod abilities;
mod caches;
mod channel;
mod contexts;
mod failure;
mod solve;
mod solver;
mod status;

use std::sync::Arc;

use bollard::moby::buildkit::v1::SolveResponse;

use super::BuiltImage;
use super::error::BuildError;
use super::event::BuildEvent;
use super::inputs::Inputs;
use super::request::BuildRequest;
use super::session::CredentialSource;
use crate::engine::transport::Transport;
use solver::Solver;

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
