//! Files of a container onto this machine.

use std::fs;
use std::io;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use futures_util::TryStreamExt;
use tokio_util::io::{StreamReader, SyncIoBridge};

use super::CopyError;
use super::place::{Destination, Source, absolute, clean, followed, place, split};
use super::unpack::{Target, unpack};
use crate::engine::{Archive, Engine};

/// How many symbolic links are followed at the end of a path.
const LINKS: usize = 10;

/// A copy out of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyOut {
    /// A path in the container.
    pub path: String,
    /// `--follow-link`: what a symbolic link leads to instead of the link.
    pub follow: bool,
    /// Where to: an absolute path, whose trailing `/` has its meaning.
    pub destination: String,
    /// What that was called on the command line.
    pub shown: String,
}

impl CopyOut {
    /// A copy of `path` to `destination` as it was given, below `directory`.
    pub fn new(path: &str, follow: bool, directory: &Path, destination: &str) -> Self {
        Self {
            path: path.to_owned(),
            follow,
            destination: absolute(&directory.to_string_lossy(), destination),
            shown: destination.to_owned(),
        }
    }
}

/// Copies out of a container.
///
/// # Errors
/// What is not there or does not fit, and the engine's refusal.
pub(in crate::stack) async fn out_of<E: Engine>(
    engine: &E,
    container: &str,
    copy: &CopyOut,
) -> Result<(), CopyError> {
    check_output(&copy.destination)?;
    let (path, asked) = source_path(engine, container, &copy.path, copy.follow).await?;
    let Archive { stat, content } = engine.download(container, Path::new(&path)).await?;
    let source = Source { path, is_directory: stat.is_directory(), asked };
    let destination = destination(&copy.destination)?;
    let placement = place(&source, &destination)?;
    let target = Target {
        directory: PathBuf::from(placement.directory),
        name: placement.name,
        has_root: !matches!(split(&source.path).1.as_str(), "." | "/"),
    };
    let reader = SyncIoBridge::new(StreamReader::new(content.map_err(io::Error::other)));
    tokio::task::spawn_blocking(move || unpack(reader, &target))
        .await
        .map_err(|error| CopyError::Archive(error.into()))?
}

/// What is at a path in a container, as an archive.
///
/// # Errors
/// The engine's refusal.
pub async fn open<E: Engine>(
    engine: &E,
    container: &str,
    path: &str,
    follow: bool,
) -> Result<Archive, CopyError> {
    let (path, _) = source_path(engine, container, path, follow).await?;
    Ok(engine.download(container, Path::new(&path)).await?)
}

/// The path to read, and the name that was asked for where a link leads to another one.
async fn source_path<E: Engine>(
    engine: &E,
    container: &str,
    path: &str,
    follow: bool,
) -> Result<(String, Option<String>), CopyError> {
    if follow
        && let Some(stat) = engine.path_stat(container, Path::new(path)).await?
        && stat.is_symbolic_link()
    {
        return Ok(followed(path, absolute(&split(path).0, &stat.link_target)));
    }
    Ok((path.to_owned(), None))
}

/// Refuses what a copy cannot go to.
fn check_output(path: &str) -> Result<(), CopyError> {
    let (directory, _) = split(&clean(path));
    if !Path::new(&directory).exists() {
        return Err(CopyError::NoOutputDirectory(directory));
    }
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(CopyError::Output { path: path.into(), source }),
    };
    let kind = metadata.file_type();
    if kind.is_char_device() || kind.is_block_device() {
        let place = format!("invalid output path: {path:?}");
        return Err(CopyError::NotForFiles { place, found: "a device" });
    }
    Ok(())
}

/// What is at a path of this machine; symbolic links at its end are followed, also to nothing.
fn destination(path: &str) -> Result<Destination, CopyError> {
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        match fs::symlink_metadata(clean(&path)) {
            Ok(metadata) if metadata.is_symlink() => {
                let target = fs::read_link(clean(&path));
                let target = target.map_err(|error| CopyError::at(Path::new(&path), error))?;
                path = absolute(&split(&clean(&path)).0, &target.to_string_lossy());
            }
            Ok(metadata) => {
                return Ok(Destination { path, exists: true, is_directory: metadata.is_dir() });
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Destination { path, ..Destination::default() });
            }
            Err(source) => return Err(CopyError::Source { path: path.into(), source }),
        }
    }
    Err(CopyError::at(Path::new(&path), io::Error::other("too many symbolic links")))
}
