//! One project within a load: the main one, or one that is included. Each has its own directory,
//! environment and extended files.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::extends::Family;
use crate::compose::files::absolute;
use crate::compose::model::Included;
use crate::diagnostic::Span;

/// What the files of one project have in common.
pub(super) struct Scope {
    /// Directory that references to other files are based on, absolute.
    pub(super) directory: PathBuf,
    /// Directory that paths in the files are based on; relative if they shall stay so.
    pub(super) base: PathBuf,
    /// Variables for substitution.
    pub(super) environment: BTreeMap<String, String>,
    /// What inclusions have added to them; `None` for the main project.
    pub(super) included: Option<Arc<Included>>,
    /// Those of the variables that are no secret to files from afar: they brought them, or were
    /// given them by a local file or flag.
    pub(super) given: BTreeSet<String>,
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
        let given = BTreeSet::new();
        let included = None;
        Self { directory, base, environment, included, given, chain, families, arena }
    }

    /// The absolute path of a file that this project refers to.
    pub(super) fn absolute(&self, path: &str) -> PathBuf {
        absolute(&self.directory, Path::new(path))
    }

    /// What paths of a file in a directory are based on. Where paths shall stay relative: the way
    /// there from this project's directory, since the project moves what it gets under its own base.
    pub(super) fn base_for(&self, directory: &Path) -> PathBuf {
        if self.base.is_absolute() { directory.to_owned() } else { way(&self.directory, directory) }
    }
}

/// The relative path from one absolute directory to another.
fn way(from: &Path, to: &Path) -> PathBuf {
    let same = from.components().zip(to.components()).take_while(|(from, to)| from == to).count();
    let up = from.components().skip(same).map(|_| Component::ParentDir);
    let way: PathBuf = up.chain(to.components().skip(same)).collect();
    if way.as_os_str().is_empty() { PathBuf::from(".") } else { way }
}
