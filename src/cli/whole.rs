//! Files that are written whole or not at all: where there is no room for the new one, the old one stays.

use std::fs::{self, File, Metadata, Permissions};
use std::io::{self, Seek as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};
use std::path::Path;

/// Mode of what its owner alone may read.
const PRIVATE: u32 = 0o600;

/// Puts a text into the place of a file, behind links. Mode and owner stay as they are. What is no file, such as
/// `/dev/stdout`, is written to, and so is a file that none can take the place of, or that has several names.
///
/// # Errors
/// What cannot be written. Nothing has changed then.
pub(super) fn write(path: &Path, text: &str) -> io::Result<()> {
    let target = match fs::canonicalize(path) {
        Ok(target) => target,
        Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_owned(),
        Err(error) => return Err(error),
    };
    let now = fs::metadata(&target).ok();
    if now.as_ref().is_some_and(|now| !now.is_file()) {
        return fs::write(&target, text);
    }
    if now.as_ref().is_some_and(|now| now.nlink() > 1) {
        return overwrite(&target, text);
    }
    let like_now = |file: &File| now.as_ref().map_or(Ok(()), |now| resemble(file, now));
    match replace(&target, text, like_now) {
        // Nothing can be made beside it, or it is mounted by itself; but it may be written.
        Err(error) if now.is_some() && is_in_the_way(&error) => overwrite(&target, text),
        replaced => replaced,
    }
}

/// Writes a file where it is. What was in it comes back where there is no room for the text.
fn overwrite(target: &Path, text: &str) -> io::Result<()> {
    let before = fs::read(target)?;
    let mut file = File::options().write(true).open(target)?;
    let written = put(&mut file, text.as_bytes());
    if written.is_err() {
        // It had room for that.
        let _ = put(&mut file, &before);
    }
    written
}

fn put(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    file.rewind()?;
    file.write_all(bytes)?;
    file.set_len(bytes.len() as u64)?;
    file.sync_all()
}

/// Whether its user may write a file, as its mode has it: root is kept from nothing, but means no other file.
///
/// # Errors
/// Why not.
pub(super) fn check_writable(path: &Path) -> io::Result<()> {
    const ANYBODY_WRITES: u32 = 0o222;
    if fs::metadata(path)?.mode() & ANYBODY_WRITES == 0 {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only"));
    }
    Ok(rustix::fs::access(path, rustix::fs::Access::WRITE_OK)?)
}

/// Puts a text into the place of a file or link, for its owner alone.
///
/// # Errors
/// What cannot be written, and what is no file. Nothing has changed then.
pub(super) fn write_private(path: &Path, text: &str) -> io::Result<()> {
    if fs::metadata(path).is_ok_and(|now| !now.is_file()) {
        return Err(io::Error::other("it is no file"));
    }
    replace(path, text, |file| file.set_permissions(Permissions::from_mode(PRIVATE)))
}

/// Puts a new file into the place of another, once it is whole. `prepare` sees it while it is empty.
fn replace(
    target: &Path,
    text: &str,
    prepare: impl FnOnce(&File) -> io::Result<()>,
) -> io::Result<()> {
    let directory = match target.parent() {
        Some(directory) if !directory.as_os_str().is_empty() => directory,
        _ => Path::new("."),
    };
    let aside = directory.join(format!(".bireme-{}", std::process::id()));
    let mut file = File::create_new(&aside)?;
    let replaced = prepare(&file)
        .and_then(|()| file.write_all(text.as_bytes()))
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&aside, target));
    if replaced.is_err() {
        // What is left of it is of no use; that it cannot be removed changes nothing.
        let _ = fs::remove_file(&aside);
    }
    replaced?;
    // That the name lasts through a loss of power is more than most ask for.
    let _ = File::open(directory).and_then(|directory| directory.sync_all());
    Ok(())
}

fn is_in_the_way(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ResourceBusy)
}

/// Gives a file mode and owner of another.
fn resemble(file: &File, other: &Metadata) -> io::Result<()> {
    // Only root may give files away; others get what they may have.
    let _ = fchown(file, Some(other.uid()), Some(other.gid()));
    file.set_permissions(other.permissions())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_file_is_written_to_and_a_directory_refused() {
        write(Path::new("/dev/null"), "text").unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
        let directory = tempfile::tempdir().unwrap();
        assert!(write(directory.path(), "text").is_err());
        assert!(write(&directory.path().join("none/file"), "text").is_err());
        assert!(write_private(Path::new("/dev/null"), "text").is_err());
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_file_with_several_names_stays_one() {
        let directory = tempfile::tempdir().unwrap();
        let [file, other] = ["file", "other"].map(|name| directory.path().join(name));
        fs::write(&file, "a long text").unwrap();
        fs::hard_link(&file, &other).unwrap();
        write(&file, "short").unwrap();
        assert_eq!(fs::read_to_string(&other).unwrap(), "short");
        assert_eq!(fs::metadata(&file).unwrap().nlink(), 2);
    }

    #[test]
    fn what_is_private_takes_the_place_of_a_link_and_leaves_what_it_led_to() {
        let directory = tempfile::tempdir().unwrap();
        let [file, link] = ["file", "link"].map(|name| directory.path().join(name));
        fs::write(&file, "old").unwrap();
        std::os::unix::fs::symlink("file", &link).unwrap();
        write_private(&link, "new").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "old");
        assert_eq!(fs::read_to_string(&link).unwrap(), "new");
        let metadata = fs::symlink_metadata(&link).unwrap();
        assert!(metadata.is_file());
        assert_eq!(metadata.mode() & 0o777, PRIVATE);
    }
}
