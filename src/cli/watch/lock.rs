//! One watch for each project: the file by which Docker Compose's watch and ours exclude each other.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};

use crate::cli::failure::{Failure, Result};
use crate::cli::process::Process;

/// The right to watch a project, until it is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    path: PathBuf,
}

impl Lock {
    /// Takes it.
    ///
    /// # Errors
    /// A process that has it and lives, or a directory that cannot be written to.
    pub(super) fn take(process: &Process, project: &str) -> Result<Self> {
        directory(process).and_then(|directory| Self::in_directory(&directory, project)).map_err(
            |error| {
                Failure::new(format!("cannot take exclusive lock for project {project:?}: {error}"))
            },
        )
    }

    fn in_directory(directory: &Path, project: &str) -> io::Result<Self> {
        let path = directory.join(format!("{project}.pid"));
        loop {
            let file = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .open(&path)?;
            // Held for a moment: two that find a stale file do not both take it.
            match file.try_lock() {
                Err(TryLockError::WouldBlock) => file.lock()?,
                // File systems that know no locks.
                Ok(()) | Err(TryLockError::Error(_)) => {}
            }
            if !is_at(&file, &path) {
                continue;
            }
            write(file)?;
            return Ok(Self { path });
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Docker Compose may have taken it where it found no process by this number.
        if std::fs::read_to_string(&self.path).is_ok_and(|text| pid(&text) == Some(own())) {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Writes this process down, if no other is.
fn write(mut file: File) -> io::Result<()> {
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    if let Some(other) = pid(&text).filter(|other| *other != own() && lives(*other)) {
        let text = format!("process with PID {} is still running", other.as_raw_nonzero());
        return Err(io::Error::other(text));
    }
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(own().as_raw_nonzero().to_string().as_bytes())
}

fn own() -> Pid {
    rustix::process::getpid()
}

fn pid(text: &str) -> Option<Pid> {
    text.trim().parse().ok().and_then(Pid::from_raw)
}

fn lives(pid: Pid) -> bool {
    // A process of another user must not be signalled, but is there.
    matches!(test_kill_process(pid), Ok(()) | Err(Errno::PERM))
}

/// Whether an open file is still the one at a path.
fn is_at(file: &File, path: &Path) -> bool {
    let (Ok(opened), Ok(there)) = (file.metadata(), path.metadata()) else { return false };
    (opened.dev(), opened.ino()) == (there.dev(), there.ino())
}

/// Where the files are: `XDG_RUNTIME_DIR`; or `run/user/UID` below the current directory, if it is there;
/// or `~/.docker/docker-compose`, which is made.
fn directory(process: &Process) -> io::Result<PathBuf> {
    let variable = process.variables.get("XDG_RUNTIME_DIR").filter(|value| !value.is_empty());
    if let Some(directory) = variable {
        return Ok(PathBuf::from(directory));
    }
    let user = rustix::process::getuid().as_raw();
    let directory = process.directory.join(format!("run/user/{user}"));
    if directory.is_dir() {
        return Ok(directory);
    }
    let home = process.home().ok_or_else(|| io::Error::other("$HOME is not defined"))?;
    let directory = home.join(".docker/docker-compose");
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&directory)?;
    Ok(directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_process_is_no_obstacle_and_a_living_one_is() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("shop.pid");
        let take = || Lock::in_directory(directory.path(), "shop");

        // No system gives numbers as high.
        std::fs::write(&path, "2147483646").unwrap();
        let lock = take().unwrap();
        let written = std::fs::read_to_string(&path).unwrap();
        assert_eq!(written, std::process::id().to_string());
        drop(lock);
        assert!(!path.exists());

        // The first process of all lives as long as the system.
        std::fs::write(&path, "1").unwrap();
        assert_eq!(take().unwrap_err().to_string(), "process with PID 1 is still running");
        assert!(path.exists());
        std::fs::write(&path, "nonsense").unwrap();
        drop(take().unwrap());
    }

    #[test]
    fn what_another_has_taken_meanwhile_stays() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("shop.pid");
        let lock = Lock::in_directory(directory.path(), "shop").unwrap();
        std::fs::write(&path, "1").unwrap();
        drop(lock);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "1");
    }
}
