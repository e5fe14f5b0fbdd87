//! A project goes to a registry: its layers, a manifest that names them, and the tag; where it is
//! asked for, its images too.

use bytes::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue, LOCATION};
use hyper::{HeaderMap, Method, StatusCode};

use super::super::error::Problem;
use super::super::registry::{Answer, Digest, Failed, OciReference, Repository, uri};
use super::super::{Artifact, Settings};
use super::manifest::{self, EMPTY, INDEX, MANIFEST};
use super::{credentials, images, repository};

/// The version of the OCI image specification whose form a manifest has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OciVersion {
    /// 1.0: the kind of the artifact is told by its configuration.
    V1_0,
    /// 1.1: it has a field of its own.
    V1_1,
}

/// Pushes a project. Without a version the newer form is tried first.
pub(in crate::remote) async fn push(
    artifact: &Artifact<'_>,
    settings: &Settings,
) -> Result<(), Problem> {
    let Artifact { layers, version, compose_version, created, .. } = *artifact;
    let reference = OciReference::parse(artifact.reference)?;
    let credentials = credentials(settings);
    let mut registry = repository(&reference, settings, &credentials);
    if artifact.insecure {
        registry.without_tls();
    }
    registry.push_blob(EMPTY).await?;
    for layer in layers {
        registry.push_blob(&layer.content).await?;
    }
    let tag = reference.version();
    let form = |version| manifest::of_project(layers, version, compose_version, created);
    let mut form_version = version.unwrap_or(OciVersion::V1_1);
    let mut project = form(form_version);
    let mut put = registry.push_manifest(&tag, MANIFEST, &project).await?;
    // A registry that is older than OCI 1.1.
    if put.is_err() && version.is_none() {
        form_version = OciVersion::V1_0;
        project = form(form_version);
        put = registry.push_manifest(&tag, MANIFEST, &project).await?;
    }
    put.map_err(Problem::new)?;
    let Some(names) = artifact.images else { return Ok(()) };
    let copied =
        images::copy(names, &reference, &mut registry, artifact.insecure, settings).await?;
    let index = manifest::of_images(&copied, &project, form_version, compose_version);
    let digest = Digest::of(index.as_bytes()).to_string();
    registry.push_manifest(&digest, INDEX, &index).await?.map_err(Problem::new)
}

impl Repository<'_> {
    /// Uploads bytes, unless the registry has them.
    async fn push_blob(&mut self, content: &[u8]) -> Result<(), Problem> {
        let digest = Digest::of(content);
        if self.has_blob(&digest).await? {
            return Ok(());
        }
        let begun = self.send(Method::POST, "blobs/uploads/", Some((Bytes::new(), ""))).await?;
        let target = self.upload_target(&begun, &digest)?;
        let body = Bytes::copy_from_slice(content);
        let put = self.send(Method::PUT, &target, Some((body, "application/octet-stream"))).await?;
        if put.status == StatusCode::CREATED { Ok(()) } else { Err(self.refusal(&target, &put)) }
    }

    /// Whether the repository has a blob.
    pub(super) async fn has_blob(&mut self, digest: &Digest) -> Result<bool, Problem> {
        let known = self.send(Method::HEAD, &format!("blobs/{digest}"), None).await?;
        Ok(known.status == StatusCode::OK)
    }

    /// Where the bytes of a blob go, by the answer to a request to upload it.
    pub(super) fn upload_target(&self, begun: &Answer, digest: &Digest) -> Result<String, Problem> {
        if begun.status != StatusCode::ACCEPTED {
            return Err(self.refusal("blobs/uploads/", begun));
        }
        let location = begun.headers.get(LOCATION).and_then(|it| it.to_str().ok());
        let location =
            location.ok_or_else(|| Problem::new("the registry says no place to upload to"))?;
        let separator = if location.contains('?') { '&' } else { '?' };
        Ok(format!("{location}{separator}digest={digest}"))
    }

    /// Puts a manifest under a tag or its digest. The inner error is a refusal of this manifest.
    pub(super) async fn push_manifest(
        &mut self,
        version: &str,
        media_type: &str,
        manifest: &str,
    ) -> Result<Result<(), String>, Problem> {
        let path = format!("manifests/{version}");
        let body = Bytes::copy_from_slice(manifest.as_bytes());
        let put = self.send(Method::PUT, &path, Some((body, media_type))).await?;
        match put.status {
            StatusCode::CREATED | StatusCode::OK => Ok(Ok(())),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(self.refusal(&path, &put)),
            status if status.is_client_error() => Ok(Err(self.refusal(&path, &put).reason)),
            _ => Err(self.refusal(&path, &put)),
        }
    }

    /// Sends a request to a path of the repository, or to where the registry said.
    pub(super) async fn send(
        &mut self,
        method: Method,
        path: &str,
        body: Option<(Bytes, &str)>,
    ) -> Result<Answer, Problem> {
        let (body, kind) = body.unwrap_or_default();
        for attempt in 0.. {
            let target = self.address(path);
            let mut headers = HeaderMap::new();
            if !kind.is_empty() {
                let kind =
                    HeaderValue::from_str(kind).map_err(|error| Problem::new(error.to_string()))?;
                headers.insert(CONTENT_TYPE, kind);
            }
            let answer = self.attempt_with(&method, &uri(&target)?, headers, body.clone()).await;
            match answer {
                Err(Failed::NoTls(_)) if self.falls_back() => {}
                Ok(answer) if answer.status == StatusCode::UNAUTHORIZED && attempt < 2 => {
                    self.authorize(&answer.headers).await?;
                }
                answer => return Ok(answer?),
            }
        }
        Err(Problem::new("the registry answers nothing"))
    }
}
