//! Images: which of them is there for a platform, and pulling.

use std::sync::Arc;

use bollard::auth::DockerCredentials;
use bollard::models::CreateImageInfo;
use bollard::query_parameters::CreateImageOptionsBuilder;
use futures_util::{StreamExt, future, stream};
use hyper::Method;
use serde_json::json;

use super::{DockerEngine, bridge};
use crate::engine::api::{ApiVersion, Distribution, ImageDetails, ImagePlatform, PullProgress};
use crate::engine::credentials::Credential;
use crate::engine::reference::ImageReference;
use crate::engine::transport::{Query, path_segment};
use crate::engine::{EngineError, Result, Stream};
use crate::platform::Platform;

/// Inspection lists the manifests of an image.
const LISTS_MANIFESTS: ApiVersion = ApiVersion::new(1, 48);
/// Inspection takes a platform.
const TAKES_PLATFORM: ApiVersion = ApiVersion::new(1, 49);

impl DockerEngine {
    /// ImageInspect, for a platform where one is given. The id is that of the name, whatever the
    /// platform; [`ImageDetails::manifest_id`] is the platform's own.
    pub(super) async fn find_image(
        &self,
        reference: &str,
        platform: Option<&str>,
    ) -> Result<Option<Arc<ImageDetails>>> {
        let path = Query::new(format!("/images/{}/json", path_segment(reference)));
        let manifests = path.clone().with_flag("manifests", self.api() >= LISTS_MANIFESTS);
        let Some(image) = self.look_up(manifests).await? else { return Ok(None) };
        let Some(platform) = platform.filter(|platform| !platform.is_empty()) else {
            return Ok(Some(image));
        };
        let wanted = self.platform(platform)?;
        if image.is_for(&wanted) {
            return Ok(Some(image));
        }
        // The name stands for several platforms, and what was told is of another one.
        let Some(platform) = image.available_platforms().find(|have| *have == wanted) else {
            return Ok(None);
        };
        if self.api() < TAKES_PLATFORM {
            return Ok(Some(image));
        }
        let object = json!({
            "os": platform.os(),
            "architecture": platform.architecture(),
            "variant": platform.variant(),
        });
        let chosen = self.look_up(path.with("platform", &object.to_string())).await?;
        Ok(chosen.map(|chosen| {
            Arc::new(ImageDetails {
                id: image.id.clone(),
                manifests: image.manifests.clone(),
                ..Arc::unwrap_or_clone(chosen)
            })
        }))
    }

    async fn look_up(&self, path: Query) -> Result<Option<Arc<ImageDetails>>> {
        match self.read(&path.build()).await {
            Ok(image) => Ok(Some(image)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads a platform. An operating system alone says nothing of the CPU.
    fn platform(&self, text: &str) -> Result<Platform> {
        let host = Platform::new(&self.met.description.os, "", "");
        Platform::parse(text, &host).map_err(|error| EngineError::Configuration(error.to_string()))
    }

    /// ImageTag: lets a name stand for the image with an id.
    pub async fn tag_image(&self, id: &str, name: &str) -> Result<()> {
        let parsed = ImageReference::parse(name);
        let path = Query::new(format!("/images/{}/tag", path_segment(id)))
            .with("repo", parsed.name)
            .with("tag", parsed.version())
            .build();
        self.transport().request_empty(Method::POST, &path, None::<&()>).await
    }

    /// The digest that a registry has for an image, asked by the engine with the user's credentials.
    pub async fn digest(&self, reference: &str) -> Result<String> {
        let found = self.distribution(reference).await?;
        Some(found.digest).filter(|digest| !digest.is_empty()).ok_or_else(|| EngineError::Broken {
            context: "distribution".to_owned(),
            reason: "the engine's answer has no digest".to_owned(),
        })
    }

    /// DistributionInspect: what a registry has for an image, asked by the engine with the user's
    /// credentials, through its mirrors and proxies. Each call makes the engine fetch the manifest.
    pub async fn distribution(&self, reference: &str) -> Result<Distribution> {
        let registry = ImageReference::parse(reference).registry();
        let credential = self.credentials().lookup(registry).await.map(header);
        let found = self.bollard().inspect_registry_image(reference, credential).await;
        let found = found.map_err(|error| bridge::failed("distribution", error))?;
        Ok(Distribution {
            media_type: found.descriptor.media_type.unwrap_or_default(),
            digest: found.descriptor.digest.unwrap_or_default(),
            platforms: found
                .platforms
                .into_iter()
                .map(|platform| ImagePlatform {
                    architecture: platform.architecture.unwrap_or_default(),
                    os: platform.os.unwrap_or_default(),
                    variant: platform.variant.unwrap_or_default(),
                })
                .collect(),
        })
    }

    /// ImageCreate from a registry. A refusal is the call's error; what fails later is the
    /// stream's.
    pub(super) async fn pull(
        &self,
        reference: &str,
        platform: Option<&str>,
    ) -> Result<Stream<PullProgress>> {
        let call = format!("pull {reference}");
        let parsed = ImageReference::parse(reference);
        let credential = self.credentials().lookup(parsed.registry()).await;
        let options = CreateImageOptionsBuilder::new()
            .from_image(parsed.name)
            .tag(parsed.version())
            .platform(platform.unwrap_or_default())
            .build();
        let progress = self.bollard().create_image(Some(options), None, credential.map(header));
        let mut progress = progress
            .map(move |message| match message {
                Ok(message) => Ok(pull_progress(message)),
                Err(error) => Err(bridge::failed(&call, error)),
            })
            .boxed();
        match progress.next().await {
            Some(Err(error)) => Err(error),
            Some(first) => Ok(stream::once(future::ready(first)).chain(progress).boxed()),
            None => Ok(progress),
        }
    }
}

fn header(credential: Credential) -> DockerCredentials {
    let filled = |text: String| Some(text).filter(|text| !text.is_empty());
    DockerCredentials {
        username: filled(credential.username),
        password: filled(credential.password),
        identitytoken: filled(credential.identity_token),
        registrytoken: filled(credential.registry_token),
        serveraddress: filled(credential.server_address),
        ..DockerCredentials::default()
    }
}

fn pull_progress(message: CreateImageInfo) -> PullProgress {
    let detail = message.progress_detail.unwrap_or_default();
    let bytes = |count: Option<i64>| count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0);
    PullProgress {
        id: message.id.unwrap_or_default(),
        status: message.status.unwrap_or_default(),
        current: bytes(detail.current),
        total: bytes(detail.total),
    }
}
