//! Which project a command is about: one that files describe, or one that is only a name.

use super::context::Context;
use super::failure::Result;
use crate::compose::model::Project;
use crate::engine::Engine;
use crate::stack::from_labels;

/// Which project a command is about.
pub(super) enum Scope {
    /// The files were read.
    Files(Box<Project>),
    /// Only the name is known.
    Name(String),
}

impl Scope {
    /// The project's name.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Files(project) => &project.name,
            Self::Name(name) => name,
        }
    }

    /// The project of the files, if they were read.
    pub(super) fn files(&self) -> Option<&Project> {
        match self {
            Self::Files(project) => Some(project),
            Self::Name(_) => None,
        }
    }

    /// The project of the files, or what the labels of its containers tell of it.
    pub(super) async fn into_project<E: Engine>(self, engine: &E) -> Result<Project> {
        match self {
            Self::Files(project) => Ok(*project),
            Self::Name(name) => Ok(from_labels::project(&name, engine).await?),
        }
    }
}

impl Context {
    /// Reads the files, unless a name is given and no file (`-p` without `-f`). Where they cannot
    /// be read, `COMPOSE_PROJECT_NAME` is enough. The project is cut to the services that are named
    /// and what they depend on.
    ///
    /// # Errors
    /// Mistakes in the files, among them a service that they do not have.
    pub(super) fn scope(&self, services: &[String]) -> Result<Scope> {
        if let (Some(name), true) = (&self.global.project_name, self.global.files.is_empty()) {
            return Ok(Scope::Name(name.to_lowercase()));
        }
        match (self.load(services, false), self.name_of_environment()) {
            (Ok(project), _) => Ok(Scope::Files(Box::new(project))),
            (Err(_), Some(name)) => Ok(Scope::Name(name.to_lowercase())),
            (Err(failure), None) => Err(failure),
        }
    }

    /// The project's name: `-p`, `COMPOSE_PROJECT_NAME`, or else what the files say.
    pub(super) fn project_name(&self) -> Result<String> {
        let named = self.global.project_name.clone().or_else(|| self.name_of_environment());
        match named {
            Some(name) => Ok(name.to_lowercase()),
            None => Ok(self.load(&[], false)?.name),
        }
    }

    fn name_of_environment(&self) -> Option<String> {
        self.process.variables.get("COMPOSE_PROJECT_NAME").filter(|name| !name.is_empty()).cloned()
    }
}
