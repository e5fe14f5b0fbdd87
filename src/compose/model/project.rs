//! The whole: services and what they share.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use indexmap::IndexMap;

use super::{FileObject, Model, Network, Service, Volume};
use crate::compose::yaml::{Node, Value};
use crate::diagnostic::{FileId, SourceMap, Span};

/// `x-` keys with their values, as JSON.
pub type Extensions = BTreeMap<String, serde_json::Value>;

/// What inclusions give to a Compose file that they bring.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Included {
    /// Their environment files, absolute: those of the outermost inclusion first, whose variables win.
    pub env_files: Vec<Vec<PathBuf>>,
    /// The variables that these add to the project's own.
    pub variables: BTreeMap<String, String>,
}

/// The Compose files that inclusions bring, absolute. What is brought twice with different variables has none of them.
pub type Inclusions = BTreeMap<PathBuf, Arc<Included>>;

/// What a set of Compose files says, after every stage of the load.
#[derive(Debug, Clone)]
pub struct Project {
    /// Name of the project, in its normal form.
    pub name: String,
    /// Directory that relative paths are based on, absolute.
    pub working_dir: PathBuf,
    /// The Compose files in load order, absolute; `-` is standard input. Of files from afar, the local
    /// copies.
    pub compose_files: Vec<PathBuf>,
    /// Files given by `--env-file`, absolute; empty when only the default `.env` was used.
    pub env_files: Vec<PathBuf>,
    /// What included files have beside the project's own variables.
    pub inclusions: Inclusions,
    /// Variables that interpolation and value-less keys see.
    pub environment: BTreeMap<String, String>,
    /// Active profiles.
    pub profiles: Vec<String>,
    /// Enabled services, by name.
    pub services: IndexMap<String, Service>,
    /// Services whose profiles are not active, by name.
    pub disabled_services: IndexMap<String, Service>,
    /// Networks by key.
    pub networks: BTreeMap<String, Network>,
    /// Volumes by key.
    pub volumes: BTreeMap<String, Volume>,
    /// Secrets by key.
    pub secrets: BTreeMap<String, FileObject>,
    /// Configs by key.
    pub configs: BTreeMap<String, FileObject>,
    /// Models by key.
    pub models: BTreeMap<String, Model>,
    /// Top-level `x-` keys.
    pub extensions: Extensions,
    /// The merged tree that the typed values were read from; its spans say where each came from.
    pub tree: Node,
    /// The texts that spans point into.
    pub sources: SourceMap,
}

impl Project {
    /// A project that stands in no file, and has nothing yet.
    pub fn unwritten(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            working_dir: PathBuf::new(),
            compose_files: Vec::new(),
            env_files: Vec::new(),
            inclusions: Inclusions::new(),
            environment: BTreeMap::new(),
            profiles: Vec::new(),
            services: IndexMap::new(),
            disabled_services: IndexMap::new(),
            networks: BTreeMap::new(),
            volumes: BTreeMap::new(),
            secrets: BTreeMap::new(),
            configs: BTreeMap::new(),
            models: BTreeMap::new(),
            extensions: BTreeMap::new(),
            tree: Node::new(Value::Null, Span::new(FileId(0), 0, 0)),
            sources: SourceMap::default(),
        }
    }

    /// Where the value at a dotted path (`services.web.image`) is written: itself, or its nearest
    /// ancestor that stands in a file.
    pub fn origin(&self, path: &str) -> Option<Span> {
        let mut path = path;
        loop {
            if let Some(node) = self.tree.at_path(path) {
                return Some(node.span);
            }
            path = &path[..path.rfind(['.', '['])?];
        }
    }
}
