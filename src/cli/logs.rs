//! `logs`: what containers have written.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::future::{join, join_all};

use super::context::Context;
use super::deaths;
use super::failure::{Failure, Result};
use super::runtime::Signals;
use super::scope::Scope;
use super::stream::{Happening, Monitor, Readers, Watched};
use crate::engine::api::{ContainerDetails, LogOptions};
use crate::engine::{Engine, timestamp};
use crate::stack::progress::Report;
use crate::stack::query::{self, Filter, OneOff, ProjectContainer};
use crate::stack::{StackError, fault};
use crate::ui::logs::{LogFormat, LogPrinter};

/// The flags of `logs`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Args {
    /// Go on as they write
    #[arg(short, long)]
    pub(super) follow: bool,
    /// Which container of the service; 0 is all
    #[arg(long, value_name = "N", default_value = "0", value_parser = super::flags::integer)]
    pub(super) index: i64,
    /// No colour
    #[arg(long)]
    pub(super) no_color: bool,
    /// Do not say whose line it is
    #[arg(long)]
    pub(super) no_log_prefix: bool,
    /// Begin at a time (2024-01-02T13:23:37Z) or a while ago (42m)
    #[arg(long, value_name = "TIME")]
    pub(super) since: Option<String>,
    /// Lines from the end of each log, or all
    #[arg(short = 'n', long, value_name = "LINES", default_value = "all")]
    pub(super) tail: String,
    /// Show when each line was written
    #[arg(short, long)]
    pub(super) timestamps: bool,
    /// End at a time, or a while ago
    #[arg(long, value_name = "TIME")]
    pub(super) until: Option<String>,
    /// Services; all if none
    #[arg(value_name = "SERVICE")]
    pub(super) services: Vec<String>,
}

/// Shows logs.
pub(super) fn run(args: &Args, context: &Context) -> Result {
    if args.index > 0 && args.services.len() != 1 {
        return Err(Failure::new("--index requires one service to be selected"));
    }
    check_time("since", args.since.as_deref())?;
    check_time("until", args.until.as_deref())?;
    let scope = context.scope(&args.services)?;
    context.with_engine(Signals::Drop, async |engine, _| {
        let logs = Logs { args, context, scope: &scope };
        logs.show(engine).await
    })
}

/// Refuses what is no point in time, before the engine is asked anything.
fn check_time(flag: &str, text: Option<&str>) -> Result {
    let now = chrono::Local::now().fixed_offset();
    match text.filter(|text| !text.is_empty()).map(|text| timestamp::unix_time(text, now)) {
        Some(Err(error)) => Err(Failure::new(format!("invalid value for {flag:?}: {error}"))
            .help("a time is `2024-01-02T13:23:37Z`, a while ago `42m`")),
        _ => Ok(()),
    }
}

/// One call of `logs`.
struct Logs<'a> {
    args: &'a Args,
    context: &'a Context,
    scope: &'a Scope,
}

impl Logs<'_> {
    async fn show<E: Engine>(&self, engine: Arc<E>) -> Result {
        let args = self.args;
        let project = self.scope.name();
        let mut monitor = None;
        if args.follow {
            let named = args.services.iter().cloned().collect::<BTreeSet<_>>();
            let services = match self.scope.files() {
                _ if !named.is_empty() => Some(named),
                Some(project) => Some(project.services.keys().cloned().collect()),
                None => None,
            };
            monitor = Some(Monitor::new(Arc::clone(&engine), project, services).await?);
        }
        let filter =
            Filter { services: args.services.clone(), all: true, one_off: OneOff::Exclude };
        let mut containers = query::containers(&*engine, project, &filter).await?;
        if let Some(monitor) = &mut monitor {
            monitor.add(&containers);
        }
        containers.retain(|container| self.concerns(&container.service, container.number));
        if let (true, [service], index) =
            (containers.is_empty(), args.services.as_slice(), self.index())
            && index > 0
        {
            return Err(StackError::NotRunning { service: service.clone(), index }.into());
        }

        let appearance = self.context.ui.appearance();
        let printer = Arc::new(LogPrinter::new(
            self.context.ui.clone(),
            LogFormat {
                prefix: !args.no_log_prefix,
                colour: appearance.colour_stdout && !args.no_color,
                timestamps: false,
            },
        ));
        let mut readers = Readers::new(Arc::clone(&engine), Arc::clone(&printer), true);
        let watched: Vec<Watched> =
            containers.iter().map(|container| Watched::of(container, project)).collect();
        for container in &watched {
            printer.register(&container.name);
        }
        let all = inspected(&*engine, &containers).await?;
        for (container, details) in watched.iter().zip(all) {
            let ContainerDetails { config, state, .. } = details.unwrap_or_default();
            let options = LogOptions { tty: config.tty, ..self.options() };
            readers.found(container, options, state);
        }
        let faults = deaths::faults(&*engine, &containers);
        let Some(monitor) = monitor else {
            let ((), faults) = join(readers.finish(), faults).await;
            deaths::tell(self.context, &faults);
            return Ok(());
        };
        let tell = async { deaths::tell(self.context, &faults.await) };
        let follow = self.follow(&*engine, monitor, &printer, readers);
        join(Box::pin(follow), tell).await.0
    }

    /// Shows what comes, until nothing of it runs any more.
    async fn follow<E: Engine>(
        &self,
        engine: &E,
        mut monitor: Monitor<E>,
        printer: &LogPrinter,
        mut readers: Readers<E>,
    ) -> Result {
        let mut explained = BTreeSet::new();
        while let Some(happening) = monitor.next().await? {
            let died = died(&happening);
            self.take(happening, printer, &mut readers).await;
            if let Some((service, id, name)) =
                died.filter(|(_, id, _)| explained.insert(id.clone()))
                && let Some(fault) = fault::of_container(engine, &service, &id).await
            {
                Report::warning(&self.context.ui, &format!("{name}: {fault}"));
            }
        }
        readers.finish().await;
        Ok(())
    }

    /// Whether the log of a container is shown: those named; or else those the files have, but for
    /// services with `attach: false`.
    fn concerns(&self, service: &str, number: u32) -> bool {
        if self.index() > 0 && self.index() != number {
            return false;
        }
        match self.scope.files() {
            Some(project) if self.args.services.is_empty() => {
                project.services.get(service).is_some_and(|service| service.attach != Some(false))
            }
            _ => true,
        }
    }

    /// The only container that is meant; 0 for all.
    fn index(&self) -> u32 {
        u32::try_from(self.args.index).unwrap_or(0)
    }

    fn options(&self) -> LogOptions {
        let args = self.args;
        LogOptions {
            follow: args.follow,
            stdout: true,
            stderr: true,
            since: args.since.clone().unwrap_or_default(),
            until: args.until.clone().unwrap_or_default(),
            timestamps: args.timestamps,
            tail: args.tail.clone(),
            tty: false,
        }
    }

    async fn take<E: Engine>(
        &self,
        happening: Happening,
        printer: &LogPrinter,
        readers: &mut Readers<E>,
    ) {
        match happening {
            Happening::Started { container, first }
                if self.concerns(&container.service, container.number) =>
            {
                readers.started(&container, self.options(), first);
            }
            Happening::Exited { container, code, at, restarting } => {
                readers.ended(&container.id, at).await;
                let note = if restarting { " (restarting)" } else { "" };
                printer.status(&container.name, &format!("exited with code {code}{note}"));
            }
            Happening::Started { .. } => {}
            Happening::Recreated { name } => printer.status(&name, "has been recreated"),
        }
    }
}

/// Service, id and name of a container that failed.
fn died(happening: &Happening) -> Option<(String, String, String)> {
    match happening {
        Happening::Exited { container, code, .. } if *code != 0 => {
            Some((container.service.clone(), container.id.clone(), container.name.clone()))
        }
        _ => None,
    }
}

/// What the list does not say: whether each container has a terminal, whose log is not framed, and when
/// its last run ended.
async fn inspected<E: Engine>(
    engine: &E,
    containers: &[ProjectContainer],
) -> Result<Vec<Option<ContainerDetails>>> {
    let calls = containers.iter().map(|container| engine.inspect_container(&container.id));
    Ok(join_all(calls).await.into_iter().collect::<std::result::Result<_, _>>()?)
}
