//! The flags of `run`.

/// The flags of `run`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Args {
    /// Build the image first
    #[arg(long)]
    pub build: bool,
    /// Add a capability (repeatable)
    #[arg(long, value_name = "CAP")]
    pub cap_add: Vec<String>,
    /// Drop a capability (repeatable)
    #[arg(long, value_name = "CAP")]
    pub cap_drop: Vec<String>,
    /// Run in the background and print the container's id
    #[arg(short, long)]
    pub detach: bool,
    /// Entrypoint instead of the image's
    #[arg(long, value_name = "WORDS")]
    pub entrypoint: Option<String>,
    /// Set a variable: KEY=VALUE, or KEY to take it from the environment (repeatable)
    #[arg(short, long, value_name = "ENV")]
    pub env: Vec<String>,
    /// Read variables from a file (repeatable)
    #[arg(long, value_name = "FILE")]
    pub env_from_file: Vec<String>,
    /// Keep standard input open [default: true]
    #[arg(short, long)]
    pub interactive: Option<bool>,
    /// Add a label: KEY=VALUE (repeatable)
    #[arg(short, long, alias = "labels", value_name = "LABEL")]
    pub label: Vec<String>,
    /// Name of the container
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Leave out the services that this one depends on
    #[arg(long)]
    pub no_deps: bool,
    /// No terminal for the command
    #[arg(short = 'T', long = "no-TTY", alias = "no-tty")]
    pub no_tty: Option<bool>,
    /// Publish a port (repeatable)
    #[arg(short, long, value_name = "PORT")]
    pub publish: Vec<String>,
    /// Pull policy: always, missing, never or policy
    #[arg(long, value_name = "POLICY")]
    pub pull: Option<String>,
    /// Print nothing but the command's output
    #[arg(short, long)]
    pub quiet: bool,
    /// Build without progress
    #[arg(long)]
    pub quiet_build: bool,
    /// Pull without progress
    #[arg(long)]
    pub quiet_pull: bool,
    /// Remove containers of services that the files do not have
    #[arg(long)]
    pub remove_orphans: bool,
    /// Remove the container when it ends
    #[arg(long)]
    pub rm: bool,
    /// Publish the service's own ports
    #[arg(short = 'P', long)]
    pub service_ports: bool,
    /// A terminal for the command
    #[arg(short, long, hide = true)]
    pub tty: Option<bool>,
    /// Use the service's names on its networks
    #[arg(long)]
    pub use_aliases: bool,
    /// User to run as
    #[arg(short, long, value_name = "USER")]
    pub user: Option<String>,
    /// Add a mount: SOURCE:TARGET[:MODE] (repeatable)
    #[arg(short, long, alias = "volumes", value_name = "VOLUME")]
    pub volume: Vec<String>,
    /// Directory to run in
    #[arg(short, long, value_name = "PATH")]
    pub workdir: Option<String>,
    /// Service, and a command to run instead of its own
    #[arg(
        value_name = "SERVICE [COMMAND]",
        required = true,
        num_args = 1..,
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    pub words: Vec<String>,
}
