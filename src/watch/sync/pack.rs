//! Files as an archive that is made while it is sent. Never compressed: both ends are on one machine, or the
//! transport compresses.

use std::fs::{self, Metadata};
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use rustix::io::Errno;
use tar::{Builder, EntryType, Header};
use tokio::task::JoinHandle;

use super::SyncError;
use crate::engine::transport::{Body, Exact, Pieces, stream};
use crate::watch::Kind;

/// Files up to this size are read before they are sent, so that one that shrinks meanwhile breaks nothing off.
const SMALL: u64 = 4 << 20;

/// Something to be packed.
#[derive(Debug, Clone)]
pub(super) struct Item {
    /// Where it is on this machine.
    pub(super) source: PathBuf,
    /// Where it goes: absolute.
    pub(super) place: PathBuf,
    /// What it was when it was seen.
    pub(super) kind: Kind,
    /// Its mode then. A directory gets this one: files tell by their times that they changed after that.
    pub(super) mode: Option<u32>,
}

/// How much was packed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Packed {
    /// Entries.
    pub(super) entries: usize,
    /// Bytes of content.
    pub(super) bytes: u64,
    /// Places of what has gone or become something else since it was seen.
    pub(super) left_out: Vec<PathBuf>,
}

/// The items as the body of a request to unpack at `/`. What has gone or become something else since it was seen is
/// left out: that will be seen, too, unless it comes back as it was.
pub(super) fn pack(items: Vec<Item>) -> (Body, JoinHandle<Result<Packed, SyncError>>) {
    let (pieces, outgoing) = Pieces::new();
    let packed = tokio::task::spawn_blocking(move || {
        let break_off = pieces.breaker();
        let result = write(pieces, &items);
        if let Err(error) = &result {
            break_off(error.to_string());
        }
        result
    });
    (stream(outgoing), packed)
}

fn write(pieces: impl Write, items: &[Item]) -> Result<Packed, SyncError> {
    let mut tar = Builder::new(pieces);
    let mut packed = Packed::default();
    for item in items {
        let failed =
            |reason| SyncError::Unreadable { path: item.source.display().to_string(), reason };
        match one(&mut tar, item).map_err(failed)? {
            Some(bytes) => {
                packed.entries += 1;
                packed.bytes += bytes;
            }
            None => packed.left_out.push(item.place.clone()),
        }
    }
    let end = tar.into_inner().and_then(|mut pieces| pieces.flush());
    end.map_err(|reason| SyncError::Unreadable { path: "archive".to_owned(), reason })?;
    Ok(packed)
}

/// Packs an item, if it is still what it was; its size.
fn one(tar: &mut Builder<impl Write>, item: &Item) -> io::Result<Option<u64>> {
    match item.kind {
        Kind::Directory => {
            let Some(metadata) = there(fs::metadata(&item.source))? else { return Ok(None) };
            if !metadata.is_dir() {
                return Ok(None);
            }
            let mut header = header(&metadata, EntryType::Directory, 0);
            if let Some(mode) = item.mode {
                header.set_mode(mode & 0o7777);
            }
            append(tar, (header, &metadata), &item.place, None, io::empty())?;
            Ok(Some(0))
        }
        Kind::Link => {
            let Some(leads) = there(fs::read_link(&item.source))? else { return Ok(None) };
            let Some(metadata) = there(fs::symlink_metadata(&item.source))? else {
                return Ok(None);
            };
            let header = header(&metadata, EntryType::Symlink, 0);
            append(tar, (header, &metadata), &item.place, Some(&leads), io::empty())?;
            Ok(Some(0))
        }
        Kind::File => {
            let open = fs::OpenOptions::new()
                .read(true)
                // Not a link that has taken its place, nor a pipe that nobody writes to.
                .custom_flags((OFlags::NONBLOCK | OFlags::NOFOLLOW).bits().cast_signed())
                .open(&item.source);
            let Some(mut file) = there(open)? else { return Ok(None) };
            let metadata = file.metadata()?;
            if !metadata.is_file() {
                return Ok(None);
            }
            let size = metadata.len();
            if size > SMALL {
                let header = header(&metadata, EntryType::Regular, size);
                append(tar, (header, &metadata), &item.place, None, Exact::new(file, size))?;
                return Ok(Some(size));
            }
            let mut content = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
            Read::take(&mut file, SMALL).read_to_end(&mut content)?;
            let size = content.len() as u64;
            let header = header(&metadata, EntryType::Regular, size);
            append(tar, (header, &metadata), &item.place, None, &content[..])?;
            Ok(Some(size))
        }
    }
}

/// Nothing where there is nothing any more.
fn there<T>(found: io::Result<T>) -> io::Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) => match Errno::from_io_error(&error) {
            // A link stands there now, or none does any more.
            Some(Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::INVAL) => Ok(None),
            _ => Err(error),
        },
    }
}

fn header(metadata: &Metadata, kind: EntryType, size: u64) -> Header {
    let mut header = Header::new_ustar();
    header.set_entry_type(kind);
    header.set_mode(metadata.mode() & 0o7777);
    // The container's user gets it.
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(u64::try_from(metadata.mtime()).unwrap_or(0));
    header.set_size(size);
    header
}

/// Appends an entry whose time is exact: watchers that compare times would miss the second of two saves within
/// one second. What does not fit into the header stands before it (POSIX pax).
fn append(
    tar: &mut Builder<impl Write>,
    (mut header, metadata): (Header, &Metadata),
    place: &Path,
    leads: Option<&Path>,
    content: impl Read,
) -> io::Result<()> {
    let name = place.strip_prefix("/").unwrap_or(place).as_os_str().as_bytes();
    let mut records: Vec<(&str, Vec<u8>)> = Vec::new();
    if name.len() > 100 || !name.is_ascii() {
        records.push(("path", name.to_vec()));
    }
    let link = leads.map(|leads| leads.as_os_str().as_bytes());
    if let Some(link) = link.filter(|link| link.len() > 100 || !link.is_ascii()) {
        records.push(("linkpath", link.to_vec()));
    }
    let exact = format!("{}.{:09}", metadata.mtime(), metadata.mtime_nsec());
    records.push(("mtime", exact.into_bytes()));
    let pairs = records.iter().map(|(key, value)| (*key, value.as_slice()));
    tar.append_pax_extensions(pairs)?;
    let old = header.as_old_mut();
    fill(&mut old.name, name);
    fill(&mut old.linkname, link.unwrap_or_default());
    header.set_cksum();
    tar.append(&header, content)
}

fn fill(field: &mut [u8], bytes: &[u8]) {
    field.fill(0);
    let length = bytes.len().min(field.len());
    if let (Some(field), Some(bytes)) = (field.get_mut(..length), bytes.get(..length)) {
        field.copy_from_slice(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_have_exact_times_and_names_of_any_length() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("file"), "content").unwrap();
        fs::create_dir(path("directory")).unwrap();
        std::os::unix::fs::symlink("x".repeat(150), path("link")).unwrap();
        let long = format!("/app/{}/ü", "d".repeat(120));
        let item = |name: &str, place: &str, kind| Item {
            source: path(name),
            place: place.into(),
            kind,
            mode: Some(0o40_711),
        };
        let items = [
            item("directory", "/app/directory", Kind::Directory),
            item("file", &long, Kind::File),
            item("gone", "/app/gone", Kind::File),
            item("directory", "/app/changed", Kind::File),
            item("link", "/app/link", Kind::Link),
        ];
        let mut bytes = Vec::new();
        let packed = write(&mut bytes, &items).unwrap();
        let left_out = vec![PathBuf::from("/app/gone"), PathBuf::from("/app/changed")];
        assert_eq!(packed, Packed { entries: 3, bytes: 7, left_out });
        let mut archive = tar::Archive::new(&bytes[..]);
        let found: Vec<_> = archive
            .entries()
            .unwrap()
            .map(|entry| {
                let mut entry = entry.unwrap();
                let extensions = entry.pax_extensions().unwrap().unwrap();
                let times = extensions
                    .filter_map(|record| {
                        let record = record.unwrap();
                        (record.key() == Ok("mtime")).then(|| record.value().unwrap().to_owned())
                    })
                    .collect::<Vec<_>>();
                assert_eq!(times.len(), 1);
                assert!(times[0].contains('.'), "{times:?}");
                let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
                let link = entry.link_name_bytes().map(|link| link.len());
                let is_directory = entry.header().entry_type().is_dir();
                let mode = is_directory.then(|| entry.header().mode().unwrap());
                (name, entry.header().uid().unwrap(), link, mode)
            })
            .collect();
        assert_eq!(
            found,
            [
                ("app/directory".to_owned(), 0, None, Some(0o711)),
                (long[1..].to_owned(), 0, None, None),
                ("app/link".to_owned(), 0, Some(150), None),
            ]
        );
    }
}
