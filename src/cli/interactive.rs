//! A process in a container on our own standard streams: `exec` and `run`.

use std::io::Read;
use std::time::Duration;

use futures_util::StreamExt;
use tokio::io::AsyncWriteExt;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use super::detach_keys::DetachKeys;
use super::failure::{Failure, Result};
use crate::engine::api::{OutputChunk, TerminalSize};
use crate::engine::{Attached, EngineError};
use crate::ui::terminal::{self, RawMode};
use crate::ui::{Stream, Ui};

/// Chunks of input that wait for the engine.
const INPUT_BACKLOG: usize = 8;
/// Bytes of one chunk.
const CHUNK: usize = 32 * 1024;
/// Pauses between attempts to give a process its first size: an engine refuses until it runs.
const FIRST_SIZE: [Duration; 5] = [
    Duration::from_millis(0),
    Duration::from_millis(10),
    Duration::from_millis(20),
    Duration::from_millis(50),
    Duration::from_millis(100),
];

/// What the process is given.
#[derive(Debug, Clone, Default)]
pub(super) struct Streams {
    /// Our standard input.
    pub(super) stdin: bool,
    /// A terminal; ours goes into raw mode if our standard input is one.
    pub(super) tty: bool,
    /// Keys by which the user leaves it alone, where the engine does not tell that.
    pub(super) detach: Option<DetachKeys>,
}

/// How a conversation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parting {
    /// The process has closed its output.
    Closed,
    /// The user has left it alone; it goes on.
    Detached,
}

/// Carries bytes both ways until the process has closed its output, or the user leaves it. `resize`
/// tells the engine the size of our terminal.
///
/// # Errors
/// When the connection breaks, or standard input cannot be made raw.
pub(super) async fn converse(
    ui: &Ui,
    attached: Attached,
    streams: Streams,
    resize: impl AsyncFn(TerminalSize) -> std::result::Result<(), EngineError>,
) -> Result<Parting> {
    let Attached { mut output, input } = attached;
    let is_terminal = ui.appearance().terminals.stdin;
    let raw_mode = if streams.tty && streams.stdin && is_terminal {
        let raw = RawMode::enable();
        Some(raw.map_err(|error| Failure::new(format!("cannot use the terminal: {error}")))?)
    } else {
        None
    };
    let mut feeding = streams.stdin.then(|| tokio::spawn(feed(input, streams.detach)));
    let show = async {
        while let Some(chunk) = output.next().await {
            let (stream, bytes) = match chunk? {
                OutputChunk::Stdout(bytes) => (Stream::Stdout, bytes),
                OutputChunk::Stderr(bytes) => (Stream::Stderr, bytes),
            };
            ui.write_paced(stream, bytes.to_vec()).await;
        }
        Ok::<_, EngineError>(Parting::Closed)
    };
    let follow_size = async {
        if streams.tty {
            keep_size(&resize).await;
        }
        std::future::pending::<()>().await;
    };
    let detached = async {
        let detached = match &mut feeding {
            Some(feeding) => feeding.await.is_ok(),
            None => false,
        };
        if !detached {
            std::future::pending::<()>().await;
        }
    };
    let outcome = tokio::select! {
        outcome = show => outcome,
        () = detached => Ok(Parting::Detached),
        () = follow_size => Ok(Parting::Closed),
    };
    if let Some(feeding) = feeding {
        feeding.abort();
    }
    ui.flush();
    drop(raw_mode);
    Ok(outcome?)
}

/// Standard input to the process, and its end too. Ends when the user leaves the process.
async fn feed(
    mut input: Box<dyn tokio::io::AsyncWrite + Send + Unpin>,
    mut detach: Option<DetachKeys>,
) {
    let mut chunks = read_stdin();
    while let Some(chunk) = chunks.recv().await {
        let passed = match &mut detach {
            Some(keys) => keys.pass(&chunk),
            None => Some(chunk),
        };
        let Some(chunk) = passed else { return };
        let written = async {
            input.write_all(&chunk).await?;
            input.flush().await
        };
        if written.await.is_err() {
            // The process takes no more; its output says why.
            return std::future::pending().await;
        }
    }
    // The end of our input is the end of the process's; its output goes on.
    let _ = input.shutdown().await;
    // The connection is closed by whoever reads the output, not by us.
    std::future::pending::<()>().await;
}

/// Reads standard input on a thread of its own: a read that nobody answers cannot be called off,
/// and must not hold up anything but itself.
fn read_stdin() -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel(INPUT_BACKLOG);
    std::thread::spawn(move || {
        let mut stdin = std::io::stdin().lock();
        let mut buffer = vec![0; CHUNK];
        loop {
            match stdin.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => {
                    let chunk = buffer.get(..length).unwrap_or_default().to_vec();
                    if sender.blocking_send(chunk).is_err() {
                        break;
                    }
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
    });
    receiver
}

/// Tells the size of our terminal now and whenever it changes.
async fn keep_size(resize: &impl AsyncFn(TerminalSize) -> std::result::Result<(), EngineError>) {
    let Ok(mut changes) = signal(SignalKind::window_change()) else { return };
    for pause in FIRST_SIZE {
        tokio::time::sleep(pause).await;
        match terminal::size() {
            Some(size) if resize(size).await.is_err() => {}
            _ => break,
        }
    }
    while changes.recv().await.is_some() {
        if let Some(size) = terminal::size() {
            // A process that has just ended has no size any more.
            let _ = resize(size).await;
        }
    }
}
