//! Takes the archives that a builder sends and hands them on.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::io::{StreamReader, SyncIoBridge};
use tonic::Status;

use super::output::Receiver;
use crate::build::error::{BuildError, BuildFailure};
use crate::build::session::{Arriving, Trouble};
use crate::engine::docker::load_image;

/// Whether an archive was handed on, and how long that took.
#[derive(Default)]
pub(super) struct Received(OnceLock<Duration>);

/// The name of the step, as buildx has it.
const IMPORTING: &str = "importing to docker";

impl Received {
    /// The step to tell of.
    pub(super) fn told(&self) -> Option<(&'static str, Duration)> {
        Some((IMPORTING, *self.0.get()?))
    }
}

/// Hands archives on for as long as it is polled.
pub(super) async fn receive(
    by: Option<&Receiver>,
    archives: Option<mpsc::Receiver<Arriving>>,
    received: &Received,
    trouble: &Trouble,
) {
    let (Some(by), Some(mut archives)) = (by, archives) else {
        return std::future::pending().await;
    };
    while let Some(Arriving { pieces, done }) = archives.recv().await {
        let began = Instant::now();
        let pieces = ReceiverStream::new(pieces);
        let outcome = match by {
            Receiver::Engine(transport) => {
                let loaded = load_image(transport, pieces).await;
                if loaded.is_ok() {
                    // There is one image in a build.
                    let _ = received.0.set(began.elapsed());
                }
                loaded.map_err(|error| failed(&format!("failed to load the image: {error}")))
            }
            Receiver::Directory(directory) => {
                let directory = directory.clone();
                let bridge = SyncIoBridge::new(StreamReader::new(pieces));
                let unpacked = tokio::task::spawn_blocking(move || unpack(bridge, &directory));
                let unpacked = unpacked.await.unwrap_or_else(|error| Err(io::Error::other(error)));
                unpacked.map_err(|error| failed(&format!("failed to keep the image: {error}")))
            }
        };
        let answer = outcome.map_err(|error| {
            let status = Status::internal(error.to_string());
            trouble.report(error);
            status
        });
        // Who called the build off waits for no answer.
        let _ = done.send(answer);
    }
    std::future::pending::<()>().await;
}

fn failed(message: &str) -> BuildError {
    BuildError::Failed(Box::new(BuildFailure {
        message: message.to_owned(),
        step: IMPORTING.to_owned(),
        ..BuildFailure::default()
    }))
}

/// Unpacks an image layout: its index and its blobs, and nothing else.
fn unpack(archive: impl io::Read, directory: &Path) -> io::Result<()> {
    std::fs::create_dir_all(directory.join("blobs/sha256"))?;
    let mut archive = tar::Archive::new(archive);
    for entry in archive.entries()? {
        let mut entry = entry?;
        if let Some(path) = place_in_layout(&entry.path()?) {
            let mut file = std::fs::File::create(directory.join(path))?;
            io::copy(&mut entry, &mut file)?;
        }
    }
    Ok(())
}

/// Where a file of an archive belongs, if it is one of a layout.
fn place_in_layout(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let is_blob = path.starts_with("blobs/sha256")
        && path.components().count() == 3
        && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_index = path == Path::new("index.json") || path == Path::new("oci-layout");
    (is_blob || is_index).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_a_layout_are_unpacked() {
        for (path, expected) in [
            ("index.json", true),
            ("oci-layout", true),
            ("blobs/sha256/0aF", true),
            ("blobs/sha256", false),
            ("blobs/sha256/../x", false),
            ("/blobs/sha256/0a", false),
            ("manifest.json", false),
            ("blobs/sha256/a/b", false),
            ("../index.json", false),
        ] {
            assert_eq!(place_in_layout(Path::new(path)).is_some(), expected, "{path}");
        }
    }
}
