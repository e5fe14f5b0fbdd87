//! `down`: containers and networks go; on demand volumes and images too.

use super::context::Context;
use super::failure::{Failure, Result};
use super::runtime::Signals;
use crate::stack::down::{self, RemoveImages};

/// The flags of `down`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Args {
    /// Remove containers of services that the files do not have
    #[arg(long)]
    pub(super) remove_orphans: Option<bool>,
    /// Remove images: local (those without a name of their own) or all
    #[arg(long, value_name = "WHICH")]
    pub(super) rmi: Option<String>,
    /// Seconds that a container may take to stop
    #[arg(short, long, value_name = "SECONDS", value_parser = super::flags::integer)]
    pub(super) timeout: Option<i64>,
    /// Remove named and anonymous volumes
    #[arg(short, long)]
    pub(super) volumes: bool,
    /// The former spelling
    #[arg(long = "volume", hide = true)]
    pub(super) former_volumes: bool,
    /// Show where the time went
    #[arg(long)]
    pub(super) timeline: bool,
    /// Services; all if none
    #[arg(value_name = "SERVICE")]
    pub(super) services: Vec<String>,
}

/// Takes the project down.
pub(super) fn run(args: Args, context: &Context) -> Result {
    let options = down::Options {
        services: args.services,
        timeout: args.timeout,
        remove_orphans: context.remove_orphans(args.remove_orphans),
        volumes: args.volumes | context.former(args.former_volumes, "--volume", "--volumes"),
        images: remove_images(args.rmi.as_deref())?,
    };
    let scope = context.scope(&options.services)?;
    context.with_engine(Signals::Cancel, async |engine, interrupt| {
        let project = scope.into_project(&*engine).await?;
        let plan = down::plan(&project, &options, &*engine).await?;
        let how = ("Running", "down", args.timeline);
        context.carry_out_timed(&plan, how, &*engine, &interrupt).await
    })
}

fn remove_images(word: Option<&str>) -> Result<RemoveImages> {
    match word {
        None | Some("") => Ok(RemoveImages::None),
        Some("local") => Ok(RemoveImages::Local),
        Some("all") => Ok(RemoveImages::All),
        Some(other) => Err(Failure::new(format!("invalid value for --rmi: {other:?}"))
            .help("the values are `local` and `all`")),
    }
}
