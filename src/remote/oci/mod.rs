//! Projects in registries, as Docker Compose publishes them.

mod artifact;
mod images;
mod manifest;
mod push;

use std::path::PathBuf;
use std::sync::Arc;

use super::Settings;
use super::cache::{Cache, Copy, Mode};
use super::error::Problem;
use super::registry::{Http, OciReference, Repository};
use super::tree::TreePath;
use crate::engine::ClientConfig;
use crate::engine::credentials::Credentials;
use crate::engine::endpoint::{Flags, configuration_directory};
use artifact::{Manifest, files_of};
pub use push::OciVersion;
pub(super) use push::push;

/// The Compose file of an artifact.
const COMPOSE_FILE: &str = "compose.yaml";

/// The copy of what a reference leads to, and the Compose file in it.
pub(super) async fn fetch(
    text: &str,
    settings: &Settings,
    cache: &Cache,
) -> Result<(Copy, PathBuf), Problem> {
    let reference = OciReference::parse(text)?;
    let in_context = |problem: Problem| {
        problem.in_context(&format!("failed to pull OCI resource \"{reference}\""))
    };
    // What is named by its digest is the same for ever.
    let pinned = reference.digest.as_ref();
    if let Some(copy) = pinned.and_then(|it| cache.find(it.hexadecimal(), Some(COMPOSE_FILE))) {
        return Ok(with_file(copy));
    }
    download(&reference, settings, cache).await.map(with_file).map_err(in_context)
}

/// The user's credentials. Asks no helper yet.
fn credentials(settings: &Settings) -> Credentials {
    let surroundings = &*settings.surroundings;
    let directory = configuration_directory(&Flags::default(), surroundings);
    let warn = Arc::clone(&settings.warn);
    let config = ClientConfig::load(&directory, surroundings, &|text| warn(text));
    Credentials::new(&config, surroundings, Arc::clone(&settings.warn))
}

/// The repository that a reference is in. Connects to nothing yet.
fn repository<'a>(
    reference: &OciReference,
    settings: &Settings,
    credentials: &'a Credentials,
) -> Repository<'a> {
    let http = Http::new(&settings.variables);
    let mut repository = Repository::new(reference, &http, credentials);
    if settings.insecure_registries.contains(&reference.registry) {
        repository.without_tls();
    }
    repository
}

fn with_file(copy: Copy) -> (Copy, PathBuf) {
    let file = copy.root.join(COMPOSE_FILE);
    (copy, file)
}

async fn download(
    reference: &OciReference,
    settings: &Settings,
    cache: &Cache,
) -> Result<Copy, Problem> {
    let credentials = credentials(settings);
    let mut registry = repository(reference, settings, &credentials);
    let version = reference.version();
    let (bytes, digest) = registry.manifest(&version, reference.digest.as_ref()).await?;
    // As in Docker Compose, the copy has the digest of what the reference leads to, index or not:
    // it is part of paths, and so of the identity of services.
    if let Some(copy) = cache.find(digest.hexadecimal(), Some(COMPOSE_FILE)) {
        return Ok(copy);
    }
    let manifest = project(Manifest::parse(&bytes)?, &mut registry).await?;
    manifest.check(&reference.to_string())?;
    let mut contents = Vec::with_capacity(manifest.layers.len());
    for layer in manifest.wanted_layers()? {
        let content = match layer.embedded()? {
            Some(content) => content,
            None => registry.blob(&layer.digest()?, layer.size).await?,
        };
        contents.push((layer, content));
    }
    let mut draft = cache.begin()?;
    for file in files_of(&contents)? {
        let mode = if file.is_variables { Mode::Shared } else { Mode::Private };
        draft.file(&TreePath::name(&file.name)?, &file.content, mode)?;
    }
    draft.finish(digest.hexadecimal())
}

/// The manifest of the project: this one, or what it points at if it is an index.
async fn project(manifest: Manifest, registry: &mut Repository<'_>) -> Result<Manifest, Problem> {
    let Some(inner) = manifest.project_of_index()? else { return Ok(manifest) };
    let (bytes, _) = registry.manifest(&inner.to_string(), Some(&inner)).await?;
    Manifest::parse(&bytes)
}
