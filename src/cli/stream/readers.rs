//! One task for each container that is listened to, and what is known of each between its runs.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::Watched;
use super::follow::{Output, Shown, finished};
use super::monitor::unix_time;
use crate::engine::Engine;
use crate::engine::api::{AttachOptions, ContainerState, LogOptions};
use crate::ui::logs::LogPrinter;

/// How long the end of a container waits for its last lines to be shown.
const LAST_LINES: Duration = Duration::from_secs(1);

/// The containers that are listened to.
pub(in crate::cli) struct Readers<E> {
    engine: Arc<E>,
    printer: Arc<LogPrinter>,
    /// Whether everything goes to standard output, as by `logs`.
    merge: bool,
    known: HashMap<String, Reader>,
}

/// What is known of a container.
#[derive(Default)]
struct Reader {
    /// What reads it, unless that has ended.
    task: Option<JoinHandle<()>>,
    /// Tells an attached task that the container has ended.
    over: CancellationToken,
    /// How far its log was shown.
    shown: Shown,
    /// Whether the task was begun before the container was started: that start is no news.
    before_start: bool,
    /// Whether the task goes on with what the container writes, rather than end with what it has
    /// written.
    follows: bool,
    /// When its last run ended, if it has.
    ended: Option<String>,
}

impl<E: Engine> Readers<E> {
    /// Nothing is listened to yet.
    pub(in crate::cli) fn new(engine: Arc<E>, printer: Arc<LogPrinter>, merge: bool) -> Self {
        Self { engine, printer, merge, known: HashMap::new() }
    }

    /// Listens to what a container writes from now on; also to one that will be started
    /// (`starts`), with its first byte.
    pub(in crate::cli) async fn attach(&mut self, container: &Watched, tty: bool, starts: bool) {
        let options = AttachOptions { stdout: true, stderr: true, tty, ..AttachOptions::default() };
        if let Ok(attached) = self.engine.attach(&container.id, &options).await {
            let over = CancellationToken::new();
            let output = self.output(container).attached(attached.output, over.clone());
            let task = tokio::spawn(output);
            let reader = self.known.entry(container.id.clone()).or_default();
            reader.task = Some(task);
            reader.over = over;
            reader.before_start = starts;
            reader.follows = true;
        } else if !starts {
            // An engine that does not let us attach may still have the log. That of a container
            // which has not been started is looked for when it has.
            let options = LogOptions {
                follow: true,
                stdout: true,
                stderr: true,
                tail: "0".to_owned(),
                tty,
                ..LogOptions::default()
            };
            self.log(container, options, true);
        }
    }

    /// Reads the log of a container that is there already, in a state as the engine tells it.
    pub(in crate::cli) fn found(
        &mut self,
        container: &Watched,
        options: LogOptions,
        state: ContainerState,
    ) {
        let runs = state.running && !state.restarting;
        self.log(container, options, runs);
        if !runs {
            // Asked for later, it may be the end of a run that is to be shown.
            let reader = self.known.entry(container.id.clone()).or_default();
            reader.ended = finished(state);
        }
    }

    /// Reads a container's log; `running` is whether there is more to come.
    fn log(&mut self, container: &Watched, options: LogOptions, running: bool) {
        // Should it be started meanwhile, that will be told.
        let follow = options.follow && running;
        let options = LogOptions { follow, ..options };
        let shown = self.known.entry(container.id.clone()).or_default().shown.clone();
        let reading = self.output(container).log(options, shown);
        self.read(&container.id, follow, reading);
    }

    /// Reads as soon as what reads the container now has ended.
    fn read(
        &mut self,
        id: &str,
        follows: bool,
        reading: impl Future<Output = ()> + Send + 'static,
    ) {
        let reader = self.known.entry(id.to_owned()).or_default();
        let before = reader.task.take();
        reader.follows = follows;
        reader.task = Some(tokio::spawn(async move {
            if let Some(before) = before {
                // A reader that panicked has nothing more to show.
                let _ = before.await;
            }
            reading.await;
        }));
    }

    /// Listens to a container that has just started, unless it is listened to already: to all that
    /// it writes in this run of it, and in those that follow. `options` say how; `first` is whether it
    /// had not run before.
    pub(in crate::cli) fn started(
        &mut self,
        container: &Watched,
        options: LogOptions,
        first: bool,
    ) {
        let reader = self.known.entry(container.id.clone()).or_default();
        if std::mem::take(&mut reader.before_start) {
            return;
        }
        let listens = reader.task.as_ref().is_some_and(|task| !task.is_finished());
        if reader.follows && listens && reader.ended.is_none() {
            return;
        }
        // The engine's time of the start may be later than the first line. The end of the run
        // before is not, and what is told of it is later than its last line. Where none was before,
        // an end is that of this run, which may be over by now.
        let ended = reader.ended.take();
        let since = if first { Some(options.since.clone()) } else { ended };
        let shown = reader.shown.clone();
        let follow = options.follow;
        let options = LogOptions { tail: String::new(), ..options };
        let reading = self.output(container).run(options, since, shown);
        self.read(&container.id, follow, reading);
    }

    /// Waits until the last lines of a container that ended are shown, but not for ever. `at` is
    /// when the engine told of the end, in nanoseconds since 1970.
    pub(in crate::cli) async fn ended(&mut self, id: &str, at: i64) {
        let Some(reader) = self.known.get_mut(id) else { return };
        reader.ended = Some(unix_time(at));
        reader.before_start = false;
        reader.over.cancel();
        if let Some(task) = &mut reader.task
            && tokio::time::timeout(LAST_LINES, task).await.is_ok()
        {
            reader.task = None;
        }
    }

    /// Waits until everything has been read of the containers that ended, and of logs that are not
    /// followed; does not listen to the others any more.
    pub(in crate::cli) async fn finish(&mut self) {
        for reader in self.known.drain().map(|(_, reader)| reader) {
            let Some(task) = reader.task else { continue };
            if reader.follows && reader.ended.is_none() {
                task.abort();
            }
            // One that was ended, or that panicked, has nothing more to show.
            let _ = task.await;
        }
    }

    fn output(&self, container: &Watched) -> Output<E> {
        Output {
            engine: Arc::clone(&self.engine),
            printer: Arc::clone(&self.printer),
            id: container.id.clone(),
            name: container.name.clone(),
            merge: self.merge,
        }
    }
}
