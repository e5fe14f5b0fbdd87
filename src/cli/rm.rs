//! `rm`: stopped containers go.

use super::context::Context;
use super::failure::Result;
use super::question::answer;
use super::runtime::Signals;
use crate::stack::rm;

/// The flags of `rm`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Args {
    /// No effect
    #[arg(short, long, hide = true)]
    pub(super) all: bool,
    /// Do not ask
    #[arg(short, long)]
    pub(super) force: bool,
    /// Stop them first
    #[arg(short, long)]
    pub(super) stop: bool,
    /// Remove their anonymous volumes too
    #[arg(short, long)]
    pub(super) volumes: bool,
    /// Services; all if none
    #[arg(value_name = "SERVICE")]
    pub(super) services: Vec<String>,
}

/// Removes stopped containers, after a question.
pub(super) fn run(args: Args, context: &Context) -> Result {
    let options = rm::Options {
        services: args.services,
        force: args.force,
        stop: args.stop,
        volumes: args.volumes,
    };
    let scope = context.scope(&options.services)?;
    context.with_engine(Signals::Cancel, async |engine, interrupt| {
        let project = scope.into_project(&*engine).await?;
        let plan = rm::plan(&project, &options, &*engine).await?;
        let names = rm::removed(&plan);
        if names.is_empty() {
            context.ui.status("No stopped containers");
            return Ok(());
        }
        let sentence = format!("Going to remove {}", names.join(", "));
        if options.force || context.global.dry_run {
            context.ui.print(&sentence);
        } else {
            context.ui.question(&sentence);
            if !answer(context).await? {
                return Ok(());
            }
        }
        context.carry_out(&plan, "Removing", &*engine, &interrupt).await
    })
}
