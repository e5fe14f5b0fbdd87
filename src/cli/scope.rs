//! Which project a command is about: one that files describe, or one that is only a name.

use super::context::Context;
use super::failure::{Failure, Result};
use crate::compose::model::Project;
use crate::compose::select::{self, NoSuchService};
use crate::compose::trace::{Trace, Untraced};
use crate::engine::Engine;
use crate::stack::from_labels;
use crate::stack::progress::Report;

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

    /// Tells of names that no service of the files has, where Docker Compose is silent: there is
    /// nothing to show for them.
    pub(super) fn tell_unknown(&self, names: &[String], context: &Context) {
        for unknown in names.iter().filter_map(|name| self.unknown(name)) {
            Report::warning(&context.ui, &unknown);
        }
    }

    /// Refuses a name that no service of the files has.
    pub(super) fn check_known(&self, names: &[String]) -> Result {
        match names.iter().find_map(|name| self.unknown(name)) {
            Some(unknown) => Err(Failure::new(unknown)),
            None => Ok(()),
        }
    }

    /// Adds to a failure that no service of the files is called `name`, and what may be meant.
    pub(super) fn advise(&self, failure: Failure, name: &str) -> Failure {
        match self.unknown(name) {
            Some(unknown) => failure.help(unknown),
            None => failure,
        }
    }

    /// Whether the files are known and no service of theirs is called `name`.
    fn is_unknown(&self, name: &str) -> bool {
        self.files().is_some_and(|project| {
            !project.services.contains_key(name) && !project.disabled_services.contains_key(name)
        })
    }

    /// The service of the files that may be meant by a name that none has.
    fn meant(&self, name: &str) -> Option<&str> {
        select::nearest_service(self.files()?, name)
    }

    /// That no service of the files is called `name`, and what may be meant; `None` if that is not so.
    fn unknown(&self, name: &str) -> Option<String> {
        let meant = |nearest| format!("; did you mean `{nearest}`?");
        let told = || {
            let meant = self.meant(name).map(meant).unwrap_or_default();
            format!("{}{meant}", NoSuchService(name.to_owned()))
        };
        self.is_unknown(name).then(told)
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
        self.scope_traced(services, &mut Untraced)
    }

    /// The same, and tells what it does with the files.
    pub(super) fn scope_traced(&self, services: &[String], trace: &mut dyn Trace) -> Result<Scope> {
        if let (Some(name), true) = (&self.global.project_name, self.global.files.is_empty()) {
            return Ok(Scope::Name(name.to_lowercase()));
        }
        match (self.load_traced(services, false, trace), self.name_of_environment()) {
            (Ok(project), _) => Ok(Scope::Files(Box::new(project))),
            (Err(_), Some(name)) => Ok(Scope::Name(name.to_lowercase())),
            (Err(failure), None) => Err(failure),
        }
    }

    /// The same, but the project is not cut: the services named are enabled, whatever their profiles,
    /// and those that depend on them are there too.
    ///
    /// # Errors
    /// Mistakes in the files, among them a service that they do not have.
    pub(super) fn whole_scope(&self, services: &[String]) -> Result<Scope> {
        let mut scope = self.scope(&[])?;
        if let Scope::Files(project) = &mut scope {
            select::enable(project, services);
        }
        let Some(unknown) = services.iter().find(|name| scope.is_unknown(name)) else {
            return Ok(scope);
        };
        let failure = Failure::new(NoSuchService(unknown.clone()).to_string());
        Err(match scope.meant(unknown) {
            Some(nearest) => failure.help(format!("did you mean `{nearest}`?")),
            None => failure,
        })
    }

    /// For a command that needs no more than the project's name: `-p`, `COMPOSE_PROJECT_NAME`, or else
    /// the files.
    ///
    /// # Errors
    /// Mistakes in the files, where they are needed.
    pub(super) fn named_scope(&self) -> Result<Scope> {
        match self.global.project_name.clone().or_else(|| self.name_of_environment()) {
            Some(name) => Ok(Scope::Name(name.to_lowercase())),
            None => Ok(Scope::Files(Box::new(self.load(&[], false)?))),
        }
    }

    /// The project's name: `-p`, `COMPOSE_PROJECT_NAME`, or else what the files say.
    pub(super) fn project_name(&self) -> Result<String> {
        Ok(self.named_scope()?.name().to_owned())
    }

    fn name_of_environment(&self) -> Option<String> {
        self.process.variables.get("COMPOSE_PROJECT_NAME").filter(|name| !name.is_empty()).cloned()
    }
}
