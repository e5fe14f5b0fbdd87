//! The foreground of `up`: create, attach, start, and show what the containers write until none is
//! left, one of them takes the others along, or a signal asks for the end.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::DateTime;
use futures_util::future::try_join_all;
use tokio_util::sync::CancellationToken;

use super::attached::{Attached, Shown};
use super::hooks::WithHooks;
use super::settings::Attachment;
use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::report::Filtered;
use crate::cli::runtime::{counting_signals, until_signal};
use crate::cli::stream::{Monitor, Readers, Watched};
use crate::cli::timeline::Recorder;
use crate::cli::watch::HotReload;
use crate::compose::model::Project;
use crate::engine::{Engine, EngineError};
use crate::stack::course::Course;
use crate::stack::images::Builder;
use crate::stack::progress::{Event, Report, Status, Subject};
use crate::stack::query::{self, Filter, OneOff, ProjectContainer};
use crate::stack::up::{self, Created, Options, UpPlan};
use crate::stack::{self, stop};
use crate::ui::logs::{LogFormat, LogPrinter};

/// An `up` in the foreground.
pub(super) struct Foreground<'a, E> {
    /// What every command is given.
    pub(super) context: &'a Context,
    /// The project.
    pub(super) project: &'a Project,
    /// What concerns the stack.
    pub(super) options: &'a Options,
    /// What is shown, and when it ends.
    pub(super) attachment: &'a Attachment,
    /// The engine.
    pub(super) engine: Arc<E>,
    /// What takes down the times.
    pub(super) recorder: &'a Recorder<'a>,
    /// `--timeline`.
    pub(super) timeline: bool,
    /// Watching files, where there is something to watch.
    pub(super) reload: Option<&'a HotReload<'a>>,
}

impl<E: Engine> Foreground<'_, E> {
    /// Runs to the end.
    pub(super) async fn run<B: Builder>(
        &self,
        plan: UpPlan<'_>,
        builder: &B,
        report: &Filtered<'_>,
    ) -> Result {
        let ui = &self.context.ui;
        let mut signals = self.context.terminations()?;
        let cancel = CancellationToken::new();
        ui.begin("Running");
        let create = up::create(plan, &*self.engine, builder, report, &cancel);
        let created = until_signal(&mut signals, &cancel, create).await;
        ui.end();
        let created = created.inspect_err(|_| self.keep_timeline())?;

        let (attached, told) = counting_signals(&mut signals, self.attach(&created)).await?;
        let (shown, monitor) = attached?;

        let containers = created.containers().to_vec();
        let printer = Arc::clone(&shown.printer);
        // Off a terminal starts go without saying: the logs tell of them.
        let silent = Filtered::silent(report);
        let report = if ui.appearance().is_live() { report } else { &silent };
        let report = WithHooks::new(report, &printer, self.project, &containers);
        ui.begin("Running");
        let start = async {
            let started = up::start(created, &*self.engine, &report, &cancel).await;
            self.keep_timeline();
            started
        };
        Attached::new(self, &containers, shown, monitor, cancel.clone())
            .run(start, &mut signals, told)
            .await
    }

    fn keep_timeline(&self) {
        let name = &self.project.name;
        self.context.keep_timeline(self.recorder, name, &*self.engine, self.timeline);
    }

    /// The services that this `up` was asked for: it stops them in the end. What they depend on goes on.
    fn selected(&self) -> BTreeSet<String> {
        match self.options.services.as_slice() {
            [] => self.project.services.keys().cloned().collect(),
            named => named.iter().cloned().collect(),
        }
    }

    /// The services that are followed to their end, whose exits are told and count: those that this `up`
    /// was asked for by name, else those that are shown, and all if that is none. So Docker Compose has it.
    fn followed(&self, shown: &BTreeSet<String>) -> BTreeSet<String> {
        if self.options.services.is_empty() && !shown.is_empty() {
            shown.clone()
        } else {
            self.selected()
        }
    }

    /// Listens to the engine's events, and attaches to every container whose log is shown.
    async fn attach(&self, created: &Created<'_>) -> Result<(Shown<E>, Monitor<E>)> {
        let containers = created.containers();
        let included = containers.iter().map(|container| container.service.clone()).collect();
        let services = self.attachment.shown(self.project, &self.options.services, &included)?;
        let (engine, project) = (Arc::clone(&self.engine), &self.project.name);
        let followed = self.followed(&services);
        let mut monitor = Monitor::new(engine, project, Some(followed.clone())).await?;
        let shown = self.show(services, created).await;
        // One look once the events are listened to: what has ended by now is seen, what ends later is told.
        // An engine answers who attaches only when it is done with an end that it is about to list, so
        // the list is right about what was attached to.
        let all = Filter { all: true, one_off: OneOff::Exclude, ..Filter::default() };
        let present = query::containers(&*self.engine, project, &all).await?;
        monitor.add(&present);
        let doubtful = containers.iter().filter(|container| {
            !created.starts(container)
                && followed.contains(&container.service)
                && !(shown.services.contains(&container.service) && is_alive(container, &present))
        });
        self.tell_ended(doubtful, &mut monitor).await?;
        Ok((shown, monitor))
    }

    /// Tells the monitor which of some containers, that ran when the plan was made and are not started
    /// therefore, have ended since.
    async fn tell_ended(
        &self,
        doubtful: impl Iterator<Item = &ProjectContainer>,
        monitor: &mut Monitor<E>,
    ) -> Result {
        let inspections = doubtful.map(async |container| {
            let details = self.engine.inspect_container(&container.id).await?;
            Ok::<_, EngineError>((Watched::of(container, &self.project.name), details))
        });
        for inspected in try_join_all(inspections).await? {
            let (container, Some(details)) = inspected else { continue };
            let state = details.state;
            // What was started again meanwhile is told by an event.
            if state.running || state.restarting {
                continue;
            }
            let at = DateTime::parse_from_rfc3339(&state.finished_at).ok();
            let at = at.and_then(|at| at.timestamp_nanos_opt()).unwrap_or_default();
            monitor.found_ended(container, state.exit_code, at);
        }
        Ok(())
    }

    /// Attaches to the containers of some services.
    async fn show(&self, services: BTreeSet<String>, created: &Created<'_>) -> Shown<E> {
        let appearance = self.context.ui.appearance();
        let printer = Arc::new(LogPrinter::new(
            self.context.ui.clone(),
            LogFormat {
                prefix: !self.attachment.no_prefix,
                colour: appearance.colour_stdout && !self.attachment.no_color,
                timestamps: self.attachment.timestamps,
            },
        ));
        let mut readers = Readers::new(Arc::clone(&self.engine), Arc::clone(&printer), false);
        let mut names = Vec::new();
        let mut containers: Vec<_> = created.containers().iter().collect();
        containers.sort_by(|a, b| a.name.cmp(&b.name));
        for container in containers {
            if !services.contains(&container.service) {
                continue;
            }
            let watched = Watched::of(container, &self.project.name);
            printer.register(&watched.name);
            let (tty, starts) = (self.has_terminal(&container.service), created.starts(container));
            readers.attach(&watched, tty, starts).await;
            names.push(watched.name);
        }
        printer.attaching(&names);
        Shown { services, printer, readers }
    }

    /// Whether the containers of a service have a terminal, whose output is not framed.
    pub(super) fn has_terminal(&self, service: &str) -> bool {
        self.project.services.get(service).is_some_and(|service| service.tty)
    }

    /// Stops the containers of this `up`, dependents first.
    pub(super) async fn stop(
        &self,
        containers: &[ProjectContainer],
        printer: &LogPrinter,
    ) -> Result {
        let options = stop::Options {
            services: self.selected().into_iter().collect(),
            timeout: self.options.timeout,
        };
        let plan = stop::plan(self.project, &options, &*self.engine).await?;
        let report = WithHooks::new(&self.context.ui, printer, self.project, containers);
        let never = CancellationToken::new();
        stack::run(&plan, &*self.engine, &report, &never).await?;
        Ok(())
    }

    /// Kills some of them, all at once.
    pub(super) async fn kill(&self, containers: Vec<&ProjectContainer>) -> Result {
        let tell = |container: &ProjectContainer, status, text| {
            let subject = Subject::Container(container.name.clone());
            self.context.ui.event(Event::new(subject, status, text));
        };
        // What the walk before had still to do will not be done: nobody waits for that any more.
        Report::course(&self.context.ui, &Course::default());
        let selected = self.selected();
        let taken = containers.into_iter().filter(|it| selected.contains(&it.service));
        let kills = taken.map(async |container| {
            tell(container, Status::Working, "Killing");
            match self.engine.kill_container(&container.id, None).await {
                Err(error) if !error.is_not_found() && !error.is_conflict() => return Err(error),
                _ => tell(container, Status::Done, "Killed"),
            }
            Ok(())
        });
        for killed in futures_util::future::join_all(kills).await {
            killed?;
        }
        Ok(())
    }
}

/// Whether a container runs, or will again by itself, as the engine lists it.
fn is_alive(container: &ProjectContainer, present: &[ProjectContainer]) -> bool {
    let now = present.iter().find(|it| it.id == container.id);
    now.is_some_and(|it| matches!(it.summary.state.as_str(), "running" | "restarting" | "paused"))
}
