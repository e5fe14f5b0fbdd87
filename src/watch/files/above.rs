//! Directories around a project. Where one of them goes elsewhere, so does the project, and the system goes on telling of
//! files by paths at which nothing is any more. What is in those directories is of no interest, and may be busy: they are
//! listened to for their own moves alone.

use std::path::{Path, PathBuf};

use super::echoes::FileId;

/// A directory, and those around it, that are where they were.
pub struct Above {
    directory: PathBuf,
    /// Which one it was.
    identity: FileId,
    #[cfg(any(target_os = "linux", target_os = "android"))]
    moves: linux::Moves,
}

impl Above {
    /// Begins to listen; `None` where that cannot be told.
    pub fn of(directory: &Path) -> Option<Self> {
        Some(Self {
            directory: directory.to_owned(),
            identity: FileId::of(&directory.metadata().ok()?),
            #[cfg(any(target_os = "linux", target_os = "android"))]
            moves: linux::Moves::of(directory)?,
        })
    }

    /// Waits until the directory is not where it was, by the move of one around it. Nothing is lost when the call is
    /// dropped.
    pub async fn left(&mut self) {
        loop {
            #[cfg(any(target_os = "linux", target_os = "android"))]
            self.moves.next().await;
            // Elsewhere the system tells of whole trees, and of their roots.
            #[cfg(not(any(target_os = "linux", target_os = "android")))]
            std::future::pending::<()>().await;
            let now = self.directory.metadata().ok();
            if now.is_none_or(|now| FileId::of(&now) != self.identity) {
                return;
            }
        }
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod linux {
    use std::path::Path;

    use rustix::fs::inotify::{CreateFlags, WatchFlags, add_watch, init};
    use tokio::net::unix::pipe::Receiver;

    /// Moves of directories. What tells of them is read as a pipe is.
    pub(super) struct Moves(Receiver);

    impl Moves {
        /// Of those around a directory.
        pub(super) fn of(directory: &Path) -> Option<Self> {
            let inotify = init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).ok()?;
            let flags = WatchFlags::MOVE_SELF | WatchFlags::DELETE_SELF | WatchFlags::ONLYDIR;
            for around in directory.ancestors().skip(1).filter(|it| it.parent().is_some()) {
                // One that is not for us will hardly be moved by us.
                let _ = add_watch(&inotify, around, flags);
            }
            Receiver::from_owned_fd_unchecked(inotify).ok().map(Self)
        }

        /// Waits for one, or several.
        pub(super) async fn next(&mut self) {
            // The system that cannot tell any more tells nothing.
            if self.0.readable().await.is_err() {
                return std::future::pending().await;
            }
            let mut events = [0; 4096];
            while self.0.try_read(&mut events).is_ok_and(|length| length > 0) {}
        }
    }
}

#[cfg(all(test, any(target_os = "linux", target_os = "android")))]
mod tests {
    use std::fs;
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_move_of_a_directory_around_is_heard_of_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let project = folder.path().join("one/two/project");
        fs::create_dir_all(&project).unwrap();
        let mut above = Above::of(&project).unwrap();
        let soon = Duration::from_millis(200);
        fs::write(folder.path().join("one/two/file"), "").unwrap();
        fs::rename(folder.path().join("one"), folder.path().join("away")).unwrap();
        fs::rename(folder.path().join("away"), folder.path().join("one")).unwrap();
        assert!(tokio::time::timeout(soon, above.left()).await.is_err(), "it is there");
        fs::rename(folder.path().join("one"), folder.path().join("away")).unwrap();
        tokio::time::timeout(Duration::from_secs(10), above.left()).await.unwrap();
    }
}
