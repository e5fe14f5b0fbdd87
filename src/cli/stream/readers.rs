//! One task for each container that is listened to.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use tokio::task::JoinHandle;

use super::Watched;
use crate::engine::api::{AttachOptions, LogOptions, OutputChunk};
use crate::engine::{self, Engine, EngineError};
use crate::ui::Stream;
use crate::ui::logs::{LineSplitter, LogPrinter};

/// How long the end of a container waits for its last lines to be shown.
const LAST_LINES: Duration = Duration::from_secs(1);

/// How the engine writes the time of what never happened.
const NEVER: &str = "0001-01-01";

/// The containers that are listened to.
pub(in crate::cli) struct Readers<E> {
    engine: Arc<E>,
    printer: Arc<LogPrinter>,
    /// Whether everything goes to standard output, as by `logs`.
    merge: bool,
    tasks: HashMap<String, Reader>,
    /// Tasks of containers that ended, but whose lines are not all shown yet.
    late: Vec<JoinHandle<()>>,
}

/// A task that reads one container.
struct Reader {
    task: JoinHandle<()>,
    /// Whether it goes on with what the container writes, rather than end with what it has written.
    follows: bool,
}

impl<E: Engine> Readers<E> {
    /// Nothing is listened to yet.
    pub(in crate::cli) fn new(engine: Arc<E>, printer: Arc<LogPrinter>, merge: bool) -> Self {
        Self { engine, printer, merge, tasks: HashMap::new(), late: Vec::new() }
    }

    /// Listens to what a container writes from now on; also to one that has not started yet.
    pub(in crate::cli) async fn attach(
        &mut self,
        container: &Watched,
        tty: bool,
    ) -> Result<(), EngineError> {
        let options = AttachOptions { stdout: true, stderr: true, tty, ..AttachOptions::default() };
        if let Ok(attached) = self.engine.attach(&container.id, &options).await {
            self.read(container, attached.output, true);
            return Ok(());
        }
        // An engine that does not let us attach may still have the log.
        let options = LogOptions {
            follow: true,
            stdout: true,
            stderr: true,
            tail: "0".to_owned(),
            tty,
            ..LogOptions::default()
        };
        self.log(container, &options, true).await
    }

    /// Reads a container's log; `running` is whether there is more to come. (The log of a container
    /// that does not run ends, also when it is followed.)
    pub(in crate::cli) async fn log(
        &mut self,
        container: &Watched,
        options: &LogOptions,
        running: bool,
    ) -> Result<(), EngineError> {
        let output = self.engine.logs(&container.id, options).await?;
        self.read(container, output, options.follow && running);
        Ok(())
    }

    /// Listens to a container that has just started, unless it is listened to already: to all that
    /// it writes in this run of it. `options` say how.
    pub(in crate::cli) async fn started(
        &mut self,
        container: &Watched,
        options: LogOptions,
    ) -> Result<(), EngineError> {
        let reader = self.tasks.get(&container.id);
        if reader.is_some_and(|reader| reader.follows && !reader.task.is_finished()) {
            return Ok(());
        }
        // What is told by the event, and what the engine calls the time of the start, is later than
        // the first line may be; the end of the run before is not.
        let Some(details) = self.engine.inspect_container(&container.id).await? else {
            return Ok(());
        };
        let before = details.state.finished_at;
        let since = if before.starts_with(NEVER) { String::new() } else { before };
        let options = LogOptions { since, tty: details.config.tty, ..options };
        self.log(container, &options, true).await
    }

    /// Waits until the last lines of a container that ended are shown, but not for ever.
    pub(in crate::cli) async fn ended(&mut self, id: &str) {
        if let Some(Reader { mut task, .. }) = self.tasks.remove(id)
            && tokio::time::timeout(LAST_LINES, &mut task).await.is_err()
        {
            self.late.push(task);
        }
    }

    /// Waits until everything has been read.
    pub(in crate::cli) async fn finish(&mut self) {
        let tasks = self.tasks.drain().map(|(_, reader)| reader.task).chain(self.late.drain(..));
        for task in tasks {
            // A reader that panicked has nothing more to show.
            let _ = task.await;
        }
    }

    fn read(&mut self, container: &Watched, output: engine::Stream<OutputChunk>, follows: bool) {
        let task = read(output, Arc::clone(&self.printer), container.name.clone(), self.merge);
        let reader = Reader { task: tokio::spawn(task), follows };
        if let Some(before) = self.tasks.insert(container.id.clone(), reader) {
            self.late.push(before.task);
        }
    }
}

/// Carries output to the printer, line by line, until it ends.
async fn read(
    mut output: engine::Stream<OutputChunk>,
    printer: Arc<LogPrinter>,
    name: String,
    merge: bool,
) {
    let mut stdout = LineSplitter::default();
    let mut stderr = LineSplitter::default();
    let stderr_stream = if merge { Stream::Stdout } else { Stream::Stderr };
    // A stream that breaks ends like one that is over: the monitor says what became of it.
    while let Some(Ok(chunk)) = output.next().await {
        let (splitter, stream, bytes) = match &chunk {
            OutputChunk::Stdout(bytes) => (&mut stdout, Stream::Stdout, bytes),
            OutputChunk::Stderr(bytes) => (&mut stderr, stderr_stream, bytes),
        };
        let mut lines = Vec::new();
        splitter.push(bytes, |line| lines.push(line.to_vec()));
        printer.lines(&name, stream, &lines).await;
    }
    for (mut splitter, stream) in [(stdout, Stream::Stdout), (stderr, stderr_stream)] {
        if let Some(line) = splitter.finish() {
            printer.line(&name, stream, &line).await;
        }
    }
}
