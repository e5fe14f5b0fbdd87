//! Builds with the builder that engines had before BuildKit, and that Podman offers: the context
//! goes up as one tar, and progress comes back as lines of JSON.

mod answer;
mod query;
mod upload;

use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use futures_util::StreamExt;
use http_body_util::BodyStream;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{HeaderMap, Method};

use super::BuiltImage;
use super::context::{Filter, Tree, exclusions};
use super::dockerignore::clean;
use super::error::BuildError;
use super::event::BuildEvent;
use super::inputs::Inputs;
use super::request::BuildRequest;
use super::session::{CredentialSource, auth_entry};
use crate::engine::EngineError;
use crate::engine::transport::{Transport, stream};
use answer::Answer;
use upload::Upload;

/// The name under which a Dockerfile from outside the context travels in it.
const FOREIGN_DOCKERFILE: &str = ".dockerfile.bireme";

/// Builds an image. Dropping the future calls the build off.
pub(super) async fn build(
    transport: &Transport,
    request: &BuildRequest,
    credentials: Arc<dyn CredentialSource>,
    events: &(dyn Fn(BuildEvent) + Sync),
) -> Result<BuiltImage, BuildError> {
    supported(request)?;
    let inputs = Inputs::prepare(request)?;
    let (upload, dockerfile) = match inputs.context() {
        Some(root) => plan_upload(root, &inputs)?,
        None => (Upload::default(), inputs.dockerfile.clone()),
    };
    let query = query::query(request, &dockerfile, inputs.remote.as_deref());
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-tar"));
    headers.insert("x-registry-config", registry_config(&*credentials).await?);

    let mut answer = Answer::new(&request.service, events);
    let (body, trouble) = upload.start();
    let result = async {
        let response = transport.request(Method::POST, &query, headers, stream(body)).await?;
        let mut pieces = BodyStream::new(response.into_body());
        while let Some(frame) = pieces.next().await {
            let frame = frame.map_err(|error| EngineError::Broken {
                context: "POST /build".to_owned(),
                reason: error.to_string(),
            })?;
            if let Some(piece) = frame.data_ref() {
                answer.read(piece)?;
            }
        }
        answer.end()
    };
    // What went wrong here explains more than the engine's view of a broken upload.
    result.await.map_err(|error: BuildError| trouble.take().unwrap_or_else(|| inputs.locate(error)))
}

/// Refuses what this builder cannot do, in Docker Compose's words.
fn supported(request: &BuildRequest) -> Result<(), BuildError> {
    let beyond = [
        (request.platforms.len() > 1, "multi-arch build"),
        (request.privileged, "privileged mode"),
        (!request.named_contexts.is_empty(), "additional contexts"),
        (!request.ssh.is_empty(), "SSH keys"),
        (!request.secrets.is_empty(), "secrets"),
    ];
    match beyond.iter().find(|(asked, _)| *asked) {
        None => Ok(()),
        Some((_, what)) => Err(BuildError::Unsupported(format!(
            "the classic builder doesn't support {what}, set DOCKER_BUILDKIT=1 to use BuildKit"
        ))),
    }
}

/// What of a directory goes up, and under which name the Dockerfile is in it.
fn plan_upload(root: &Path, inputs: &Inputs) -> Result<(Upload, String), BuildError> {
    let path = inputs.dockerfile_path();
    let mut patterns = exclusions(root, path.as_deref())?;
    let inside = path
        .as_deref()
        .and_then(|path| Some(clean(path.strip_prefix(root).ok()?.to_str()?)))
        .filter(|path| !path.starts_with("../"));
    let mut files = Vec::new();
    let dockerfile = if let Some(inside) = inside {
        // The builder needs both, even where the image must not have them.
        patterns.extend([format!("!{inside}"), "!.dockerignore".to_owned()]);
        inside
    } else {
        files.push((FOREIGN_DOCKERFILE.to_owned(), inputs.dockerfile_content()?));
        FOREIGN_DOCKERFILE.to_owned()
    };
    let filter = Filter::new::<&str>(&[], &patterns.iter().map(String::as_str).collect::<Vec<_>>())
        .map_err(|source| BuildError::Ignore { file: ".dockerignore".to_owned(), source })?;
    let upload = Upload { tree: Some((root.to_owned(), filter)), files };
    Ok((upload, dockerfile))
}

/// All credentials of the user, as the engine takes them for a build.
async fn registry_config(credentials: &dyn CredentialSource) -> Result<HeaderValue, BuildError> {
    let mut config = serde_json::Map::new();
    for registry in credentials.registries().await {
        let found = credentials.credentials(&registry).await.map_err(BuildError::Input)?;
        if let Some(found) = found {
            let entry = auth_entry(&registry, &found);
            config.insert(registry, entry);
        }
    }
    let json = serde_json::Value::Object(config).to_string();
    let text = base64::engine::general_purpose::URL_SAFE.encode(json);
    HeaderValue::try_from(text).map_err(|error| BuildError::Input(error.to_string()))
}

/// The trees that this builder can use.
impl Inputs {
    fn context(&self) -> Option<&Path> {
        match self.trees.get(super::inputs::CONTEXT)? {
            Tree::Directory(root) => Some(root),
            Tree::Files(_) => None,
        }
    }
}
