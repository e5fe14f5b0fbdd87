//! `create`: containers, not started.

/// The flags of `create`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Args {
    /// Build images first
    #[arg(long)]
    pub build: bool,
    /// Replace containers even if nothing changed
    #[arg(long)]
    pub force_recreate: bool,
    /// Build nothing
    #[arg(long)]
    pub no_build: bool,
    /// Keep existing containers
    #[arg(long)]
    pub no_recreate: bool,
    /// Pull policy: always, missing, never, build or policy
    #[arg(long, value_name = "POLICY")]
    pub pull: Option<String>,
    /// Pull without progress
    #[arg(long)]
    pub quiet_pull: bool,
    /// Remove containers of services that the files do not have
    #[arg(long)]
    pub remove_orphans: bool,
    /// Number of containers: SERVICE=NUM (repeatable)
    #[arg(long, value_name = "SERVICE=NUM")]
    pub scale: Vec<String>,
    /// Answer yes to every question
    #[arg(short, long, alias = "y")]
    pub yes: bool,
    /// Services; all if none
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
}
