//! Changes of this machine's files, repeated in an engine's guest whose mounts pass no events: what is mounted is
//! there, but nobody there hears that it has changed.
//!
//! [`mounts`] says which directories it is about, [`proof`] and [`question`] find out whether it is needed, [`helper`] is
//! the container of ours that does it, [`pending`] decides when.

mod helper;
mod mounts;
mod pending;
mod program;
mod proof;
mod question;

use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};

use rustix::fs::{AtFlags, CWD, Timespec, Timestamps, UTIME_OMIT, utimensat};

use super::{Change, Echoes, Files, Rule, WatchError, What};
use crate::engine::{DockerEngine, EngineError};
use helper::{Answer, Helper, Word};
use pending::{Deed, Due, Pending};

pub use mounts::{Mounted, Use, mounted};
pub use proof::is_same;
pub use question::{Hearing, can_listen, hearing};

/// Why nothing is replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The engine's refusal.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// There is no program of ours for this architecture.
    #[error("there is no helper for {0}")]
    Architecture(String),
    /// No image of the engine makes a container.
    #[error("no helper could be made: the engine has no image, or cannot mount the directories")]
    Container,
    /// The helper has ended, or says what nobody understands.
    #[error("the helper has ended")]
    Over,
    /// The connection to the helper broke.
    #[error("the helper is not heard any more: {0}")]
    Connection(#[from] std::io::Error),
    /// Files cannot be watched.
    #[error(transparent)]
    Watch(#[from] WatchError),
}

/// A replay under way.
pub struct Replay {
    helper: Helper,
    files: Files,
    pending: Pending,
    echoes: Echoes,
    directories: Vec<PathBuf>,
}

impl Replay {
    /// Asks an engine, whose guest is of an architecture, which of the directories it is deaf to, and makes ready to
    /// replay what changes in those. The answers are in the order of `mounted`; no replay if it is deaf to none. What is
    /// done to files is told to `echoes`.
    ///
    /// # Errors
    /// An engine on which no helper can be started, and files that cannot be watched.
    pub async fn begin(
        engine: &DockerEngine,
        architecture: &str,
        mounted: &[Mounted],
        echoes: &Echoes,
    ) -> Result<(Vec<Hearing>, Option<Self>), ReplayError> {
        let sources: Vec<PathBuf> = mounted.iter().map(|it| it.source.clone()).collect();
        let mut helper = Helper::start(engine, architecture, &sources).await?;
        let hearing = question::ask(&mut helper, &sources).await?;
        let deaf = mounted.iter().zip(&hearing).filter(|(_, hearing)| **hearing == Hearing::Deaf);
        let deaf: Vec<&Mounted> = deaf.map(|(mounted, _)| mounted).collect();
        if deaf.is_empty() {
            helper.end().await;
            return Ok((hearing, None));
        }
        let rules: Result<Vec<Rule>, WatchError> =
            deaf.iter().map(|it| Rule::of_mount(&it.source, &it.ignore)).collect();
        let (rules, heard) = (rules?, echoes.clone());
        let files = tokio::task::spawn_blocking(move || Files::without(rules.into(), heard)).await;
        let mut files = files.map_err(|_| ReplayError::Over)??;
        let mut pending = Pending::default();
        for Change { path, what, .. } in files.initial().into_iter().flatten() {
            let (What::Present(kind) | What::Gone(kind)) = what;
            pending.know(path, kind);
        }
        let directories = deaf.iter().map(|it| it.source.clone()).collect();
        let mut replay = Self { helper, files, pending, echoes: echoes.clone(), directories };
        for directory in replay.directories.clone() {
            replay.listen(&directory).await?;
        }
        Ok((hearing, Some(replay)))
    }

    /// Replays what changes, until something is worth telling: why a change could not be replayed.
    ///
    /// # Errors
    /// A helper that has ended. The replay is over then.
    pub async fn next(&mut self) -> Result<String, ReplayError> {
        loop {
            let due = self.pending.due();
            let due = async {
                match due {
                    Some(due) => tokio::time::sleep_until(due.into()).await,
                    None => std::future::pending().await,
                }
            };
            let due = tokio::select! {
                batch = self.files.next() => self.pending.note(&batch, Instant::now()),
                () = due => self.pending.take(Instant::now()),
            };
            for due in due {
                if let Some(told) = self.replay(&due).await? {
                    return Ok(told);
                }
            }
        }
    }

    /// Ends it.
    pub async fn end(self) {
        self.helper.end().await;
    }

    /// Has the helper listen to a directory and to all below it, so that it knows what containers do themselves.
    async fn listen(&mut self, directory: &Path) -> Result<(), ReplayError> {
        let directories = self.pending.directories(directory);
        let words: Vec<_> = directories.iter().map(|it| (Word::Listen, it.as_path())).collect();
        // One that cannot be listened to is one of which containers hear nothing, either.
        self.helper.tell(&words).await.map(drop)
    }

    /// Replays a change; what is to be told of it.
    async fn replay(&mut self, due: &Due) -> Result<Option<String>, ReplayError> {
        let Due { deed, path, noticed } = due;
        if self.directories.contains(path) {
            return Ok(None);
        }
        let age = noticed.elapsed();
        let before = modified(path);
        if (*deed == Deed::Deleted) != before.is_none() {
            // It is otherwise by now, which is told, too.
            return Ok(None);
        }
        self.echoes.expect(path);
        let word = match deed {
            Deed::Modified => Word::Modified(age),
            Deed::Created => Word::Created(age),
            Deed::Deleted => Word::Deleted(age),
        };
        let answer = self.helper.tell_one(word, path).await?;
        if let Some(before) = before {
            restore(path, before);
        }
        if *deed == Deed::Created {
            self.listen(path).await?;
        }
        Ok(match answer {
            Answer::Done | Answer::Heard | Answer::Unheard | Answer::Refused(2 | 17 | 20) => None,
            Answer::Refused(number) => Some(format!(
                "a change of {} could not be replayed: {}",
                path.display(),
                rustix::io::Errno::from_raw_os_error(number)
            )),
        })
    }
}

/// When the content of something was last changed; `None` if it is not there.
fn modified(path: &Path) -> Option<SystemTime> {
    std::fs::symlink_metadata(path).and_then(|found| found.modified()).ok()
}

/// Sets a modification time back to what it was, where the guest's file system knows it less exactly and has set it to
/// that: nothing else makes it earlier.
fn restore(path: &Path, before: SystemTime) {
    let is_earlier = |now: SystemTime| now < before;
    let Some(since) = before.duration_since(SystemTime::UNIX_EPOCH).ok() else { return };
    if !modified(path).is_some_and(is_earlier) {
        return;
    }
    let Ok(seconds) = since.as_secs().try_into() else { return };
    let nanoseconds = since.subsec_nanos().into();
    let times = Timestamps {
        last_access: Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT },
        last_modification: Timespec { tv_sec: seconds, tv_nsec: nanoseconds },
    };
    // Who may not, has lost a fraction of a second.
    let _ = utimensat(CWD, path, &times, AtFlags::SYMLINK_NOFOLLOW);
}
