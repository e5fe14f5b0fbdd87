//! The foreground of `up`: create, attach, start, and show what the containers write until none is
//! left, one of them takes the others along, or a signal asks for the end.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::attached::{Attached, Shown};
use super::hooks::WithHooks;
use super::settings::Attachment;
use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::report::Filtered;
use crate::cli::runtime::until_signal;
use crate::cli::stream::{Monitor, Readers, Watched};
use crate::cli::timeline::Recorder;
use crate::cli::watch::HotReload;
use crate::compose::model::Project;
use crate::engine::Engine;
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
        let created = created?;

        let shown = self.attach(&created).await?;
        let services = self.selected();
        let mut monitor =
            Monitor::new(Arc::clone(&self.engine), &self.project.name, Some(services.clone()))
                .await?;
        let filter = Filter {
            services: services.iter().cloned().collect(),
            all: true,
            one_off: OneOff::Exclude,
        };
        monitor.add(&query::containers(&*self.engine, &self.project.name, &filter).await?);

        let containers = created.containers().to_vec();
        let printer = Arc::clone(&shown.printer);
        // Off a terminal starts go without saying: the logs tell of them.
        let silent = Filtered::silent(report);
        let report = if ui.appearance().is_live() { report } else { &silent };
        let report = WithHooks::new(report, &printer, self.project, &containers);
        ui.begin("Running");
        let start = async {
            let started = up::start(created, &*self.engine, &report, &cancel).await;
            let name = &self.project.name;
            self.context.keep_timeline(self.recorder, name, &*self.engine, self.timeline);
            started
        };
        Attached::new(self, &containers, shown, monitor, cancel.clone())
            .run(start, &mut signals)
            .await
    }

    /// The services that this `up` was asked for: it follows them to their end, and stops them.
    /// What they depend on goes on.
    fn selected(&self) -> BTreeSet<String> {
        match self.options.services.as_slice() {
            [] => self.project.services.keys().cloned().collect(),
            named => named.iter().cloned().collect(),
        }
    }

    /// Attaches to every container whose log is shown.
    async fn attach(&self, created: &Created<'_>) -> Result<Shown<E>> {
        let containers = created.containers();
        let included = containers.iter().map(|container| container.service.clone()).collect();
        let services = self.attachment.shown(self.project, &self.options.services, &included)?;
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
        Ok(Shown { services, printer, readers })
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
