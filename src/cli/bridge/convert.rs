//! `bridge convert`: the project's model goes through images, one after the other.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::output::Output;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Result};
use crate::cli::interactive::{Streams, converse};
use crate::cli::lifetime::{End, Ended, forward_signals};
use crate::cli::question::ask;
use crate::cli::runtime::Signals;
use crate::compose::files::{Files as _, absolute};
use crate::compose::model::Project;
use crate::compose::render;
use crate::engine::Engine;
use crate::engine::api::AttachOptions;
use crate::engine::transport::plain;
use crate::stack::bridge::{self, Transformation};

/// The flags of `bridge convert`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Args {
    /// Directory for the result; what is in it is removed
    #[arg(short, long, value_name = "DIRECTORY", default_value = "out")]
    output: String,
    /// Directory with templates in place of the image's own
    #[arg(long, value_name = "DIRECTORY", default_value = "", hide_default_value = true)]
    templates: String,
    /// Image that converts (repeatable) [default: docker/compose-bridge-kubernetes]
    #[arg(short, long, value_name = "IMAGE")]
    transformation: Vec<String>,
    /// Remove what is in the output directory without asking
    #[arg(short, long)]
    yes: bool,
    /// Docker Compose takes words and makes nothing of them
    #[arg(hide = true)]
    ignored: Vec<String>,
}

/// Converts the project.
pub(super) fn run(args: &Args, context: &Context) -> Result {
    let here = &context.process.directory;
    let templates =
        (!args.templates.is_empty()).then(|| absolute(here, Path::new(&args.templates)));
    if let Some(templates) = templates.as_ref().filter(|templates| !templates.is_dir()) {
        let templates = templates.display();
        return Err(Failure::new(format!("the templates {templates} are no directory")));
    }
    let mut images = args.transformation.clone();
    if images.is_empty() {
        images.push(bridge::DEFAULT.to_owned());
    }
    let mut project = context.load_complete(&[], false)?;
    let output = Output::new(here, &args.output);
    if context.global.dry_run {
        return plan(&output, &images, context);
    }
    read_files(&mut project, context)?;
    // All that can fail without harm comes before anything is removed.
    context.with_engine(Signals::Drop, async |engine, _| {
        context.ui.begin("Pulling");
        bridge::complete(&mut project, &*engine, &context.ui).await?;
        for image in &images {
            bridge::image(&*engine, image, &context.ui).await?;
        }
        context.ui.end();
        Ok(())
    })?;
    let kept = project.compose_files.iter().chain(&templates).chain([here]);
    let input = write_model(&project)?;
    output.prepare(kept.map(PathBuf::as_path), |question| {
        if args.yes { Ok(true) } else { ask(context, question) }
    })?;
    context.with_engine(Signals::Own, async |engine, _| {
        for image in images {
            let transformation = Transformation {
                image,
                input: input.path().to_owned(),
                output: output.path.clone(),
                templates: templates.clone(),
                user: rustix::process::getuid().as_raw().to_string(),
            };
            transform(&transformation, &*engine, context).await?;
        }
        Ok(())
    })
}

/// Tells what would be done, for `--dry-run`.
fn plan(output: &Output, images: &[String], context: &Context) -> Result {
    let mut lines = Vec::new();
    if !output.is_empty()? {
        lines.push(format!("remove all that is in {}", output.path.display()));
    }
    let run = |image: &String| format!("run {image}, writing into {}", output.path.display());
    lines.extend(images.iter().map(run));
    context.print_plan(&lines.join("\n"), &[]);
    Ok(())
}

/// Puts the content of configs and secrets into the model, whose readers have no other file.
fn read_files(project: &mut Project, context: &Context) -> Result {
    let files = context.files();
    let objects = project.configs.values_mut().chain(project.secrets.values_mut());
    for object in objects.filter(|object| !object.external && !object.file.is_empty()) {
        let bytes = files.read(Path::new(&object.file)).map_err(|error| {
            Failure::new(format!("cannot read {}: {}", object.file, plain(&error)))
        })?;
        object.content = String::from_utf8_lossy(&bytes).into_owned();
    }
    Ok(())
}

/// Writes the model into a directory of its own. It has secrets, so nobody else may read it.
fn write_model(project: &Project) -> Result<tempfile::TempDir> {
    let write = || {
        let directory = tempfile::Builder::new().prefix("bireme-convert-").tempdir()?;
        let path = directory.path().join("compose.yaml");
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(render::model_yaml(project).as_bytes())?;
        Ok(directory)
    };
    write().map_err(|error: std::io::Error| {
        let place = std::env::temp_dir();
        let reason = plain(&error);
        Failure::new(format!("cannot write the project's model in {}: {reason}", place.display()))
    })
}

/// Runs one image to its end, which must be a good one.
async fn transform<E: Engine>(
    transformation: &Transformation,
    engine: &E,
    context: &Context,
) -> Result {
    let id = engine.create_container("", None, &transformation.container()).await?.id;
    let options = AttachOptions { stdout: true, stderr: true, ..AttachOptions::default() };
    let attached = engine.attach(&id, &options).await?;
    let mut end = End::listen(engine, Vec::new(), &id).await?;
    engine.start_container(&id).await?;
    let talk = async {
        let streams = Streams::default();
        converse(&context.ui, attached, streams, async |_| Ok(())).await?;
        let ended = end.come().await?;
        end.gone(engine).await;
        Ok(ended)
    };
    match forward_signals(engine, &id, context.process.front(), talk).await?.0 {
        Ended::Exited(0) | Ended::Detached => Ok(()),
        Ended::Exited(code) => {
            context.ui.status(&format!("{} exited with code {code}", transformation.image));
            Failure::from_exit_code(code)
        }
    }
}
