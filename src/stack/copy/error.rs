//! Why a copy did not end well.

use std::io;
use std::path::{Path, PathBuf};

use crate::engine::EngineError;
use crate::engine::transport::plain;
use crate::stack::error::engine_words;

/// Why a copy did not end well. The text is Docker Compose's wherever it has one.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// Neither side is a service.
    #[error("unknown copy direction")]
    NoService,
    /// Both sides are services.
    #[error("copying between services is not supported")]
    BetweenServices,
    /// A directory was to be put in the place of a file.
    #[error("cannot copy directory")]
    DirectoryOntoFile,
    /// A file was to be put into a directory that is not there.
    #[error("no such directory")]
    NoSuchDirectory,
    /// The directory that a copy goes to is not there.
    #[error("invalid output path: directory {0:?} does not exist")]
    NoOutputDirectory(String),
    /// What a copy goes to takes no files.
    #[error("{place} must be a directory or a regular file: got {found}")]
    NotForFiles {
        /// The path.
        place: String,
        /// What is there.
        found: &'static str,
    },
    /// An archive goes only into a directory.
    #[error("destination \"{container}:{path}\" must be a directory")]
    NotADirectory {
        /// Id of the container.
        container: String,
        /// Path in it.
        path: String,
    },
    /// Something other than a directory was to be put in the place of one.
    #[error("cannot overwrite directory {0:?} with non-directory")]
    OntoDirectory(PathBuf),
    /// A directory was to be put in the place of something else.
    #[error("cannot overwrite non-directory {0:?} with directory")]
    DirectoryOnto(PathBuf),
    /// An archive has a name that leads out of the directory it is unpacked in.
    #[error("the container's archive has the name {0:?}, which leads out of the destination")]
    Escapes(PathBuf),
    /// An archive that cannot be read.
    #[error("cannot read the container's archive: {}", plain(.0))]
    Archive(io::Error),
    /// What is to be copied cannot be looked at.
    #[error("lstat {}: {}", .path.display(), plain(.source))]
    Source {
        /// The path.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// Where something is to be copied to cannot be looked at.
    #[error("stat {}: {}", .path.display(), plain(.source))]
    Output {
        /// The path.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// A file of this machine.
    #[error("{}: {}", .path.display(), plain(.source))]
    Local {
        /// Its path.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The engine refused.
    #[error("{}", engine_words(.0))]
    Engine(#[from] EngineError),
}

impl CopyError {
    /// An error of a file of this machine.
    pub(in crate::stack) fn at(path: &Path, source: io::Error) -> Self {
        Self::Local { path: path.to_owned(), source }
    }

    /// Whether the container has gone.
    pub fn is_container_gone(&self) -> bool {
        matches!(self, Self::Engine(EngineError::NotFound(message)) if message.contains("No such container"))
    }
}
