//! Compose files of other machines: OCI artifacts from registries, and Git repositories.
//!
//! [`Fetcher`] makes local copies of them, by content: an artifact lies in a directory named by its
//! manifest's digest, a repository's tree in one named by its commit, where Docker Compose keeps
//! them too. Nothing is started, and no connection made, until a reference is followed. What comes
//! from the other side is checked before it is written ([`tree`]), and again when it is read
//! ([`Files`]).

mod cache;
pub(crate) mod error;
mod files;
mod git;
mod oci;
mod package;
pub(crate) mod registry;
mod tree;

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::compose::remote::{LocalCopy, Remote, Remotes};
use crate::diagnostic::{Diagnostic, codes};
use crate::engine::Warn;
use crate::engine::endpoint::Surroundings;

use cache::{Cache, Copy};
pub(crate) use cache::{cache_directory, hexadecimal, private_directories};
use error::Problem;
pub use files::Files;
pub use oci::OciVersion;
pub use package::{Layer, LayerKind, PackageError, layers};

/// The longest that one reference may take.
const TIME_LIMIT: Duration = Duration::from_mins(10);

/// What the machine and the user's settings say about fetching.
pub struct Settings {
    /// The variables of the process.
    pub variables: BTreeMap<String, String>,
    /// The user's home directory.
    pub home: Option<PathBuf>,
    /// Registries that are spoken to without TLS, as `host` or `host:port`.
    pub insecure_registries: Vec<String>,
    /// Where credentials are looked for.
    pub surroundings: Box<dyn Surroundings + Send>,
    /// Is told what a credential helper cannot do.
    pub warn: Warn,
}

/// A project that goes to a registry.
pub struct Artifact<'a> {
    /// Where to.
    pub reference: &'a str,
    /// What it is made of.
    pub layers: &'a [Layer],
    /// Names of the images that are copied along with it, one for each service.
    pub images: Option<&'a [String]>,
    /// The version of the OCI specification; `None` for the newest that the registry takes.
    pub version: Option<OciVersion>,
    /// The version of Docker Compose that it is made for.
    pub compose_version: &'a str,
    /// When it was made (RFC 3339).
    pub created: &'a str,
    /// Whether the registry is spoken to without TLS.
    pub insecure: bool,
}

/// Fetches what references lead to, each once in a run.
pub struct Fetcher {
    settings: Settings,
    known: Mutex<HashMap<String, Known>>,
}

/// A copy of a reference that was followed, and which file it means.
#[derive(Debug, Clone)]
struct Known {
    copy: Copy,
    file: PathBuf,
}

impl Fetcher {
    /// Fetches nothing yet.
    pub fn new(settings: Settings) -> Self {
        Self { settings, known: Mutex::default() }
    }

    /// The copies that were made or found in this run.
    fn copies(&self) -> Vec<Copy> {
        // A panic elsewhere cannot leave this map half written.
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.values().map(|known| known.copy.clone()).collect()
    }

    fn follow(&self, kind: Remote, reference: &str) -> Result<Known, Problem> {
        let cache = Cache::new(&self.settings)?;
        self.check_enabled(kind)?;
        // A thread of its own: who asks may be within a runtime already, or have none.
        let outcome = std::thread::scope(|scope| {
            let work = || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                let runtime = runtime.map_err(|error| Problem::new(error.to_string()))?;
                runtime.block_on(async {
                    let work = async {
                        match kind {
                            Remote::Oci => oci::fetch(reference, &self.settings, &cache).await,
                            Remote::Git => git::fetch(reference, &self.settings, &cache).await,
                        }
                    };
                    tokio::time::timeout(TIME_LIMIT, work).await.unwrap_or_else(|_| {
                        let limit = TIME_LIMIT.as_secs();
                        Err(Problem::new(format!(
                            "{reference}: not finished after {limit} seconds"
                        )))
                    })
                })
            };
            scope.spawn(work).join()
        });
        let (copy, file) = outcome
            .unwrap_or_else(|_| Err(Problem::new(format!("{reference}: cannot be fetched"))))?;
        Ok(Known { copy, file })
    }

    /// Publishes a project under `reference`. Without a version of the OCI specification the newer
    /// form is tried first; `created` is the time that the artifact bears.
    ///
    /// # Errors
    /// A registry that does not answer, or refuses.
    pub fn publish(&self, artifact: &Artifact<'_>) -> Result<(), Box<Diagnostic>> {
        // A thread of its own: who asks may be within a runtime already, or have none.
        let outcome = std::thread::scope(|scope| {
            let work = || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                let runtime = runtime.map_err(|error| Problem::new(error.to_string()))?;
                runtime.block_on(oci::push(artifact, &self.settings))
            };
            scope.spawn(work).join()
        });
        let reference = artifact.reference;
        outcome
            .unwrap_or_else(|_| Err(Problem::new(format!("{reference}: cannot be published"))))
            .map_err(|problem| {
                let mut diagnostic = Diagnostic::error(codes::REMOTE_FILE, problem.reason);
                diagnostic.help = problem.help;
                Box::new(diagnostic)
            })
    }

    /// Docker Compose's switches, which are on unless they say no.
    fn check_enabled(&self, kind: Remote) -> Result<(), Problem> {
        let (name, what) = match kind {
            Remote::Oci => ("COMPOSE_EXPERIMENTAL_OCI_REMOTE", "OCI"),
            Remote::Git => ("COMPOSE_EXPERIMENTAL_GIT_REMOTE", "git"),
        };
        match self.settings.variables.get(name).map(String::as_str) {
            None | Some("" | "1" | "t" | "T" | "TRUE" | "true" | "True") => Ok(()),
            Some("0" | "f" | "F" | "FALSE" | "false" | "False") => {
                Err(Problem::new(format!("{what} remote resource is disabled by {name:?}"))
                    .help(format!("unset `{name}` to allow it")))
            }
            Some(_) => {
                Err(Problem::new(format!("{name} environment variable expects boolean value"))
                    .help("set it to `true` or `false`, or unset it"))
            }
        }
    }
}

impl Remotes for Fetcher {
    fn fetch(&self, reference: &str) -> Result<LocalCopy, Box<Diagnostic>> {
        let found =
            self.known.lock().unwrap_or_else(PoisonError::into_inner).get(reference).cloned();
        let known = if let Some(known) = found {
            known
        } else {
            let kind = Remote::of(reference).unwrap_or(Remote::Git);
            let known = self.follow(kind, reference).map_err(|problem| {
                let Problem { reason, help } = problem;
                let mut diagnostic = Diagnostic::error(codes::REMOTE_FILE, reason);
                diagnostic.help = help;
                Box::new(diagnostic)
            })?;
            let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            all.entry(reference.to_owned()).or_insert(known).clone()
        };
        Ok(LocalCopy { reference: reference.to_owned(), root: known.copy.root, file: known.file })
    }
}
