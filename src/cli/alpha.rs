//! `alpha`: the former place of some commands, which Docker Compose calls experimental.

use super::context::Context;
use super::failure::Result;
use super::{generate, publish, viz};

/// The flags of `alpha`.
#[derive(Debug, Clone, clap::Args)]
#[command(arg_required_else_help = true)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Clone, clap::Subcommand)]
enum Command {
    /// Describe containers that exist by a Compose file
    Generate(generate::Args),
    /// Publish the project to a registry
    Publish(publish::Args),
    /// Draw services and what they depend on, for Graphviz
    Viz(viz::Args),
}

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> Result {
    match &args.command {
        Command::Generate(args) => generate::run(args, context),
        Command::Publish(args) => publish::run(args, context),
        Command::Viz(args) => {
            context.ui.status("viz command is EXPERIMENTAL");
            viz::run(args, context)
        }
    }
}
