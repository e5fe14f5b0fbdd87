//! `pause` and `unpause`: running containers are stopped in their tracks, or go on.

use super::context::Context;
use super::failure::Result;
use super::runtime::Signals;
use crate::stack::pause::{self, Change};

/// The flags of `pause` and of `unpause`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Args {
    /// Services; all if none
    #[arg(value_name = "SERVICE")]
    pub(super) services: Vec<String>,
}

/// Pauses containers.
pub(super) fn pause(args: &Args, context: &Context) -> Result {
    run(args, Change::Pause, "Pausing", context)
}

/// Lets paused containers go on.
pub(super) fn unpause(args: &Args, context: &Context) -> Result {
    run(args, Change::Unpause, "Unpausing", context)
}

fn run(args: &Args, change: Change, title: &'static str, context: &Context) -> Result {
    let scope = context.scope(&args.services)?;
    context.with_engine(Signals::Cancel, async |engine, interrupt| {
        let project = scope.into_project(&*engine).await?;
        let plan = pause::plan(&project, &args.services, change, &*engine).await?;
        context.carry_out(&plan, title, &*engine, &interrupt).await
    })
}
