//! The images of a project, copied into the repository that it is published in. Layers go through this
//! machine only where the registry cannot take them from its own shelves, and never as a whole.

use bytes::Bytes;
use hyper::{Method, StatusCode};
use serde::Deserialize;

use super::super::Settings;
use super::super::error::Problem;
use super::super::registry::{Digest, OciReference, Repository};
use super::manifest::{Descriptor, INDEX, MANIFEST};
use super::{credentials, repository};

/// What a manifest or an index names.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Contents {
    media_type: String,
    config: Option<Named>,
    layers: Vec<Named>,
    manifests: Vec<Named>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Named {
    media_type: String,
    digest: String,
    size: u64,
    urls: Vec<String>,
}

impl Contents {
    fn parse(bytes: &[u8]) -> Result<Self, Problem> {
        let mut contents: Self = serde_json::from_slice(bytes)
            .map_err(|error| Problem::new(format!("the manifest is not understood: {error}")))?;
        // Manifests of the OCI need not say what they are.
        if contents.media_type.is_empty() {
            let kind = if contents.manifests.is_empty() { MANIFEST } else { INDEX };
            kind.clone_into(&mut contents.media_type);
        }
        Ok(contents)
    }

    /// The blobs that go along: all but layers that may only be had where they come from.
    fn blobs(&self) -> impl Iterator<Item = &Named> {
        let stays = |blob: &&Named| {
            !blob.urls.is_empty()
                || blob.media_type.contains("foreign")
                || blob.media_type.contains("nondistributable")
        };
        self.config.iter().chain(self.layers.iter().filter(move |blob| !stays(blob)))
    }
}

/// Copies images by name into `target`, which is `reference`'s repository: what describes each, in the
/// order of the names, also where one comes twice.
pub(super) async fn copy(
    names: &[String],
    reference: &OciReference,
    target: &mut Repository<'_>,
    insecure: bool,
    settings: &Settings,
) -> Result<Vec<Descriptor>, Problem> {
    let mut copied: Vec<(&String, Descriptor)> = Vec::new();
    for name in names {
        if let Some((_, descriptor)) = copied.iter().find(|(known, _)| *known == name) {
            let descriptor = descriptor.clone();
            copied.push((name, descriptor));
            continue;
        }
        let in_context = |problem: Problem| problem.in_context(&format!("cannot copy {name}"));
        let image = OciReference::parse(name).map_err(in_context)?;
        let credentials = credentials(settings);
        let mut source = repository(&image, settings, &credentials);
        if insecure && image.registry == reference.registry {
            source.without_tls();
        }
        let mut passage = Passage {
            source: &mut source,
            target,
            mounted_from: (image.registry == reference.registry)
                .then_some(image.repository.as_str()),
        };
        let (bytes, digest) = passage
            .source
            .manifest(&image.version(), image.digest.as_ref())
            .await
            .map_err(in_context)?;
        let contents = Contents::parse(&bytes).map_err(in_context)?;
        passage.tree(&contents, &bytes, &digest).await.map_err(in_context)?;
        let descriptor =
            Descriptor::copied(&contents.media_type, &bytes, &image.registry, &image.repository);
        copied.push((name, descriptor));
    }
    Ok(copied.into_iter().map(|(_, descriptor)| descriptor).collect())
}

/// One image on its way.
struct Passage<'a, 'b, 'c> {
    source: &'a mut Repository<'b>,
    target: &'a mut Repository<'c>,
    /// The repository of the same registry that it comes from.
    mounted_from: Option<&'a str>,
}

impl Passage<'_, '_, '_> {
    /// A manifest or an index with all that it names, which comes first.
    async fn tree(
        &mut self,
        contents: &Contents,
        bytes: &Bytes,
        digest: &Digest,
    ) -> Result<(), Problem> {
        for child in &contents.manifests {
            let digest = Digest::parse(&child.digest)?;
            let (bytes, _) = self.source.manifest(&child.digest, Some(&digest)).await?;
            let contents = Contents::parse(&bytes)?;
            Box::pin(self.tree(&contents, &bytes, &digest)).await?;
        }
        for blob in contents.blobs() {
            self.blob(&Digest::parse(&blob.digest)?, blob.size).await?;
        }
        let text =
            std::str::from_utf8(bytes).map_err(|_| Problem::new(format!("{digest} is no text")))?;
        let digest = digest.to_string();
        let put = self.target.push_manifest(&digest, &contents.media_type, text).await?;
        put.map_err(Problem::new)
    }

    /// A blob, unless it is there.
    async fn blob(&mut self, digest: &Digest, size: u64) -> Result<(), Problem> {
        if self.target.has_blob(digest).await? {
            return Ok(());
        }
        let path = match self.mounted_from {
            Some(repository) => format!("blobs/uploads/?mount={digest}&from={repository}"),
            None => "blobs/uploads/".to_owned(),
        };
        let begun = self.target.send(Method::POST, &path, Some((Bytes::new(), ""))).await?;
        if begun.status == StatusCode::CREATED {
            return Ok(());
        }
        let place = self.target.upload_target(&begun, digest)?;
        let content = self.source.open_blob(digest).await?;
        self.target.pour(&place, content, size).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_that_must_not_go_along_stay() {
        let text = r#"{"config":{"digest":"c"},"layers":[{"digest":"a"},
            {"digest":"w","mediaType":"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"},
            {"digest":"u","urls":["https://example.com/x"]}]}"#;
        let contents = Contents::parse(text.as_bytes()).unwrap();
        let digests: Vec<&str> = contents.blobs().map(|blob| blob.digest.as_str()).collect();
        assert_eq!(digests, ["c", "a"]);
        assert_eq!(contents.media_type, MANIFEST);
        assert_eq!(Contents::parse(br#"{"manifests":[{}]}"#).unwrap().media_type, INDEX);
        assert!(Contents::parse(b"<html>").is_err());
    }
}
