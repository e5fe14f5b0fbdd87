//! One project within a load: the main one, or one that is included. Each has its own directory,
//! environment and extended files.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use super::extends::Family;
use crate::compose::files::absolute;
use crate::diagnostic::Span;

/// What the files of one project have in common.
pub(super) struct Scope {
    /// Directory that references to other files are based on, absolute.
    pub(super) directory: PathBuf,
    /// Directory that paths in the files are based on; relative if they shall stay so.
    pub(super) base: PathBuf,
    /// Variables for substitution.
    pub(super) environment: BTreeMap<String, String>,
    /// The files that include each other down to this project, outermost first, each with the
    /// place that includes it.
    pub(super) chain: Vec<(PathBuf, Option<Span>)>,
    /// Files whose services were extended, by path.
    pub(super) families: HashMap<PathBuf, usize>,
    /// The services of those files and of the document at hand.
    pub(super) arena: Vec<Family>,
}

impl Scope {
    pub(super) fn new(
        directory: PathBuf,
        base: PathBuf,
        environment: BTreeMap<String, String>,
    ) -> Self {
        let (chain, families, arena) = (Vec::new(), HashMap::new(), Vec::new());
        Self { directory, base, environment, chain, families, arena }
    }

    /// The absolute path of a file that this project refers to.
    pub(super) fn absolute(&self, path: &str) -> PathBuf {
        absolute(&self.directory, Path::new(path))
    }

    /// A directory below this project's, in the form that the project's own base has.
    pub(super) fn base_for(&self, directory: &Path) -> PathBuf {
        if self.base.is_absolute() {
            return directory.to_owned();
        }
        match directory.strip_prefix(&self.directory) {
            Ok(relative) => self.base.join(relative),
            Err(_) => directory.to_owned(),
        }
    }
}
