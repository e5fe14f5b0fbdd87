//! `doctor`: which engine there is, what its guest runs and by what, and what is known to go wrong there
//! with the images of the project.

mod engine;
mod files;
mod problems;
mod project;

use super::builder;
use super::context::Context;
use super::failure::{Failure, Result};
use super::flags;
use super::machine::Machine;
use super::platforms;
use super::runtime::{Signals, block_on, runtime};
use crate::compose::model::Project;
use crate::diagnostic::codes;
use crate::engine::{DockerEngine, EngineError, NoEngine, Settings};
use crate::platform::verdict::Judgement;
use crate::ui::doctor::{self, Attempt, Endpoint, Problem, Report, Severity};

/// The flags of `doctor`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Args {
    /// How it is printed: text or json
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: String,
}

/// Looks at everything, and tells it. What is broken makes exit code 1.
pub(super) fn run(args: &Args, context: &Context) -> Result {
    let json = flags::is_json(&args.format, &["text"])?;
    let mut report = Report::default();
    let project = project_here(context, &mut report);
    match context.settings() {
        Ok(settings) => examine(settings, project.as_ref(), context, &mut report)?,
        Err(failure) => report.problems.push(as_problem(failure)),
    }
    report.problems.sort_by_key(|problem| problem.severity);
    for remedy in report.problems.iter_mut().filter_map(|problem| problem.remedy.as_mut()) {
        *remedy = context.ui.commands().spell(remedy).into_owned();
    }
    if json {
        context.ui.print(&doctor::json(&report));
    } else {
        let colour = context.ui.appearance().colour_stdout;
        context.ui.print(doctor::text(&report, context.columns(), colour).trim_end());
    }
    if report.is_broken() { Err(Failure::Status(1)) } else { Ok(()) }
}

/// The project of the files, if there are any.
fn project_here(context: &Context, report: &mut Report) -> Option<Project> {
    match context.load_complete(&[], false) {
        Ok(project) => Some(project),
        Err(Failure::Diagnostics { diagnostics, .. })
            if diagnostics.iter().all(|it| it.code == codes::FILE_NONE) =>
        {
            None
        }
        Err(Failure::Diagnostics { diagnostics, .. }) => {
            let first = diagnostics.first().map(|it| it.message.clone()).unwrap_or_default();
            let message = match diagnostics.len() {
                1 => format!("the Compose files have a mistake: {first}"),
                count => format!("the Compose files have {count} mistakes, the first: {first}"),
            };
            let remedy = Some("bireme config shows where".to_owned());
            report.problems.push(Problem { severity: Severity::Error, message, remedy });
            None
        }
        Err(failure) => {
            report.problems.push(as_problem(failure));
            None
        }
    }
}

/// Connects to the engine and looks at it.
fn examine(
    settings: Settings,
    project: Option<&Project>,
    context: &Context,
    report: &mut Report,
) -> Result {
    let machine = Machine::new(&context.process.variables, &context.global.engine);
    report.endpoint = Some(Endpoint {
        host: settings.endpoint.address.to_string(),
        context: settings.endpoint.context.clone(),
        origin: settings.endpoint.describe_origin(),
    });
    block_on(runtime()?, &context.ui, context.process.front(), Signals::Drop, async |_| {
        match DockerEngine::connect(settings, &machine).await {
            Ok(engine) => {
                let directory = project.map_or(&context.process.directory, |it| &it.working_dir);
                let judgements = judgements(context, project, &engine).await;
                let looked =
                    engine::look(&engine, &machine, project, directory, &judgements, report).await;
                if let Err(error) = looked {
                    report.problems.push(as_problem(error.into()));
                }
                match builder::found(context, &engine, None) {
                    Ok(found) => {
                        report.builder =
                            found.map(|it| doctor::Builder { name: it.name, driver: it.driver });
                    }
                    Err(words) => report.problems.push(as_problem(Failure::new(words))),
                }
            }
            Err(EngineError::NoEngine(error)) => no_engine(&error, report),
            Err(error) => report.problems.push(as_problem(error.into())),
        }
        Ok(())
    })
}

/// The verdicts on the services of a project; none where the engine does not say what it is, which is told
/// elsewhere.
async fn judgements(
    context: &Context,
    project: Option<&Project>,
    engine: &DockerEngine,
) -> Vec<Judgement> {
    let Some(project) = project else { return Vec::new() };
    let survey = platforms::judged(context, project, engine, &platforms::settings(context)).await;
    survey.map(|survey| survey.judgements).unwrap_or_default()
}

/// What was tried, and how an engine is had.
fn no_engine(error: &NoEngine, report: &mut Report) {
    let tried = error.others.iter().map(|found| Attempt {
        host: found.host.clone(),
        what: found.name.to_owned(),
        answer: match &found.answer {
            Ok(()) => "an engine answers there, but it is not the one in use".to_owned(),
            Err(reason) => reason.clone(),
        },
    });
    let own = Attempt {
        host: error.endpoint.clone(),
        what: error.origin.clone(),
        answer: error.reason.clone(),
    };
    report.tried = std::iter::once(own).chain(tried).collect();
    report.problems.push(Problem {
        severity: Severity::Error,
        message: format!("no engine answers at {}: {}", error.endpoint, error.reason),
        remedy: error.remedy(),
    });
}

/// What kept us from looking.
fn as_problem(failure: Failure) -> Problem {
    let (message, help) = match failure {
        Failure::Message { message, help } => (message, help),
        Failure::Diagnostics { diagnostics, .. } => (
            diagnostics.into_iter().map(|it| it.message).collect::<Vec<_>>().join("\n"),
            Vec::new(),
        ),
        Failure::Status(code) | Failure::Container(code) => {
            (format!("exit code {code}"), Vec::new())
        }
        Failure::Interrupted => ("interrupted".to_owned(), Vec::new()),
    };
    let remedy = (!help.is_empty()).then(|| help.join("; "));
    Problem { severity: Severity::Error, message, remedy }
}
