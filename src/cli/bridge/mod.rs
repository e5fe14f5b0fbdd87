//! `bridge`: a project becomes another model, by programs that come as images.

mod convert;
mod output;
mod transformations;

use super::context::Context;
use super::failure::Result;

/// The flags of `bridge`.
#[derive(Debug, Clone, clap::Args)]
#[command(arg_required_else_help = true)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Clone, clap::Subcommand)]
enum Command {
    /// Convert the project into manifests, charts, or another model
    Convert(convert::Args),
    /// Manage the images that convert
    Transformations(transformations::Args),
}

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> Result {
    match &args.command {
        Command::Convert(args) => convert::run(args, context),
        Command::Transformations(args) => transformations::run(args, context),
    }
}
