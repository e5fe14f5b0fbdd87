//! `start`: containers that exist, dependencies first.

use super::context::Context;
use super::failure::Result;
use super::runtime::Signals;
use crate::stack::start;

/// The flags of `start`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Args {
    /// Wait until they run, or are healthy where they have a healthcheck
    #[arg(long)]
    pub(super) wait: bool,
    /// Seconds to wait; 0 for no limit
    #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = super::flags::integer)]
    pub(super) wait_timeout: i64,
    /// Services; all if none
    #[arg(value_name = "SERVICE")]
    pub(super) services: Vec<String>,
}

/// Starts containers.
pub(super) fn run(args: Args, context: &Context) -> Result {
    let options = start::Options {
        services: args.services,
        wait: args.wait,
        wait_timeout: wait_timeout(args.wait_timeout),
    };
    let scope = context.scope(&options.services)?;
    context.with_engine(Signals::Cancel, async |engine, interrupt| {
        let project = scope.into_project(&*engine).await?;
        let plan = start::plan(&project, &options, &*engine).await?;
        context.carry_out_timed(&plan, ("Starting", "start", false), &*engine, &interrupt).await
    })
}

/// The value of `--wait-timeout`; 0 and less is no limit.
pub(super) fn wait_timeout(seconds: i64) -> Option<std::time::Duration> {
    let seconds = u64::try_from(seconds).ok().filter(|seconds| *seconds > 0);
    seconds.map(std::time::Duration::from_secs)
}
