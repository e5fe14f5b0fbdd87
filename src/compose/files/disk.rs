//! The real files of this machine.

use std::fs::{self, File, OpenOptions};
use std::io::{self, IsTerminal, Read};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rustix::fs::OFlags;

use super::{FileKind, Files};
use crate::compose::limits;

/// The files of this machine and the standard input of this process.
///
/// Reading ends: what is larger than [`limits::FILE_BYTES`] is refused, and so are devices, and
/// pipes that nobody writes into.
#[derive(Debug, Default)]
pub struct Disk {
    /// Standard input can be read once only.
    stdin: OnceLock<Vec<u8>>,
}

impl Files for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let metadata = fs::metadata(path)?;
        let kind = metadata.file_type();
        if kind.is_fifo() {
            return pipe(path);
        }
        if kind.is_char_device() || kind.is_block_device() {
            return device(path);
        }
        // Reading a directory fails with the system's own words.
        whole(File::open(path)?, metadata.len())
    }

    fn kind(&self, path: &Path) -> Option<FileKind> {
        let metadata = std::fs::metadata(path).ok()?;
        Some(if metadata.is_dir() { FileKind::Directory } else { FileKind::File })
    }

    fn canonical(&self, path: &Path) -> Option<PathBuf> {
        std::fs::canonicalize(path).ok()
    }

    fn stdin(&self) -> io::Result<Vec<u8>> {
        if let Some(bytes) = self.stdin.get() {
            return Ok(bytes.clone());
        }
        let bytes = whole(io::stdin().lock(), 0)?;
        Ok(self.stdin.get_or_init(|| bytes).clone())
    }
}

/// All that a source has, if it ends within the limit. Whatever size a file claims, it may be
/// another one by the time it is read.
fn whole(source: impl Read, size: u64) -> io::Result<Vec<u8>> {
    let too_large = || {
        let limit = limits::FILE_BYTES >> 20;
        io::Error::new(io::ErrorKind::FileTooLarge, format!("larger than {limit} MiB"))
    };
    if size > limits::FILE_BYTES {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    source.take(limits::FILE_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limits::FILE_BYTES {
        return Err(too_large());
    }
    Ok(bytes)
}

/// Reads a pipe. Opening a named one would wait for somebody to write, maybe for ever.
fn pipe(path: &Path) -> io::Result<Vec<u8>> {
    // A shell's `<(…)` stands nowhere in the file system, and its other end is there already.
    let named = fs::canonicalize(path).is_ok();
    if !named {
        return whole(File::open(path)?, 0);
    }
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    let mut file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    let mut first = [0];
    let length = match file.read(&mut first) {
        Ok(0) => return Err(io::Error::other("it is a pipe that nobody writes into")),
        Ok(length) => length,
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
        Err(error) => return Err(error),
    };
    // Somebody writes: from here on waiting is right.
    let flags = rustix::fs::fcntl_getfl(&file)?;
    rustix::fs::fcntl_setfl(&file, flags - OFlags::NONBLOCK)?;
    whole(first[..length].chain(file), 0)
}

/// Reads the null device, and what standard input is if it is asked for by a path. Others may
/// never end, or do something when they are opened.
fn device(path: &Path) -> io::Result<Vec<u8>> {
    if fs::canonicalize(path)? == Path::new("/dev/null") {
        return Ok(Vec::new());
    }
    if path == Path::new("/dev/stdin") || path == Path::new("/dev/fd/0") {
        let file = File::open(path)?;
        if file.is_terminal() {
            return whole(file, 0);
        }
    }
    Err(io::Error::other("it is a device, not a file"))
}
