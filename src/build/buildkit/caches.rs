//! Caches in directories of this machine: the builder knows them by digest and reaches them through
//! our session.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::build::error::BuildError;
use crate::build::event::BuildEvent;
use crate::build::request::{BuildRequest, Cache};
use crate::build::session::Layout;

/// The name of a cache in its directory, where a file gives none.
const DEFAULT_TAG: &str = "latest";

/// The caches of a build as the builder takes them.
#[derive(Default)]
pub(super) struct Caches {
    /// Those to read; local ones with their digest.
    pub(super) imports: Vec<Cache>,
    /// Those to write.
    pub(super) exports: Vec<Cache>,
    /// Directories by the names under which the builder asks for them.
    pub(super) layouts: BTreeMap<String, Layout>,
    /// Directories to note a new cache in, with its name there.
    written: Vec<(Layout, String)>,
}

impl Caches {
    /// Looks up local caches. One that is not there is told and left out.
    pub(super) fn open(request: &BuildRequest, events: &(dyn Fn(BuildEvent) + Sync)) -> Self {
        let mut caches = Self::default();
        for cache in &request.cache_from {
            let mut cache = cache.clone();
            if let Some(layout) = caches.layout(&cache, "src")
                && !cache.attributes.contains_key("digest")
            {
                match layout.find(tag(&cache)) {
                    Ok(digest) => {
                        cache.attributes.insert("digest".to_owned(), digest);
                    }
                    Err(error) => {
                        events(missing(&layout, &error));
                        continue;
                    }
                }
            }
            caches.imports.push(cache);
        }
        for cache in &request.cache_to {
            if let Some(layout) = caches.layout(cache, "dest") {
                caches.written.push((layout, tag(cache).to_owned()));
            }
            caches.exports.push(cache.clone());
        }
        caches
    }

    fn layout(&mut self, cache: &Cache, attribute: &str) -> Option<Layout> {
        let directory = cache.attributes.get(attribute).filter(|_| cache.kind == "local")?;
        let layout = Layout(PathBuf::from(directory));
        self.layouts.insert(format!("local:{directory}"), layout.clone());
        Some(layout)
    }

    /// Names a cache that was written; `manifest` is what the builder says of it.
    pub(super) fn note(&self, manifest: Option<&String>) -> Result<(), BuildError> {
        let Some(manifest) = manifest.and_then(|text| serde_json::from_str(text).ok()) else {
            return Ok(());
        };
        let manifest: serde_json::Value = manifest;
        for (layout, tag) in &self.written {
            layout.put(tag, manifest.clone()).map_err(|error| {
                BuildError::Input(format!(
                    "cannot write the cache in `{}`: {error}",
                    layout.0.display()
                ))
            })?;
        }
        Ok(())
    }
}

fn tag(cache: &Cache) -> &str {
    cache.attributes.get("tag").map_or(DEFAULT_TAG, String::as_str)
}

fn missing(layout: &Layout, error: &std::io::Error) -> BuildEvent {
    BuildEvent::Warning {
        message: format!("there is no cache in `{}`: {error}", layout.0.display()),
        details: Vec::new(),
        url: String::new(),
        lines: None,
    }
}
