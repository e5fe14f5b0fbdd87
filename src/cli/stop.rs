//! `stop`: containers stop, dependents first.

use super::context::Context;
use super::failure::Result;
use super::runtime::Signals;
use crate::stack::stop;

/// The flags of `stop`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Args {
    /// Seconds that a container may take to stop
    #[arg(short, long, value_name = "SECONDS", value_parser = super::flags::integer)]
    pub(super) timeout: Option<i64>,
    /// Show where the time went
    #[arg(long)]
    pub(super) timeline: bool,
    /// Services; all if none
    #[arg(value_name = "SERVICE")]
    pub(super) services: Vec<String>,
}

/// Stops containers.
pub(super) fn run(args: Args, context: &Context) -> Result {
    let options = stop::Options { services: args.services, timeout: args.timeout };
    let scope = context.scope(&options.services)?;
    context.with_engine(Signals::Cancel, async |engine, interrupt| {
        let project = scope.into_project(&*engine).await?;
        let plan = stop::plan(&project, &options, &*engine).await?;
        let how = ("Stopping", "stop", args.timeline);
        context.carry_out_timed(&plan, how, &*engine, &interrupt).await
    })
}
