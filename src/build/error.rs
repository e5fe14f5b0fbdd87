//! Why there is no image.

use crate::engine::EngineError;

use super::context::WalkError;
use super::dockerignore::BadPattern;

/// Why a build gave no image.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The engine could not be talked to, or refused the build as a whole.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A step of the Dockerfile failed, or the Dockerfile is wrong.
    #[error("{0}")]
    Failed(Box<BuildFailure>),
    /// The build was called off.
    #[error("canceled")]
    Canceled,
    /// The directory of the sources is not there.
    #[error("unable to prepare context: path \"{0}\" not found")]
    NoContext(String),
    /// The Dockerfile is not there.
    #[error("failed to read dockerfile: open {0}: no such file or directory")]
    NoDockerfile(String),
    /// A file of a context cannot be read.
    #[error(transparent)]
    Context(#[from] WalkError),
    /// An ignore file has a malformed pattern.
    #[error("{file}: {source}")]
    Ignore {
        /// The ignore file.
        file: String,
        /// The pattern.
        source: BadPattern,
    },
    /// The builder cannot do what the file asks for.
    #[error("{0}")]
    Unsupported(String),
    /// A builder of buildx that cannot be reached or brought up.
    #[error("builder {builder:?}, node {node}: {reason}")]
    Builder {
        /// Its name.
        builder: String,
        /// The node's name.
        node: String,
        /// What happened.
        reason: String,
    },
    /// A secret, a key or an agent that the build needs cannot be had.
    #[error("{0}")]
    Input(String),
}

/// A failed step: everything that helps to see why.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BuildFailure {
    /// The service whose image it is.
    pub service: String,
    /// The builder's words.
    pub message: String,
    /// The step, as the builder names it; empty when no step failed.
    pub step: String,
    /// The last lines that the step wrote.
    pub log: Vec<String>,
    /// Where in the Dockerfile, when the builder says so.
    pub place: Option<DockerfilePlace>,
    /// Exit code of the step's process.
    pub exit_code: Option<u32>,
}

/// Lines of a Dockerfile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DockerfilePlace {
    /// Name of the file as the builder knows it.
    pub file: String,
    /// Its text.
    pub text: String,
    /// First line, from 1.
    pub first: u32,
    /// Last line.
    pub last: u32,
}

impl std::fmt::Display for BuildFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl DockerfilePlace {
    /// The lines themselves, each with its number and whether it is one of those meant, with up to
    /// `around` lines before and behind.
    pub fn excerpt(&self, around: u32) -> Vec<(u32, &str, bool)> {
        let from = self.first.saturating_sub(around).max(1);
        let to = self.last.saturating_add(around);
        (1u32..)
            .zip(self.text.lines())
            .filter(|(number, _)| (from..=to).contains(number))
            .map(|(number, line)| (number, line, (self.first..=self.last).contains(&number)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::DockerfilePlace;

    #[test]
    fn an_excerpt_shows_the_lines_meant_and_those_around() {
        let place = DockerfilePlace {
            file: "Dockerfile".to_owned(),
            text: "FROM a\nRUN b\nRUN c\nRUN d\nRUN e\n".to_owned(),
            first: 2,
            last: 3,
        };
        assert_eq!(
            place.excerpt(1),
            [(1, "FROM a", false), (2, "RUN b", true), (3, "RUN c", true), (4, "RUN d", false)]
        );
    }
}
