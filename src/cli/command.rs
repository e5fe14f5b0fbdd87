//! The commands there are. Each has a file of its own with its flags and what it does.

use clap::{ArgMatches, Args, FromArgMatches};

use super::context::Context;
use super::failure::Result;
use super::{
    alpha, attach, bridge, build, commit, completion, config, cp, create, doctor, down, events,
    exec, export, graph, images, install, kill, logs, ls, man, pause, plan, platforms, port, ps,
    publish, pull, push, restart, rm, run, scale, start, stats, stop, timeline, top, up, version,
    viz, volumes, wait, watch, why,
};

/// One table of all commands: what is said of a command, its name, its flags, what runs it.
macro_rules! commands {
    (@hidden) => { false };
    (@hidden hidden) => { true };
    ($(
        #[doc = $about:literal]
        $(@$hidden:ident)? $name:literal $command:ident($args:ty) => $run:expr;
    )+) => {
        /// A command with its flags.
        #[derive(Debug)]
        pub(super) enum Command {
            $(#[doc = $about] $command($args),)+
            /// Anything else.
            Other(Vec<String>),
        }

        impl Command {
            /// What the command line says of each.
            const LISTED: &[Listed] = &[
                $(Listed {
                    name: $name,
                    about: $about,
                    hidden: commands!(@hidden $($hidden)?),
                    with_flags: <$args>::augment_args,
                },)+
            ];

            /// The command that was found in the words of a command line, if any was.
            ///
            /// # Errors
            /// A value that is none.
            pub(super) fn from_matches(matches: &ArgMatches) -> clap::error::Result<Option<Self>> {
                let Some((name, inside)) = matches.subcommand() else { return Ok(None) };
                Ok(Some(match name {
                    $($name => Self::$command(<$args>::from_arg_matches(inside)?),)+
                    other => {
                        let rest = inside.get_many::<String>("").into_iter().flatten().cloned();
                        Self::Other(std::iter::once(other.to_owned()).chain(rest).collect())
                    }
                }))
            }

            /// Runs the command.
            pub(super) fn run(self, context: &Context) -> Result {
                match self {
                    $(Self::$command(args) => {
                        let run: fn($args, &Context) -> Result = $run;
                        run(args, context)
                    })+
                    // Told apart and refused when the words were read.
                    Self::Other(_) => Ok(()),
                }
            }
        }
    };
}

/// What a command line says of a command.
struct Listed {
    name: &'static str,
    about: &'static str,
    hidden: bool,
    with_flags: fn(clap::Command) -> clap::Command,
}

impl Listed {
    fn outlined(&self, command: clap::Command) -> clap::Command {
        command.about(self.about.trim()).long_about(None).hide(self.hidden)
    }

    fn outline(&self) -> clap::Command {
        self.outlined(clap::Command::new(self.name))
    }

    fn whole(&self) -> clap::Command {
        // Flags come with a text about themselves, which gives way to the command's.
        self.outlined((self.with_flags)(clap::Command::new(self.name)))
    }
}

impl Command {
    /// Gives a program those of its commands that are `wanted`: most of the time that a program takes
    /// to start would go into flags that nobody uses.
    pub(super) fn grammar(program: clap::Command, wanted: impl Fn(&str) -> bool) -> clap::Command {
        let wanted = Self::LISTED.iter().filter(|listed| wanted(listed.name));
        external(program).subcommands(wanted.map(Listed::whole))
    }

    /// The names of all commands.
    pub(super) fn names() -> Vec<&'static str> {
        Self::LISTED.iter().map(|listed| listed.name).collect()
    }

    /// Gives a program all of its commands, without their flags.
    pub(super) fn outline(program: clap::Command) -> clap::Command {
        external(program).subcommands(Self::LISTED.iter().map(Listed::outline))
    }
}

/// A program that leaves words which name no command for us to judge.
fn external(program: clap::Command) -> clap::Command {
    program
        .allow_external_subcommands(true)
        .external_subcommand_value_parser(clap::value_parser!(String))
}

commands! {
    /// Attach to a running container
    "attach" Attach(attach::Args) => |args, context| attach::run(&args, context);
    /// Commands that Docker Compose calls experimental
    @hidden "alpha" Alpha(alpha::Args) => |args, context| alpha::run(&args, context);
    /// Convert the project into another model
    "bridge" Bridge(bridge::Args) => |args, context| bridge::run(&args, context);
    /// Build the images of services
    "build" Build(build::Args) => |args, context| build::run(&args, context);
    /// Print the script that completes words in a shell
    "completion" Completion(completion::Args) => |args, context| completion::run(&args, context);
    /// Make an image of a container
    "commit" Commit(commit::Args) => |args, context| commit::run(args, context);
    /// Check the files and print what they say
    "config" Config(Box<config::Args>) => |args, context| config::run(&args, context);
    /// Copy files between containers and this machine
    "cp" Cp(cp::Args) => |args, context| cp::run(&args, context);
    /// Create containers without starting them
    "create" Create(create::Args) => |args, context| create::run(args, context);
    /// Examine the engine, what it can run, and the project's images
    "doctor" Doctor(doctor::Args) => |args, context| doctor::run(&args, context);
    /// Stop and remove containers and networks
    "down" Down(down::Args) => |args, context| down::run(args, context);
    /// Tell what happens to containers
    "events" Events(events::Args) => |args, context| events::run(&args, context);
    /// Run a command in a running container
    "exec" Exec(exec::Args) => |args, context| exec::run(args, context);
    /// Write the file system of a container as a tar archive
    "export" Export(export::Args) => |args, context| export::run(args, context);
    /// Draw services, what they need, their networks and how they are
    "graph" Graph(graph::Args) => |args, context| graph::run(&args, context);
    /// List the images of containers
    "images" Images(images::Args) => |args, context| images::run(&args, context);
    /// Set up links: docker bireme, docker compose, docker-compose
    "install" Install(install::Args) => |args, context| install::run(&args, context);
    /// Send a signal to running containers
    "kill" Kill(kill::Args) => |args, context| kill::run(args, context);
    /// Show what containers have written
    "logs" Logs(logs::Args) => |args, context| logs::run(&args, context);
    /// List projects
    "ls" Ls(ls::Args) => |args, context| ls::run(&args, context);
    /// Print where a port of a service is published
    "port" Port(port::Args) => |args, context| port::run(&args, context);
    /// Show what up would do, and why
    "plan" Plan(Box<plan::Args>) => |args, context| plan::run(*args, context);
    /// Tell which services are emulated, whether they must be, and mend the files
    "platforms" Platforms(Box<platforms::Args>) => |args, context| platforms::run(&args, context);
    /// Write manual pages
    "man" Man(man::Args) => |args, context| man::run(&args, context);
    /// Pause running containers
    "pause" Pause(pause::Args) => |args, context| pause::pause(&args, context);
    /// List containers
    "ps" Ps(ps::Args) => |args, context| ps::run(&args, context);
    /// Publish the project to a registry
    "publish" Publish(publish::Args) => |args, context| publish::run(&args, context);
    /// Pull the images of services
    "pull" Pull(pull::Args) => |args, context| pull::run(args, context);
    /// Push the images of services
    "push" Push(push::Args) => |args, context| push::run(args, context);
    /// Restart containers
    "restart" Restart(restart::Args) => |args, context| restart::run(args, context);
    /// Remove stopped containers
    "rm" Rm(rm::Args) => |args, context| rm::run(args, context);
    /// Run a command in a new container of a service
    "run" Run(Box<run::Args>) => |args, context| run::run(*args, context);
    /// Change the number of containers of services
    "scale" Scale(scale::Args) => |args, context| scale::run(&args, context);
    /// Start containers that exist
    "start" Start(start::Args) => |args, context| start::run(args, context);
    /// Show what containers use
    "stats" Stats(stats::Args) => |args, context| stats::run(&args, context);
    /// Stop containers
    "stop" Stop(stop::Args) => |args, context| stop::run(args, context);
    /// Show where the time of the last start or stop went
    "timeline" Timeline(timeline::Args) => |args, context| timeline::run(&args, context);
    /// Take the links away, and bring back what was there before
    "uninstall" Uninstall(install::UninstallArgs) => |args, context| install::undo(&args, context);
    /// List the processes of containers
    "top" Top(top::Args) => |args, context| top::run(&args, context);
    /// Let paused containers go on
    "unpause" Unpause(pause::Args) => |args, context| pause::unpause(&args, context);
    /// Create and start containers
    "up" Up(Box<up::Args>) => |args, context| up::run(*args, context);
    /// Print the version
    "version" Version(version::Args) => |args, context| {
            version::run(&args, context);
            Ok(())
        };
    /// List volumes
    "volumes" Volumes(volumes::Args) => |args, context| volumes::run(&args, context);
    /// Wait until containers stop
    "wait" Wait(wait::Args) => |args, context| wait::run(&args, context);
    /// Bring files into containers as they change, by rules derived from Dockerfiles and mounts
    "dev" Dev(watch::dev::Args) => |args, context| watch::dev::run(&args, context);
    /// Bring files into containers as they change
    "watch" Watch(watch::Args) => |args, context| watch::run(args, context);
    /// Tell why a service's containers are what they are
    "why" Why(why::Args) => |args, context| why::run(&args, context);
    /// Draw services and what they depend on, for Graphviz
    "viz" Viz(viz::Args) => |args, context| viz::run(&args, context);
}
