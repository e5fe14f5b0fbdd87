//! Files that are written whole or not at all: where there is no room for the new one, the old one stays.

use std::fs::{self, File, Metadata};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, fchown};
use std::path::Path;

/// Puts a text into the place of a file, behind links. Mode and owner stay as they are. What is no file, such as
/// `/dev/stdout`, is written to, and so is a file that none can take the place of.
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
    let directory = match target.parent() {
        Some(directory) if !directory.as_os_str().is_empty() => directory,
        _ => Path::new("."),
    };
    let aside = directory.join(format!(".bireme-{}", std::process::id()));
    let file = match File::create_new(&aside) {
        // Nothing can be made beside it, but it may be written.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied && now.is_some() => {
            return fs::write(&target, text);
        }
        file => file?,
    };
    let written = fill(file, text, now.as_ref()).and_then(|()| fs::rename(&aside, &target));
    if written.is_err() {
        // What is left of it is of no use; that it cannot be removed changes nothing.
        let _ = fs::remove_file(&aside);
    }
    match written {
        // It is mounted by itself.
        Err(error) if error.kind() == io::ErrorKind::ResourceBusy => fs::write(&target, text)?,
        written => written?,
    }
    // That the name lasts through a loss of power is more than most ask for.
    let _ = File::open(directory).and_then(|directory| directory.sync_all());
    Ok(())
}

/// Gives a new file its text, and mode and owner of the one that it is to replace.
fn fill(mut file: File, text: &str, former: Option<&Metadata>) -> io::Result<()> {
    file.write_all(text.as_bytes())?;
    if let Some(former) = former {
        // Only root may give files away; others get what they may have.
        let _ = fchown(&file, Some(former.uid()), Some(former.gid()));
        file.set_permissions(former.permissions())?;
    }
    file.sync_all()
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
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    }
}
