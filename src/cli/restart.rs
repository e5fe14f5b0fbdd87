//! `restart`: containers restart, dependencies first.

/// The flags of `restart`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Args {
    /// Leave dependents alone
    #[arg(long)]
    pub no_deps: bool,
    /// Seconds that a container may take to stop
    #[arg(short, long, value_name = "SECONDS", value_parser = super::flags::integer)]
    pub timeout: Option<i64>,
    /// Services; all if none
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
}
