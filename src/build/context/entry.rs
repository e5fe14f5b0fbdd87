//! One file of a context, as builders want it: no owner, and Go's mode bits.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::io;
use std::path::Path;

/// A file, directory, link or other thing below the root of a context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Path below the root, with `/` between its parts.
    pub path: String,
    /// What it is.
    pub kind: EntryKind,
    /// Permission bits with set-uid, set-gid and sticky as in `stat(2)`.
    pub permissions: u32,
    /// Size in bytes; 0 for directories.
    pub size: u64,
    /// Time of the last change: nanoseconds since 1970.
    pub modified: i64,
    /// Extended attributes.
    pub attributes: BTreeMap<String, Vec<u8>>,
}

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file with a content to send. A socket counts as one, and is empty.
    File,
    /// A further name of a file that came earlier: that file's path.
    HardLink(String),
    /// A directory.
    Directory,
    /// A symbolic link and what it says.
    SymbolicLink(String),
    /// A named pipe.
    Pipe,
    /// A block or character device.
    Device {
        /// Whether it is a character device.
        character: bool,
        /// Major number.
        major: u32,
        /// Minor number.
        minor: u32,
    },
}

impl Entry {
    /// Describes what is at `location`, of which `metadata` was read without following links.
    pub(super) fn read(location: &Path, path: String, metadata: &Metadata) -> io::Result<Self> {
        let kind = kind(location, metadata)?;
        let size = if kind == EntryKind::Directory { 0 } else { metadata.len() };
        Ok(Self {
            path,
            kind,
            permissions: permissions(metadata),
            size,
            modified: modified(metadata),
            attributes: attributes(location),
        })
    }

    /// The mode as Go's `os.FileMode` writes it, which is what travels to BuildKit.
    pub fn go_mode(&self) -> u32 {
        const DIRECTORY: u32 = 1 << 31;
        const SYMBOLIC_LINK: u32 = 1 << 27;
        const DEVICE: u32 = 1 << 26;
        const PIPE: u32 = 1 << 25;
        const SET_UID: u32 = 1 << 23;
        const SET_GID: u32 = 1 << 22;
        const CHARACTER_DEVICE: u32 = 1 << 21;
        const STICKY: u32 = 1 << 20;
        let mut mode = self.permissions & 0o777;
        for (bit, go) in [(0o4000, SET_UID), (0o2000, SET_GID), (0o1000, STICKY)] {
            if self.permissions & bit != 0 {
                mode |= go;
            }
        }
        mode | match &self.kind {
            EntryKind::File | EntryKind::HardLink(_) => 0,
            EntryKind::Directory => DIRECTORY,
            EntryKind::SymbolicLink(_) => SYMBOLIC_LINK,
            EntryKind::Pipe => PIPE,
            EntryKind::Device { character: true, .. } => DEVICE | CHARACTER_DEVICE,
            EntryKind::Device { character: false, .. } => DEVICE,
        }
    }
}

fn kind(location: &Path, metadata: &Metadata) -> io::Result<EntryKind> {
    let file_type = metadata.file_type();
    if file_type.is_dir() {
        return Ok(EntryKind::Directory);
    }
    if file_type.is_symlink() {
        let target = std::fs::read_link(location)?;
        let target = target.into_os_string().into_string().map_err(|_| not_utf8())?;
        return Ok(EntryKind::SymbolicLink(target));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::{FileTypeExt, MetadataExt};
        if file_type.is_fifo() {
            return Ok(EntryKind::Pipe);
        }
        if file_type.is_char_device() || file_type.is_block_device() {
            let device = metadata.rdev();
            return Ok(EntryKind::Device {
                character: file_type.is_char_device(),
                major: rustix::fs::major(device),
                minor: rustix::fs::minor(device),
            });
        }
    }
    Ok(EntryKind::File)
}

/// The error for names that the protocol cannot carry.
pub(super) fn not_utf8() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the name is not valid UTF-8")
}

#[cfg(unix)]
fn permissions(metadata: &Metadata) -> u32 {
    use std::os::unix::fs::MetadataExt;
    metadata.mode() & 0o7777
}

/// Windows has no such bits; the CLI makes everything readable and executable.
#[cfg(not(unix))]
fn permissions(_: &Metadata) -> u32 {
    0o755
}

#[cfg(unix)]
fn modified(metadata: &Metadata) -> i64 {
    use std::os::unix::fs::MetadataExt;
    metadata.mtime().saturating_mul(1_000_000_000).saturating_add(metadata.mtime_nsec())
}

#[cfg(not(unix))]
fn modified(metadata: &Metadata) -> i64 {
    metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
        .and_then(|since| i64::try_from(since.as_nanos()).ok())
        .unwrap_or(0)
}

/// Attributes that cannot be read are left out, as the CLI does.
#[cfg(target_os = "linux")]
fn attributes(location: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut names = [0u8; 4096];
    let Ok(length) = rustix::fs::llistxattr(location, &mut names[..]) else {
        return BTreeMap::new();
    };
    names[..length]
        .split(|&byte| byte == 0)
        .filter_map(|name| std::str::from_utf8(name).ok())
        .filter(|name| !name.is_empty())
        .filter_map(|name| {
            let mut value = vec![0u8; 64 * 1024];
            let length = rustix::fs::lgetxattr(location, name, &mut value[..]).ok()?;
            value.truncate(length);
            Some((name.to_owned(), value))
        })
        .collect()
}

#[cfg(not(target_os = "linux"))]
fn attributes(_: &Path) -> BTreeMap<String, Vec<u8>> {
    BTreeMap::new()
}
