//! `kill`: a signal to running containers.

/// The flags of `kill`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Args {
    /// Containers of services that the files do not have, too
    #[arg(long)]
    pub remove_orphans: Option<bool>,
    /// Signal to send [default: SIGKILL]
    #[arg(short, long, value_name = "SIGNAL")]
    pub signal: Option<String>,
    /// Services; all if none
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
}
