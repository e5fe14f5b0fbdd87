//! `platforms`: for each service the platform it asks for, those its image offers, the one it gets, how that
//! runs, and whether it must be so.

mod actions;
mod fix;
mod ledger;
mod measure;
mod notices;
mod write;

pub(super) use write::write_all;

use std::time::Duration;

use super::builder;
use super::context::Context;
use super::failure::{Failure, Result};
use super::machine::Machine;
use super::runtime::Signals;
use crate::compose::model::Project;
use crate::engine::{DockerEngine, Engine};
use crate::platform::verdict::{Judgement, Verdict};
use crate::stack::up::Build;
use crate::survey::{self, Interim, Settings, Survey, survey};
use crate::ui::platforms as drawing;

use ledger::Ledger;
pub(super) use notices::Notices;

/// The exit code of `--check` where something is emulated needlessly or cannot run.
const NEEDLESS: u8 = 3;

/// How much longer slow registries may take where nothing but their answers is waited for.
const GRACE: Duration = Duration::from_secs(8);

/// How long indexes of packages may take when they alone are asked about.
const PATIENCE: Duration = Duration::from_secs(20);

/// The flags of `platforms`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Args {
    /// Exit with 3 if a service is emulated needlessly, or cannot run
    #[arg(long)]
    check: bool,
    /// How it is printed: table, markdown or json
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    format: String,
    /// Tell of the packages that builds install whether they exist for the native platform
    #[arg(long)]
    packages: bool,
    /// Ask registries again about names that they were asked about today
    #[arg(long)]
    refresh: bool,
    /// Services; all if none
    #[arg(value_name = "SERVICE")]
    services: Vec<String>,
    #[command(flatten)]
    actions: actions::Flags,
}

/// Prints the matrix.
pub(super) fn run(args: &Args, context: &Context) -> Result {
    let draw = match args.format.as_str() {
        "table" | "text" => table,
        "markdown" | "md" => |judgements: &[Judgement], _: &Context| drawing::markdown(judgements),
        "json" => |judgements: &[Judgement], _: &Context| drawing::json(judgements) + "\n",
        other => {
            return Err(Failure::new(format!("unsupported format {other:?}"))
                .help("the formats are table, markdown and json"));
        }
    };
    let project = args.actions.project(&args.services, context)?;
    let mut surveyed = None;
    context.with_engine(Signals::Drop, async |engine, _| {
        let mut settings = settings(context);
        settings.offers.refresh = args.refresh;
        settings.offers.grace = GRACE;
        if args.packages {
            settings.offers.budget = PATIENCE;
        }
        let survey = judged(context, &project, &engine, &settings).await?;
        if args.actions.are_given() {
            surveyed = Some(survey);
            return Ok(());
        }
        let text = if args.packages {
            of_packages(&survey, args.format == "json", context)?
        } else {
            draw(&spelled(&survey.judgements, context), context)
        };
        context.ui.print(text.trim_end());
        let is_wrong = |it: &Judgement| match it.verdict {
            Verdict::Needless => !it.accepted,
            Verdict::CannotRun => true,
            Verdict::Native | Verdict::Needed | Verdict::Unknown => false,
        };
        if args.check && survey.judgements.iter().any(is_wrong) {
            return Err(Failure::Status(NEEDLESS));
        }
        Ok(())
    })?;
    match surveyed {
        Some(Survey { judgements, finding, .. }) => {
            args.actions.act(&args.services, &judgements, &finding.guest, context)
        }
        None => Ok(()),
    }
}

/// What the packages of builds say that would be emulated.
fn of_packages(survey: &Survey, json: bool, context: &Context) -> Result<String> {
    if json {
        let text = serde_json::to_string_pretty(&survey.packages);
        return text.map_err(|error| Failure::new(error.to_string()));
    }
    if survey.packages.is_empty() {
        return Ok("no build that is emulated installs packages".to_owned());
    }
    let (native, columns) = (&survey.finding.guest.own, context.columns());
    let colour = context.ui.appearance().colour_stdout;
    Ok(drawing::packages(&survey.packages, native, columns, colour))
}

/// The same with remedies as they are typed here.
fn spelled(judgements: &[Judgement], context: &Context) -> Vec<Judgement> {
    let mut judgements = judgements.to_vec();
    for remedy in judgements.iter_mut().filter_map(|judgement| judgement.remedy.as_mut()) {
        *remedy = context.ui.commands().spell(remedy).into_owned();
    }
    judgements
}

fn table(judgements: &[Judgement], context: &Context) -> String {
    let appearance = context.ui.appearance();
    drawing::text(judgements, context.columns(), appearance.colour_stdout)
}

/// How a survey is made, without flags.
pub(super) fn settings(context: &Context) -> Settings {
    let variables = context.process.variables.clone().into_iter().collect();
    Settings {
        offers: survey::offers::Settings::new(variables, context.process.home()),
        build: Build::default(),
        pull: None,
        elsewhere: None,
        all_platforms: false,
    }
}

/// The verdicts on a project's services.
pub(super) async fn judged(
    context: &Context,
    project: &Project,
    engine: &DockerEngine,
    settings: &Settings,
) -> Result<Survey> {
    of(context, project, engine, settings, &Interim::default()).await
}

/// The same; `interim` may ask for what is known before all is.
async fn of(
    context: &Context,
    project: &Project,
    engine: &DockerEngine,
    settings: &Settings,
    interim: &Interim,
) -> Result<Survey> {
    let machine = Machine::new(&context.process.variables, &context.global.engine);
    let mut elsewhere = None;
    if project.services.values().any(|service| service.build.is_some()) {
        elsewhere = builder::elsewhere(context, engine).await;
    }
    let settings = Settings { elsewhere, ..settings.clone() };
    let mut survey = survey(project, engine, &machine, &settings, interim).await?;
    let ledger = Ledger::open(&context.process, &engine.describe().endpoint);
    ledger.add_costs(&mut survey.judgements, project, chrono::Utc::now().timestamp());
    Ok(survey)
}
