//! Named contexts on engines whose Dockerfile frontend does not know them (before Docker 23).
//!
//! There every context is made an image first, and the Dockerfile is sent with those images in
//! place of the contexts' names. Where the Dockerfile names a frontend of its own (`# syntax=`),
//! that one is asked instead and nothing of this happens.

use std::collections::BTreeMap;

use bollard::moby::buildkit::v1::SolveResponse;
use hyper::{HeaderMap, Method};
use sha2::{Digest, Sha256};

use super::output::Output;
use super::solver::Solver;
use crate::build::context::Tree;
use crate::build::dockerfile::replace_references;
use crate::build::error::BuildError;
use crate::build::inputs::{DOCKERFILE, Inputs, hexadecimal};
use crate::build::request::{BuildRequest, Context, Dockerfile, NamedContext};
use crate::engine::transport::{Transport, empty, path_segment};

/// What such a frontend says.
const REFUSAL: &str = "unsupported frontend capability moby.buildkit.frontend.contexts";

/// A Dockerfile that makes an image of a context.
const WRAP: &str = "FROM scratch\nCOPY . /\n";

/// Whether a build failed because the engine knows no named contexts.
pub(super) fn unsupported(error: &BuildError) -> bool {
    matches!(error, BuildError::Failed(failure) if failure.message.contains(REFUSAL))
}

/// Builds a request with named contexts all the same.
pub(super) async fn build(
    solver: &mut Solver<'_>,
    transport: &Transport,
    request: &BuildRequest,
    inputs: &Inputs,
) -> Result<SolveResponse, BuildError> {
    let mut images = BTreeMap::new();
    let mut wrapped = Vec::new();
    let mut result = Ok(());
    for (name, context) in &request.named_contexts {
        let image = match context {
            NamedContext::Service { image, .. } => image.clone(),
            NamedContext::Reference(reference) if let Some(image) = image_of(reference) => {
                image.to_owned()
            }
            NamedContext::Reference(url) => {
                result = wrap(solver, request, Context::Remote(url.clone()), &mut wrapped).await;
                wrapped.last().cloned().unwrap_or_default()
            }
            NamedContext::Directory(path) => {
                result =
                    wrap(solver, request, Context::Directory(path.clone()), &mut wrapped).await;
                wrapped.last().cloned().unwrap_or_default()
            }
        };
        if result.is_err() {
            break;
        }
        images.insert(name.clone(), image);
    }
    let result = match result {
        Ok(()) => match replaced(inputs, &images, &request.args) {
            Ok(inputs) => solver.solve(request, &inputs, &Output::Engine).await,
            Err(error) => Err(error),
        },
        Err(error) => Err(error),
    };
    for image in wrapped {
        // The build does not need its name any more. What cannot be removed is untidy, not wrong.
        let path = format!("/images/{}", path_segment(&image));
        let call = transport.request(Method::DELETE, &path, HeaderMap::new(), empty());
        let _ = call.await;
    }
    result
}

fn image_of(reference: &str) -> Option<&str> {
    reference.strip_prefix("docker-image://")
}

/// Makes an image of a context and notes its name.
async fn wrap(
    solver: &mut Solver<'_>,
    request: &BuildRequest,
    context: Context,
    wrapped: &mut Vec<String>,
) -> Result<(), BuildError> {
    // The same name at every build keeps the image the same, another one for each image keeps
    // builds side by side out of each other's way.
    let owner = hexadecimal(&Sha256::digest(request.tags.join(",")));
    let image = format!("bireme-context-{}-{}", &owner[..16], wrapped.len());
    let wrapping = BuildRequest {
        service: request.service.clone(),
        context,
        dockerfile: Dockerfile::Inline(WRAP.to_owned()),
        tags: vec![image.clone()],
        platforms: request.platforms.clone(),
        records: request.records,
        ..BuildRequest::default()
    };
    solver.solve(&wrapping, &Inputs::prepare(&wrapping)?, &Output::Engine).await?;
    wrapped.push(image);
    Ok(())
}

/// The same inputs with images in place of contexts.
fn replaced(
    inputs: &Inputs,
    images: &BTreeMap<String, String>,
    args: &BTreeMap<String, String>,
) -> Result<Inputs, BuildError> {
    if !inputs.trees.contains_key(DOCKERFILE) {
        return Err(BuildError::Unsupported(
            "this engine cannot use additional contexts with a Dockerfile from a remote context"
                .to_owned(),
        ));
    }
    let text = inputs.dockerfile_content()?;
    let text = replace_references(&String::from_utf8_lossy(&text), images, args);
    let mut files = BTreeMap::from([(inputs.dockerfile.clone(), text.into_bytes())]);
    // Its own ignore file goes where the Dockerfile goes.
    let ignore = format!("{}.dockerignore", inputs.dockerfile);
    if let Some(path) = inputs.dockerfile_path()
        && let Ok(content) = std::fs::read(path.with_file_name(&ignore))
    {
        files.insert(ignore, content);
    }
    let mut inputs = inputs.clone();
    inputs.named_contexts.clear();
    inputs.trees.insert(DOCKERFILE.to_owned(), Tree::Files(files));
    inputs.own_dockerfile = true;
    Ok(inputs)
}
