//! One container's output on its way to the printer.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::{FutureExt, StreamExt, stream};
use tokio_util::sync::CancellationToken;

use super::flood;
use super::position::{Position, Resumed, timed};
use crate::engine::api::{ContainerState, LogOptions, OutputChunk};
use crate::engine::{self, Engine, EngineError, LineSplitter};
use crate::ui::Stream;
use crate::ui::logs::{Batch, LogPrinter};

/// How long an engine may be silent before the last piece of a container that has ended.
const SILENCE: Duration = Duration::from_secs(1);
/// How often the log is opened again when its connection breaks.
const ATTEMPTS: u32 = 6;
/// Before it is opened again for the first time; the pause doubles each time.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// How the engine writes the time of what never happened.
const NEVER: &str = "0001-01-01";

/// A container whose output is carried.
pub(super) struct Output<E> {
    /// The engine.
    pub(super) engine: Arc<E>,
    /// Where it is shown.
    pub(super) printer: Arc<LogPrinter>,
    /// Id.
    pub(super) id: String,
    /// Name before its lines.
    pub(super) name: String,
    /// Whether everything goes to standard output, as by `logs`.
    pub(super) merge: bool,
}

/// How far a log has been shown, for whoever reads it next.
#[derive(Debug, Clone, Default)]
pub(super) struct Shown(Arc<Mutex<Position>>);

/// The times of a log that is being read.
struct Marks {
    shown: Shown,
    resumed: Resumed,
    /// Whether lines are shown with their times.
    visible: bool,
    /// Whether the last piece was passed over, and with it what continues it.
    passing: bool,
}

/// Both streams of a process, cut into lines.
#[derive(Default)]
struct Lines {
    stdout: LineSplitter,
    stderr: LineSplitter,
}

impl Shown {
    /// The position, to be looked at or changed.
    pub(super) fn position(&self) -> MutexGuard<'_, Position> {
        // A position is whole even if a holder panicked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Marks {
    fn new(shown: &Shown, visible: bool) -> Self {
        let resumed = shown.position().resume();
        Self { shown: shown.clone(), resumed, visible, passing: false }
    }

    /// The part of a piece that is to be shown; `continues` says that its line has begun.
    fn take<'bytes>(&mut self, bytes: &'bytes [u8], continues: bool) -> Option<&'bytes [u8]> {
        let Some((time, rest)) = timed(bytes) else {
            return (!self.passing).then_some(bytes);
        };
        self.passing = !self.resumed.is_new(time);
        if self.passing {
            return None;
        }
        self.shown.position().advance(time);
        // The engine cuts long lines, and dates every piece.
        Some(if self.visible && !continues { bytes } else { rest })
    }
}

impl<E: Engine> Output<E> {
    /// Carries what a process that is attached to writes, until it ends; `over` is cancelled when the
    /// engine has told of that end.
    pub(super) async fn attached(
        self,
        output: engine::Stream<OutputChunk>,
        over: CancellationToken,
    ) {
        let output = until_silent(output, over);
        let mut lines = Lines::default();
        // A stream that breaks ends like one that is over: the monitor says what became of it.
        let _ = self.carry(output, &mut lines, None).await;
        self.finish(lines).await;
    }

    /// Carries the log of a container that has started: from where it was shown last, or else `since`, or
    /// else the end of the run before.
    pub(super) async fn run(self, options: LogOptions, since: Option<String>, shown: Shown) {
        // An engine answers late while it starts the container again: others do not wait for that.
        match self.engine.inspect_container(&self.id).await {
            Ok(Some(details)) => {
                let since = since.or_else(|| finished(details.state)).unwrap_or(options.since);
                let tty = details.config.tty;
                self.log(LogOptions { since, tty, ..options }, shown).await;
            }
            Ok(None) => {}
            Err(error) => self.printer.unreadable(&self.name, &error.to_string()),
        }
    }

    /// Carries a log, from where it was shown last or else as `options` say, until it ends.
    pub(super) async fn log(self, mut options: LogOptions, shown: Shown) {
        // Without frames nothing tells where the engine's times are.
        let marked = !options.tty;
        let visible = options.timestamps;
        options.timestamps |= marked;
        let mut lines = Lines::default();
        let mut attempts = 0;
        loop {
            if let Some(since) = shown.position().since() {
                options.since = since;
                options.tail = String::new();
            }
            let marks = marked.then(|| Marks::new(&shown, visible));
            let ended = match self.engine.logs(&self.id, &options).await {
                Ok(output) => self.carry(output, &mut lines, marks).await,
                Err(error) => Err(error),
            };
            match ended {
                // An engine may end a log that is followed without its last lines.
                Ok(()) if options.follow && marked && is_resumable(&options, &shown) => {
                    options.follow = false;
                }
                // One that is gone, or about to be (`marked for removal`), is told by its end.
                Ok(()) | Err(EngineError::NotFound(_) | EngineError::Conflict(_)) => break,
                Err(EngineError::Broken { .. } | EngineError::Unreachable { .. })
                    if attempts < ATTEMPTS && is_resumable(&options, &shown) =>
                {
                    tokio::time::sleep(FIRST_PAUSE * (1 << attempts)).await;
                    attempts += 1;
                }
                Err(error) => {
                    self.printer.unreadable(&self.name, &error.to_string());
                    break;
                }
            }
        }
        self.finish(lines).await;
    }

    async fn carry(
        &self,
        output: engine::Stream<OutputChunk>,
        lines: &mut Lines,
        mut marks: Option<Marks>,
    ) -> Result<(), EngineError> {
        let mut output = output.fuse();
        while let Some(first) = output.next().await {
            let mut reading = flood::Reading::default();
            let mut batch = self.printer.batch(&self.name);
            let mut ready = Some(first);
            let ended = loop {
                let piece = match ready {
                    Some(Ok(piece)) => piece,
                    Some(Err(error)) => break Err(error),
                    None => break Ok(()),
                };
                reading.add(piece.bytes().len());
                self.piece(&piece, lines, marks.as_mut(), &mut batch);
                if batch.is_full() {
                    let next = self.printer.batch(&self.name);
                    self.printer.print(std::mem::replace(&mut batch, next)).await;
                }
                let is_over = reading.is_long();
                ready = if is_over { None } else { output.next().now_or_never().flatten() };
            };
            flood::carried(reading);
            self.printer.print(batch).await;
            ended?;
        }
        Ok(())
    }

    fn piece(
        &self,
        piece: &OutputChunk,
        lines: &mut Lines,
        marks: Option<&mut Marks>,
        batch: &mut Batch,
    ) {
        let (splitter, stream, bytes) = match piece {
            OutputChunk::Stdout(bytes) => (&mut lines.stdout, Stream::Stdout, bytes),
            OutputChunk::Stderr(bytes) => (&mut lines.stderr, self.stderr(), bytes),
        };
        let bytes = match marks {
            Some(marks) => marks.take(bytes, splitter.is_within_line()),
            None => Some(&bytes[..]),
        };
        if let Some(bytes) = bytes {
            splitter.push(bytes, |line| batch.line(stream, line));
        }
    }

    /// Prints what was not ended by a line feed.
    async fn finish(&self, lines: Lines) {
        let mut batch = self.printer.batch(&self.name);
        let Lines { mut stdout, mut stderr } = lines;
        if let Some(line) = stdout.finish() {
            batch.line(Stream::Stdout, &line);
        }
        if let Some(line) = stderr.finish() {
            batch.line(self.stderr(), &line);
        }
        self.printer.print(batch).await;
    }

    fn stderr(&self) -> Stream {
        if self.merge { Stream::Stdout } else { Stream::Stderr }
    }
}

/// When the last run ended of a container in this state, if any has.
pub(super) fn finished(state: ContainerState) -> Option<String> {
    (!state.finished_at.starts_with(NEVER)).then_some(state.finished_at)
}

/// A stream that also ends when nothing comes any more after `over`. Engines let those who attach to
/// a container just after its end wait for its next start, which perhaps never comes.
fn until_silent(
    pieces: engine::Stream<OutputChunk>,
    over: CancellationToken,
) -> engine::Stream<OutputChunk> {
    stream::unfold((pieces, over), async |(mut pieces, over)| {
        let silent = async {
            over.cancelled().await;
            tokio::time::sleep(SILENCE).await;
        };
        let piece = tokio::select! {
            biased;
            piece = pieces.next() => piece?,
            () = silent => return None,
        };
        Some((piece, (pieces, over)))
    })
    .boxed()
}

/// Whether reading a log again gives what was not shown, and nothing else. Where none of it was
/// shown and only its end was wanted, that cannot be told.
fn is_resumable(options: &LogOptions, shown: &Shown) -> bool {
    let has_begun = shown.position().since().is_some();
    has_begun || (!options.tty && matches!(options.tail.as_str(), "" | "all"))
}
