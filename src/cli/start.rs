//! `start`: containers that exist, dependencies first.

/// The flags of `start`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Args {
    /// Wait until they run, or are healthy where they have a healthcheck
    #[arg(long)]
    pub wait: bool,
    /// Seconds to wait; 0 for no limit
    #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = super::flags::integer)]
    pub wait_timeout: i64,
    /// Services; all if none
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
}
