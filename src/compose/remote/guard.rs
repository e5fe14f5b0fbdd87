//! Keeps count of files from afar, and of what they ask of this machine.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::access::{Access, Local, PathUse, VariableSource};
use super::{LocalCopy, Trust};
use crate::compose::files::Files;
use crate::diagnostic::{SourceMap, Span};

/// The variable that every file may see: it is the project's name.
const PROJECT_NAME: &str = "COMPOSE_PROJECT_NAME";

/// Which texts of a load came from elsewhere, what they may have of this machine, and what they
/// asked for beyond that.
///
/// A load goes on after such a question, as far as it can without an answer, so that the user is
/// asked for everything at once. Its outcome must not be used while something is
/// [`asked`](Self::asked).
#[derive(Debug, Clone, Default)]
pub struct Guard {
    trust: Trust,
    copies: Vec<LocalCopy>,
    /// Directories that a local file or flag gives to what lies in a copy, by the copy's root.
    given: Vec<(PathBuf, PathBuf)>,
    /// Names of the process's own variables.
    process: BTreeSet<String>,
    asked: Vec<Access>,
}

impl Guard {
    /// A guard of a load that sees these variables of the process.
    pub(in crate::compose) fn new(trust: Trust, environment: &BTreeMap<String, String>) -> Self {
        Self { trust, process: environment.keys().cloned().collect(), ..Self::default() }
    }

    /// Takes note of a copy that belongs to the load.
    pub(in crate::compose) fn add(&mut self, copy: LocalCopy) {
        if !self.copies.contains(&copy) {
            self.copies.push(copy);
        }
    }

    /// The copies that belong to the load, in the order in which they were referred to.
    pub fn copies(&self) -> &[LocalCopy] {
        &self.copies
    }

    /// What was asked for and the user has not said yes to.
    pub fn asked(&self) -> &[Access] {
        &self.asked
    }

    /// Whether a text came from elsewhere.
    pub(in crate::compose) fn is_remote(&self, span: Span, sources: &SourceMap) -> bool {
        self.copy_of(sources.name(span.file)).is_some()
    }

    /// The copy that a path lies in.
    pub(in crate::compose) fn copy_of(&self, path: &Path) -> Option<&LocalCopy> {
        self.copies.iter().find(|copy| path.starts_with(&copy.root))
    }

    /// Lets what lies in a copy use a directory of this machine, as a local file says.
    pub(in crate::compose) fn give_directory(&mut self, copy: &LocalCopy, directory: &Path) {
        self.given.push((copy.root.clone(), directory.to_owned()));
    }

    /// Whether the text at `span` may use a path; it may unless it came from elsewhere. If not,
    /// the user will be asked.
    pub(in crate::compose) fn path(
        &mut self,
        span: Span,
        path: &Path,
        using: PathUse,
        files: &dyn Files,
        sources: &SourceMap,
    ) -> bool {
        let Some(copy) = self.copy_of(sources.name(span.file)) else { return true };
        let own = std::iter::once(&copy.root).chain(
            self.given.iter().filter(|(root, _)| *root == copy.root).map(|(_, given)| given),
        );
        // A link may lead out of a directory that the path stays in.
        let real = files.canonical(path);
        for directory in own {
            let real_directory = files.canonical(directory);
            let stays = match (&real, &real_directory) {
                (Some(real), Some(directory)) => real.starts_with(directory),
                _ => true,
            };
            if path.starts_with(directory) && stays {
                return true;
            }
        }
        let shown = match real {
            Some(real) if path.starts_with(&copy.root) => real,
            _ => path.to_owned(),
        };
        let (by, place) = (copy.reference.clone(), Some(span));
        self.ask(Access { by, local: Local::Path(shown, using), value: None, place })
    }

    /// Whether the text at `span` may have something of this machine that is no path or variable.
    pub(in crate::compose) fn other(
        &mut self,
        span: Span,
        local: Local,
        sources: &SourceMap,
    ) -> bool {
        let Some(copy) = self.copy_of(sources.name(span.file)) else { return true };
        let by = copy.reference.clone();
        self.ask(Access { by, local, value: None, place: Some(span) })
    }

    /// Whether a text of the file at `path` may see a variable. `own` are those that files from
    /// afar brought with them or were given.
    pub(in crate::compose) fn variable(
        &mut self,
        path: &Path,
        name: &str,
        place: Option<Span>,
        environment: &BTreeMap<String, String>,
        own: &BTreeSet<String>,
    ) -> bool {
        let Some(copy) = self.copy_of(path) else { return true };
        let Some(value) = environment.get(name) else { return true };
        if name == PROJECT_NAME || own.contains(name) {
            return true;
        }
        let source = if self.process.contains(name) {
            VariableSource::Environment
        } else {
            VariableSource::EnvFile
        };
        let by = copy.reference.clone();
        let value = Some((value.clone(), source));
        self.ask(Access { by, local: Local::Variable(name.to_owned()), value, place })
    }

    fn ask(&mut self, access: Access) -> bool {
        let root = self.copies.iter().find(|copy| copy.reference == access.by).map(|it| &it.root);
        // Several references may lead to the same files.
        let trusted = self
            .copies
            .iter()
            .filter(|copy| Some(&copy.root) == root)
            .any(|copy| self.trust.allows(&copy.reference, &access.local));
        if trusted {
            return true;
        }
        let known = |other: &Access| other.by == access.by && other.local == access.local;
        if !self.asked.iter().any(known) {
            self.asked.push(access);
        }
        false
    }
}
