//! Packages that force a pin: whether what a Dockerfile installs exists in built form for the engine's own
//! platform, so that a build that is pinned to another one can be lifted or is known to need it.
//!
//! [`Inspector::inspect`] finds the calls of installers in a Dockerfile ([`dockerfile`]), reads the requirements and
//! lock files that they are given, asks the user's own index what a lock file does not say ([`index`]), and
//! judges by the rules of the installers ([`python`], [`node`], [`ruby`]). What is not answered in time is unknown,
//! never guessed. All but the index and the reading of files is pure.

mod context;
mod dockerfile;
mod image;
mod index;
mod inspector;
mod lines;
mod node;
mod python;
mod report;
mod ruby;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

use crate::platform::Platform;

pub use context::{BuildContext, Directory};
pub use inspector::Inspector;
pub use report::{Ecosystem, Note, Package, Report, State, Verdict};

/// Tools of Python that install others. They exist for every platform, so that installing them says nothing.
pub(crate) const TOOLS: [&str; 12] = [
    "build",
    "hatch",
    "pdm",
    "pip",
    "pip-tools",
    "pipenv",
    "poetry",
    "poetry-core",
    "setuptools",
    "uv",
    "virtualenv",
    "wheel",
];

/// What the machine says about indexes.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The variables of the process: pip's, the proxies', and where caches are.
    pub variables: BTreeMap<String, String>,
    /// The user's home directory.
    pub home: Option<PathBuf>,
}

/// A build whose packages are to be looked at.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The text of its Dockerfile.
    pub dockerfile: &'a str,
    /// What the Dockerfile is called.
    pub file: &'a str,
    /// The stage that is built; empty for the last one.
    pub target: &'a str,
    /// The build's arguments.
    pub args: &'a BTreeMap<String, String>,
    /// The files of its context.
    pub context: &'a dyn BuildContext,
    /// Versions of Python in base images (their `PYTHON_VERSION`), by the names that the Dockerfile
    /// comes to, where the caller has looked; what the name of an image says goes before.
    pub python_versions: &'a BTreeMap<String, String>,
    /// The engine's own platform.
    pub native: &'a Platform,
    /// The platform that the build is pinned to.
    pub pinned: &'a Platform,
    /// The platform that is built for, where a `FROM` names no other.
    pub built_for: &'a Platform,
    /// When an answer must be there, whatever indexes do.
    pub deadline: Instant,
}
