//! Writes edited files, each whole or not at all.

use std::path::Path;
use std::{fs, io};

use crate::cli::failure::{Failure, Result};
use crate::cli::whole;
use crate::platform::mend::Change;

/// Writes all changes, if no file has changed since it was read.
///
/// A file that is a link stays one; mode and owner stay as they are.
///
/// # Errors
/// A file that changed, that its user may not write, or that cannot be written. What was written before stays written, and is
/// named.
pub(in crate::cli) fn write_all(changes: &[Change]) -> Result {
    for Change { path, before, .. } in changes {
        let now = match fs::read(path) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(failed(path, &error)),
        };
        if now.as_deref() != before.as_deref().map(str::as_bytes) {
            let path = path.display();
            return Err(Failure::new(format!("{path} has changed meanwhile: nothing was written"))
                .help("call this again"));
        }
    }
    check_writable(changes)?;
    let mut written: Vec<String> = Vec::new();
    for Change { path, after, .. } in changes {
        if let Err(error) = whole::write(path, after) {
            let failure = failed(path, &error);
            return Err(if written.is_empty() {
                failure
            } else {
                failure.help(format!("written before: {}", written.join(", ")))
            });
        }
        written.push(path.display().to_string());
    }
    Ok(())
}

/// Refuses what its user may not write, before anything is written.
pub(super) fn check_writable(changes: &[Change]) -> Result {
    for Change { path, .. } in changes.iter().filter(|it| it.before.is_some()) {
        whole::check_writable(path).map_err(|error| {
            let help = format!("let it be written first (chmod u+w {})", path.display());
            failed(path, &error).help(help)
        })?;
    }
    Ok(())
}

fn failed(path: &Path, error: &io::Error) -> Failure {
    Failure::new(format!("cannot write {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn change(path: &Path, before: Option<&str>, after: &str) -> Change {
        Change { path: path.to_owned(), before: before.map(str::to_owned), after: after.to_owned() }
    }

    #[test]
    fn links_and_modes_stay() {
        let directory = tempfile::tempdir().unwrap();
        let (file, link) = (directory.path().join("file"), directory.path().join("link"));
        fs::write(&file, "a").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        symlink("file", &link).unwrap();
        let new = directory.path().join("new");
        write_all(&[change(&link, Some("a"), "b"), change(&new, None, "c")]).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&file).unwrap(), "b");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read_to_string(&new).unwrap(), "c");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 3, "nothing is left beside");
    }

    #[test]
    fn what_is_read_only_is_left() {
        let directory = tempfile::tempdir().unwrap();
        let [one, other] = ["one", "other"].map(|name| directory.path().join(name));
        fs::write(&one, "a").unwrap();
        fs::write(&other, "b").unwrap();
        fs::set_permissions(&other, fs::Permissions::from_mode(0o444)).unwrap();
        let changes = [change(&one, Some("a"), "x"), change(&other, Some("b"), "y")];
        assert!(write_all(&changes).is_err());
        assert_eq!([&one, &other].map(|it| fs::read_to_string(it).unwrap()), ["a", "b"]);
    }

    #[test]
    fn what_changed_meanwhile_is_left() {
        let directory = tempfile::tempdir().unwrap();
        let (one, other) = (directory.path().join("one"), directory.path().join("other"));
        fs::write(&one, "a").unwrap();
        fs::write(&other, "b").unwrap();
        let changes = [change(&one, Some("a"), "x"), change(&other, Some("old"), "y")];
        assert!(write_all(&changes).is_err());
        assert!(write_all(&[change(&one, None, "x")]).is_err(), "it exists by now");
        assert_eq!(fs::read_to_string(&one).unwrap(), "a");
    }
}
