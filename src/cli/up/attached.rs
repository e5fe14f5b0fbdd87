//! The foreground once everything is attached: starts, logs, exits, signals, and the end.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::foreground::Foreground;
use super::menu::{Key, Menu};
use super::settings::{Attachment, Cascade};
use crate::cli::failure::{Failure, Result};
use crate::cli::runtime::counting_signals;
use crate::cli::stream::{Happening, Monitor, Readers, Watched};
use crate::cli::terminations::Terminations;
use crate::engine::Engine;
use crate::engine::api::LogOptions;
use crate::stack::StackError;
use crate::stack::progress::Report;
use crate::stack::query::ProjectContainer;
use crate::stack::{fault, up};
use crate::ui::Style;
use crate::ui::logs::LogPrinter;

/// The next key of the menu, if there is one.
async fn pressed(menu: &mut Option<Menu>) -> Key {
    match menu {
        Some(menu) => menu.next().await,
        None => std::future::pending().await,
    }
}

/// The end of the watching of files, if they are watched.
async fn reloaded(reload: &mut Option<Reload<'_>>) -> Result {
    match reload {
        Some(reload) => (&mut reload.run).await,
        None => std::future::pending().await,
    }
}

/// What is shown, and how.
pub(super) struct Shown<E> {
    /// Services whose logs are shown.
    pub(super) services: BTreeSet<String>,
    /// Where.
    pub(super) printer: Arc<LogPrinter>,
    /// Who reads them.
    pub(super) readers: Readers<E>,
}

/// Why everything is being stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// Nothing is.
    None,
    /// A container ended.
    Cascade,
    /// A key.
    Asked,
    /// A signal.
    Interrupted,
    /// A second wish: they are killed.
    Killed,
}

/// Files being watched, and what ends it.
struct Reload<'a> {
    run: Pin<Box<dyn Future<Output = Result> + 'a>>,
    stop: CancellationToken,
}

/// Containers being stopped or killed, beside the watch.
type Stop<'a> = Pin<Box<dyn Future<Output = Result> + 'a>>;

/// A stack that is attached to.
pub(super) struct Attached<'a, E> {
    foreground: &'a Foreground<'a, E>,
    containers: &'a [ProjectContainer],
    shown: Shown<E>,
    monitor: Monitor<E>,
    cancel: CancellationToken,
    ending: Ending,
    exit_code: Option<i64>,
    /// Whether the exit code is that of the service that was asked for.
    exit_code_asked: bool,
    /// Whether the user wants to leave the containers alone as soon as they are all started.
    leaving: bool,
    /// Files being watched, where they are.
    reload: Option<Reload<'a>>,
    /// Containers that have ended for good: nothing is left to kill.
    ended: BTreeSet<String>,
    /// Containers whose death was looked at.
    explained: BTreeSet<String>,
}

impl<'a, E: Engine> Attached<'a, E> {
    /// Over `containers`, which are attached to and not started yet.
    pub(super) fn new(
        foreground: &'a Foreground<'a, E>,
        containers: &'a [ProjectContainer],
        shown: Shown<E>,
        monitor: Monitor<E>,
        cancel: CancellationToken,
    ) -> Self {
        Self {
            foreground,
            containers,
            shown,
            monitor,
            cancel,
            ending: Ending::None,
            exit_code: None,
            exit_code_asked: false,
            leaving: false,
            reload: None,
            ended: BTreeSet::new(),
            explained: BTreeSet::new(),
        }
    }

    /// Starts the containers and goes on until the end. `told` is how many signals came already.
    pub(super) async fn run(
        mut self,
        start: impl Future<Output = std::result::Result<up::Outcome, StackError>>,
        signals: &mut Terminations,
        told: usize,
    ) -> Result {
        let ui = &self.foreground.context.ui;
        let mut start = pin!(start);
        let (mut starting, mut watching) = (true, true);
        let mut stop: Option<Stop<'a>> = None;
        let reload = self.foreground.reload;
        if told > 0 {
            self.interrupted(told)?;
            stop = self.stop(starting);
        }
        let mut menu = Menu::open(ui, self.foreground.attachment.keys, reload.is_some());
        while starting || watching || stop.is_some() {
            tokio::select! {
                started = &mut start, if starting => {
                    starting = false;
                    match started {
                        Ok(_) => {
                            ui.dismiss();
                            if self.leaving && self.ending == Ending::None {
                                return self.close(signals).await;
                            }
                            if self.foreground.attachment.watch {
                                self.toggle(&mut menu);
                            }
                        }
                        // What was not started any more is no failure of the stop.
                        Err(_) if self.ending != Ending::None => {}
                        Err(error) => {
                            ui.end();
                            return Err(error.into());
                        }
                    }
                    stop = self.stop(starting);
                }
                stopped = async { stop.as_mut().expect("the branch is guarded").await },
                    if stop.is_some() =>
                {
                    stop = None;
                    ui.end();
                    stopped?;
                    // What never ran tells no end.
                    self.monitor.expect_no_start();
                }
                () = signals.next() => {
                    self.interrupt(Ending::Interrupted)?;
                    stop = self.stop(starting);
                }
                key = pressed(&mut menu) => match key {
                    Key::Detach if self.ending != Ending::None => {}
                    // What is being started is finished first: a half of it would be left.
                    Key::Detach if starting => {
                        self.leaving = true;
                        ui.information("detaching once everything is started");
                    }
                    Key::Detach => return self.close(signals).await,
                    Key::Watch if starting || self.ending != Ending::None => {}
                    Key::Watch => self.toggle(&mut menu),
                    Key::Stop => {
                        self.interrupt(Ending::Asked)?;
                        stop = self.stop(starting);
                    }
                },
                ended = reloaded(&mut self.reload) => {
                    self.reload = None;
                    if let Some(menu) = &mut menu {
                        menu.watching(false);
                    }
                    if let Err(failure) = ended {
                        self.refuse(failure)?;
                    }
                }
                happening = self.monitor.next(), if watching => match happening? {
                    Some(happening) => {
                        let (is_end, told) =
                            counting_signals(signals, self.take(happening)).await?;
                        if is_end {
                            self.abort();
                        }
                        self.interrupted(told)?;
                        if is_end || told > 0 {
                            stop = self.stop(starting);
                        }
                    }
                    None => watching = false,
                },
            }
        }
        ui.end();
        drop(menu);
        self.close(signals).await?;
        match self.ending {
            Ending::Interrupted | Ending::Killed => Err(Failure::Interrupted),
            Ending::None | Ending::Cascade | Ending::Asked => {
                Failure::from_container(self.exit_code.unwrap_or(0))
            }
        }
    }

    /// Begins to watch files, or ends it.
    fn toggle(&mut self, menu: &mut Option<Menu>) {
        match (&self.reload, self.foreground.reload) {
            (Some(reload), _) => reload.stop.cancel(),
            (None, None) => {}
            (None, Some(reload)) => {
                let stop = self.cancel.child_token();
                let run = Box::pin(reload.run(stop.clone()));
                self.reload = Some(Reload { run, stop });
                if let Some(menu) = menu {
                    menu.watching(true);
                }
            }
        }
    }

    /// Files cannot be watched: that is the end of an `up` that was to do it, and a line where a key asked
    /// for it.
    fn refuse(&self, failure: Failure) -> Result {
        match failure {
            Failure::Message { message, .. } if !self.foreground.attachment.watch => {
                self.foreground.context.ui.warning(&message);
                Ok(())
            }
            failure => Err(failure),
        }
    }

    /// Ends the watching of files, and shows the last lines; containers that run go on without us.
    ///
    /// # Errors
    /// At a signal: nothing is left to be done for which it would have to wait.
    async fn close(&mut self, signals: &mut Terminations) -> Result {
        let closed = async {
            if let Some(reload) = self.reload.take() {
                reload.stop.cancel();
                reload.run.await?;
            }
            self.shown.readers.finish().await;
            Ok(())
        };
        tokio::select! {
            closed = closed => closed,
            () = signals.next() => Err(Failure::Interrupted),
        }
    }

    /// Answers signals that came while something else was waited for.
    fn interrupted(&mut self, times: usize) -> Result {
        (0..times).try_for_each(|_| self.interrupt(Ending::Interrupted))
    }

    /// What a signal or a key asks for: the first the end, told as `ending`; the second an end at once.
    ///
    /// # Errors
    /// At the third, whose sender does not want to wait for the engine either.
    fn interrupt(&mut self, ending: Ending) -> Result {
        self.cancel.cancel();
        self.ending = match self.ending {
            Ending::None | Ending::Cascade => {
                let ui = &self.foreground.context.ui;
                ui.print("Gracefully Stopping... press Ctrl+C again to force");
                ending
            }
            Ending::Asked | Ending::Interrupted => Ending::Killed,
            Ending::Killed => return Err(Failure::Interrupted),
        };
        Ok(())
    }

    /// What the end of one container asks for: the end of the rest.
    fn abort(&mut self) {
        self.cancel.cancel();
        self.ending = Ending::Cascade;
        let ui = &self.foreground.context.ui;
        // Docker Compose colours this line even off a terminal; off a terminal we do not.
        let colour = ui.appearance().colour_stderr;
        ui.information(&Style::ALARM.paint("Aborting on container exit...", colour));
    }

    /// The work of the end, if it can begin. A container whose start is on its way does not count
    /// as running for the engine: a stop waits until all starts have been answered. A kill does not
    /// wait, and is repeated then.
    fn stop(&self, starting: bool) -> Option<Stop<'a>> {
        let (foreground, containers) = (self.foreground, self.containers);
        match self.ending {
            Ending::None => None,
            Ending::Cascade | Ending::Asked | Ending::Interrupted if starting => None,
            Ending::Cascade | Ending::Asked | Ending::Interrupted => {
                foreground.context.ui.begin("Stopping");
                let printer = Arc::clone(&self.shown.printer);
                Some(Box::pin(async move { foreground.stop(containers, &printer).await }))
            }
            Ending::Killed => {
                let left = containers.iter().filter(|it| !self.ended.contains(&it.id)).collect();
                Some(Box::pin(foreground.kill(left)))
            }
        }
    }

    /// Shows what happened; true when it is the end of all.
    async fn take(&mut self, happening: Happening) -> bool {
        match happening {
            Happening::Recreated { name } => {
                self.shown.printer.status(&name, "has been recreated");
                false
            }
            Happening::Started { container, first } => {
                self.ended.remove(&container.id);
                self.started(&container, first);
                false
            }
            Happening::Exited { container, code, at, restarting } => {
                self.shown.readers.ended(&container.id, at).await;
                if !restarting {
                    self.ended.insert(container.id.clone());
                }
                // Nobody who has sent a signal is told of the ends that it brings.
                let signalled = matches!(self.ending, Ending::Interrupted | Ending::Killed);
                if !signalled {
                    let note = if restarting { " (restarting)" } else { "" };
                    let message = format!("exited with code {code}{note}");
                    self.shown.printer.status(&container.name, &message);
                }
                self.explain(&container, code).await;
                self.judge(&container.service, code)
            }
        }
    }

    /// Says what was the matter with a container that died, where its platform was; once.
    async fn explain(&mut self, container: &Watched, code: i64) {
        if code == 0 || self.ending != Ending::None || !self.explained.insert(container.id.clone())
        {
            return;
        }
        let Foreground { engine, context, .. } = self.foreground;
        if let Some(fault) = fault::of_container(&**engine, &container.service, &container.id).await
        {
            Report::warning(&context.ui, &format!("{}: {fault}", container.name));
        }
    }

    /// Takes the exit code that counts; true when this exit is the end of all.
    fn judge(&mut self, service: &str, code: i64) -> bool {
        let Attachment { cascade, exit_code_from, .. } = self.foreground.attachment;
        let triggers = self.ending == Ending::None
            && match cascade {
                Cascade::Ignore => false,
                Cascade::OnExit => true,
                Cascade::OnFailure => code != 0,
            };
        let asked = exit_code_from.as_deref() == Some(service) && !self.exit_code_asked;
        // The last of the two counts, as in Docker Compose; a service that is not followed never does.
        if asked || triggers {
            self.exit_code = Some(code);
        }
        self.exit_code_asked |= asked;
        triggers
    }

    /// Listens to a container that was started by somebody else, or again.
    fn started(&mut self, container: &Watched, first: bool) {
        if !self.shown.services.contains(&container.service) {
            return;
        }
        let options =
            LogOptions { follow: true, stdout: true, stderr: true, ..LogOptions::default() };
        self.shown.readers.started(container, options, first);
    }
}
