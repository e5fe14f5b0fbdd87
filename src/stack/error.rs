//! What can go wrong between a project and its containers.

use crate::compose::model::{Project, Service};
use crate::diagnostic::{Diagnostic, SourceMap};
use crate::engine::EngineError;

/// Why a command of the stack did not end well. The text is Docker Compose's wherever scripts
/// match on one.
#[derive(Debug, thiserror::Error)]
pub enum StackError {
    /// The engine could not be read.
    #[error("{}", engine_words(.0))]
    Engine(#[from] EngineError),
    /// Something in the project's files cannot be carried out; the diagnostic says where.
    #[error("{}", .0.diagnostics.first().map_or("", |first| &first.message))]
    Project(Box<Problem>),
    /// A service that the project does not have.
    #[error("no such service: {0}")]
    NoSuchService(String),
    /// A service wants the engine's socket, and the engine is not reached by one.
    #[error(
        "use_api_socket can only be used with unix sockets: docker endpoint {0} is incompatible"
    )]
    SocketOfAnotherMachine(String),
    /// Nothing is enabled.
    #[error("no service selected")]
    NoServiceSelected,
    /// A service without containers was to be started.
    #[error("service {0:?} has no container to start")]
    NoContainerToStart(String),
    /// A service that was to be used does not run.
    #[error("service {service:?} is not running{}", container_number(*.index))]
    NotRunning {
        /// The service.
        service: String,
        /// The container asked for, 0 for any.
        index: u32,
    },
    /// A service whose files were to be copied has no container.
    #[error("no container found for service {0:?}")]
    NoContainerFound(String),
    /// A project of which only the name is known has no container.
    #[error("no container found for project {0:?}: not found")]
    NoContainers(String),
    /// A service that another one needs has no container.
    #[error("{service} is missing dependency {dependency}")]
    MissingDependency {
        /// The service.
        service: String,
        /// What it depends on.
        dependency: String,
    },
    /// A service shares something of another one that has no container.
    #[error("cannot share {what} with service {service}: container missing")]
    NothingToShare {
        /// What is shared.
        what: &'static str,
        /// The other service.
        service: String,
    },
    /// A step failed.
    #[error("{0}")]
    Step(Box<StepError>),
    /// The wait for health took longer than allowed.
    #[error("application not healthy after {0}")]
    WaitTimeout(String),
    /// The wait for what a service depends on took longer than allowed.
    #[error("timeout waiting for dependencies")]
    DependencyTimeout,
    /// The caller cancelled.
    #[error("canceled")]
    Cancelled,
}

/// Mistakes in the project's files, with the texts that they point into.
#[derive(Debug)]
pub struct Problem {
    /// What is wrong, and where: one at least.
    pub diagnostics: Vec<Diagnostic>,
    /// The project's files.
    pub sources: SourceMap,
}

/// A step that failed, and what is known of why.
#[derive(Debug, Default)]
pub struct StepError {
    /// The service, when the step belongs to one.
    pub service: Option<String>,
    /// The step in a few words: `start container shop-web-1`.
    pub step: String,
    /// The reason: the engine's words, or what a wait came to.
    pub message: String,
    /// The last lines that what failed has written: a container, or a hook.
    pub log: Vec<String>,
    /// Whose lines they are: a container's name, or `the hook`.
    pub container: Option<String>,
    /// More that helps: whose the name is that was to be had.
    pub hints: Vec<String>,
}

impl std::fmt::Display for StepError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl StackError {
    /// `service` shares a namespace or volumes of `other`, which has no container.
    pub(super) fn nothing_to_share(service: &Service, other: &str) -> Self {
        let shares = |mode: &str| mode.strip_prefix("service:") == Some(other);
        let what = if shares(&service.network_mode) {
            "network namespace"
        } else if shares(&service.ipc) {
            "IPC namespace"
        } else if shares(&service.pid) {
            "PID namespace"
        } else {
            "volume"
        };
        Self::NothingToShare { what, service: other.to_owned() }
    }

    /// A mistake in a project's files.
    pub(super) fn project(project: &Project, diagnostic: Diagnostic) -> Self {
        Self::mistakes(project, vec![diagnostic])
    }

    /// Several mistakes in a project's files, of which there is one at least.
    pub(super) fn mistakes(project: &Project, diagnostics: Vec<Diagnostic>) -> Self {
        Self::Project(Box::new(Problem { diagnostics, sources: project.sources.clone() }))
    }

    /// The exit code of a program that ends with this error.
    pub fn exit_code(&self) -> i32 {
        match self {
            Self::Cancelled => 130,
            _ => 1,
        }
    }
}

/// What stands before an engine's own words.
pub(super) const FROM_ENGINE: &str = "Error response from daemon: ";

/// What an engine's refusal is called in Docker's own words.
pub(in crate::stack) fn engine_words(error: &EngineError) -> String {
    match error {
        EngineError::NotFound(_) | EngineError::Conflict(_) | EngineError::Refused { .. } => {
            format!("{FROM_ENGINE}{error}")
        }
        _ => error.to_string(),
    }
}

fn container_number(index: u32) -> String {
    if index == 0 { String::new() } else { format!(" container #{index}") }
}
