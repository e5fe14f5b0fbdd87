//! `rm`: stopped containers go.

/// The flags of `rm`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Args {
    /// No effect
    #[arg(short, long, hide = true)]
    pub all: bool,
    /// Do not ask
    #[arg(short, long)]
    pub force: bool,
    /// Stop them first
    #[arg(short, long)]
    pub stop: bool,
    /// Remove their anonymous volumes too
    #[arg(short, long)]
    pub volumes: bool,
    /// Services; all if none
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
}
