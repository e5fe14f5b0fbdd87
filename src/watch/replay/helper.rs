//! The helper: a container of ours that has directories of this machine mounted, and whose only program does what it is
//! told on standard input (`program/replay.c` has the words).

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::StreamExt;
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

use super::ReplayError;
use super::program::program;
use crate::engine::api::{AttachOptions, ContainerCreate, LogConfig, MountSpec, OutputChunk};
use crate::engine::{Attached, DockerEngine, Engine};
use crate::survey::own::{OwnContainer, images, sweep};

/// Below this the directories are mounted, by their numbers.
const ROOT: &str = "/bireme";
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// Commands that are sent before their answers are read: both fit into pipes.
const AT_ONCE: usize = 200;

/// What the helper is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// Listen to a directory.
    Listen,
    /// Wait until something is heard of a path.
    Hear(Duration),
    /// A file was modified, which was noticed so long ago.
    Modified(Duration),
    /// Something was created.
    Created(Duration),
    /// Something was deleted.
    Deleted(Duration),
}

/// What it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// It is done.
    Done,
    /// It was heard of, without us.
    Heard,
    /// Nothing was heard.
    Unheard,
    /// The guest's kernel refused, with this errno of Linux.
    Refused(i32),
}

/// A helper that runs.
pub(super) struct Helper {
    // Closing its input ends it; so it goes before the container.
    attached: Attached,
    container: OwnContainer,
    sources: Vec<PathBuf>,
    /// Read, but not yet a whole line.
    rest: Vec<u8>,
}

impl Helper {
    /// Starts one for programs of an architecture, with these directories.
    pub(super) async fn start(
        engine: &DockerEngine,
        architecture: &str,
        sources: &[PathBuf],
    ) -> Result<Self, ReplayError> {
        let program = program(architecture);
        let program = program.ok_or_else(|| ReplayError::Architecture(architecture.to_owned()))?;
        let (images, ()) = tokio::try_join!(images(engine), sweep(engine))?;
        let adapt = |body: &mut ContainerCreate| adapt(body, sources);
        let container = OwnContainer::create(engine, &images, "replay", program, adapt).await?;
        let container = container.ok_or(ReplayError::Container)?;
        let options = AttachOptions { stdin: true, stdout: true, ..AttachOptions::default() };
        let attached = engine.attach(container.name(), &options).await?;
        engine.start_container(container.name()).await?;
        Ok(Self { attached, container, sources: sources.to_vec(), rest: Vec::new() })
    }

    /// Tells it something of paths in the directories. The answers are in the order of the words; a path that is in none
    /// of the directories is refused.
    pub(super) async fn tell(
        &mut self,
        words: &[(Word, &Path)],
    ) -> Result<Vec<Answer>, ReplayError> {
        let mut answers = Vec::with_capacity(words.len());
        for some in words.chunks(AT_ONCE) {
            let mut text = Vec::new();
            for (word, path) in some {
                text.extend(self.command(*word, path));
            }
            self.attached.input.write_all(&text).await?;
            self.attached.input.flush().await?;
            for _ in some {
                let line =
                    timeout(PATIENCE, self.line()).await.map_err(|_| ReplayError::Over)??;
                answers.push(Answer::read(&line).ok_or(ReplayError::Over)?);
            }
        }
        Ok(answers)
    }

    /// The same for one path.
    pub(super) async fn tell_one(
        &mut self,
        word: Word,
        path: &Path,
    ) -> Result<Answer, ReplayError> {
        let answers = self.tell(&[(word, path)]).await?;
        answers.first().copied().ok_or(ReplayError::Over)
    }

    /// Ends it.
    pub(super) async fn end(self) {
        let Self { attached, container, .. } = self;
        // It ends with the connection, and the engine would remove it in its own time.
        container.remove().await;
        drop(attached);
    }

    fn command(&self, word: Word, path: &Path) -> Vec<u8> {
        let mut text = word.text().into_bytes();
        let mounted = self.sources.iter().enumerate().find_map(|(number, source)| {
            path.strip_prefix(source).ok().map(|inside| (number, inside))
        });
        if let Some((number, inside)) = mounted {
            text.extend(number.to_string().bytes());
            if !inside.as_os_str().is_empty() {
                text.push(b'/');
                text.extend(inside.as_os_str().as_bytes());
            }
        }
        text.push(0);
        text
    }

    async fn line(&mut self) -> Result<Vec<u8>, ReplayError> {
        loop {
            if let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
                let mut line: Vec<u8> = self.rest.drain(..=end).collect();
                line.pop();
                return Ok(line);
            }
            match self.attached.output.next().await {
                Some(Ok(OutputChunk::Stdout(bytes))) => self.rest.extend(bytes),
                Some(Ok(OutputChunk::Stderr(_))) => {}
                Some(Err(error)) => return Err(error.into()),
                None => return Err(ReplayError::Over),
            }
        }
    }
}

impl Word {
    fn text(self) -> String {
        match self {
            Self::Listen => "W".to_owned(),
            Self::Hear(time) => format!("P{} ", time.as_millis()),
            Self::Modified(age) => format!("M{} ", age.as_millis()),
            Self::Created(age) => format!("C{} ", age.as_millis()),
            Self::Deleted(age) => format!("D{} ", age.as_millis()),
        }
    }
}

impl Answer {
    fn read(line: &[u8]) -> Option<Self> {
        match line.split_first()? {
            (b'r', []) => Some(Self::Done),
            (b'h', []) => Some(Self::Heard),
            (b'n', []) => Some(Self::Unheard),
            (b'e', number) => std::str::from_utf8(number).ok()?.parse().ok().map(Self::Refused),
            _ => None,
        }
    }
}

/// What is special about the helper's container: its input, whose end is its own, and the mounts.
fn adapt(body: &mut ContainerCreate, sources: &[PathBuf]) {
    body.attach_stdin = true;
    body.attach_stdout = true;
    body.open_stdin = true;
    body.stdin_once = true;
    let host = &mut body.host_config;
    host.auto_remove = true;
    host.log_config = Some(LogConfig { r#type: "none".to_owned(), ..LogConfig::default() });
    // Files of the user's machine have no label by which SELinux would let a container change them.
    host.security_opt = vec!["label=disable".to_owned()];
    let mount = |(number, source): (usize, &PathBuf)| MountSpec {
        r#type: "bind".to_owned(),
        source: source.display().to_string(),
        target: format!("{ROOT}/{number}"),
        ..MountSpec::default()
    };
    host.mounts = sources.iter().enumerate().map(mount).collect();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read() {
        for (line, expected) in [
            ("r", Some(Answer::Done)),
            ("h", Some(Answer::Heard)),
            ("n", Some(Answer::Unheard)),
            ("e13", Some(Answer::Refused(13))),
            ("e", None),
            ("", None),
            ("rr", None),
        ] {
            assert_eq!(Answer::read(line.as_bytes()), expected, "{line}");
        }
    }
}
