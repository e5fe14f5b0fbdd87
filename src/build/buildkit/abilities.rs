//! What an engine's BuildKit can do depends on where the engine keeps its images. Asked before
//! minutes go into a build that could not be kept.

use hyper::Method;
use serde::Deserialize;

use crate::build::error::BuildError;
use crate::build::inputs::OCI_LAYOUT;
use crate::build::request::{BuildRequest, NamedContext};
use crate::engine::transport::Transport;

/// The part of the engine's description that tells its image store.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Info {
    driver_status: Vec<(String, String)>,
}

/// Refuses what needs the containerd image store on engines without it. Asks the engine only where
/// a request needs it.
pub(super) async fn check(transport: &Transport, request: &BuildRequest) -> Result<(), BuildError> {
    let Some(need) = need(request) else { return Ok(()) };
    if keeps_indexes(transport).await? {
        return Ok(());
    }
    // The first sentence is buildx's.
    Err(BuildError::Unsupported(format!(
        "{need} is not supported for the docker driver.\nIt is once the engine keeps its images in \
         the containerd image store, and with a builder of its own (docker buildx create --use)"
    )))
}

/// Whether an engine keeps its images in the containerd image store: it takes archives in the OCI image
/// layout then, with several platforms and attestations.
pub(in crate::build) async fn keeps_indexes(transport: &Transport) -> Result<bool, BuildError> {
    let info: Info = transport.request_json(Method::GET, "/info", None::<&()>).await?;
    let containerd = |(key, value): &(String, String)| {
        key == "driver-type" && value.starts_with("io.containerd.")
    };
    Ok(info.driver_status.iter().any(containerd))
}

fn is_layout(context: &NamedContext) -> bool {
    matches!(context, NamedContext::Reference(reference) if reference.starts_with(OCI_LAYOUT))
}

/// What of a request needs the containerd image store.
fn need(request: &BuildRequest) -> Option<&'static str> {
    [
        (request.platforms.len() > 1, "Multi-platform build"),
        (request.cache_to.iter().any(|cache| cache.kind != "inline"), "Cache export"),
        (!request.attestations.is_empty(), "Attestation"),
        (request.named_contexts.values().any(is_layout), "OCI layout context"),
    ]
    .into_iter()
    .find_map(|(asked, what)| asked.then_some(what))
}
