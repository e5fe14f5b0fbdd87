//! The flags of `run`.

/// The flags of `run`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(in crate::cli) struct Args {
    /// Build the image first
    #[arg(long)]
    pub(in crate::cli) build: bool,
    /// Add a capability (repeatable)
    #[arg(long, value_name = "CAP")]
    pub(in crate::cli) cap_add: Vec<String>,
    /// Drop a capability (repeatable)
    #[arg(long, value_name = "CAP")]
    pub(in crate::cli) cap_drop: Vec<String>,
    /// Run in the background and print the container's id
    #[arg(short, long)]
    pub(in crate::cli) detach: bool,
    /// Entrypoint instead of the image's
    #[arg(long, value_name = "WORDS")]
    pub(in crate::cli) entrypoint: Option<String>,
    /// Set a variable: KEY=VALUE, or KEY to take it from the environment (repeatable)
    #[arg(short, long, value_name = "ENV")]
    pub(in crate::cli) env: Vec<String>,
    /// Read variables from a file (repeatable)
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) env_from_file: Vec<String>,
    /// Keep standard input open [default: true]
    #[arg(short, long)]
    pub(in crate::cli) interactive: Option<bool>,
    /// Add a label: KEY=VALUE (repeatable)
    #[arg(short, long, alias = "labels", value_name = "LABEL")]
    pub(in crate::cli) label: Vec<String>,
    /// Name of the container
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) name: Option<String>,
    /// Leave out the services that this one depends on
    #[arg(long)]
    pub(in crate::cli) no_deps: bool,
    /// No terminal for the command
    #[arg(short = 'T', long = "no-TTY", alias = "no-tty")]
    pub(in crate::cli) no_tty: Option<bool>,
    /// Publish a port (repeatable)
    #[arg(short, long, value_name = "PORT")]
    pub(in crate::cli) publish: Vec<String>,
    /// Pull policy: always, missing, never or policy
    #[arg(long, value_name = "POLICY")]
    pub(in crate::cli) pull: Option<String>,
    /// Print nothing but the command's output
    #[arg(short, long)]
    pub(in crate::cli) quiet: bool,
    /// Build without progress
    #[arg(long)]
    pub(in crate::cli) quiet_build: bool,
    /// Pull without progress
    #[arg(long)]
    pub(in crate::cli) quiet_pull: bool,
    /// Remove containers of services that the files do not have
    #[arg(long)]
    pub(in crate::cli) remove_orphans: bool,
    /// Remove the container when it ends
    #[arg(long)]
    pub(in crate::cli) rm: bool,
    /// Publish the service's own ports
    #[arg(short = 'P', long)]
    pub(in crate::cli) service_ports: bool,
    /// A terminal for the command
    #[arg(short, long, hide = true)]
    pub(in crate::cli) tty: Option<bool>,
    /// Use the service's names on its networks
    #[arg(long)]
    pub(in crate::cli) use_aliases: bool,
    /// User to run as
    #[arg(short, long, value_name = "USER")]
    pub(in crate::cli) user: Option<String>,
    /// Add a mount: SOURCE:TARGET[:MODE] (repeatable)
    #[arg(short, long, alias = "volumes", value_name = "VOLUME")]
    pub(in crate::cli) volume: Vec<String>,
    /// Directory to run in
    #[arg(short, long, value_name = "PATH")]
    pub(in crate::cli) workdir: Option<String>,
    /// Service, and a command to run instead of its own
    #[arg(
        value_name = "SERVICE [COMMAND] [ARGS...]",
        required = true,
        num_args = 1..,
        trailing_var_arg = true
    )]
    pub(in crate::cli) words: Vec<String>,
}
