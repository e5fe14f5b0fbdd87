//! What looks like a secret in what would be published, in the files that Docker Compose looks at and
//! by the rules that it has (2.40.3, with the library `secret-detector`): kinds of secrets in a fixed
//! order, of which the first that finds something under a key tells it.
//!
//! A text that is JSON, YAML, XML or of the family of INI is looked at as pairs of keys and values;
//! any other one as it is written, where a value may stand behind a key on its line or on the line
//! before, or alone. Everything takes time in proportion to the text, and nothing is refused: a text
//! that is no text of its format is read as something else.

mod authentication;
mod compose_file;
mod entropy;
mod keyword;
mod kinds;
mod pairs;
mod shape;
mod text;
mod url;

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use self::pairs::{Format, Pairs};
use self::text::Text;
use crate::compose::files::Files;
use crate::compose::model::Project;
use crate::compose::yaml::Node;
use crate::remote::{Layer, LayerKind};

/// Files with more bytes are not looked into, but told by their size: no configuration is so large.
const LARGEST: usize = 10_000_000;

/// What looks like a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    /// What kind of secret it looks like, in Docker Compose's words.
    pub(super) kind: &'static str,
    /// The key that it stands under: `services.web.environment.TOKEN`; empty if there is none.
    pub(super) key: String,
    /// The secret. Where it stands under a key of a structured file, all that stands there.
    pub(super) value: String,
}

/// What looks like a secret in a project: in its Compose files as they are written, variables left
/// as such; in those that they extend, which go out with them (`layers`); in environment files,
/// whether they go out or not, and in the files of configs and secrets.
pub(super) fn find(project: &Project, layers: &[Layer], files: &dyn Files) -> Vec<Finding> {
    let mut found = Vec::new();
    for path in &project.compose_files {
        if let Ok(bytes) = files.read(path) {
            let text = String::from_utf8_lossy(&bytes);
            let model = compose_file::model(&text, project, files);
            found.extend(in_text(&model, Format::Unknown));
        }
    }
    for layer in layers.iter().filter(|layer| layer.kind == LayerKind::Extended) {
        let text = String::from_utf8_lossy(&layer.content);
        let model = compose_file::model(&text, project, files);
        found.extend(in_text(&model, Format::Unknown));
    }
    for path in files_of(project) {
        found.extend(in_file(path, files));
    }
    found
}

/// The files that services, configs and secrets name, each once, in this order.
fn files_of(project: &Project) -> Vec<&str> {
    // Those of services are read by now, and written in the tree only.
    let services = project.tree.get("services").and_then(Node::as_mapping).into_iter().flatten();
    let lists = services.filter_map(|(_, service)| service.node.get("env_file")?.as_sequence());
    let variables = lists.flatten().filter_map(|file| file.get("path")?.as_str());
    let configs = project.configs.values().map(|config| config.file.as_str());
    let secrets = project.secrets.values().map(|secret| secret.file.as_str());
    let mut seen = BTreeSet::new();
    let paths = variables.chain(configs).chain(secrets);
    paths.filter(|path| !path.is_empty() && seen.insert(*path)).collect()
}

/// What looks like a secret in a file; nothing in one that cannot be read or is no text.
fn in_file(path: &str, files: &dyn Files) -> Vec<Finding> {
    let Ok(bytes) = files.read(Path::new(path)) else { return Vec::new() };
    if bytes.len() > LARGEST {
        return vec![oversized(path, bytes.len())];
    }
    let Ok(text) = String::from_utf8(bytes) else { return Vec::new() };
    // Docker Compose takes a file with carriage returns for a binary one and ends there.
    in_text(&text.replace("\r\n", "\n"), Format::of_path(path))
}

/// What looks like a secret in a text of that format.
fn in_text(text: &str, format: Format) -> Vec<Finding> {
    let text = text.trim();
    if text.len() > LARGEST {
        return vec![oversized("", text.len())];
    }
    let found = match pairs::of(text, format) {
        Some(pairs) => in_pairs(&pairs),
        None => in_plain_text(text),
    };
    first_of_each_key(found)
}

fn in_pairs(pairs: &Pairs) -> Vec<Finding> {
    kinds::ALL.iter().flat_map(|kind| kind.in_pairs(pairs)).collect()
}

/// Of a single line only the first kind that finds something is told.
fn in_plain_text(text: &str) -> Vec<Finding> {
    let lines = Text::new(text);
    let mut each = kinds::ALL.iter().map(|kind| kind.in_text(&lines));
    if text.contains('\n') {
        each.flatten().collect()
    } else {
        each.find(|found| !found.is_empty()).unwrap_or_default()
    }
}

/// Drops what is found under a key that something was found under already, by a stricter rule.
fn first_of_each_key(found: Vec<Finding>) -> Vec<Finding> {
    let mut keys = HashSet::new();
    let is_first = |it: &Finding| it.key.is_empty() || keys.insert(it.key.clone());
    found.into_iter().filter(is_first).collect()
}

fn oversized(path: &str, bytes: usize) -> Finding {
    #[expect(clippy::cast_precision_loss, reason = "it is shown with two decimals")]
    let mut size = bytes as f64;
    let mut unit = "B";
    for larger in ["KB", "MB", "GB", "TB"] {
        if size >= 1024.0 {
            (size, unit) = (size / 1024.0, larger);
        }
    }
    let value = format!("{size:.2}{unit}");
    Finding { kind: "Suspicious text file size", key: path.to_owned(), value }
}

#[cfg(test)]
mod tests;
