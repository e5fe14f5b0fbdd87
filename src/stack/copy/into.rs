//! Files of this machine into a container.

use std::path::{Path, PathBuf};

use futures_util::StreamExt;
use tokio_util::io::ReaderStream;

use super::CopyError;
use super::pack::pack;
use super::place::{
    Destination, Source, absolute, asks_for_directory, clean, followed, place, split,
};
use crate::engine::api::{PathStat, Unpack};
use crate::engine::transport::stream;
use crate::engine::{Engine, EngineError};

/// A copy into a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyIn {
    /// What is copied.
    pub source: LocalSource,
    /// What it was called on the command line.
    pub shown: String,
    /// Where to: a path in the container.
    pub path: String,
    /// `--archive`: files keep their owners.
    pub owners: bool,
}

/// What is copied into a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LocalSource {
    /// A file or a directory.
    Path {
        /// Absolute; a trailing `/` or `/.` has its meaning.
        path: String,
        /// `--follow-link`: what a symbolic link leads to instead of the link.
        follow: bool,
    },
    /// What an archive has in it, which may be a pipe.
    Archive(PathBuf),
}

impl LocalSource {
    /// A path as it was given, below `directory`.
    pub fn path(directory: &Path, path: &str, follow: bool) -> Self {
        Self::Path { path: absolute(&directory.to_string_lossy(), path), follow }
    }
}

/// Copies into a container.
///
/// # Errors
/// Files that are not there or do not fit, and the engine's refusal.
pub(in crate::stack) async fn into<E: Engine>(
    engine: &E,
    container: &str,
    copy: &CopyIn,
) -> Result<(), CopyError> {
    let destination = destination(engine, container, &copy.path).await?;
    let unpack = Unpack { copy_uid_gid: copy.owners, ..Unpack::default() };
    let (path, follow) = match &copy.source {
        LocalSource::Archive(archive) => {
            if !destination.is_directory {
                return Err(CopyError::NotADirectory {
                    container: container.to_owned(),
                    path: copy.path.clone(),
                });
            }
            let file = tokio::fs::File::open(archive).await;
            let file = file.map_err(|error| CopyError::at(archive, error))?;
            let tar = stream(ReaderStream::new(file).boxed());
            return Ok(engine.upload(container, &destination.path, unpack, tar).await?);
        }
        LocalSource::Path { path, follow } => (path, *follow),
    };
    let (source, real) = source(path, follow)?;
    let placement = place(&source, &destination)?;
    let (tar, packed) = pack(real, placement.name);
    let sent = engine.upload(container, &placement.directory, unpack, tar).await;
    // A file that could not be read explains more than the engine's view of a broken archive; but
    // a refusal breaks the packing off, which explains nothing.
    match (packed.await, sent) {
        (Ok(Err(error)), Ok(()) | Err(EngineError::Broken { .. })) => Err(error),
        (_, sent) => Ok(sent?),
    }
}

/// What is copied, and where it really is.
fn source(path: &str, follow: bool) -> Result<(Source, PathBuf), CopyError> {
    let failed = |source| CopyError::Source { path: PathBuf::from(clean(path)), source };
    if follow || asks_for_directory(path) {
        let real = std::fs::canonicalize(path).map_err(failed)?;
        let is_directory = real.is_dir();
        let (path, asked) = followed(path, real.to_string_lossy().into_owned());
        return Ok((Source { path, is_directory, asked }, real));
    }
    let metadata = std::fs::symlink_metadata(path).map_err(failed)?;
    let source = Source { path: path.to_owned(), is_directory: metadata.is_dir(), asked: None };
    Ok((source, PathBuf::from(path)))
}

/// What is at a path in a container; a symbolic link is followed. What cannot be looked at is taken
/// for nothing: the engine has the last word.
async fn destination<E: Engine>(
    engine: &E,
    container: &str,
    path: &str,
) -> Result<Destination, CopyError> {
    let look = async |path: &str| match engine.path_stat(container, Path::new(path)).await {
        Err(error @ EngineError::Unreachable { .. }) => Err(error),
        other => Ok(other.ok().flatten()),
    };
    let mut found = Destination { path: path.to_owned(), ..Destination::default() };
    let mut stat = look(path).await?;
    if let Some(link) = stat.as_ref().filter(|stat| stat.is_symbolic_link()) {
        found.path = absolute(&split(path).0, &link.link_target);
        stat = look(&found.path).await?;
    }
    if let Some(stat) = &stat {
        let place = format!("destination \"{container}:{path}\"");
        takes_files(stat, place)?;
        (found.exists, found.is_directory) = (true, stat.is_directory());
    }
    Ok(found)
}

fn takes_files(stat: &PathStat, place: String) -> Result<(), CopyError> {
    if stat.is_device() {
        return Err(CopyError::NotForFiles { place, found: "a device" });
    }
    if stat.is_irregular() {
        return Err(CopyError::NotForFiles { place, found: "an irregular file" });
    }
    Ok(())
}
