//! Why nothing can be watched.

use std::path::PathBuf;

use crate::build::BuildError;
use crate::build::dockerignore::BadPattern;

/// Why nothing can be watched.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// A rule asks for builds of a service that has no build section.
    #[error("can't watch service {0:?} with action rebuild without a build context")]
    NoBuild(String),
    /// A rule has an action that is not one.
    #[error("service {service:?}: {action:?} is no action of watch")]
    Action {
        /// The service.
        service: String,
        /// The word.
        action: String,
    },
    /// A pattern of a rule is malformed.
    #[error("service {service:?}: {source}")]
    Pattern {
        /// The service.
        service: String,
        /// The pattern.
        source: BadPattern,
    },
    /// The ignore file of a build context cannot be used.
    #[error(transparent)]
    Ignore(#[from] BuildError),
    /// The whole file system would be watched.
    #[error("cannot watch root directory")]
    Root,
    /// The system gives no file events.
    #[error("cannot watch {}: {source}", path.display())]
    System {
        /// What was to be watched.
        path: PathBuf,
        /// The system's answer.
        source: notify::Error,
    },
}
