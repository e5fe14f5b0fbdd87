//! The commands there are. Each has a file of its own with its flags and what it does.

use clap::Subcommand;

use super::context::Context;
use super::failure::Result;
use super::{
    alpha, attach, bridge, build, commit, completion, config, cp, create, doctor, down, events,
    exec, export, graph, images, install, kill, logs, ls, man, pause, plan, platforms, port, ps,
    publish, pull, push, restart, rm, run, scale, start, stats, stop, timeline, top, up, version,
    viz, volumes, wait, watch, why,
};

/// A command with its flags.
#[derive(Debug, Subcommand)]
#[command(allow_external_subcommands = true)]
pub(super) enum Command {
    /// Attach to a running container
    Attach(attach::Args),
    /// Commands that Docker Compose calls experimental
    #[command(hide = true)]
    Alpha(alpha::Args),
    /// Convert the project into another model
    Bridge(bridge::Args),
    /// Build the images of services
    Build(build::Args),
    /// Print the script that completes words in a shell
    Completion(completion::Args),
    /// Make an image of a container
    Commit(commit::Args),
    /// Check the files and print what they say
    Config(Box<config::Args>),
    /// Copy files between containers and this machine
    Cp(cp::Args),
    /// Create containers without starting them
    Create(create::Args),
    /// Examine the engine, what it can run, and the project's images
    Doctor(doctor::Args),
    /// Stop and remove containers and networks
    Down(down::Args),
    /// Tell what happens to containers
    Events(events::Args),
    /// Run a command in a running container
    Exec(exec::Args),
    /// Write the file system of a container as a tar archive
    Export(export::Args),
    /// Draw services, what they need, their networks and how they are
    Graph(graph::Args),
    /// List the images of containers
    Images(images::Args),
    /// Set up links: docker bireme, docker compose, docker-compose
    Install(install::Args),
    /// Send a signal to running containers
    Kill(kill::Args),
    /// Show what containers have written
    Logs(logs::Args),
    /// List projects
    Ls(ls::Args),
    /// Print where a port of a service is published
    Port(port::Args),
    /// Show what up would do, and why
    Plan(Box<plan::Args>),
    /// Tell which services are emulated, whether they must be, and mend the files
    Platforms(Box<platforms::Args>),
    /// Write manual pages
    Man(man::Args),
    /// Pause running containers
    Pause(pause::Args),
    /// List containers
    Ps(ps::Args),
    /// Publish the project to a registry
    Publish(publish::Args),
    /// Pull the images of services
    Pull(pull::Args),
    /// Push the images of services
    Push(push::Args),
    /// Restart containers
    Restart(restart::Args),
    /// Remove stopped containers
    Rm(rm::Args),
    /// Run a command in a new container of a service
    Run(Box<run::Args>),
    /// Change the number of containers of services
    Scale(scale::Args),
    /// Start containers that exist
    Start(start::Args),
    /// Show what containers use
    Stats(stats::Args),
    /// Stop containers
    Stop(stop::Args),
    /// Show where the time of the last start or stop went
    Timeline(timeline::Args),
    /// Take the links away, and bring back what was there before
    Uninstall(install::UninstallArgs),
    /// List the processes of containers
    Top(top::Args),
    /// Let paused containers go on
    Unpause(pause::Args),
    /// Create and start containers
    Up(Box<up::Args>),
    /// Print the version
    Version(version::Args),
    /// List volumes
    Volumes(volumes::Args),
    /// Wait until containers stop
    Wait(wait::Args),
    /// Bring files into containers as they change, by rules derived from Dockerfiles and mounts
    Dev(watch::dev::Args),
    /// Bring files into containers as they change
    Watch(watch::Args),
    /// Tell why a service's containers are what they are
    Why(why::Args),
    /// Draw services and what they depend on, for Graphviz
    Viz(viz::Args),
    /// Anything else.
    #[command(external_subcommand)]
    Other(Vec<String>),
}

impl Command {
    /// Runs the command.
    pub(super) fn run(self, context: &Context) -> Result {
        match self {
            Self::Attach(args) => attach::run(&args, context),
            Self::Alpha(args) => alpha::run(&args, context),
            Self::Bridge(args) => bridge::run(&args, context),
            Self::Build(args) => build::run(&args, context),
            Self::Completion(args) => completion::run(&args, context),
            Self::Commit(args) => commit::run(args, context),
            Self::Config(args) => config::run(&args, context),
            Self::Cp(args) => cp::run(&args, context),
            Self::Create(args) => create::run(args, context),
            Self::Doctor(args) => doctor::run(&args, context),
            Self::Down(args) => down::run(args, context),
            Self::Events(args) => events::run(&args, context),
            Self::Exec(args) => exec::run(args, context),
            Self::Export(args) => export::run(args, context),
            Self::Install(args) => install::run(&args, context),
            Self::Images(args) => images::run(&args, context),
            Self::Graph(args) => graph::run(&args, context),
            Self::Kill(args) => kill::run(args, context),
            Self::Logs(args) => logs::run(&args, context),
            Self::Ls(args) => ls::run(&args, context),
            Self::Port(args) => port::run(&args, context),
            Self::Plan(args) => plan::run(*args, context),
            Self::Platforms(args) => platforms::run(&args, context),
            Self::Man(args) => man::run(&args, context),
            Self::Pause(args) => pause::pause(&args, context),
            Self::Ps(args) => ps::run(&args, context),
            Self::Publish(args) => publish::run(&args, context),
            Self::Pull(args) => pull::run(args, context),
            Self::Push(args) => push::run(args, context),
            Self::Restart(args) => restart::run(args, context),
            Self::Rm(args) => rm::run(args, context),
            Self::Run(args) => run::run(*args, context),
            Self::Scale(args) => scale::run(&args, context),
            Self::Start(args) => start::run(args, context),
            Self::Stats(args) => stats::run(&args, context),
            Self::Stop(args) => stop::run(args, context),
            Self::Timeline(args) => timeline::run(&args, context),
            Self::Uninstall(args) => install::undo(&args, context),
            Self::Top(args) => top::run(&args, context),
            Self::Unpause(args) => pause::unpause(&args, context),
            Self::Up(args) => up::run(*args, context),
            Self::Version(args) => {
                version::run(&args, context);
                Ok(())
            }
            Self::Volumes(args) => volumes::run(&args, context),
            Self::Wait(args) => wait::run(&args, context),
            Self::Dev(args) => watch::dev::run(&args, context),
            Self::Watch(args) => watch::run(args, context),
            Self::Why(args) => why::run(&args, context),
            Self::Viz(args) => viz::run(&args, context),
            // Told apart and refused when the words were read.
            Self::Other(_) => Ok(()),
        }
    }
}
