//! `pull`: the images of services.

use std::collections::BTreeSet;

use super::context::Context;
use super::entry::Identity;
use super::failure::Result;
use super::platforms::Notices;
use super::rehearsal;
use super::report::Filtered;
use super::runtime::Signals;
use crate::compose::model::Service;
use crate::stack::images;
use crate::stack::up::Build;

/// The flags of `pull`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Args {
    /// Leave out images that can be built
    #[arg(long)]
    pub(super) ignore_buildable: bool,
    /// Pull what can be pulled
    #[arg(long)]
    pub(super) ignore_pull_failures: bool,
    /// Images of services that these depend on, too
    #[arg(long)]
    pub(super) include_deps: bool,
    /// No effect
    #[arg(long, hide = true)]
    pub(super) no_parallel: Option<bool>,
    /// No effect
    #[arg(long, hide = true)]
    pub(super) parallel: Option<bool>,
    /// Pull policy: missing or always
    #[arg(long, value_name = "POLICY")]
    pub(super) policy: Option<String>,
    /// Pull without progress
    #[arg(short, long)]
    pub(super) quiet: bool,
    /// Services; all if none
    #[arg(value_name = "SERVICE")]
    pub(super) services: Vec<String>,
}

/// Pulls images.
pub(super) fn run(args: Args, context: &Context) -> Result {
    for (given, name) in [(args.parallel, "--parallel"), (args.no_parallel, "--no-parallel")] {
        if given.is_some() {
            context.ui.status(&format!("option '{name}' is DEPRECATED and will be ignored."));
        }
    }
    let options = images::PullOptions {
        services: args.services,
        include_dependencies: args.include_deps,
        ignore_buildable: args.ignore_buildable,
        ignore_failures: args.ignore_pull_failures,
        policy: args.policy.filter(|policy| !policy.is_empty()),
        program: match context.process.entry.identity {
            Identity::Bireme => context.process.entry.typed.clone(),
            Identity::Compose => "docker compose".to_owned(),
        },
    };
    let project = context.load(&options.services, !options.include_dependencies)?;
    context.with_engine(Signals::Cancel, async |engine, interrupt| {
        let plan = images::plan_pull(&project, &options, &*engine).await?;
        if context.global.dry_run {
            let refused = rehearsal::refused(&plan, &engine).await;
            return rehearsal::show(context, &plan.describe(), plan.rehearsal(&refused));
        }
        let report = Filtered::new(&context.ui, args.quiet, false);
        // What is there now is about to be replaced.
        let always = Some("always".to_owned());
        let is_pulled = |service: &&Service| service.build.is_none();
        let pulled = project.services.values().filter(is_pulled);
        let names: BTreeSet<String> = pulled.map(|service| service.name.clone()).collect();
        let mut notices =
            Notices::new(context, &project, &engine, Build::default(), always).only(&names);
        context.ui.begin("Pulling");
        let pull = images::run_pull(&plan, &options, &*engine, &report, &interrupt.graceful);
        let outcome = notices.meanwhile(pull).await;
        notices.finish().await;
        context.ui.end();
        Ok(outcome?)
    })
}
