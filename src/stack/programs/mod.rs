//! Programs of others that a stack needs beside the engine: providers of services, and the model
//! runner. They are found and run as Docker Compose finds and runs them.

mod find;
mod json;
pub mod models;
pub mod provider;

use std::collections::BTreeMap;
use std::path::PathBuf;

use tokio::process::Command;

use crate::compose::model::{Project, Service};
use crate::engine::api::Description;

/// Where programs are looked for, and what they are told of their surroundings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Programs {
    /// Name of the project.
    project: String,
    /// The project's environment: this process's, and what env files add.
    environment: BTreeMap<String, String>,
    /// The engine, as a URL.
    endpoint: String,
}

/// What programs bring for the services of a project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Brought {
    /// Variables for those that depend on a provider, by the provider's service.
    pub variables: BTreeMap<String, provider::Variables>,
    /// Where models are served.
    pub model_endpoint: Option<String>,
}

impl Programs {
    /// Programs for a project on an engine.
    pub fn of(project: &Project, engine: &Description) -> Self {
        Self {
            project: project.name.clone(),
            environment: project.environment.clone(),
            endpoint: engine.endpoint.clone(),
        }
    }

    /// The plugin `docker-NAME` of the docker command.
    fn plugin(&self, name: &str) -> Option<PathBuf> {
        find::plugin(&self.environment, name)
    }

    /// A program on the search path.
    fn on_path(&self, name: &str) -> Option<PathBuf> {
        find::on_path(&self.environment, name)
    }

    /// A call of a program; it ends with this run.
    fn command(&self, program: &PathBuf) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .envs(&self.environment)
            .env("COMPOSE_PROJECT_NAME", &self.project)
            .env("DOCKER_HOST", &self.endpoint)
            .kill_on_drop(true);
        command
    }
}

impl Brought {
    /// Gives a service what was brought for it.
    pub fn apply(&self, project: &Project, service: &mut Service) {
        for (provider, variables) in &self.variables {
            if service.depends_on.contains_key(provider) {
                for (name, value) in variables.named(provider) {
                    service.environment.insert(name, Some(value));
                }
            }
        }
        let Some(endpoint) = &self.model_endpoint else { return };
        for (name, value) in models::variables(project, service, endpoint) {
            service.environment.insert(name, Some(value));
        }
    }

    /// What providers replace in a service's own environment, one sentence each.
    pub fn overrides(&self, service: &Service) -> Vec<String> {
        let mut warnings = Vec::new();
        for (provider, variables) in &self.variables {
            for (name, value) in
                variables.raw.iter().filter(|_| service.depends_on.contains_key(provider))
            {
                if service.environment.get(name).is_some_and(|own| own.as_ref() != Some(value)) {
                    warnings.push(format!(
                        "provider {provider:?} overrides environment variable {name:?} in service {:?}",
                        service.name
                    ));
                }
            }
        }
        warnings
    }
}
