//! `restart`: containers restart, dependencies first.

use super::context::Context;
use super::failure::Result;
use super::runtime::Signals;
use crate::stack::restart;

/// The flags of `restart`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Args {
    /// Leave dependents alone
    #[arg(long)]
    pub(super) no_deps: bool,
    /// Seconds that a container may take to stop
    #[arg(short, long, value_name = "SECONDS", value_parser = super::flags::integer)]
    pub(super) timeout: Option<i64>,
    /// Services; all if none
    #[arg(value_name = "SERVICE")]
    pub(super) services: Vec<String>,
}

/// Restarts containers.
pub(super) fn run(args: Args, context: &Context) -> Result {
    let options =
        restart::Options { services: args.services, timeout: args.timeout, no_deps: args.no_deps };
    // Whole: services that were not named restart with those that were (`restart: true`).
    let scope = context.whole_scope(&options.services)?;
    context.with_engine(Signals::Cancel, async |engine, interrupt| {
        let project = scope.into_project(&*engine).await?;
        let plan = restart::plan(&project, &options, &*engine).await?;
        context.carry_out(&plan, "Restarting", &*engine, &interrupt).await
    })
}
