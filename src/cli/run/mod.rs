//! `run`: a command in a new container of a service. [`Args`] are its flags, [`settings`] what they
//! come to; the rest is the container's life: created, attached to, started, waited for.

mod args;
mod env_files;
mod life;
mod parts;
mod settings;

pub(super) use args::Args;

use super::context::{Context, detach_keys, proxies};
use super::failure::{Failure, Result};
use super::platforms::Notices;
use super::report::Filtered;
use super::runtime::{Signals, until_signal};
use super::up;
use crate::compose::model::Project;
use crate::engine::DockerEngine;
use crate::stack::progress::Report;
use crate::stack::run_one_off;
use life::Life;
use settings::{Settings, Surroundings};
use tokio_util::sync::CancellationToken;

/// Runs a command in a new container.
pub(super) fn run(args: Args, context: &Context) -> Result {
    let service = args.words.first().map_or(&[][..], std::slice::from_ref);
    let project = context.load_to_run(service, args.no_deps)?;
    context.tell_location(&project);
    let from_files = env_files::read(&args.env_from_file, &project.environment, context)?;
    let around = Surroundings {
        environment: &project.environment,
        from_files: &from_files,
        terminals: context.process.terminals,
        compatibility: context.global.compatibility,
    };
    let mut settings = Settings::new(args, around, &project)?;
    context.with_engine(Signals::Own, async |engine, _| {
        let mut signals = context.terminations()?;
        let cancel = CancellationToken::new();
        settings.options.proxy_environment = proxies(&engine);
        if context.global.dry_run {
            return rehearse(context, &project, &settings.options, &engine).await;
        }
        let builder = context.builder(&engine);
        let quiet = Filtered::silent(&context.ui);
        let shown = Filtered::new(&context.ui, settings.quiet_pull, settings.quiet_build);
        let report = if settings.quiet { &quiet } else { &shown };
        let looking = engine.remembering();
        let (build, pull) = (settings.options.build, settings.options.pull.clone());
        if let Some(mut notices) = Notices::of_run(context, &project, &looking, build, pull) {
            notices.before_containers().await?;
        }
        context.ui.begin("Running");
        let create =
            run_one_off::create(&project, &settings.options, &*engine, &builder, report, &cancel);
        let one_off = until_signal(&mut signals, &cancel, Box::pin(create)).await;
        context.ui.end();
        let one_off = one_off?;
        if settings.options.detach {
            run_one_off::start(&one_off, &*engine).await?;
            run_one_off::started(&project, &one_off, &*engine, report).await?;
            context.ui.print(&one_off.id);
            return Ok(());
        }
        let detach_keys = detach_keys(&engine);
        let life = Life { context, project: &project, settings: &settings, one_off: &one_off };
        life.attend(&*engine, detach_keys, report).await
    })
}

/// Shows what a run would do before its command (`--dry-run`), and the container's name.
///
/// # Errors
/// A run that would stay with its command.
async fn rehearse(
    context: &Context,
    project: &Project,
    options: &run_one_off::Options,
    engine: &DockerEngine,
) -> Result {
    let (plan, name) = run_one_off::plan(project, options, engine).await?;
    for warning in plan.warnings() {
        context.ui.warning(warning);
    }
    up::rehearse(context, &plan, engine).await?;
    if !options.detach {
        return Err(Failure::new("interactive run is not supported in dry-run mode"));
    }
    context.ui.print(&name);
    Ok(())
}
