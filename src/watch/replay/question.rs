//! Whether a mount passes events is asked of the engine: a file is made here for a moment, and somebody listens there.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::ReplayError;
use super::helper::{Answer, Helper, Word};
use crate::engine::DockerEngine;

/// How long an event may take to get there.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long another one may take, once the first has had its time.
const NO_PATIENCE: Duration = Duration::from_millis(20);
/// What Linux calls "no such file".
const NOT_THERE: Answer = Answer::Refused(2);

/// What containers hear of changes that are made here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hearing {
    /// A file that was made here was heard of there.
    Hears,
    /// The file was there, but nobody heard of it.
    Deaf,
    /// The file was not there: what is mounted are files of another machine.
    Elsewhere,
    /// No file could be made.
    Unknown,
}

/// Asks for directories of this machine, on an engine whose guest is of an architecture; the answers are in their order.
///
/// # Errors
/// An engine on which no helper can be started.
pub async fn hearing(
    engine: &DockerEngine,
    architecture: &str,
    directories: &[PathBuf],
) -> Result<Vec<Hearing>, ReplayError> {
    let mut helper = Helper::start(engine, architecture, directories).await?;
    let answers = ask(&mut helper, directories).await;
    helper.end().await;
    answers
}

/// Whether programs of an architecture hear of anything at all: emulators may have no inotify.
///
/// # Errors
/// An engine on which no helper can be started.
pub async fn can_listen(engine: &DockerEngine, architecture: &str) -> Result<bool, ReplayError> {
    let mut helper = Helper::start(engine, architecture, &[]).await?;
    let answer = helper.tell_one(Word::Listen, Path::new("")).await;
    helper.end().await;
    // There is no such directory; but somebody who cannot listen has nothing to do it with (EBADF, ENOSYS).
    Ok(!matches!(answer?, Answer::Refused(9 | 38)))
}

/// Asks a helper for its directories.
pub(super) async fn ask(
    helper: &mut Helper,
    directories: &[PathBuf],
) -> Result<Vec<Hearing>, ReplayError> {
    let listen: Vec<_> = directories.iter().map(|it| (Word::Listen, it.as_path())).collect();
    helper.tell(&listen).await?;
    let moments: Vec<Option<Moment>> = directories.iter().map(|it| Moment::make(it)).collect();
    let mut patience = PATIENCE;
    let mut answers = Vec::new();
    for moment in &moments {
        let Some(moment) = moment else {
            answers.push(Hearing::Unknown);
            continue;
        };
        let heard = helper.tell_one(Word::Hear(patience), &moment.path).await?;
        answers.push(if heard == Answer::Heard {
            Hearing::Hears
        } else {
            patience = NO_PATIENCE;
            let there = helper.tell_one(Word::Modified(Duration::ZERO), &moment.path).await?;
            if there == NOT_THERE { Hearing::Elsewhere } else { Hearing::Deaf }
        });
    }
    Ok(answers)
}

/// A file that is there for a moment.
struct Moment {
    path: PathBuf,
}

impl Moment {
    /// Makes it; `None` where none can be made.
    fn make(directory: &Path) -> Option<Self> {
        // A name that editors leave beside files: watchers leave it out.
        let path = directory.join(format!(".bireme-{:08x}~", rand::random::<u32>()));
        File::create_new(&path).ok()?;
        Some(Self { path })
    }
}

impl Drop for Moment {
    fn drop(&mut self) {
        // It is empty and passing by its name; nothing more can be done.
        let _ = std::fs::remove_file(&self.path);
    }
}
