//! `kill`: a signal to running containers.

use super::context::Context;
use super::failure::Result;
use super::runtime::Signals;
use crate::stack::kill;

/// The flags of `kill`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Args {
    /// Containers of services that the files do not have, too
    #[arg(long)]
    pub(super) remove_orphans: Option<bool>,
    /// Signal to send [default: SIGKILL]
    #[arg(short, long, value_name = "SIGNAL")]
    pub(super) signal: Option<String>,
    /// Services; all if none
    #[arg(value_name = "SERVICE")]
    pub(super) services: Vec<String>,
}

/// Sends the signal.
pub(super) fn run(args: Args, context: &Context) -> Result {
    let options = kill::Options {
        services: args.services,
        signal: args.signal,
        remove_orphans: context.remove_orphans(args.remove_orphans),
    };
    let scope = context.scope(&options.services)?;
    context.with_engine(Signals::Cancel, async |engine, interrupt| {
        let project = scope.into_project(&*engine).await?;
        let plan = kill::plan(&project, &options, &*engine).await?;
        if plan.is_empty() {
            context.ui.status("no container to kill");
            return Ok(());
        }
        context.carry_out(&plan, "Killing", &*engine, &interrupt).await
    })
}
