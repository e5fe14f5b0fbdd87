//! `exec`: a command in a running container.

/// The flags of `exec`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Args {
    /// Run in the background
    #[arg(short, long)]
    pub detach: bool,
    /// Set a variable: KEY=VALUE, or KEY to take it from the environment (repeatable)
    #[arg(short, long, value_name = "ENV")]
    pub env: Vec<String>,
    /// Which container of the service; 0 is the first
    #[arg(long, value_name = "N", default_value = "0", value_parser = super::flags::integer)]
    pub index: i64,
    /// No effect
    #[arg(short, long, hide = true)]
    pub interactive: Option<bool>,
    /// No terminal for the command
    #[arg(short = 'T', long, alias = "no-TTY")]
    pub no_tty: Option<bool>,
    /// Extended privileges
    #[arg(long)]
    pub privileged: bool,
    /// No effect
    #[arg(short, long, hide = true)]
    pub tty: Option<bool>,
    /// User to run as
    #[arg(short, long, value_name = "USER")]
    pub user: Option<String>,
    /// Directory to run in
    #[arg(short, long, value_name = "PATH")]
    pub workdir: Option<String>,
    /// Service, and the command to run with its arguments
    #[arg(
        value_name = "SERVICE COMMAND",
        required = true,
        num_args = 2..,
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    pub words: Vec<String>,
}
