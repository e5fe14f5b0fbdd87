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

/// The containers that are listened to.
pub(in crate::cli) struct Readers<E> {
    engine: Arc<E>,
    printer: Arc<LogPrinter>,
    /// Whether everything goes to standard output, as by `logs`.
    merge: bool,
    tasks: HashMap<String, JoinHandle<()>>,
}

impl<E: Engine> Readers<E> {
    /// Nothing is listened to yet.
    pub(in crate::cli) fn new(engine: Arc<E>, printer: Arc<LogPrinter>, merge: bool) -> Self {
        Self { engine, printer, merge, tasks: HashMap::new() }
    }

    /// Whether something of this container is still read.
    pub(in crate::cli) fn is_reading(&self, id: &str) -> bool {
        self.tasks.get(id).is_some_and(|task| !task.is_finished())
    }

    /// Listens to what a container writes from now on; also to one that has not started yet.
    pub(in crate::cli) async fn attach(
        &mut self,
        container: &Watched,
        tty: bool,
    ) -> Result<(), EngineError> {
        let options = AttachOptions { stdout: true, stderr: true, tty, ..AttachOptions::default() };
        if let Ok(attached) = self.engine.attach(&container.id, &options).await {
            self.read(container, attached.output);
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
        self.log(container, &options).await
    }

    /// Reads a container's log.
    pub(in crate::cli) async fn log(
        &mut self,
        container: &Watched,
        options: &LogOptions,
    ) -> Result<(), EngineError> {
        let output = self.engine.logs(&container.id, options).await?;
        self.read(container, output);
        Ok(())
    }

    /// Waits until the last lines of a container that ended are shown, but not for ever.
    pub(in crate::cli) async fn ended(&mut self, id: &str) {
        if let Some(task) = self.tasks.remove(id) {
            // Slow terminals are not waited for: the task goes on by itself.
            let _ = tokio::time::timeout(LAST_LINES, task).await;
        }
    }

    /// Waits until everything has been read.
    pub(in crate::cli) async fn finish(&mut self) {
        for (_, task) in self.tasks.drain() {
            // A reader that panicked has nothing more to show.
            let _ = task.await;
        }
    }

    fn read(&mut self, container: &Watched, output: engine::Stream<OutputChunk>) {
        let task = read(output, Arc::clone(&self.printer), container.name.clone(), self.merge);
        self.tasks.insert(container.id.clone(), tokio::spawn(task));
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
