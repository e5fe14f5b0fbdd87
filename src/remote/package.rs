//! What a project is made of when it is published: its Compose files, what they extend, and their
//! environment files, each a layer. References between them are rewritten to the names that they
//! have there, as Docker Compose does, so that either tool reads what the other wrote.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::cache::hexadecimal;
use crate::compose::files::Files;
use crate::compose::paths::clean;
use crate::compose::yaml::{self, Node};
use crate::diagnostic::FileId;

/// What a layer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LayerKind {
    /// A Compose file of the project.
    Compose,
    /// A Compose file that others extend.
    Extended,
    /// An environment file.
    Variables,
}

/// One file of a published project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// What it is.
    pub kind: LayerKind,
    /// The name that it has there.
    pub name: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// Why a project cannot be published.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// It is put together from files that would not come along.
    #[error("cannot publish compose file with local includes")]
    LocalInclude,
    /// A file that cannot be read.
    #[error("cannot read {path}: {1}", path = .0.display())]
    File(PathBuf, std::io::Error),
    /// A Compose file that is no text.
    #[error("{path}: not UTF-8", path = .0.display())]
    Text(PathBuf),
}

/// The layers of a project with these Compose files, in their order; then what they extend, then,
/// `with_variables`, environment files.
///
/// # Errors
/// Files that cannot be read, and includes of local files.
pub fn layers(
    compose_files: &[PathBuf],
    working_directory: &Path,
    with_variables: bool,
    files: &dyn Files,
) -> Result<Vec<Layer>, PackageError> {
    let mut packing = Packing { files, extended: BTreeMap::new(), variables: BTreeMap::new() };
    let mut layers = Vec::new();
    for path in compose_files {
        let content = packing.rewrite(path, working_directory)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        layers.push(Layer { kind: LayerKind::Compose, name, content });
    }
    layers.extend(packing.extended.into_values().flatten());
    if with_variables {
        layers.extend(packing.variables.into_values());
    }
    Ok(layers)
}

struct Packing<'a> {
    files: &'a dyn Files,
    /// By path; `None` while one is worked on, since files may extend each other.
    extended: BTreeMap<PathBuf, Option<Layer>>,
    variables: BTreeMap<PathBuf, Layer>,
}

impl Packing<'_> {
    /// The text of a Compose file with its references renamed, and takes what they lead to along.
    fn rewrite(&mut self, path: &Path, directory: &Path) -> Result<Vec<u8>, PackageError> {
        let bytes = self.read(path)?;
        let text = String::from_utf8(bytes).map_err(|_| PackageError::Text(path.to_owned()))?;
        let parsed = yaml::parse(FileId(0), &text);
        let mut edits = Edits::new();
        for document in &parsed.documents {
            if includes(document).any(|path| !is_remote(path)) {
                return Err(PackageError::LocalInclude);
            }
            let services = document.get("services").and_then(Node::as_mapping);
            for (_, service) in services.into_iter().flat_map(yaml::Mapping::iter) {
                if let Some(node) = service.node.get("extends").and_then(|node| node.get("file")) {
                    self.extend(node, directory, &mut edits)?;
                }
                for node in env_files(&service.node) {
                    self.variables(node, directory, &mut edits)?;
                }
            }
        }
        let mut content = text;
        for (start, (end, name)) in edits.into_iter().rev() {
            content.replace_range(start..end, &name);
        }
        Ok(content.into_bytes())
    }

    fn extend(
        &mut self,
        node: &Node,
        directory: &Path,
        edits: &mut Edits,
    ) -> Result<(), PackageError> {
        let Some(reference) = node.as_str().filter(|text| !is_remote(text)) else { return Ok(()) };
        let path = located(directory, reference);
        let name = format!("{}.yaml", digest(&path));
        let range = node.span.range();
        edits.insert(range.start, (range.end, name.clone()));
        if !self.extended.contains_key(&path) {
            self.extended.insert(path.clone(), None);
            let directory = path.parent().unwrap_or(directory).to_owned();
            let content = self.rewrite(&path, &directory)?;
            let layer = Layer { kind: LayerKind::Extended, name, content };
            self.extended.insert(path, Some(layer));
        }
        Ok(())
    }

    fn variables(
        &mut self,
        node: &Node,
        directory: &Path,
        edits: &mut Edits,
    ) -> Result<(), PackageError> {
        let Some(reference) = node.as_str() else { return Ok(()) };
        let path = located(directory, reference);
        let content = match self.files.read(&path) {
            Ok(content) => content,
            // One that need not exist, or that only variables name.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(PackageError::File(path, error)),
        };
        let name = format!("{}.env", digest(&path));
        let range = node.span.range();
        edits.insert(range.start, (range.end, name.clone()));
        self.variables.insert(path, Layer { kind: LayerKind::Variables, name, content });
        Ok(())
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, PackageError> {
        self.files.read(path).map_err(|error| PackageError::File(path.to_owned(), error))
    }
}

/// Replacements of bytes: from where, up to where, by what. What an alias repeats is one place.
type Edits = BTreeMap<usize, (usize, String)>;

/// The paths of `env_file`, in all of its notations.
fn env_files(service: &Node) -> impl Iterator<Item = &Node> {
    let node = service.get("env_file");
    let list = node.and_then(Node::as_sequence).unwrap_or_default().iter();
    let single = node.filter(|node| node.as_str().is_some());
    list.chain(single)
        .filter_map(|item| if item.as_str().is_some() { Some(item) } else { item.get("path") })
}

/// The paths of `include`, in all of its notations.
fn includes(document: &Node) -> impl Iterator<Item = &str> {
    let items = document.get("include").and_then(Node::as_sequence).unwrap_or_default().iter();
    items.flat_map(|item| {
        let paths = item.get("path").unwrap_or(item);
        let list = paths.as_sequence().unwrap_or_default().iter().filter_map(Node::as_str);
        list.chain(paths.as_str())
    })
}

fn is_remote(reference: &str) -> bool {
    crate::compose::remote::Remote::of(reference).is_some()
}

/// Where a reference leads, written in one way however the reference is.
fn located(directory: &Path, reference: &str) -> PathBuf {
    PathBuf::from(clean(&directory.join(reference).to_string_lossy()))
}

/// What names a file in the artifact: as in Docker Compose, it is made of where the file is here, so that
/// files of one name from several directories stay apart.
fn digest(path: &Path) -> String {
    hexadecimal(&Sha256::digest(path.to_string_lossy().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::files::Disk;

    #[test]
    fn files_are_named_by_where_they_are() {
        let folder = tempfile::tempdir().expect("a directory can be made");
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().expect("it has one")).expect("it can be made");
            std::fs::write(path, text).expect("it can be written");
        };
        write("a.env", "A=1\n");
        write("deep/a.env", "A=2\n");
        write("deep/base.yaml", "services: {x: {env_file: a.env}}\n");
        write(
            "compose.yaml",
            "services:\n  a: {env_file: [a.env, ./a.env]}\n  b: {extends: {file: deep/base.yaml, service: x}}\n",
        );
        let compose = folder.path().join("compose.yaml");
        let layers =
            layers(&[compose], folder.path(), true, &Disk::default()).expect("they are read");
        let name = |path: &str| digest(&folder.path().join(path));
        let texts: Vec<(&str, String)> = layers
            .iter()
            .map(|layer| {
                (layer.name.as_str(), String::from_utf8_lossy(&layer.content).into_owned())
            })
            .collect();
        let (own, deep) = (name("a.env"), name("deep/a.env"));
        let base = name("deep/base.yaml");
        assert_eq!(
            texts,
            [
                (
                    "compose.yaml",
                    format!(
                        "services:\n  a: {{env_file: [{own}.env, {own}.env]}}\n  b: {{extends: {{file: {base}.yaml, service: x}}}}\n"
                    ),
                ),
                (
                    format!("{base}.yaml").as_str(),
                    format!("services: {{x: {{env_file: {deep}.env}}}}\n")
                ),
                (format!("{own}.env").as_str(), "A=1\n".to_owned()),
                (format!("{deep}.env").as_str(), "A=2\n".to_owned()),
            ]
        );
    }
}
