//! A request's contexts made ready: which trees a builder may read, and how the Dockerfile is found.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::context::{Tree, WalkError};
use super::dockerfile;
use super::error::BuildError;
use super::request::{BuildRequest, Context, Dockerfile, NamedContext};
use super::session::Layout;

/// What a builder reads.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Inputs {
    /// Trees by the names under which the builder asks for them.
    pub(super) trees: BTreeMap<String, Tree>,
    /// URL of a context that the builder fetches itself.
    pub(super) remote: Option<String>,
    /// Name of the Dockerfile in its tree.
    pub(super) dockerfile: String,
    /// Whether the Dockerfile comes from here although the context is remote, or is inline.
    pub(super) own_dockerfile: bool,
    /// Named contexts as BuildKit wants them.
    pub(super) named_contexts: BTreeMap<String, String>,
    /// Directories with images, by the names under which the builder asks for them.
    pub(super) layouts: BTreeMap<String, Layout>,
    /// The same for every build from this directory on this machine.
    pub(super) shared_key: String,
}

/// The names of the trees that every Dockerfile build has.
pub(super) const CONTEXT: &str = "context";
pub(super) const DOCKERFILE: &str = "dockerfile";

/// Begins the name of an image that lies in a directory.
pub(super) const OCI_LAYOUT: &str = "oci-layout://";

impl Inputs {
    /// Looks at the directories that a request names. Reads no file but the Dockerfile's directory.
    pub(super) fn prepare(request: &BuildRequest) -> Result<Self, BuildError> {
        let mut inputs = Self { dockerfile: "Dockerfile".to_owned(), ..Self::default() };
        let root = match &request.context {
            Context::Directory(path) => {
                if !path.is_dir() {
                    return Err(BuildError::NoContext(path.display().to_string()));
                }
                inputs.trees.insert(CONTEXT.to_owned(), Tree::Directory(path.clone()));
                inputs.shared_key = shared_key(path);
                Some(path)
            }
            Context::Remote(url) => {
                inputs.remote = Some(url.clone());
                None
            }
        };
        match &request.dockerfile {
            Dockerfile::Inline(text) => {
                let files = [(inputs.dockerfile.clone(), text.clone().into_bytes())].into();
                inputs.trees.insert(DOCKERFILE.to_owned(), Tree::Files(files));
                inputs.own_dockerfile = true;
            }
            Dockerfile::File(name) => match (root, Path::new(name).is_absolute()) {
                (Some(root), _) => inputs.local_dockerfile(&root.join(name))?,
                (None, true) => {
                    inputs.local_dockerfile(Path::new(name))?;
                    inputs.own_dockerfile = true;
                }
                (None, false) => inputs.dockerfile.clone_from(name),
            },
        }
        for (name, context) in &request.named_contexts {
            inputs.named_context(name, context)?;
        }
        Ok(inputs)
    }

    fn local_dockerfile(&mut self, path: &Path) -> Result<(), BuildError> {
        let missing = || BuildError::NoDockerfile(path.display().to_string());
        let name = path.file_name().and_then(|name| name.to_str()).ok_or_else(missing)?;
        let directory = path.parent().unwrap_or(Path::new("/"));
        let lowercase = name == "Dockerfile" && !path.exists();
        let name = if lowercase && directory.join("dockerfile").exists() {
            "dockerfile"
        } else if path.exists() {
            name
        } else {
            return Err(missing());
        };
        name.clone_into(&mut self.dockerfile);
        self.trees.insert(DOCKERFILE.to_owned(), Tree::Directory(directory.to_owned()));
        Ok(())
    }

    fn named_context(&mut self, name: &str, context: &NamedContext) -> Result<(), BuildError> {
        let value = match context {
            NamedContext::Reference(reference) => match reference.strip_prefix(OCI_LAYOUT) {
                Some(path) => self.layout(name, path)?,
                None => reference.clone(),
            },
            NamedContext::Service { image, .. } => format!("docker-image://{image}"),
            NamedContext::Directory(path) => {
                if !path.is_dir() {
                    return Err(BuildError::NoContext(path.display().to_string()));
                }
                let tree = match name {
                    CONTEXT | DOCKERFILE => format!("_{name}"),
                    name => name.to_owned(),
                };
                self.trees.insert(tree.clone(), Tree::Directory(path.clone()));
                format!("local:{tree}")
            }
        };
        self.named_contexts.insert(name.to_owned(), value);
        Ok(())
    }

    /// Takes a named context from an image in a directory, the only one there.
    pub(super) fn use_layout(&mut self, name: &str, directory: &Path) -> Result<(), BuildError> {
        let value = self.layout(name, &directory.display().to_string())?;
        self.named_contexts.insert(name.to_owned(), value);
        Ok(())
    }

    /// A context that is an image in a directory, `path[:tag][@digest]`.
    fn layout(&mut self, name: &str, path: &str) -> Result<String, BuildError> {
        let (path, digest) = match path.split_once('@') {
            Some((path, digest)) => (path, Some(digest.to_owned())),
            None => (path, None),
        };
        let (path, tag) = path.rsplit_once(':').unwrap_or((path, "latest"));
        let layout = Layout(PathBuf::from(path));
        let digest = match digest {
            Some(digest) => digest,
            None => layout.find(tag).map_err(|error| {
                BuildError::Input(format!(
                    "{OCI_LAYOUT}{path}: the image `{tag}` could not be resolved: {error}"
                ))
            })?,
        };
        self.layouts.insert(format!("oci:{name}"), layout);
        Ok(format!("{OCI_LAYOUT}{name}:{tag}@{digest}"))
    }

    /// Where the Dockerfile is, if it is a file of this machine.
    pub(super) fn dockerfile_path(&self) -> Option<PathBuf> {
        match self.trees.get(DOCKERFILE)? {
            Tree::Directory(directory) => Some(directory.join(&self.dockerfile)),
            Tree::Files(_) => None,
        }
    }
}

impl Inputs {
    /// Completes a failure by its place in the Dockerfile, where the builder did not tell it and the
    /// Dockerfile is here.
    pub(super) fn locate(&self, error: BuildError) -> BuildError {
        match error {
            BuildError::Failed(mut failure) => {
                if failure.place.is_none()
                    && let Ok(text) = self.dockerfile_content()
                {
                    let text = String::from_utf8_lossy(&text);
                    failure.place =
                        dockerfile::place(&self.dockerfile, &text, &failure.message, &failure.step);
                }
                BuildError::Failed(failure)
            }
            error => error,
        }
    }

    /// The text of the Dockerfile, where it is here.
    pub(super) fn dockerfile_content(&self) -> Result<Vec<u8>, BuildError> {
        match self.trees.get(DOCKERFILE) {
            Some(Tree::Directory(directory)) => {
                let path = directory.join(&self.dockerfile);
                std::fs::read(&path).map_err(|source| WalkError { path, source }.into())
            }
            Some(Tree::Files(files)) => {
                Ok(files.get(&self.dockerfile).cloned().unwrap_or_default())
            }
            None => Ok(Vec::new()),
        }
    }
}

/// Bytes as they are written in digests.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let halves = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    halves.map(|half| DIGITS[usize::from(half)]).collect()
}

/// Names a directory of this machine towards a builder that others may use too.
fn shared_key(directory: &Path) -> String {
    let mut hash = Sha256::new();
    #[cfg(unix)]
    hash.update(rustix::system::uname().nodename().to_bytes());
    hash.update([0]);
    hash.update(directory.as_os_str().as_encoded_bytes());
    hexadecimal(&hash.finalize())
}
