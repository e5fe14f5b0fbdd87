//! `pull`: the images of services.

/// The flags of `pull`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Args {
    /// Leave out images that can be built
    #[arg(long)]
    pub ignore_buildable: bool,
    /// Pull what can be pulled
    #[arg(long)]
    pub ignore_pull_failures: bool,
    /// Images of services that these depend on, too
    #[arg(long)]
    pub include_deps: bool,
    /// No effect
    #[arg(long, hide = true)]
    pub no_parallel: Option<bool>,
    /// No effect
    #[arg(long, hide = true)]
    pub parallel: Option<bool>,
    /// Pull policy: missing or always
    #[arg(long, value_name = "POLICY")]
    pub policy: Option<String>,
    /// Pull without progress
    #[arg(short, long)]
    pub quiet: bool,
    /// Services; all if none
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
}
