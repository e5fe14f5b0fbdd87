//! Builds with the engine's own BuildKit: we are its client, as the `docker` driver of buildx is.
//!
//! Two connections are taken over from the Engine API: `POST /session`, over which the builder asks
//! us for files ([`super::session`]), and `POST /grpc`, over which we ask it to solve and to tell
//! how it goes.

mod channel;
mod failure;
mod solve;
mod status;

use std::sync::Arc;

use bollard::moby::buildkit::v1::control_client::ControlClient;
use bollard::moby::buildkit::v1::{SolveResponse, StatusRequest};
use hyper::{HeaderMap, Method};
use tokio_stream::StreamExt;

use super::error::BuildError;
use super::event::BuildEvent;
use super::request::BuildRequest;
use super::session::{CredentialSource, Session, new_id};
use super::{BuiltImage, inputs};
use crate::engine::transport::{Transport, empty};
use channel::Channel;
use status::Progress;

/// The largest message that we take from the builder; a status with much log is the biggest.
const LARGEST_MESSAGE: usize = 64 * 1024 * 1024;

/// Builds an image. Dropping the future calls the build off.
pub(super) async fn build(
    transport: &Transport,
    request: &BuildRequest,
    credentials: Arc<dyn CredentialSource>,
    events: &(dyn Fn(BuildEvent) + Sync),
) -> Result<BuiltImage, BuildError> {
    let inputs = inputs::Inputs::prepare(request)?;
    let session = Session::new(
        inputs.shared_key.clone(),
        inputs.trees.clone(),
        request.secrets.clone(),
        &request.ssh,
        credentials,
    )?;
    let trouble = session.trouble();
    let session_id = session.id.clone();

    // The session must be known to the engine before the solve names it.
    let connection = session.connect(transport).await?;
    let mut serving = std::pin::pin!(session.serve(connection));
    let connection =
        transport.upgrade(Method::POST, "/grpc", HeaderMap::new(), "h2c", empty()).await?;
    let channel = Channel::open(connection).await?;
    let mut control =
        ControlClient::with_origin(channel, hyper::Uri::from_static("http://localhost"))
            .max_decoding_message_size(LARGEST_MESSAGE);

    let reference = new_id();
    let solve = solve::request(request, &inputs, &reference, &session_id);
    let mut progress = Progress::default();
    let result = {
        let mut status_client = control.clone();
        let follow = async {
            // Without a status there is no progress to show, but the build goes on.
            let Ok(stream) = status_client.status(StatusRequest { r#ref: reference }).await else {
                return;
            };
            let mut stream = stream.into_inner();
            while let Some(Ok(response)) = stream.next().await {
                progress.update(response, events);
            }
        };
        let solving = control.solve(solve);
        let both = async { tokio::join!(solving, follow).0 };
        tokio::select! {
            result = both => result,
            () = &mut serving => Err(tonic::Status::unavailable("the session was closed by the engine")),
        }
    };
    match result {
        Ok(response) => Ok(built(response.into_inner())),
        Err(status) => Err(match trouble.take() {
            Some(error) => error,
            None => inputs.locate(failure::explain(&status, &request.service, &progress)),
        }),
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
