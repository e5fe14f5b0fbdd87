//! Projects for tests, loaded from texts in memory as from files on a disk.

use std::path::PathBuf;

use super::assemble::{Selection, assemble};
use super::files::Memory;
use super::load::{Failure, LoadOptions, merged};
use super::model::Project;
use super::source::Request;
use crate::diagnostic::Diagnostic;

/// A project `p` in `/srv/app` with what is around it.
#[derive(Default)]
pub(crate) struct Loaded {
    files: Memory,
    request: Request,
    options: LoadOptions,
    selection: Selection,
}

impl Loaded {
    /// A project of one Compose file.
    pub(crate) fn from(compose: &str) -> Self {
        let mut loaded = Self::default().file("compose.yaml", compose);
        loaded.request.current_directory = PathBuf::from("/srv/app");
        loaded.request.project_name = Some("p".to_owned());
        loaded
    }

    /// Puts a file beside the Compose file.
    pub(crate) fn file(mut self, name: &str, content: &str) -> Self {
        self.files = self.files.file(format!("/srv/app/{name}"), content);
        self
    }

    /// Sets a variable of the process.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.request.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Leaves out stages.
    pub(crate) fn options(mut self, options: LoadOptions) -> Self {
        self.options = options;
        self
    }

    /// Selects services and resources.
    pub(crate) fn selection(mut self, selection: Selection) -> Self {
        self.selection = selection;
        self
    }

    /// The project with its warnings.
    pub(crate) fn load(&self) -> Result<(Project, Vec<Diagnostic>), Failure> {
        let merged = merged(&self.request, &self.options, &self.files)?;
        assemble(merged, &self.options, &self.selection, &self.files)
    }

    /// The project, which must load.
    pub(crate) fn project(&self) -> Project {
        self.load().unwrap_or_else(|failure| panic!("{failure}")).0
    }

    /// What keeps the project from loading, each message behind `line:column` of its places.
    pub(crate) fn problems(&self) -> Vec<String> {
        let failure = self.load().expect_err("the project has mistakes");
        let place = |diagnostic: &Diagnostic| -> Vec<String> {
            let positions = diagnostic.labels.iter();
            positions
                .filter_map(|label| failure.sources.position(label.span))
                .map(|position| format!("{}:{}", position.line, position.column))
                .collect()
        };
        failure
            .diagnostics
            .iter()
            .map(|diagnostic| format!("{} {}", place(diagnostic).join(" "), diagnostic.message))
            .collect()
    }
}
