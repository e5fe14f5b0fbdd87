//! The format of a published project: which layers of a manifest are which files. Pure.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::super::error::Problem;
use super::super::registry::Digest;
use super::COMPOSE_FILE;

/// Kind of a project, by OCI 1.1.
pub(super) const PROJECT: &str = "application/vnd.docker.compose.project";
/// Kind of a project's configuration, by which OCI 1.0 tells it.
pub(super) const EMPTY_CONFIG: &str = "application/vnd.docker.compose.config.empty.v1+json";
/// A Compose file.
pub(super) const COMPOSE_LAYER: &str = "application/vnd.docker.compose.file+yaml";
/// An environment file.
pub(super) const VARIABLES_LAYER: &str = "application/vnd.docker.compose.envfile";
/// Marks a Compose file as one that others extend.
pub(super) const EXTENDED: &str = "com.docker.compose.extends";
/// Name of a Compose file.
pub(super) const FILE: &str = "com.docker.compose.file";
/// Name of an environment file.
pub(super) const VARIABLES_FILE: &str = "com.docker.compose.envfile";
/// What stands between Compose files that are put into one.
const BETWEEN: &[u8] = b"\n---\n";

/// Layers of a project at most.
const LAYER_LIMIT: usize = 1000;
/// Bytes of a layer at most.
pub(super) const BLOB_LIMIT: u64 = 16 * 1024 * 1024;

/// A manifest, or an index of manifests.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Manifest {
    media_type: String,
    artifact_type: String,
    config: Descriptor,
    /// What the artifact is made of.
    pub(super) layers: Vec<Descriptor>,
    manifests: Vec<Descriptor>,
    subject: Option<Descriptor>,
}

/// Something in a registry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Descriptor {
    media_type: String,
    artifact_type: String,
    digest: String,
    /// Bytes.
    pub(super) size: u64,
    annotations: BTreeMap<String, String>,
    data: Option<String>,
}

impl Descriptor {
    /// Its digest.
    pub(super) fn digest(&self) -> Result<Digest, Problem> {
        Digest::parse(&self.digest)
    }

    /// The content, where the manifest has it in itself; it must be what the digest says.
    pub(super) fn embedded(&self) -> Result<Option<Vec<u8>>, Problem> {
        let Some(data) = &self.data else { return Ok(None) };
        let content = STANDARD
            .decode(data)
            .map_err(|_| Problem::new("the manifest holds data that is not base64"))?;
        self.digest()?.check(&content)?;
        Ok(Some(content))
    }

    fn annotation(&self, name: &str) -> &str {
        self.annotations.get(name).map_or("", String::as_str)
    }
}

impl Manifest {
    /// Reads a manifest.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Problem> {
        serde_json::from_slice(bytes)
            .map_err(|error| Problem::new(format!("the manifest is not understood: {error}")))
    }

    /// The project that an index points at: among its manifests, or what it is about, as the index of
    /// a project that was published with its images. `None` for what is no index.
    pub(super) fn project_of_index(&self) -> Result<Option<Digest>, Problem> {
        if self.manifests.is_empty() && !self.media_type.contains("index") {
            return Ok(None);
        }
        let project = self.manifests.iter().find(|it| it.artifact_type == PROJECT);
        let Some(found) = project.or(self.subject.as_ref()) else {
            return Err(Problem::new("it is an index of images, without a Compose project")
                .help("`docker compose publish` makes artifacts that can be used here"));
        };
        found.digest().map(Some)
    }

    /// Whether it is a project.
    pub(super) fn check(&self, reference: &str) -> Result<(), Problem> {
        let config = &self.config.media_type;
        let is_project = match self.artifact_type.as_str() {
            "" => config == EMPTY_CONFIG,
            kind => kind == PROJECT,
        };
        if is_project {
            return Ok(());
        }
        let kind = if self.artifact_type.is_empty() { config } else { &self.artifact_type };
        Err(Problem::new(format!("{reference} is not a compose project OCI artifact, but {kind}"))
            .help("`docker compose publish` makes artifacts that can be used here"))
    }

    /// The layers that become files.
    pub(super) fn wanted_layers(&self) -> Result<Vec<&Descriptor>, Problem> {
        if self.layers.len() > LAYER_LIMIT {
            return Err(Problem::new(format!("it has more than {LAYER_LIMIT} layers")));
        }
        let wanted: Vec<_> = self
            .layers
            .iter()
            .filter(|layer| matches!(layer.media_type.as_str(), COMPOSE_LAYER | VARIABLES_LAYER))
            .collect();
        if let Some(large) = wanted.iter().find(|layer| layer.size > BLOB_LIMIT) {
            let (size, limit) = (large.size, BLOB_LIMIT / (1024 * 1024));
            let reason = format!("it has a file of {size} bytes; the limit is {limit} MiB");
            return Err(Problem::new(reason));
        }
        Ok(wanted)
    }
}

/// A file of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct File {
    /// Its name, as the other side has it. To be judged before it is used.
    pub(super) name: String,
    /// What is in it.
    pub(super) content: Vec<u8>,
    /// Whether it is an environment file.
    pub(super) is_variables: bool,
}

/// The files of a project: its Compose files in one, the first of them; those that are extended, and
/// environment files, by themselves. To the byte as Docker Compose writes them.
pub(super) fn files_of(layers: &[(&Descriptor, Vec<u8>)]) -> Result<Vec<File>, Problem> {
    let mut main: Option<Vec<u8>> = None;
    let mut others: Vec<File> = Vec::new();
    for (index, (layer, content)) in layers.iter().enumerate() {
        let between: &[u8] = if index > 0 { BETWEEN } else { b"" };
        let is_variables = layer.media_type == VARIABLES_LAYER;
        if !is_variables && layer.annotation(EXTENDED) != "true" {
            let main = main.get_or_insert_default();
            main.extend_from_slice(between);
            main.extend_from_slice(content);
            continue;
        }
        let annotation = if is_variables { VARIABLES_FILE } else { FILE };
        let name = layer.annotation(annotation).to_owned();
        if name.is_empty() {
            return Err(Problem::new(format!(
                "it has a layer without the annotation {annotation}"
            )));
        }
        let content =
            if is_variables { content.clone() } else { [between, content.as_slice()].concat() };
        // One file may be extended, or read, from several places.
        let known = others.iter().find(|it| it.name == name);
        match known {
            Some(known) if without_between(&known.content) == without_between(&content) => {}
            _ => others.push(File { name, content, is_variables }),
        }
    }
    let Some(content) = main else {
        return Err(Problem::new("it has no Compose file")
            .help("`docker compose publish` makes artifacts that can be used here"));
    };
    let mut files = vec![File { name: COMPOSE_FILE.to_owned(), content, is_variables: false }];
    files.append(&mut others);
    Ok(files)
}

fn without_between(content: &[u8]) -> &[u8] {
    content.strip_prefix(BETWEEN).unwrap_or(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(media_type: &str, annotations: &[(&str, &str)]) -> Descriptor {
        Descriptor {
            media_type: media_type.to_owned(),
            annotations: annotations
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            ..Descriptor::default()
        }
    }

    #[test]
    fn compose_files_are_put_into_one_and_others_stand_alone() {
        let main = layer(COMPOSE_LAYER, &[(FILE, "anything/../x")]);
        let extended = layer(COMPOSE_LAYER, &[(FILE, "b.yaml"), (EXTENDED, "true")]);
        let variables = layer(VARIABLES_LAYER, &[(VARIABLES_FILE, "c.env")]);
        let layers = [
            (&main, b"one".to_vec()),
            (&extended, b"two".to_vec()),
            (&variables, b"A=1".to_vec()),
            (&main, b"three".to_vec()),
            (&extended, b"two".to_vec()),
        ];
        let files = files_of(&layers).unwrap();
        let shown: Vec<_> = files
            .iter()
            .map(|file| (file.name.as_str(), std::str::from_utf8(&file.content).unwrap()))
            .collect();
        assert_eq!(
            shown,
            [("compose.yaml", "one\n---\nthree"), ("b.yaml", "\n---\ntwo"), ("c.env", "A=1")]
        );
        assert!(files_of(&layers[1..3]).is_err(), "no Compose file");
        assert!(files_of(&[(&layer(VARIABLES_LAYER, &[]), Vec::new())]).is_err(), "no name");
    }

    #[test]
    fn kinds_are_told_apart() {
        let manifest = |text: &str| Manifest::parse(text.as_bytes()).unwrap();
        for (text, is_project) in [
            (r#"{"artifactType":"application/vnd.docker.compose.project"}"#, true),
            (
                r#"{"config":{"mediaType":"application/vnd.docker.compose.config.empty.v1+json"}}"#,
                true,
            ),
            (r#"{"config":{"mediaType":"application/vnd.oci.image.config.v1+json"}}"#, false),
            (r#"{"artifactType":"application/vnd.example"}"#, false),
            ("{}", false),
        ] {
            assert_eq!(manifest(text).check("r/x:1").is_ok(), is_project, "{text}");
        }
        assert!(Manifest::parse(b"<html>").is_err());
        let digest = Digest::of(b"").to_string();
        let index = format!(
            r#"{{"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{{"artifactType":"{PROJECT}","digest":"{digest}"}}]}}"#
        );
        assert_eq!(manifest(&index).project_of_index().unwrap(), Some(Digest::of(b"")));
        let subject = format!(
            r#"{{"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{{"digest":"x"}}],"subject":{{"digest":"{digest}"}}}}"#
        );
        assert_eq!(manifest(&subject).project_of_index().unwrap(), Some(Digest::of(b"")));
        let images = r#"{"manifests":[{"digest":"x"}]}"#;
        assert!(manifest(images).project_of_index().is_err());
        assert_eq!(manifest("{}").project_of_index(), Ok(None));
    }

    #[test]
    fn what_is_embedded_must_be_what_it_says() {
        let with = |data: &str| Descriptor {
            digest: Digest::of(b"A=1\n").to_string(),
            data: Some(data.to_owned()),
            ..Descriptor::default()
        };
        assert_eq!(with("QT0xCg==").embedded(), Ok(Some(b"A=1\n".to_vec())));
        assert!(with("QT0yCg==").embedded().is_err());
        assert!(with("?").embedded().is_err());
    }

    #[test]
    fn too_much_is_refused() {
        let large = Manifest {
            layers: vec![Descriptor { size: BLOB_LIMIT + 1, ..layer(COMPOSE_LAYER, &[]) }],
            ..Manifest::default()
        };
        assert!(large.wanted_layers().is_err());
        let many = Manifest { layers: vec![Descriptor::default(); 1001], ..Manifest::default() };
        assert!(many.wanted_layers().is_err());
    }
}
