//! A directory as a tar that is made while it is sent, in bounded memory.

use std::fs::File;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;

use crate::build::context::{Entry, EntryKind, Filter, WalkError, walk};
use crate::build::error::BuildError;
use crate::build::session::Trouble;
use crate::engine::transport::{Exact, Pieces};

/// What goes up.
#[derive(Default)]
pub(super) struct Upload {
    /// A directory, and what of it.
    pub(super) tree: Option<(PathBuf, Filter)>,
    /// Files beside it: name and content.
    pub(super) files: Vec<(String, Vec<u8>)>,
}

impl Upload {
    /// The tar as a body, and where its problems are kept.
    pub(super) fn start(self) -> (BoxStream<'static, io::Result<Bytes>>, Trouble) {
        let trouble = Trouble::default();
        if self.tree.is_none() && self.files.is_empty() {
            return (futures_util::stream::empty().boxed(), trouble);
        }
        let (pieces, outgoing) = Pieces::new();
        let reported = trouble.clone();
        tokio::task::spawn_blocking(move || {
            let break_off = pieces.breaker();
            if let Err(error) = self.write(pieces) {
                let reason = error.to_string();
                reported.report(error);
                break_off(reason);
            }
        });
        (outgoing.boxed(), trouble)
    }

    fn write(self, pieces: Pieces) -> Result<(), BuildError> {
        let mut tar = tar::Builder::new(pieces);
        let fail = |path: &Path| {
            let path = path.to_owned();
            move |source| WalkError { path, source }
        };
        if let Some((root, filter)) = &self.tree {
            let mut failure = None;
            walk(root, filter, |entry| match append(&mut tar, root, &entry) {
                Ok(()) => ControlFlow::Continue(()),
                Err(source) => {
                    failure = Some(WalkError { path: root.join(&entry.path), source });
                    ControlFlow::Break(())
                }
            })?;
            if let Some(failure) = failure {
                return Err(failure.into());
            }
        }
        for (name, content) in &self.files {
            let mut header = header(tar::EntryType::Regular, 0o600, content.len() as u64, 0);
            tar.append_data(&mut header, name, content.as_slice()).map_err(fail(name.as_ref()))?;
        }
        tar.into_inner().and_then(|mut pieces| pieces.flush()).map_err(fail("".as_ref()))?;
        Ok(())
    }
}

fn append(tar: &mut tar::Builder<Pieces>, root: &Path, entry: &Entry) -> io::Result<()> {
    let seconds = u64::try_from(entry.modified.div_euclid(1_000_000_000)).unwrap_or(0);
    let make = |kind, size| header(kind, entry.permissions, size, seconds);
    match &entry.kind {
        EntryKind::Directory => {
            let mut header = make(tar::EntryType::Directory, 0);
            tar.append_data(&mut header, format!("{}/", entry.path), io::empty())
        }
        EntryKind::File => {
            let path = root.join(&entry.path);
            if !std::fs::symlink_metadata(&path)?.is_file() {
                // A socket: there is nothing to read and nothing to make of it.
                return Ok(());
            }
            let file = File::open(&path)?;
            let mut header = make(tar::EntryType::Regular, entry.size);
            tar.append_data(&mut header, &entry.path, Exact::new(file, entry.size))
        }
        EntryKind::HardLink(target) => {
            tar.append_link(&mut make(tar::EntryType::Link, 0), &entry.path, target)
        }
        EntryKind::SymbolicLink(target) => {
            tar.append_link(&mut make(tar::EntryType::Symlink, 0), &entry.path, target)
        }
        EntryKind::Pipe => {
            tar.append_data(&mut make(tar::EntryType::Fifo, 0), &entry.path, io::empty())
        }
        EntryKind::Device { character, major, minor } => {
            let kind = if *character { tar::EntryType::Char } else { tar::EntryType::Block };
            let mut header = make(kind, 0);
            header.set_device_major(*major)?;
            header.set_device_minor(*minor)?;
            tar.append_data(&mut header, &entry.path, io::empty())
        }
    }
}

/// A header of root's, whoever builds.
fn header(kind: tar::EntryType, mode: u32, size: u64, modified: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(size);
    header.set_mtime(modified);
    header.set_uid(0);
    header.set_gid(0);
    header
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use futures_util::TryStreamExt;

    use super::Upload;
    use crate::build::context::Filter;

    #[tokio::test]
    async fn a_directory_becomes_a_tar_of_roots() {
        let root = tempfile::tempdir().unwrap();
        let deep = "d".repeat(120);
        std::fs::create_dir(root.path().join(&deep)).unwrap();
        std::fs::write(root.path().join(&deep).join("file"), vec![7; 200_000]).unwrap();
        std::fs::write(root.path().join("skipped"), "x").unwrap();
        let filter = Filter::new(&[], &["skipped"]).unwrap();
        let upload = Upload {
            tree: Some((root.path().to_owned(), filter)),
            files: vec![(".dockerfile.x".to_owned(), b"FROM scratch".to_vec())],
        };
        let (body, trouble) = upload.start();
        let pieces: Vec<bytes::Bytes> = body.try_collect().await.unwrap();
        assert!(trouble.take().is_none());
        let bytes = pieces.concat();
        let mut archive = tar::Archive::new(&bytes[..]);
        let mut seen = Vec::new();
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            assert_eq!(entry.header().uid().unwrap(), 0);
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            seen.push((entry.path().unwrap().display().to_string(), content.len()));
        }
        assert_eq!(
            seen,
            [
                (format!("{deep}/"), 0),
                (format!("{deep}/file"), 200_000),
                (".dockerfile.x".into(), 12)
            ]
        );
    }

    #[tokio::test]
    async fn a_directory_that_is_gone_is_reported() {
        let upload = Upload {
            tree: Some(("/nonexistent/context".into(), Filter::default())),
            files: Vec::new(),
        };
        let (body, trouble) = upload.start();
        let result: Result<Vec<bytes::Bytes>, _> = body.try_collect().await;
        assert!(result.is_err());
        let error = trouble.take().unwrap().to_string();
        assert!(error.starts_with("cannot read `/nonexistent/context`: "), "{error}");
    }
}
