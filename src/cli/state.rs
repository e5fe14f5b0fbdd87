//! What Bireme remembers between runs: small files in the user's state directory. Everything goes on
//! as well without them. They are for their owner alone.

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::process::Process;

/// Mode of a file that its owner alone may read.
const PRIVATE: u32 = 0o600;
/// The same of a directory.
const PRIVATE_DIRECTORY: u32 = 0o700;

/// Bireme's own part of the user's state directory; `None` for a user without a home.
pub(super) fn directory(process: &Process) -> Option<PathBuf> {
    let state = process.variables.get("XDG_STATE_HOME").filter(|path| path.starts_with('/'));
    let state = match state {
        Some(path) => PathBuf::from(path),
        None => process.home()?.join(".local").join("state"),
    };
    Some(state.join("bireme"))
}

/// A short name for a long text, in a file name.
pub(super) fn short_digest(text: &str) -> String {
    let digest = Sha256::digest(text);
    let digest = digest.iter().take(8).fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    format!("{digest:016x}")
}

/// The bytes of a file that is no longer than it may be.
pub(super) fn read(path: &Path, longest: u64) -> Option<Vec<u8>> {
    let length = fs::metadata(path).map_or(0, |file| file.len());
    (length <= longest).then(|| fs::read(path).ok()).flatten()
}

/// Writes a file aside and moves it, so that whoever reads it meanwhile gets the whole of one. Only
/// its owner may read it, and what else is in its directory.
///
/// # Errors
/// What the operating system says.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        DirBuilder::new().recursive(true).mode(PRIVATE_DIRECTORY).create(directory)?;
        // Earlier versions let others read.
        fs::set_permissions(directory, Permissions::from_mode(PRIVATE_DIRECTORY))?;
    }
    let aside = path.with_extension(format!("{}.new", std::process::id()));
    // One that was left behind would keep its mode.
    let _ = fs::remove_file(&aside);
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(PRIVATE)
        .open(&aside)
        .and_then(|mut file| file.write_all(bytes))
        .and_then(|()| fs::rename(&aside, path));
    if written.is_err() {
        // A part of it is of no use to anybody.
        let _ = fs::remove_file(&aside);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_for_its_owner_alone() {
        let home = tempfile::tempdir().unwrap();
        let directory = home.path().join("kept");
        fs::create_dir(&directory).unwrap();
        fs::set_permissions(&directory, Permissions::from_mode(0o755)).unwrap();
        let file = directory.join("run.json");
        fs::write(&file, "old").unwrap();
        replace(&file, b"new").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&directory), mode(&file)), (PRIVATE_DIRECTORY, PRIVATE));
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 1);
    }
}
