//! `ps`: the containers of a project. One call of the engine: state, exit code and health stand in
//! its list. [`row`] reads them, [`Format`] writes them.

mod format;
mod row;

use super::context::Context;
use super::failure::{Failure, Result};
use super::runtime::Signals;
use crate::stack::query::{self, Filter, OneOff};
use format::Format;
use row::Row;

/// The flags of `ps`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(in crate::cli) struct Args {
    /// Containers that are stopped, and those of `run`, too
    #[arg(short, long)]
    pub(in crate::cli) all: bool,
    /// Only those with a property: status=STATUS
    #[arg(long, value_name = "FILTER")]
    pub(in crate::cli) filter: Option<String>,
    /// table, table TEMPLATE, json or TEMPLATE
    #[arg(long, value_name = "FORMAT", default_value = "table")]
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
    let format = Format::parse(&args.format)?;
    let scope = context.scope(&args.names)?;
    context.with_engine(Signals::Drop, async |engine, _| {
        let filter = Filter {
            services: args.names.clone(),
            all: args.all || !states.is_empty(),
            one_off: if args.all { OneOff::Include } else { OneOff::Exclude },
        };
        let mut containers = query::containers(&*engine, scope.name(), &filter).await?;
        containers
            .retain(|container| states.is_empty() || states.contains(&container.summary.state));
        if !args.orphans.unwrap_or(true)
            && let Some(project) = scope.files()
        {
            containers.retain(|container| project.services.contains_key(&container.service));
        }
        containers.sort_by(|left, right| left.name.cmp(&right.name));
        let now = chrono::Utc::now().timestamp();
        let rows: Vec<Row> =
            containers.iter().map(|container| Row::new(container, !args.no_trunc, now)).collect();
        let text = if args.quiet {
            lines(rows.iter().map(|row| row.full_id.as_str()))
        } else if args.services {
            let mut seen = std::collections::HashSet::new();
            lines(rows.iter().map(|row| row.service.as_str()).filter(|name| seen.insert(*name)))
        } else {
            format.write(&rows).map_err(|error| Failure::new(error.to_string()))?
        };
        context.ui.write(crate::ui::Stream::Stdout, text);
        Ok(())
    })
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
    if let Some(unknown) = states.iter().find(|state| !STATES.contains(&state.as_str())) {
        return Err(Failure::new(format!("unknown status {unknown:?}"))
            .help(format!("the states are {}", STATES.join(", "))));
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
            ("status=ill", "unknown status \"ill\""),
        ] {
            match states(&args(Some(filter), &[])) {
                Err(Failure::Message { message: told, .. }) => assert_eq!(told, message),
                other => panic!("{filter}: {other:?}"),
            }
        }
    }
}
