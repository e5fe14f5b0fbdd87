//! Files as an archive that is made while it is sent. Never compressed: both ends are on one machine, or the
//! transport compresses.

use std::fs::{self, File, Metadata};
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use rustix::io::Errno;
use tar::{Builder, EntryType, Header};
use tokio::task::JoinHandle;

use super::owner::Owner;
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

/// What became of an item.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It was packed, with so many bytes of content.
    Packed(u64),
    /// It has gone or become something else since it was seen.
    LeftOut,
    /// It cannot be read, in the system's words.
    Unreadable(String),
}

/// What became of items, as far as they were packed, and whether the archive is whole.
pub(super) type Packed = (Vec<Fate>, io::Result<()>);

/// The items as the body of a request to unpack at `/`, and what becomes of each, as far as it gets. They belong to `owner`
/// there. What has gone or become something else since it was seen is left out: that will be seen, too, unless it comes back as it was.
pub(super) fn pack(items: Vec<Item>, owner: Owner) -> (Body, JoinHandle<Packed>) {
    let (pieces, outgoing) = Pieces::new();
    let packed = tokio::task::spawn_blocking(move || {
        let break_off = pieces.breaker();
        let (fates, result) = write(pieces, &items, owner);
        if let Err(error) = &result {
            break_off(error.to_string());
        }
        (fates, result)
    });
    (stream(outgoing), packed)
}

fn write(pieces: impl Write, items: &[Item], owner: Owner) -> Packed {
    let mut tar = Builder::new(pieces);
    let mut fates = Vec::with_capacity(items.len());
    for item in items {
        let fate = match open(item) {
            Ok(Some(opened)) => match opened.append(&mut tar, item, owner) {
                Ok(bytes) => Fate::Packed(bytes),
                Err(error) => return (fates, Err(error)),
            },
            Ok(None) => Fate::LeftOut,
            Err(reason) => Fate::Unreadable(reason.to_string()),
        };
        fates.push(fate);
    }
    let end = tar.into_inner().and_then(|mut pieces| pieces.flush());
    (fates, end)
}

/// An item that is still what it was, and what is to be written of it.
struct Opened {
    metadata: Metadata,
    content: Content,
}

enum Content {
    Directory,
    /// Where it leads.
    Link(PathBuf),
    /// As a whole.
    Small(Vec<u8>),
    /// Of this size.
    Large(File, u64),
}

/// Reads an item as far as needed to know that it can be packed; nothing where it is not what it was.
fn open(item: &Item) -> io::Result<Option<Opened>> {
    match item.kind {
        Kind::Directory => {
            // What is in one that cannot be listed or entered would not come.
            let metadata = there(fs::metadata(item.source.join(".")))?.filter(Metadata::is_dir);
            if metadata.is_some() && there(fs::read_dir(&item.source))?.is_none() {
                return Ok(None);
            }
            Ok(metadata.map(|metadata| Opened { metadata, content: Content::Directory }))
        }
        Kind::Link => {
            let Some(leads) = there(fs::read_link(&item.source))? else { return Ok(None) };
            let metadata = there(fs::symlink_metadata(&item.source))?;
            Ok(metadata.map(|metadata| Opened { metadata, content: Content::Link(leads) }))
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
                return Ok(Some(Opened { metadata, content: Content::Large(file, size) }));
            }
            let mut content = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
            Read::take(&mut file, SMALL).read_to_end(&mut content)?;
            Ok(Some(Opened { metadata, content: Content::Small(content) }))
        }
    }
}

impl Opened {
    /// Writes it to an archive; how many bytes of content it has.
    fn append(self, tar: &mut Builder<impl Write>, item: &Item, owner: Owner) -> io::Result<u64> {
        let Self { metadata, content } = self;
        let place = &item.place;
        let header = |metadata: &Metadata, kind, size| header(metadata, owner, kind, size);
        match content {
            Content::Directory => {
                let mut header = header(&metadata, EntryType::Directory, 0);
                if let Some(mode) = item.mode {
                    header.set_mode(mode & 0o7777);
                }
                append(tar, (header, &metadata), place, None, io::empty()).map(|()| 0)
            }
            Content::Link(leads) => {
                let header = header(&metadata, EntryType::Symlink, 0);
                append(tar, (header, &metadata), place, Some(&leads), io::empty()).map(|()| 0)
            }
            Content::Small(content) => {
                let size = content.len() as u64;
                let header = header(&metadata, EntryType::Regular, size);
                append(tar, (header, &metadata), place, None, &content[..]).map(|()| size)
            }
            Content::Large(file, size) => {
                let header = header(&metadata, EntryType::Regular, size);
                let content = Exact::new(file, size);
                append(tar, (header, &metadata), place, None, content).map(|()| size)
            }
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

fn header(metadata: &Metadata, owner: Owner, kind: EntryType, size: u64) -> Header {
    let mut header = Header::new_ustar();
    header.set_entry_type(kind);
    header.set_mode(metadata.mode() & 0o7777);
    header.set_uid(owner.user.into());
    header.set_gid(owner.group.into());
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
    fn what_cannot_be_read_keeps_nothing_else_from_being_packed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "content").unwrap();
        let item = |source: PathBuf| Item {
            source,
            place: "/app/file".into(),
            kind: Kind::File,
            mode: None,
        };
        // Unreadable for whoever runs this.
        let items = [item(format!("/{}", "x".repeat(5000)).into()), item(file)];
        let (fates, end) = write(Vec::new(), &items, Owner::default());
        end.unwrap();
        assert!(matches!(fates[..], [Fate::Unreadable(_), Fate::Packed(7)]), "{fates:?}");
    }

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
        let (fates, end) = write(&mut bytes, &items, Owner { user: 1000, group: 50 });
        end.unwrap();
        let of_two = || [Fate::LeftOut, Fate::LeftOut];
        let expected = [Fate::Packed(0), Fate::Packed(7)].into_iter().chain(of_two());
        assert_eq!(fates, expected.chain([Fate::Packed(0)]).collect::<Vec<_>>());
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
                let owner = (entry.header().uid().unwrap(), entry.header().gid().unwrap());
                (name, owner, link, mode)
            })
            .collect();
        assert_eq!(
            found,
            [
                ("app/directory".to_owned(), (1000, 50), None, Some(0o711)),
                (long[1..].to_owned(), (1000, 50), None, None),
                ("app/link".to_owned(), (1000, 50), Some(150), None),
            ]
        );
    }
}
