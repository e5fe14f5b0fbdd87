//! The commands there are. Each has a file of its own with its flags and what it does.

use clap::Subcommand;

use super::{
    build, config, create, down, exec, kill, logs, ps, pull, restart, rm, run, start, stop, up,
    version,
};

/// A command with its flags.
#[derive(Debug, Subcommand)]
#[command(allow_external_subcommands = true)]
pub(super) enum Command {
    /// Build the images of services
    Build(build::Args),
    /// Check the files and print what they say
    Config(Box<config::Args>),
    /// Create containers without starting them
    Create(create::Args),
    /// Stop and remove containers and networks
    Down(down::Args),
    /// Run a command in a running container
    Exec(exec::Args),
    /// Send a signal to running containers
    Kill(kill::Args),
    /// Show what containers have written
    Logs(logs::Args),
    /// List containers
    Ps(ps::Args),
    /// Pull the images of services
    Pull(pull::Args),
    /// Restart containers
    Restart(restart::Args),
    /// Remove stopped containers
    Rm(rm::Args),
    /// Run a command in a new container of a service
    Run(Box<run::Args>),
    /// Start containers that exist
    Start(start::Args),
    /// Stop containers
    Stop(stop::Args),
    /// Create and start containers
    Up(Box<up::Args>),
    /// Print the version
    Version(version::Args),
    /// Anything else.
    #[command(external_subcommand)]
    Other(Vec<String>),
}
