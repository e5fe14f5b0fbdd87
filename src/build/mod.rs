//! Images from build sections, without any other program: we are BuildKit's client ourselves, and
//! the classic builder's where an engine has no BuildKit.
//!
//! ```text
//! (Project, Service) → request::BuildRequest → build() ─┬→ buildkit: POST /grpc, POST /session
//!                                                       ├→ buildx:   a BuildKit of its own
//!                                                       └→ classic:  POST /build
//! ```
//!
//! [`dockerignore`] and [`request`] are pure. Nothing here prints: a build tells what it does in
//! [`BuildEvent`]s, and why it failed in a [`BuildError`].

pub mod buildx;
pub mod context;
pub mod dockerfile;
pub mod dockerignore;
pub mod request;

mod buildkit;
mod classic;
mod error;
mod event;
mod inputs;
mod needs;
mod push;
mod session;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

pub use buildkit::Runnable;
pub use error::{BuildError, BuildFailure, DockerfilePlace};
pub use event::{BuildEvent, LogStream, StepId, title};
pub use needs::{needs, needs_between};
pub use request::{BuildOptions, BuildRequest, BuilderKind};
pub use session::{CredentialSource, Credentials, NoCredentials};

use crate::engine::transport::Transport;
use buildkit::Place;
use buildx::{Nodes, Ready};
use inputs::Inputs;

/// Who builds.
#[derive(Clone)]
pub enum Builder {
    /// An engine: its BuildKit, or the builder from before that.
    Engine(Transport),
    /// A builder of buildx.
    Buildx(Arc<Nodes>),
}

/// An image that was built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuiltImage {
    /// Its id as the engine's own store knows it (`sha256:…`).
    pub id: String,
    /// Digest of its configuration, where the builder tells it.
    pub config: Option<String>,
}

/// What the checks of a Dockerfile came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The findings, as the builder words them.
    pub text: String,
    /// How many they are.
    pub warnings: usize,
    /// Whether there are none, and the Dockerfile can be built.
    pub clean: bool,
}

/// Has the builder check a Dockerfile, and builds nothing.
///
/// # Errors
/// A builder that has no checks, and whatever keeps a Dockerfile from being read.
pub async fn check(
    builder: &Builder,
    request: &BuildRequest,
    credentials: Arc<dyn CredentialSource>,
    events: impl Fn(BuildEvent) + Sync,
) -> Result<Checked, BuildError> {
    match (builder, request.builder) {
        (Builder::Buildx(nodes), _) => {
            let Ready { daemon, steps } = nodes.ready(request, &events).await?;
            let events = |event: BuildEvent| events(event.behind(steps));
            buildkit::check(&Place::Daemon(&daemon), request, credentials, &events).await
        }
        (Builder::Engine(transport), BuilderKind::BuildKit) => {
            buildkit::check(&Place::Engine(transport), request, credentials, &events).await
        }
        (Builder::Engine(_), BuilderKind::Classic) => Err(BuildError::Unsupported(
            "the classic builder doesn't support checks, set DOCKER_BUILDKIT=1 to use BuildKit"
                .to_owned(),
        )),
    }
}

/// The Dockerfile of a request, with its path unless it is inline. `None` is one that comes with a
/// context which the builder fetches.
///
/// # Errors
/// Directories and files that are not there or cannot be read.
pub fn dockerfile_of(
    request: &BuildRequest,
) -> Result<Option<(Option<PathBuf>, String)>, BuildError> {
    let inputs = Inputs::prepare(request)?;
    if inputs.remote.is_some() && !inputs.own_dockerfile {
        return Ok(None);
    }
    let content = inputs.dockerfile_content()?;
    let text = String::from_utf8_lossy(&content);
    // BuildKit skips a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned();
    Ok(Some((inputs.dockerfile_path(), text)))
}

/// The platforms whose programs the engine's BuildKit found to run, by running one of each; its own first.
///
/// # Errors
/// An engine without BuildKit, or without a way to it (Podman).
pub async fn runnable_platforms(transport: &Transport) -> Result<Runnable, BuildError> {
    buildkit::workers(buildkit::of_engine(transport).await?).await
}

/// Builds an image and names it. Dropping the future calls the build off, in the builder too.
///
/// # Errors
/// Whatever keeps the image from being built, or from getting where it should.
pub async fn build(
    builder: &Builder,
    request: &BuildRequest,
    credentials: Arc<dyn CredentialSource>,
    events: impl Fn(BuildEvent) + Sync,
) -> Result<BuiltImage, BuildError> {
    match builder {
        Builder::Engine(transport) => by_engine(transport, request, credentials, events).await,
        Builder::Buildx(nodes) => {
            let Ready { daemon, steps } = nodes.ready(request, &events).await?;
            let events = |event: BuildEvent| events(event.behind(steps));
            let finished = |service: &str| nodes.finished(service);
            let image =
                buildkit::build_by(&daemon, request, credentials, &finished, &events).await?;
            nodes.finish(request);
            Ok(image)
        }
    }
}

/// Builds by an engine, and pushes by it: its builders cannot push from its own store.
async fn by_engine(
    transport: &Transport,
    request: &BuildRequest,
    credentials: Arc<dyn CredentialSource>,
    events: impl Fn(BuildEvent) + Sync,
) -> Result<BuiltImage, BuildError> {
    let steps = AtomicU32::new(0);
    let events = |event: BuildEvent| {
        if let BuildEvent::Started { step, .. } = &event {
            steps.fetch_max(step.0, Ordering::Relaxed);
        }
        events(event);
    };
    let source = Arc::clone(&credentials);
    let image = match request.builder {
        BuilderKind::BuildKit => buildkit::build(transport, request, source, &events).await?,
        BuilderKind::Classic => classic::build(transport, request, source, &events).await?,
    };
    if request.push {
        for tag in &request.tags {
            let step = StepId(steps.load(Ordering::Relaxed) + 1);
            push::push(transport, &*credentials, &request.service, tag, step, &events).await?;
        }
    }
    Ok(image)
}
