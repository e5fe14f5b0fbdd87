//! Files of this machine as an archive that is made while it is sent.

use std::collections::HashMap;
use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use tar::{Builder, EntryType, Header};

use super::CopyError;
use crate::engine::transport::{Body, Exact, Pieces, stream};

/// What is at `path`, with all below it, as the body of a request; `name` is what it is called in
/// the archive, `.` for the content of a directory. The second part gives, once the body has been
/// sent, what went wrong with the files.
pub(super) fn pack(
    path: PathBuf,
    name: String,
) -> (Body, tokio::task::JoinHandle<Result<(), CopyError>>) {
    let (pieces, outgoing) = Pieces::new();
    let packed = tokio::task::spawn_blocking(move || {
        let break_off = pieces.breaker();
        let result = write(pieces, &path, Path::new(&name));
        if let Err(error) = &result {
            break_off(error.to_string());
        }
        result
    });
    (stream(outgoing), packed)
}

fn write(pieces: impl Write, path: &Path, name: &Path) -> Result<(), CopyError> {
    let mut packing = Packing { tar: Builder::new(pieces), linked: HashMap::new() };
    // The directory that gets the content is there.
    let name = if name == Path::new(".") { Path::new("") } else { name };
    packing.tree(path, name)?;
    let end = packing.tar.into_inner().and_then(|mut pieces| pieces.flush());
    end.map_err(|error| CopyError::at(path, error))
}

struct Packing<W: Write> {
    tar: Builder<W>,
    /// Files with several names, and the first of them in the archive.
    linked: HashMap<(u64, u64), PathBuf>,
}

impl<W: Write> Packing<W> {
    fn tree(&mut self, path: &Path, name: &Path) -> Result<(), CopyError> {
        // Not by recursion: a tree may be deeper than a stack.
        let mut waiting = vec![(path.to_owned(), name.to_owned())];
        while let Some((path, name)) = waiting.pop() {
            let failed = |error| CopyError::at(&path, error);
            let metadata = fs::symlink_metadata(&path).map_err(failed)?;
            if !name.as_os_str().is_empty() {
                self.one(&path, &name, &metadata).map_err(failed)?;
            }
            if metadata.is_dir() {
                let entries = fs::read_dir(&path).and_then(Iterator::collect::<io::Result<Vec<_>>>);
                let mut names: Vec<_> =
                    entries.map_err(failed)?.iter().map(fs::DirEntry::file_name).collect();
                names.sort_unstable_by(|a, b| b.cmp(a));
                waiting.extend(names.iter().map(|child| (path.join(child), name.join(child))));
            }
        }
        Ok(())
    }

    fn one(&mut self, path: &Path, name: &Path, metadata: &Metadata) -> io::Result<()> {
        let mut header = header(metadata);
        let kind = metadata.file_type();
        if kind.is_dir() {
            header.set_entry_type(EntryType::Directory);
            return self.tar.append_data(&mut header, name.join(""), io::empty());
        }
        if kind.is_symlink() {
            header.set_entry_type(EntryType::Symlink);
            return self.tar.append_link(&mut header, name, fs::read_link(path)?);
        }
        if kind.is_socket() {
            // There is nothing to read and nothing to make of it.
            return Ok(());
        }
        if metadata.nlink() > 1 {
            let file = (metadata.dev(), metadata.ino());
            if let Some(first) = self.linked.get(&file) {
                header.set_entry_type(EntryType::Link);
                return self.tar.append_link(&mut header, name, first);
            }
            self.linked.insert(file, name.to_owned());
        }
        if kind.is_file() {
            header.set_entry_type(EntryType::Regular);
            header.set_size(metadata.len());
            let content = Exact::new(File::open(path)?, metadata.len());
            return self.tar.append_data(&mut header, name, content);
        }
        if kind.is_fifo() {
            header.set_entry_type(EntryType::Fifo);
        } else {
            let character = kind.is_char_device();
            header.set_entry_type(if character { EntryType::Char } else { EntryType::Block });
            header.set_device_major(rustix::fs::major(metadata.rdev()))?;
            header.set_device_minor(rustix::fs::minor(metadata.rdev()))?;
        }
        self.tar.append_data(&mut header, name, io::empty())
    }
}

fn header(metadata: &Metadata) -> Header {
    let mut header = Header::new_gnu();
    header.set_mode(metadata.mode() & 0o7777);
    header.set_uid(metadata.uid().into());
    header.set_gid(metadata.gid().into());
    header.set_mtime(u64::try_from(metadata.mtime()).unwrap_or(0));
    header.set_size(0);
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_packed_under_its_new_name_with_links_as_links() {
        let folder = tempfile::tempdir().unwrap();
        let tree = folder.path().join("tree");
        fs::create_dir_all(tree.join("sub")).unwrap();
        fs::write(tree.join("a"), "one").unwrap();
        fs::hard_link(tree.join("a"), tree.join("b")).unwrap();
        std::os::unix::fs::symlink("nowhere", tree.join("sub/link")).unwrap();
        for (name, expected) in [
            ("new", &["new/", "new/a", "new/b > new/a", "new/sub/", "new/sub/link > nowhere"][..]),
            (".", &["a", "b > a", "sub/", "sub/link > nowhere"]),
        ] {
            let mut bytes = Vec::new();
            write(&mut bytes, &tree, Path::new(name)).unwrap();
            let mut archive = tar::Archive::new(&bytes[..]);
            let names: Vec<String> = archive
                .entries()
                .unwrap()
                .map(|entry| {
                    let entry = entry.unwrap();
                    let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
                    match entry.link_name_bytes() {
                        Some(link) => format!("{name} > {}", String::from_utf8_lossy(&link)),
                        None => name,
                    }
                })
                .collect();
            assert_eq!(names, expected);
        }
    }
}
