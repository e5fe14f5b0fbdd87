//! `plan`: what `up` would do, and why. [`saved`] is a plan in a file, which `up --plan` carries out.

mod saved;

use serde::Serialize;

use super::ahead::Met;
use super::context::{Context, proxies};
use super::failure::{Failure, Result};
use super::flags;
use super::platforms::Notices;
use super::runtime::{Interrupt, Signals};
use super::up;
use super::up::settings::Settings;
use crate::compose::model::Project;
use crate::compose::trace::Trace;
use crate::stack::preview::Preview;
use crate::stack::up::Options;

pub(super) use saved::Saved;

/// The exit code where there is something to do.
const SOMETHING_TO_DO: u8 = 2;
/// The form of the JSON document.
const FORM: u32 = 1;

/// The flags of `plan`: those of `up` that change what is done, and how it is shown.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Args {
    /// Replace the containers of services that these depend on
    #[arg(long)]
    always_recreate_deps: bool,
    /// Build images first
    #[arg(long)]
    build: bool,
    /// For the words of `up`: it changes nothing about the plan
    #[arg(short, long, hide = true)]
    detach: bool,
    /// Replace containers even if nothing changed
    #[arg(long)]
    force_recreate: bool,
    /// How the plan is printed: text or json
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: String,
    /// Build nothing
    #[arg(long)]
    no_build: bool,
    /// Leave out the services that these depend on
    #[arg(long)]
    no_deps: bool,
    /// Keep existing containers
    #[arg(long)]
    no_recreate: bool,
    /// Create containers and do not start them
    #[arg(long)]
    no_start: bool,
    /// Save the plan for up --plan
    #[arg(short, long, value_name = "FILE")]
    out: Option<String>,
    /// Pull policy: always, missing, never, build or policy
    #[arg(long, value_name = "POLICY")]
    pull: Option<String>,
    /// Remove containers of services that the files do not have
    #[arg(long)]
    remove_orphans: Option<bool>,
    /// Replace anonymous volumes instead of keeping what is in them
    #[arg(short = 'V', long)]
    renew_anon_volumes: bool,
    /// Number of containers: SERVICE=NUM (repeatable)
    #[arg(long, value_name = "SERVICE=NUM")]
    scale: Vec<String>,
    /// Show values that came from an environment or a secret, too
    #[arg(long)]
    show_values: bool,
    /// Show each step, too
    #[arg(long)]
    steps: bool,
    /// Seconds that a container may take to stop
    #[arg(short, long, value_name = "SECONDS", value_parser = super::flags::integer)]
    timeout: Option<i64>,
    /// Answer yes to every question
    #[arg(short, long, alias = "y")]
    yes: bool,
    /// Services; all if none
    #[arg(value_name = "SERVICE")]
    services: Vec<String>,
}

/// What `--format json` prints.
#[derive(Serialize)]
struct Document<'a> {
    form: u32,
    program: &'static str,
    /// Whether there is something to do.
    changes: bool,
    #[serde(flatten)]
    preview: &'a Preview,
    #[serde(skip_serializing_if = "Option::is_none")]
    step_list: Option<Vec<String>>,
}

/// What wrote a document.
const PROGRAM: &str = concat!("Bireme ", env!("CARGO_PKG_VERSION"));

/// Prints the plan.
pub(super) fn run(args: Args, context: &Context) -> Result {
    let json = flags::is_json(&args.format, &["text", "table"])?;
    let (show_values, steps, out) = (args.show_values, args.steps, args.out.clone());
    if out.as_deref() == Some("-") {
        return Err(Failure::new("a plan is saved in a file: --out - names none")
            .help("for standard output there is `--format json`, which tells what is planned"));
    }
    let Settings { options, .. } =
        Settings::new(args.of_up(), &context.process.variables, context.global.compatibility)?;
    let load = |trace: &mut dyn Trace| {
        let Options { services, no_deps, assume_yes, .. } = &options;
        let project = context.load_to_create(services, *no_deps, *assume_yes, trace)?;
        up::check_services(context, &project)?;
        up::settings::check_scale(&options.scale, &project)?;
        Ok((options, project))
    };
    let work = async |(options, project): &mut (Options, Project), met: &Met, _: Interrupt| {
        let Met { engine, looking } = met;
        options.proxy_environment = proxies(engine);
        let (options, project) = (&*options, &*project);
        let mut notices = Notices::of_up(context, project, looking, options);
        let plan = crate::stack::up::plan(project, options, looking);
        let plan = notices.meanwhile(plan).await?;
        notices.keep(plan.kept_services());
        let mut preview = plan.preview();
        preview.conceal(false);
        if let Some(path) = &out {
            Saved::of(context, project, options, &plan, &preview)?.write(path)?;
        }
        if show_values {
            preview = plan.preview();
            preview.conceal(true);
        }
        let described = plan.describe();
        if json {
            let document = Document {
                form: FORM,
                program: PROGRAM,
                changes: !plan.is_empty(),
                preview: &preview,
                step_list: steps.then(|| described.lines().map(str::to_owned).collect()),
            };
            let text = serde_json::to_string_pretty(&document);
            context.ui.print(&text.map_err(|error| Failure::new(error.to_string()))?);
        } else {
            for warning in &preview.warnings {
                crate::stack::progress::Report::warning(&context.ui, warning);
            }
            let appearance = context.ui.appearance();
            let mut text =
                crate::ui::preview(&preview, context.columns(), appearance.colour_stdout);
            if steps && !described.is_empty() {
                text = format!("{text}\n{described}");
            }
            context.ui.print(text.trim_end());
        }
        if let Some(path) = &out {
            context.ui.information(&format!("saved; `bireme up --plan {path}` does exactly this"));
        }
        notices.finish().await;
        if plan.is_empty() { Ok(()) } else { Err(Failure::Status(SOMETHING_TO_DO)) }
    };
    context.with_engine_ahead(Signals::Drop, load, up::look_ahead, work)
}

impl Args {
    /// The same for `up`.
    fn of_up(self) -> up::Args {
        up::Args {
            always_recreate_deps: self.always_recreate_deps,
            build: self.build,
            detach: true,
            force_recreate: self.force_recreate,
            no_build: self.no_build,
            no_deps: self.no_deps,
            no_recreate: self.no_recreate,
            no_start: self.no_start,
            pull: self.pull,
            remove_orphans: self.remove_orphans,
            renew_anon_volumes: self.renew_anon_volumes,
            scale: self.scale,
            timeout: self.timeout,
            yes: self.yes,
            services: self.services,
            ..up::Args::default()
        }
    }
}
