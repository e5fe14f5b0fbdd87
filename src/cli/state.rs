//! What Bireme remembers between runs: small files in the user's state directory. Everything goes on
//! as well without them.

use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::process::Process;

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
    let length = std::fs::metadata(path).map_or(0, |file| file.len());
    (length <= longest).then(|| std::fs::read(path).ok()).flatten()
}

/// Writes a file aside and moves it, so that whoever reads it meanwhile gets the whole of one.
///
/// # Errors
/// What the operating system says.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory)?;
    }
    let aside = path.with_extension(format!("{}.new", std::process::id()));
    std::fs::write(&aside, bytes)?;
    std::fs::rename(&aside, path)
}
