//! `bridge transformations`: the images that convert, and the beginning of a new one.

use std::fs;
use std::path::Path;

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Result};
use crate::cli::ls::Format;
use crate::cli::runtime::Signals;
use crate::compose::files::absolute;
use crate::compose::image_name::ImageName;
use crate::engine::Engine;
use crate::engine::api::ImageSummary;
use crate::engine::transport::plain;
use crate::stack::bridge;
use crate::ui::{Layout, Stream, format, table};

/// What an image of one's own is built from. Its base is the program; templates make it special.
const DOCKERFILE: &str = "\
FROM docker/compose-bridge-transformer
LABEL com.docker.compose.bridge=transformation
COPY templates /templates
";

/// The flags of `bridge transformations`.
#[derive(Debug, Clone, clap::Args)]
#[command(arg_required_else_help = true)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Clone, clap::Subcommand)]
enum Command {
    /// Begin an image of your own with the templates of another one
    Create(CreateArgs),
    /// List the images that convert
    #[command(visible_alias = "ls")]
    List(ListArgs),
}

/// The flags of `bridge transformations create`.
#[derive(Debug, Clone, clap::Args)]
struct CreateArgs {
    /// Image whose templates to begin with
    #[arg(short, long, value_name = "IMAGE", default_value = bridge::DEFAULT)]
    from: String,
    /// Directory to make
    #[arg(value_name = "PATH", required = true)]
    path: String,
}

/// The flags of `bridge transformations list`.
#[derive(Debug, Clone, clap::Args)]
struct ListArgs {
    /// table or json
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    format: String,
    /// Only names
    #[arg(short, long)]
    quiet: bool,
}

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> Result {
    match &args.command {
        Command::Create(args) => create(args, context),
        Command::List(args) => list(args, context),
    }
}

fn create(args: &CreateArgs, context: &Context) -> Result {
    let directory = absolute(&context.process.directory, Path::new(&args.path));
    let shown = directory.display().to_string();
    if fs::symlink_metadata(&directory).is_ok() {
        return Err(Failure::new(format!("output folder {shown} already exists")));
    }
    let from = if args.from.is_empty() { bridge::DEFAULT } else { &args.from };
    if context.global.dry_run {
        context.print_plan(&format!("copy the templates of {from} into {shown}"), &[]);
        return Ok(());
    }
    context.with_engine(Signals::Drop, async |engine, _| {
        context.ui.begin("Pulling");
        bridge::image(&*engine, from, &context.ui).await?;
        context.ui.end();
        let prepare = || fs::create_dir_all(&directory);
        let copied = bridge::copy_templates(&*engine, from, &directory, prepare).await;
        let copied = copied.map_err(|error| Failure::new(error.to_string()));
        let file = directory.join("Dockerfile");
        let written = copied.and_then(|()| {
            fs::write(&file, DOCKERFILE).map_err(|error| {
                Failure::new(format!("cannot write {}: {}", file.display(), plain(&error)))
            })
        });
        if written.is_err() {
            // It was not there before, and a part of it would be in the way of the next attempt.
            let _ = fs::remove_dir_all(&directory);
        }
        written?;
        context.ui.print(&format!("Transformer created in {shown:?}"));
        Ok(())
    })
}

fn list(args: &ListArgs, context: &Context) -> Result {
    let format = Format::parse(&args.format)?;
    context.with_engine(Signals::Drop, async |engine, _| {
        let images = engine.list_images(&[bridge::LABEL.to_owned()]).await?;
        let text = match format {
            _ if args.quiet => images.iter().flat_map(|image| [name(image), "\n"]).collect(),
            // Texts and numbers: there is nothing in it that JSON has not.
            Format::Json => serde_json::to_string(&images).unwrap_or_default() + "\n",
            Format::Table => columns(&images),
        };
        context.ui.write(Stream::Stdout, text);
        Ok(())
    })
}

/// The first name of an image, or its id.
fn name(image: &ImageSummary) -> &str {
    image.repo_tags.first().unwrap_or(&image.id)
}

fn columns(images: &[ImageSummary]) -> String {
    let header = ["IMAGE ID", "REPO", "TAGS", "SIZE"].map(str::to_owned).to_vec();
    let rows = images.iter().map(|image| {
        let name = image.repo_tags.first().and_then(|name| ImageName::parse(name).ok());
        let repository = name.as_ref().map_or("<none>", ImageName::familiar_repository);
        let tag = name.as_ref().and_then(ImageName::tag).unwrap_or("<none>");
        let size = format::decimal_size(u64::try_from(image.size).unwrap_or(0), 3);
        vec![format::short_id(&image.id), repository.to_owned(), tag.to_owned(), size]
    });
    table(&std::iter::once(header).chain(rows).collect::<Vec<_>>(), Layout::LISTING)
}
