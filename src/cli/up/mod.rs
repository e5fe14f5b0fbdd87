//! `up`: the main job. [`Args`] are its flags, [`settings`] what they come to, [`foreground`] brings
//! the stack up under one's eyes, and [`attached`] stays with it until it ends.

mod args;
mod attached;
mod foreground;
mod hooks;
mod menu;
pub(super) mod settings;

use std::collections::BTreeSet;
use std::sync::Arc;

pub(super) use args::Args;
use settings::{Mode, Settings};

use super::ahead::{Met, to_the_end};
use super::context::{Context, proxies};
use super::deaths;
use super::failure::Result;
use super::plan::Saved;
use super::platforms::Notices;
use super::question::answer;
use super::rehearsal;
use super::report::Filtered;
use super::runtime::{Interrupt, Signals};
use super::timeline::Recorder;
use super::watch::HotReload;
use crate::compose::model::Project;
use crate::compose::trace::Trace;
use crate::engine::{DockerEngine, Engine};
use crate::stack::StackError;
use crate::stack::images::Builder;
use crate::stack::observed;
use crate::stack::progress::Report;
use crate::stack::up::{self, Options, UpPlan};

/// Brings the project up.
pub(super) fn run(mut args: Args, context: &Context) -> Result {
    args.yes |= context.former(args.former_yes, "--y", "--yes instead");
    let path = args.plan.clone();
    let saved = path.as_deref().map(Saved::read).transpose()?;
    let its_own = saved.as_ref().map(|saved| saved.context(context));
    let context = its_own.as_ref().unwrap_or(context);
    let by_flag = args.remove_orphans.is_some();
    let data_is_agreed = args.data_is_agreed;
    let mut settings =
        Settings::new(args, &context.process.variables, context.global.compatibility)?;
    if let Some(saved) = &saved {
        settings.follow(&saved.options, by_flag)?;
    }
    let signals = match settings.mode {
        Mode::Detached => Signals::Cancel,
        Mode::Attached(_) => Signals::Own,
    };
    let load = move |trace: &mut dyn Trace| {
        let Options { services, no_deps, assume_yes, .. } = &settings.options;
        let project = context.load_to_create(services, *no_deps, *assume_yes, trace)?;
        check_services(context, &project)?;
        settings.check(&project)?;
        Ok((settings, project))
    };
    context.with_engine_ahead(
        signals,
        load,
        look_ahead,
        async |(settings, project), Met { engine, looking }, interrupt| {
            settings.options.proxy_environment = proxies(engine);
            let (settings, project) = (&*settings, &*project);
            let builder = context.builder(engine);
            let recorder = Recorder::new(&context.ui, "up");
            let report =
                Filtered::new(&recorder, settings.quiet_pull, settings.quiet_build).with_verdicts();
            let mut notices = Notices::of_up(context, project, looking, &settings.options);
            if data_is_agreed {
                notices.leave_out_data();
            }
            let Decided { kept, plan } = match saved.as_ref().zip(path.as_deref()) {
                None => {
                    let plan = plan(context, project, &settings.options, looking);
                    notices.meanwhile(plan).await?
                }
                Some((saved, path)) => {
                    let again = saved.again(project, looking, path);
                    let mut plan = notices.meanwhile(again).await?;
                    if settings.options.wait {
                        plan.wait(settings.options.wait_timeout)?;
                    }
                    // What it asks was answered when it was made.
                    told(context, plan, looking).await?
                }
            };
            notices.keep(kept);
            notices.before_containers().await?;
            let Some(plan) = plan else { return Ok(()) };
            match &settings.mode {
                Mode::Detached => {
                    let plan = to_the_end(plan);
                    let run = detached(context, plan, engine, &builder, &report, &interrupt);
                    let done = notices.meanwhile(run).await;
                    notices.finish().await;
                    context.keep_timeline(&recorder, &project.name, &**engine, settings.timeline);
                    done
                }
                Mode::Attached(attachment) => {
                    let around = (context, project);
                    let (asked, quiet) = (attachment.watch, settings.quiet_build);
                    let reload = HotReload::of_up(asked, quiet, around, engine)?;
                    let stack = foreground::Foreground {
                        context,
                        project,
                        options: &settings.options,
                        attachment,
                        engine: Arc::clone(engine),
                        recorder: &recorder,
                        timeline: settings.timeline,
                        reload: reload.as_ref(),
                    };
                    notices.meanwhile(Box::pin(stack.run(plan, &builder, &report))).await
                }
            }
        },
    )
}

/// What every plan begins with.
pub(super) async fn look_ahead(engine: DockerEngine, name: String) {
    observed::look_ahead(&engine, &name).await;
}

/// Refuses a project none of whose services is enabled, unless its other resources are asked for.
pub(super) fn check_services(context: &Context, project: &Project) -> Result {
    if project.services.is_empty() && !context.global.all_resources {
        return Err(StackError::NoServiceSelected.into());
    }
    Ok(())
}

/// What was decided.
pub(super) struct Decided<'project> {
    /// The services that go on with containers that they have.
    pub(super) kept: BTreeSet<String>,
    /// What is to be done; nothing with `--dry-run`.
    pub(super) plan: Option<UpPlan<'project>>,
}

/// Warns, and prints the plan with `--dry-run`.
async fn told<'project>(
    context: &Context,
    plan: UpPlan<'project>,
    engine: &DockerEngine,
) -> Result<Decided<'project>> {
    for warning in plan.warnings() {
        context.ui.warning(warning);
    }
    let kept = plan.kept_services();
    if context.global.dry_run {
        rehearse(context, &plan, engine).await?;
        return Ok(Decided { kept, plan: None });
    }
    Ok(Decided { kept, plan: Some(plan) })
}

/// Prints a plan for `--dry-run`, and what a run of it would tell.
pub(super) async fn rehearse(
    context: &Context,
    plan: &UpPlan<'_>,
    engine: &DockerEngine,
) -> Result {
    let refused = rehearsal::refused(plan.images(), engine).await;
    rehearsal::show(context, &plan.describe(), plan.rehearsal(&refused))
}

/// Decides, warns and asks; prints the plan with `--dry-run`.
pub(super) async fn plan<'project>(
    context: &Context,
    project: &'project Project,
    options: &Options,
    engine: &DockerEngine,
) -> Result<Decided<'project>> {
    let plan = up::plan(project, options, engine).await?;
    let mut decided = told(context, plan, engine).await?;
    let Some(plan) = &mut decided.plan else { return Ok(decided) };
    for question in plan.questions().to_vec() {
        context.ui.question(&question.text);
        let yes = answer(context).await?;
        plan.answer(&question, yes)?;
    }
    decided.kept = plan.kept_services();
    Ok(decided)
}

/// Carries the plan out and ends.
pub(super) async fn detached<E: Engine, B: Builder>(
    context: &Context,
    plan: &mut UpPlan<'_>,
    engine: &Arc<E>,
    builder: &B,
    report: &Filtered<'_>,
    interrupt: &Interrupt,
) -> Result {
    let project = plan.project().name.clone();
    context.ui.begin("Running");
    let run = up::run(plan, &**engine, builder, report, &interrupt.graceful);
    let outcome = Box::pin(run).await;
    context.ui.end();
    // What nothing here runs dies within milliseconds; nobody waits for that.
    let faults = deaths::at_start(&**engine, &project, &outcome?.started).await;
    deaths::tell(context, &faults);
    Ok(())
}
