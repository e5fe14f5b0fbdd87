//! A project goes to a registry: its layers, a manifest that names them, and the tag.

use bytes::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue, LOCATION};
use hyper::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};

use super::super::error::Problem;
use super::super::package::{Layer, LayerKind};
use super::super::registry::{Answer, Digest, Failed, OciReference, Repository, uri};
use super::super::{Artifact, Settings};
use super::artifact::{
    COMPOSE_LAYER, EMPTY_CONFIG, EXTENDED, FILE, PROJECT, VARIABLES_FILE, VARIABLES_LAYER,
};
use super::{credentials, repository};

/// The version of the OCI image specification whose form a manifest has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OciVersion {
    /// 1.0: the kind of the artifact is told by its configuration.
    V1_0,
    /// 1.1: it has a field of its own.
    V1_1,
}

/// A configuration that says nothing.
const EMPTY: &[u8] = b"{}";
const EMPTY_TYPE: &str = "application/vnd.oci.empty.v1+json";
const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";

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
    let form = |version| manifest(layers, version, compose_version, created).to_string();
    let first = registry.push_manifest(&tag, form(version.unwrap_or(OciVersion::V1_1))).await?;
    match first {
        Ok(()) => Ok(()),
        // A registry that is older than OCI 1.1.
        Err(_) if version.is_none() => {
            registry.push_manifest(&tag, form(OciVersion::V1_0)).await?.map_err(Problem::new)
        }
        Err(refusal) => Err(Problem::new(refusal)),
    }
}

fn manifest(layers: &[Layer], version: OciVersion, compose_version: &str, created: &str) -> Value {
    let layers: Vec<Value> =
        layers.iter().map(|layer| descriptor(layer, compose_version)).collect();
    let config_type = match version {
        OciVersion::V1_0 => EMPTY_CONFIG,
        OciVersion::V1_1 => EMPTY_TYPE,
    };
    let mut manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "artifactType": PROJECT,
        "config": {
            "mediaType": config_type,
            "digest": Digest::of(EMPTY).to_string(),
            "size": EMPTY.len(),
        },
        "layers": layers,
        "annotations": { "org.opencontainers.image.created": created },
    });
    if version == OciVersion::V1_0 {
        manifest.as_object_mut().expect("it is written as an object").remove("artifactType");
    }
    manifest
}

fn descriptor(layer: &Layer, compose_version: &str) -> Value {
    let (kind, name) = match layer.kind {
        LayerKind::Compose | LayerKind::Extended => (COMPOSE_LAYER, FILE),
        LayerKind::Variables => (VARIABLES_LAYER, VARIABLES_FILE),
    };
    let mut annotations = json!({
        "com.docker.compose.version": compose_version,
        name: layer.name,
    });
    if layer.kind == LayerKind::Extended {
        annotations[EXTENDED] = json!("true");
    }
    json!({
        "mediaType": kind,
        "digest": Digest::of(&layer.content).to_string(),
        "size": layer.content.len(),
        "annotations": annotations,
    })
}

impl Repository<'_> {
    /// Uploads bytes, unless the registry has them.
    async fn push_blob(&mut self, content: &[u8]) -> Result<(), Problem> {
        let digest = Digest::of(content);
        let known = self.send(Method::HEAD, &format!("blobs/{digest}"), None).await?;
        if known.status == StatusCode::OK {
            return Ok(());
        }
        let begun = self.send(Method::POST, "blobs/uploads/", Some((Bytes::new(), ""))).await?;
        if begun.status != StatusCode::ACCEPTED {
            return Err(self.refusal("blobs/uploads/", &begun));
        }
        let location = begun.headers.get(LOCATION).and_then(|it| it.to_str().ok());
        let location =
            location.ok_or_else(|| Problem::new("the registry says no place to upload to"))?;
        let separator = if location.contains('?') { '&' } else { '?' };
        let target = format!("{location}{separator}digest={digest}");
        let body = Bytes::copy_from_slice(content);
        let put = self.send(Method::PUT, &target, Some((body, "application/octet-stream"))).await?;
        if put.status == StatusCode::CREATED { Ok(()) } else { Err(self.refusal(&target, &put)) }
    }

    /// Puts a manifest under a tag. The inner error is a refusal of this manifest.
    async fn push_manifest(
        &mut self,
        tag: &str,
        manifest: String,
    ) -> Result<Result<(), String>, Problem> {
        let path = format!("manifests/{tag}");
        let put =
            self.send(Method::PUT, &path, Some((Bytes::from(manifest), MANIFEST_TYPE))).await?;
        match put.status {
            StatusCode::CREATED | StatusCode::OK => Ok(Ok(())),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(self.refusal(&path, &put)),
            status if status.is_client_error() => Ok(Err(self.refusal(&path, &put).reason)),
            _ => Err(self.refusal(&path, &put)),
        }
    }

    /// Sends a request to a path of the repository, or to where the registry said.
    async fn send(
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
