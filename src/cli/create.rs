//! `create`: containers, not started.

use super::ahead::{Met, to_the_end};
use super::context::{Context, proxies};
use super::failure::{Failure, Result};
use super::global::is_true;
use super::platforms::Notices;
use super::process::Variables;
use super::report::Filtered;
use super::runtime::{Interrupt, Signals};
use super::up;
use super::up::settings;
use crate::compose::model::Project;
use crate::compose::trace::Trace;
use crate::stack::up::Options;

/// The flags of `create`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Args {
    /// Build images first
    #[arg(long)]
    pub(super) build: bool,
    /// Replace containers even if nothing changed
    #[arg(long)]
    pub(super) force_recreate: bool,
    /// Build nothing
    #[arg(long)]
    pub(super) no_build: bool,
    /// Keep existing containers
    #[arg(long)]
    pub(super) no_recreate: bool,
    /// Pull policy: always, missing, never, build or policy
    #[arg(long, value_name = "POLICY")]
    pub(super) pull: Option<String>,
    /// Pull without progress
    #[arg(long)]
    pub(super) quiet_pull: bool,
    /// Remove containers of services that the files do not have
    #[arg(long)]
    pub(super) remove_orphans: bool,
    /// Number of containers: SERVICE=NUM (repeatable)
    #[arg(long, value_name = "SERVICE=NUM")]
    pub(super) scale: Vec<String>,
    /// Answer yes to every question
    #[arg(short, long)]
    pub(super) yes: bool,
    /// The former spelling
    #[arg(long = "y", hide = true)]
    pub(super) former_yes: bool,
    /// Services; all if none
    #[arg(value_name = "SERVICE")]
    pub(super) services: Vec<String>,
}

/// Creates containers.
pub(super) fn run(mut args: Args, context: &Context) -> Result {
    args.yes |= context.former(args.former_yes, "--y", "--yes instead");
    let quiet_pull = args.quiet_pull;
    let options = options(args, &context.process.variables, context.global.compatibility)?;
    let load = |trace: &mut dyn Trace| {
        let project =
            context.load_to_create(&options.services, false, options.assume_yes, trace)?;
        settings::check_scale(&options.scale, &project)?;
        Ok((options, project))
    };
    let work = async |(options, project): &mut (Options, Project),
                      met: &Met,
                      interrupt: Interrupt| {
        let Met { engine, looking } = met;
        options.proxy_environment = proxies(engine);
        let builder = context.builder(engine);
        let report = Filtered::new(&context.ui, quiet_pull, false).with_verdicts();
        let mut notices = Notices::of_up(context, project, looking, options);
        let plan = up::plan(context, project, options, looking);
        let up::Decided { kept, plan } = notices.meanwhile(plan).await?;
        notices.keep(kept);
        notices.before_containers().await?;
        let Some(plan) = plan else { return Ok(()) };
        let run = up::detached(context, to_the_end(plan), engine, &builder, &report, &interrupt);
        let done = notices.meanwhile(run).await;
        notices.finish().await;
        done
    };
    context.with_engine_ahead(Signals::Cancel, load, up::look_ahead, work)
}

fn options(args: Args, variables: &Variables, compatibility: bool) -> Result<Options> {
    let ignore_orphans = is_true(variables, "COMPOSE_IGNORE_ORPHANS");
    if ignore_orphans && args.remove_orphans {
        return Err(Failure::new("cannot combine COMPOSE_IGNORE_ORPHANS and --remove-orphans"));
    }
    Ok(Options {
        build: settings::build(args.build, args.no_build)?,
        recreate: settings::recreate(args.force_recreate, args.no_recreate)?,
        pull: settings::pull(args.pull)?,
        scale: settings::scale(&args.scale)?,
        services: args.services,
        remove_orphans: args.remove_orphans,
        ignore_orphans,
        no_start: true,
        assume_yes: args.yes,
        compatibility,
        ..Options::default()
    })
}
