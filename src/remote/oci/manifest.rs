//! What a published project is in a registry: a manifest of its files, and an index of its images. As
//! Docker Compose writes them, to the byte. Pure.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::super::package::{Layer, LayerKind};
use super::super::registry::Digest;
use super::artifact::{
    COMPOSE_LAYER, EMPTY_CONFIG, EXTENDED, FILE, PROJECT, VARIABLES_FILE, VARIABLES_LAYER,
};
use super::push::OciVersion;

/// A configuration that says nothing.
pub(super) const EMPTY: &[u8] = b"{}";
const EMPTY_TYPE: &str = "application/vnd.oci.empty.v1+json";
/// Kind of a manifest.
pub(super) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// Kind of an index.
pub(super) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const CREATED: &str = "org.opencontainers.image.created";
const VERSION: &str = "com.docker.compose.version";
/// Where an image was copied from; the host follows.
const SOURCE: &str = "containerd.io/distribution.source.";

/// Something in a registry, as it is written into a manifest. The order of the fields is that of Go's
/// package of the OCI.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Descriptor {
    /// Its kind.
    pub(super) media_type: String,
    /// Its digest.
    pub(super) digest: String,
    /// Its bytes.
    pub(super) size: usize,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<String>,
    #[serde(skip_serializing_if = "str::is_empty")]
    artifact_type: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    schema_version: u8,
    media_type: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    artifact_type: &'static str,
    config: Descriptor,
    layers: Vec<Descriptor>,
    annotations: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Index<'a> {
    schema_version: u8,
    media_type: &'static str,
    manifests: &'a [Descriptor],
    subject: Descriptor,
    annotations: BTreeMap<&'static str, String>,
}

impl Descriptor {
    /// Of these bytes.
    fn of(media_type: &str, content: &[u8]) -> Self {
        Self {
            media_type: media_type.to_owned(),
            digest: Digest::of(content).to_string(),
            size: content.len(),
            annotations: BTreeMap::new(),
            data: None,
            artifact_type: "",
        }
    }

    /// Of an image that is copied from the repository `name` of `registry`.
    pub(super) fn copied(media_type: &str, content: &[u8], registry: &str, name: &str) -> Self {
        let host = registry.rsplit_once(':').map_or(registry, |(host, _)| host);
        let annotations = [(format!("{SOURCE}{host}"), name.to_owned())].into();
        Self { annotations, ..Self::of(media_type, content) }
    }

    /// With the content itself, so that a reader need not ask for it.
    fn holding(self, content: &[u8]) -> Self {
        Self { data: Some(STANDARD.encode(content)), ..self }
    }
}

/// The manifest of a project that is made of `layers`; `created` is a time (RFC 3339).
pub(super) fn of_project(
    layers: &[Layer],
    version: OciVersion,
    compose_version: &str,
    created: &str,
) -> String {
    let (config, artifact_type) = match version {
        OciVersion::V1_0 => (EMPTY_CONFIG, ""),
        OciVersion::V1_1 => (EMPTY_TYPE, PROJECT),
    };
    json(&Manifest {
        schema_version: 2,
        media_type: MANIFEST,
        artifact_type,
        config: Descriptor::of(config, EMPTY).holding(EMPTY),
        layers: layers.iter().map(|layer| of_layer(layer, compose_version)).collect(),
        annotations: [(CREATED, created.to_owned())].into(),
    })
}

/// The index of the images of a project, whose manifest is `project`.
pub(super) fn of_images(
    images: &[Descriptor],
    project: &str,
    version: OciVersion,
    compose_version: &str,
) -> String {
    let artifact_type = match version {
        OciVersion::V1_0 => "",
        OciVersion::V1_1 => PROJECT,
    };
    let annotations = [(VERSION.to_owned(), compose_version.to_owned())].into();
    let subject =
        Descriptor { annotations, artifact_type, ..Descriptor::of(MANIFEST, project.as_bytes()) };
    json(&Index {
        schema_version: 2,
        media_type: INDEX,
        manifests: images,
        subject,
        annotations: [(VERSION, compose_version.to_owned())].into(),
    })
}

fn of_layer(layer: &Layer, compose_version: &str) -> Descriptor {
    let (kind, name) = match layer.kind {
        LayerKind::Compose | LayerKind::Extended => (COMPOSE_LAYER, FILE),
        LayerKind::Variables => (VARIABLES_LAYER, VARIABLES_FILE),
    };
    let mut descriptor = Descriptor::of(kind, &layer.content).holding(&layer.content);
    descriptor.annotations.insert(VERSION.to_owned(), compose_version.to_owned());
    descriptor.annotations.insert(name.to_owned(), layer.name.clone());
    if layer.kind == LayerKind::Extended {
        descriptor.annotations.insert(EXTENDED.to_owned(), "true".to_owned());
    }
    descriptor
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("it is made of texts and numbers")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Docker Compose 2.40.3 put into a registry.
    #[test]
    fn manifests_are_docker_composes_to_the_byte() {
        let layer = |name: &str, kind, content: &str| Layer {
            kind,
            name: name.to_owned(),
            content: content.as_bytes().to_vec(),
        };
        let layers = [layer("compose.yaml", LayerKind::Compose, "services: {}\n")];
        let project = of_project(&layers, OciVersion::V1_1, "2.40.3", "2026-11-27T07:14:08Z");
        assert_eq!(
            project,
            format!(
                concat!(
                    r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","#,
                    r#""artifactType":"application/vnd.docker.compose.project","#,
                    r#""config":{{"mediaType":"application/vnd.oci.empty.v1+json","#,
                    r#""digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","#,
                    r#""size":2,"data":"e30="}},"#,
                    r#""layers":[{{"mediaType":"application/vnd.docker.compose.file+yaml","#,
                    r#""digest":"{}","size":13,"#,
                    r#""annotations":{{"com.docker.compose.file":"compose.yaml","com.docker.compose.version":"2.40.3"}},"#,
                    r#""data":"c2VydmljZXM6IHt9Cg=="}}],"#,
                    r#""annotations":{{"org.opencontainers.image.created":"2026-11-27T07:14:08Z"}}}}"#,
                ),
                Digest::of(b"services: {}\n")
            )
        );
        let image = Descriptor::copied("application/x", b"{}", "127.0.0.1:5099", "library/busybox");
        assert_eq!(
            of_images(&[image], &project, OciVersion::V1_1, "2.40.3"),
            format!(
                concat!(
                    r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","#,
                    r#""manifests":[{{"mediaType":"application/x","#,
                    r#""digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2,"#,
                    r#""annotations":{{"containerd.io/distribution.source.127.0.0.1":"library/busybox"}}}}],"#,
                    r#""subject":{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{}","size":{},"#,
                    r#""annotations":{{"com.docker.compose.version":"2.40.3"}},"#,
                    r#""artifactType":"application/vnd.docker.compose.project"}},"#,
                    r#""annotations":{{"com.docker.compose.version":"2.40.3"}}}}"#,
                ),
                Digest::of(project.as_bytes()),
                project.len()
            )
        );
    }

    #[test]
    fn older_registries_are_told_the_kind_by_the_configuration() {
        let layer = Layer {
            kind: LayerKind::Extended,
            name: "base.yaml".to_owned(),
            content: b"a: b\n".to_vec(),
        };
        let manifest = of_project(&[layer], OciVersion::V1_0, "2.40.3", "");
        let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
        assert_eq!(manifest.get("artifactType"), None);
        assert_eq!(manifest["config"]["mediaType"], EMPTY_CONFIG);
        assert_eq!(manifest["layers"][0]["annotations"][EXTENDED], "true");
        assert_eq!(manifest["layers"][0]["annotations"][FILE], "base.yaml");
    }
}
