//! `publish`: a project goes to a registry, for others to run with `-f oci://…`.

mod checks;
mod sensitive;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::cli::question::ask;
use crate::compose::model::Project;
use crate::remote::{Artifact, Files, Layer, LayerKind, OciVersion, layers};
use crate::stack::images;
use crate::stack::labels::WRITTEN_VERSION;
use crate::stack::progress::{Event, Report, Status, Subject};

use super::config;
use super::context::Context;
use super::failure::{Failure, Result};
use super::runtime::Signals;

/// The flags of `publish`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Args {
    /// Publish the images too (implies --resolve-image-digests)
    #[arg(long)]
    app: bool,
    /// Speak to the registry without TLS
    #[arg(long, hide = true)]
    insecure_registry: bool,
    /// Version of the OCI specification: 1.0 or 1.1
    #[arg(long, value_name = "VERSION")]
    oci_version: Option<String>,
    /// Pin images to their digests
    #[arg(long)]
    resolve_image_digests: bool,
    /// Publish environment files and variables too
    #[arg(long)]
    with_env: bool,
    /// Answer yes to every question
    #[arg(short, long)]
    yes: bool,
    /// The former spelling
    #[arg(long = "y", hide = true)]
    former_yes: bool,
    /// Where to
    #[arg(value_name = "REPOSITORY[:TAG]", required = true)]
    repository: String,
}

/// Publishes the project.
pub(super) fn run(args: &Args, context: &Context) -> Result {
    let version = match args.oci_version.as_deref() {
        None | Some("") => None,
        Some("1.0") => Some(OciVersion::V1_0),
        Some("1.1") => Some(OciVersion::V1_1),
        Some(other) => {
            return Err(
                Failure::new(format!("unknown OCI version {other:?}")).help("it takes 1.0 or 1.1")
            );
        }
    };
    let project = context.load_everything()?;
    let files = context.files();
    let packed = layers(&project.compose_files, &project.working_dir, args.with_env, &files)
        .map_err(|error| Failure::new(error.to_string()))?;
    let build_only = checks::build_only(&project);
    if !build_only.is_empty() {
        let mut message = "your Compose stack cannot be published as it only contains a build \
                           section for service(s):\n"
            .to_owned();
        for name in &build_only {
            let _ = writeln!(message, "- {name:?}");
        }
        return Err(Failure::new(message));
    }
    let mut packed = packed;
    let yes = args.yes | context.former(args.former_yes, "--y", "--yes instead");
    if !(yes || agreed(args, &project, &packed, &files, context)?) {
        return Ok(());
    }
    let event =
        |status, text: &str| Event::new(Subject::Service(args.repository.clone()), status, text);
    if context.global.dry_run {
        let names: Vec<&str> = packed.iter().map(|layer| layer.name.as_str()).collect();
        context.ui.print(&format!("publish {}: {}", args.repository, names.join(", ")));
        let pushes = images::plan_push(&project, &images::PushOptions::default())?;
        context.ui.rehearse(&pushes.rehearsal(&BTreeMap::new()).events);
        let lines = [event(Status::Working, "publishing"), event(Status::Done, "published")];
        context.ui.rehearse(&lines);
        return Ok(());
    }
    // What is built has its digest from here on.
    push_built(&project, context)?;
    if args.resolve_image_digests || args.app {
        let pinned = config::locked_images(context)?;
        packed.push(Layer {
            kind: LayerKind::Compose,
            name: "image-digests.yaml".to_owned(),
            content: pinned.into_bytes(),
        });
    }
    let tell = |status, text: &str| context.ui.event(event(status, text));
    let images: Vec<String> = project
        .services
        .values()
        .filter(|service| !service.image.is_empty())
        .map(|service| service.image.clone())
        .collect();
    context.ui.begin("Publishing");
    tell(Status::Working, "publishing");
    let created = chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let artifact = Artifact {
        reference: &args.repository,
        layers: &packed,
        images: args.app.then_some(images.as_slice()),
        version,
        compose_version: WRITTEN_VERSION,
        created: &created,
        insecure: args.insecure_registry,
    };
    if let Err(problem) = context.remote().publish(&artifact) {
        tell(Status::Error, "publishing");
        context.ui.end();
        let help = problem.help.into_iter().collect();
        return Err(Failure::Message { message: problem.message, help });
    }
    tell(Status::Done, "published");
    context.ui.end();
    Ok(())
}

/// Pushes the images that are built here: whoever runs the project needs them.
fn push_built(project: &Project, context: &Context) -> Result {
    let plan = images::plan_push(project, &images::PushOptions::default())?;
    if plan.is_empty() {
        // To tell that, no engine is needed.
        context.ui.begin("Pushing");
        for event in plan.passed_over() {
            context.ui.event(event);
        }
        context.ui.end();
        return Ok(());
    }
    context.with_engine(Signals::Cancel, async |engine, interrupt| {
        context.carry_out(&plan, "Pushing", &*engine, &interrupt).await
    })
}

/// Asks for all that others could read. Variables go out only by `--with-env`.
fn agreed(
    args: &Args,
    project: &Project,
    packed: &[Layer],
    files: &Files,
    context: &Context,
) -> Result<bool> {
    let agrees = |text: String, question: &str| {
        context.ui.print(text.trim_end());
        ask(context, question)
    };
    let mounts = checks::bind_mounts(project);
    if !mounts.is_empty() {
        let text = format!(
            "you are about to publish bind mounts declaration within your OCI artifact.\n\
             only the bind mount declarations will be added to the OCI artifact (not content)\n\
             please double check that you are not mounting potential user's sensitive directories or data\n\
             {mounts}"
        );
        if !agrees(text, "Are you ok to publish these bind mount declarations?")? {
            return Ok(false);
        }
    }
    let secrets = sensitive::find(project, packed, files);
    if !secrets.is_empty() {
        let mut text = "you are about to publish sensitive data within your OCI artifact.\n\
                        please double check that you are not leaking sensitive data\n"
            .to_owned();
        for sensitive::Finding { kind, key, value } in secrets {
            let _ = writeln!(text, "{kind}\n{key:?}: {value}");
        }
        if !agrees(text, "Are you ok to publish these sensitive data?")? {
            return Ok(false);
        }
    }
    let undeclared = checks::undeclared_variables(project);
    if !args.with_env && !undeclared.is_empty() {
        return Err(Failure::new(format!(
            "{undeclared}To avoid leaking sensitive data, you must either explicitly allow the sending of \
             environment variables by using the --with-env flag,\n\
             or remove sensitive data from your Compose configuration"
        )));
    }
    let variables = checks::variables(project);
    if !variables.is_empty() {
        let text = format!(
            "you are about to publish environment variables within your OCI artifact.\n\
             please double check that you are not leaking sensitive data\n{variables}"
        );
        return agrees(text, "Are you ok to publish these environment variables?");
    }
    Ok(true)
}
