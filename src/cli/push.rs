//! `push`: the images of services that are built.

use std::collections::BTreeMap;

use super::context::Context;
use super::failure::Result;
use super::rehearsal;
use super::report::Filtered;
use super::runtime::Signals;
use crate::stack::{self, images};

/// The flags of `push`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Args {
    /// Push what can be pushed
    #[arg(long)]
    pub(super) ignore_push_failures: bool,
    /// Images of services that these depend on, too
    #[arg(long)]
    pub(super) include_deps: bool,
    /// Push without progress
    #[arg(short, long)]
    pub(super) quiet: bool,
    /// Services; all if none
    #[arg(value_name = "SERVICE")]
    pub(super) services: Vec<String>,
}

/// Pushes images.
pub(super) fn run(args: Args, context: &Context) -> Result {
    let options = images::PushOptions {
        services: args.services,
        include_dependencies: args.include_deps,
        ignore_failures: args.ignore_push_failures,
    };
    let project = context.load(&options.services, !options.include_dependencies)?;
    let plan = images::plan_push(&project, &options)?;
    if context.global.dry_run {
        return rehearsal::show(context, &plan.describe(), plan.rehearsal(&BTreeMap::new()));
    }
    context.with_engine(Signals::Cancel, async |engine, interrupt| {
        if !args.quiet {
            return context.carry_out(&plan, "Pushing", &*engine, &interrupt).await;
        }
        let report = Filtered::silent(&context.ui);
        Ok(stack::run(&plan, &*engine, &report, &interrupt.graceful).await?)
    })
}
