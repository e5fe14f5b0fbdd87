//! `ps`: the containers of a project. One call of the engine: state, exit code and health stand in
//! its list. [`row`] reads them, [`Listing`] writes them.

mod created;
mod row;

use std::collections::{BTreeMap, BTreeSet};

use super::context::Context;
use super::deaths;
use super::failure::{Failure, Result};
use super::runtime::Signals;
use crate::compose::trace::Trace;
use crate::engine::{DockerEngine, Engine};
use crate::platform::Platform;
use crate::stack::labels;
use crate::stack::progress::Report;
use crate::stack::query::{self, Filter, OneOff, ProjectContainer};
use crate::ui::{FormatError, Listing, Stream};
use created::Zone;
use row::Look;

/// The columns without a template.
const COLUMNS: &str = r"table {{.Name}}\t{{.Image}}\t{{.Command}}\t{{.Service}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}";
/// `--format raw`.
const RAW: &str = r"container_id: {{.ID}}
image: {{.Image}}
command: {{.Command}}
created_at: {{.CreatedAt}}
state: {{- pad .State 1 0}}
status: {{- pad .Status 1 0}}
names: {{.Names}}
labels: {{- pad .Labels 1 0}}
ports: {{- pad .Ports 1 0}}
";

/// The flags of `ps`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(in crate::cli) struct Args {
    /// Containers that are stopped, and those of `run`, too
    #[arg(short, long)]
    pub(in crate::cli) all: bool,
    /// Only those with a property: status=STATUS
    #[arg(long, value_name = "FILTER")]
    pub(in crate::cli) filter: Option<String>,
    /// table, table TEMPLATE, json, raw or TEMPLATE [default: psFormat of config.json, or table]
    #[arg(long, value_name = "FORMAT", default_value = "", hide_default_value = true)]
    pub(in crate::cli) format: String,
    /// Do not cut long values
    #[arg(long)]
    pub(in crate::cli) no_trunc: bool,
    /// Containers of services that the files do not have, too [default: true]
    #[arg(long)]
    pub(in crate::cli) orphans: Option<bool>,
    /// Only ids
    #[arg(short, long)]
    pub(in crate::cli) quiet: bool,
    /// Only services
    #[arg(long)]
    pub(in crate::cli) services: bool,
    /// Only those in a state: paused, restarting, removing, running, dead, created or exited
    /// (repeatable)
    #[arg(long, value_name = "STATUS")]
    pub(in crate::cli) status: Vec<String>,
    /// Services; all if none
    #[arg(value_name = "SERVICE")]
    pub(in crate::cli) names: Vec<String>,
}

/// States that `--status` may ask for.
const STATES: [&str; 7] =
    ["paused", "restarting", "removing", "running", "dead", "created", "exited"];

/// Lists containers.
pub(super) fn run(args: &Args, context: &Context) -> Result {
    let states = states(args)?;
    for unknown in states.iter().filter(|state| !STATES.contains(&state.as_str())) {
        let known = STATES.join(", ");
        Report::warning(
            &context.ui,
            &format!("no container is {unknown:?}: the states are {known}"),
        );
    }
    // A format of the user is looked at before the engine is asked anything.
    if !args.format.is_empty() {
        listing(&args.format, false, false)?;
    }
    // Who asks for a state asks among all that there are.
    let all = args.all || !states.is_empty();
    let one_off = if all { OneOff::Include } else { OneOff::Exclude };
    let filter = Filter { services: args.names.clone(), all, one_off };
    let load = |trace: &mut dyn Trace| context.scope_traced(&args.names, trace);
    let asked = filter.clone();
    let ahead = move |engine: DockerEngine, name: String| {
        let asked = asked.clone();
        async move { query::look_ahead(&engine, &name, &asked).await }
    };
    context.with_engine_ahead(Signals::Drop, load, ahead, async |scope, met, _| {
        let engine = &met.engine;
        let mut containers = query::containers(&met.looking, scope.name(), &filter).await?;
        containers
            .retain(|container| states.is_empty() || states.contains(&container.summary.state));
        if !args.orphans.unwrap_or(true)
            && args.names.is_empty()
            && let Some(project) = scope.files()
        {
            containers.retain(|container| project.services.contains_key(&container.service));
        }
        containers.sort_by(|left, right| left.name.cmp(&right.name));
        let text = if args.quiet {
            lines(containers.iter().map(|container| container.id.as_str()))
        } else if args.services {
            services(&containers)
        } else {
            let format = match (args.format.as_str(), &engine.config().ps_format) {
                ("", Some(format)) => format,
                (format, _) => format,
            };
            let platforms = match format {
                "" | "table" => mixed(&**engine, &containers).await?,
                _ => BTreeMap::new(),
            };
            let look = Look {
                cut: !args.no_trunc,
                now: chrono::Utc::now().timestamp(),
                zone: &Zone::new(context.process.variables.get("TZ").map(String::as_str)),
                engine: containers
                    .iter()
                    .any(|container| !container.label(labels::ENGINE).is_empty()),
                platforms: &platforms,
            };
            let rows: Vec<_> =
                containers.iter().map(|container| row::row(container, look)).collect();
            listing(format, look.engine, !platforms.is_empty())?.write(&rows, &row::HEADER)?
        };
        context.ui.write(Stream::Stdout, text);
        if args.format.is_empty() && !args.quiet && !args.services {
            deaths::tell(context, &deaths::faults(&**engine, &containers).await);
        }
        Ok(())
    })
}

/// The platforms of containers by id, where there are several.
async fn mixed<E: Engine>(
    engine: &E,
    containers: &[ProjectContainer],
) -> Result<BTreeMap<String, Platform>> {
    let platforms = query::platforms(engine, containers).await?;
    let ids = containers.iter().map(|container| container.id.clone());
    let known: BTreeMap<String, Platform> =
        ids.zip(platforms).filter_map(|(id, platform)| Some((id, platform?))).collect();
    let distinct: BTreeSet<&Platform> = known.values().collect();
    Ok(if distinct.len() > 1 { known } else { BTreeMap::new() })
}

/// The form that `--format` asks for, with columns for engines and platforms where those are told.
fn listing(
    format: &str,
    engines: bool,
    platforms: bool,
) -> std::result::Result<Listing, FormatError> {
    match format {
        "" | "table" => {
            let more = [(engines, r"\t{{.Engine}}"), (platforms, r"\t{{.Platform}}")];
            let more: String = more.into_iter().filter_map(|(is, it)| is.then_some(it)).collect();
            Listing::parse(&format!("{COLUMNS}{more}"))
        }
        "raw" => Listing::parse(RAW),
        format => Listing::parse(format),
    }
}

/// Each service once. Where there is none, Docker Compose writes an empty line.
fn services(containers: &[ProjectContainer]) -> String {
    let mut services: Vec<&str> = Vec::new();
    for container in containers {
        if !services.contains(&container.service.as_str()) {
            services.push(&container.service);
        }
    }
    services.join("\n") + "\n"
}

fn lines<'a>(items: impl Iterator<Item = &'a str>) -> String {
    items.flat_map(|item| [item, "\n"]).collect()
}

/// The states of `--status` and of `--filter status=…`.
fn states(args: &Args) -> Result<Vec<String>> {
    let mut states = args.status.clone();
    if let Some(filter) = args.filter.as_deref().filter(|filter| !filter.is_empty()) {
        match filter.split_once('=') {
            Some(("status", state)) => states.push(state.to_owned()),
            Some(("source", _)) => return Err(Failure::new("not implemented")),
            Some((name, _)) => return Err(Failure::new(format!("unknown filter {name}"))),
            None => {
                return Err(Failure::new("arguments to --filter should be in form KEY=VAL"));
            }
        }
    }
    Ok(states)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_come_from_both_flags() {
        let args = |filter: Option<&str>, status: &[&str]| Args {
            filter: filter.map(str::to_owned),
            status: status.iter().map(ToString::to_string).collect(),
            ..Args::default()
        };
        assert_eq!(
            states(&args(Some("status=paused"), &["exited"])).unwrap(),
            ["exited", "paused"]
        );
        assert!(states(&args(None, &[])).unwrap().is_empty());
        for (filter, message) in [
            ("x", "arguments to --filter should be in form KEY=VAL"),
            ("x=y", "unknown filter x"),
            ("source=image", "not implemented"),
        ] {
            match states(&args(Some(filter), &[])) {
                Err(Failure::Message { message: told, .. }) => assert_eq!(told, message),
                other => panic!("{filter}: {other:?}"),
            }
        }
    }
}
