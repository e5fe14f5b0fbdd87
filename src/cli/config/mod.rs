//! `config`: what the files say, checked.

mod answer;
mod digests;
mod explain;
mod report;
mod variables;

use std::path::Path;

pub(in crate::cli) use answer::{Answer, Refusal, answer};

use super::context::Context;
use super::failure::{Failure, Result};
use super::whole;
use crate::compose::digests::Wanted;
use crate::compose::files::{Files, Unsaved, absolute};
use crate::compose::source::Request;
use crate::engine::transport::plain;
use crate::ui::Stream;

/// The flags of `config`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(in crate::cli) struct Args {
    /// Print what is wrong with the files instead of what they say: text, short, json, sarif or github
    #[arg(long, value_name = "FORMAT")]
    pub(in crate::cli) diagnostics: Option<report::Format>,
    /// Print the environment that files are read with
    #[arg(long)]
    pub(in crate::cli) environment: bool,
    /// Explain where a value came from: services.web.image, or a variable
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) explain: Option<String>,
    /// yaml or json
    #[arg(long, value_name = "FORMAT")]
    pub(in crate::cli) format: Option<String>,
    /// Print the hash of services: a list with commas, or *
    #[arg(long, value_name = "SERVICES")]
    pub(in crate::cli) hash: Option<String>,
    /// Print the images, one per line
    #[arg(long)]
    pub(in crate::cli) images: bool,
    /// Print only an override file with pinned images
    #[arg(long)]
    pub(in crate::cli) lock_image_digests: bool,
    /// Print the models, one per line
    #[arg(long)]
    pub(in crate::cli) models: bool,
    /// Print the networks, one per line
    #[arg(long)]
    pub(in crate::cli) networks: bool,
    /// Do not check that the parts fit together
    #[arg(long)]
    pub(in crate::cli) no_consistency: bool,
    /// Do not read the env_file of services
    #[arg(long)]
    pub(in crate::cli) no_env_resolution: bool,
    /// Leave variables as they are
    #[arg(long)]
    pub(in crate::cli) no_interpolate: bool,
    /// Leave out what is implied
    #[arg(long)]
    pub(in crate::cli) no_normalize: bool,
    /// Keep relative paths
    #[arg(long)]
    pub(in crate::cli) no_path_resolution: bool,
    /// Write to a file
    #[arg(short, long, value_name = "FILE")]
    pub(in crate::cli) output: Option<String>,
    /// Print the profiles, one per line
    #[arg(long)]
    pub(in crate::cli) profiles: bool,
    /// Only check
    #[arg(short, long)]
    pub(in crate::cli) quiet: bool,
    /// Pin images to their digests
    #[arg(long)]
    pub(in crate::cli) resolve_image_digests: bool,
    /// Take standard input for the text of this file, as an editor holds it before it is saved
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) stdin_filename: Option<std::path::PathBuf>,
    /// Print the services, one per line
    #[arg(long)]
    pub(in crate::cli) services: bool,
    /// Print the variables that the files use
    #[arg(long)]
    pub(in crate::cli) variables: bool,
    /// Print the volumes, one per line
    #[arg(long)]
    pub(in crate::cli) volumes: bool,
    /// Services; all if none
    #[arg(value_name = "SERVICE")]
    pub(in crate::cli) names: Vec<String>,
}

/// Prints what the files say or, with `--diagnostics`, what is wrong with them; or writes it to the
/// file of `--output`.
pub(super) fn run(args: &Args, context: &Context) -> Result {
    let disk = context.files();
    let mut request = context.request();
    let unsaved = match &args.stdin_filename {
        Some(name) => Some(unsaved(name, &mut request, &disk)?),
        None => None,
    };
    let files: &dyn Files = match &unsaved {
        Some(files) => files,
        None => &disk,
    };
    if let Some(asked) = &args.explain {
        return explain::run(asked, args, &request, files, context);
    }
    let digests = |wanted: &Wanted| digests::ask(wanted, context);
    let ask =
        |request: &Request| answer(args, request, context.global.all_resources, files, &digests);
    if let Some(format) = args.diagnostics {
        return report::report(format, ask(&request), args.output(), context);
    }
    let answer = context.agreed(&mut request, ask)?;
    let Answer { text, warnings, sources, failure } = match answer {
        Ok(answer) => answer,
        Err(Refusal::Files(failure)) => return Err(failure.into()),
        Err(Refusal::Request(failure)) => return Err(failure),
    };
    context.ui.warnings(&warnings, &sources);
    if args.quiet && !args.ask_for_a_list() {
        return Ok(());
    }
    write(text, args.output(), context)?;
    failure.map_or(Ok(()), Err)
}

/// An override file that pins every image, as `--lock-image-digests` prints it.
pub(super) fn locked_images(context: &Context) -> Result<String> {
    let args = Args { lock_image_digests: true, ..Args::default() };
    let files = context.files();
    let digests = |wanted: &Wanted| digests::ask(wanted, context);
    let mut request = context.request();
    request.profiles = vec!["*".to_owned()];
    match answer(&args, &request, context.global.all_resources, &files, &digests) {
        Ok(answer) => Ok(answer.text),
        Err(Refusal::Files(failure)) => Err(failure.into()),
        Err(Refusal::Request(failure)) => Err(failure),
    }
}

/// The files, with standard input for the text of one of them, which `-f -` means too.
fn unsaved<'a>(name: &Path, request: &mut Request, disk: &'a dyn Files) -> Result<Unsaved<'a>> {
    let path = absolute(&request.current_directory, name);
    let text = disk
        .stdin()
        .map_err(|error| Failure::new(format!("cannot read standard input: {error}")))?;
    for file in request.files.iter_mut().filter(|file| *file == "-") {
        *file = path.display().to_string();
    }
    Ok(Unsaved::new(disk, path, text))
}

/// Writes to standard output, or to a file.
fn write(text: String, output: Option<&str>, context: &Context) -> Result {
    match output {
        None => context.ui.write(Stream::Stdout, text),
        Some(path) => whole::write(&context.process.directory.join(path), &text)
            // In Docker Compose's words.
            .map_err(|error| Failure::new(format!("open {path}: {}", plain(&error))))?,
    }
    Ok(())
}

impl Args {
    fn output(&self) -> Option<&str> {
        self.output.as_deref().filter(|path| !path.is_empty())
    }
}

#[cfg(test)]
mod tests;
