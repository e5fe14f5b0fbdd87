//! The flags of `up`.

/// The flags of `up`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Args {
    /// Stop all containers when one ends
    #[arg(long)]
    pub abort_on_container_exit: bool,
    /// Stop all containers when one fails
    #[arg(long)]
    pub abort_on_container_failure: bool,
    /// Replace the containers of services that these depend on
    #[arg(long)]
    pub always_recreate_deps: bool,
    /// Show the logs of these services only (repeatable)
    #[arg(long, value_name = "SERVICE")]
    pub attach: Vec<String>,
    /// Show the logs of services that these depend on, too
    #[arg(long)]
    pub attach_dependencies: bool,
    /// Build images first
    #[arg(long)]
    pub build: bool,
    /// Run in the background
    #[arg(short, long)]
    pub detach: bool,
    /// End with the exit code of this service; implies --abort-on-container-exit
    #[arg(long, value_name = "SERVICE")]
    pub exit_code_from: Option<String>,
    /// Replace containers even if nothing changed
    #[arg(long)]
    pub force_recreate: bool,
    /// Keyboard shortcuts while attached
    #[arg(long)]
    pub menu: Option<bool>,
    /// Do not show the logs of these services (repeatable)
    #[arg(long, value_name = "SERVICE")]
    pub no_attach: Vec<String>,
    /// Build nothing
    #[arg(long)]
    pub no_build: bool,
    /// No colour
    #[arg(long)]
    pub no_color: bool,
    /// Leave out the services that these depend on
    #[arg(long)]
    pub no_deps: bool,
    /// Do not say whose line it is
    #[arg(long)]
    pub no_log_prefix: bool,
    /// Keep existing containers
    #[arg(long)]
    pub no_recreate: bool,
    /// Create containers and do not start them
    #[arg(long)]
    pub no_start: bool,
    /// Pull policy: always, missing, never, build or policy
    #[arg(long, value_name = "POLICY")]
    pub pull: Option<String>,
    /// Build without progress
    #[arg(long)]
    pub quiet_build: bool,
    /// Pull without progress
    #[arg(long)]
    pub quiet_pull: bool,
    /// Remove containers of services that the files do not have
    #[arg(long)]
    pub remove_orphans: Option<bool>,
    /// Replace anonymous volumes instead of keeping what is in them
    #[arg(short = 'V', long)]
    pub renew_anon_volumes: bool,
    /// Number of containers: SERVICE=NUM (repeatable)
    #[arg(long, value_name = "SERVICE=NUM")]
    pub scale: Vec<String>,
    /// Seconds that a container may take to stop
    #[arg(short, long, value_name = "SECONDS", value_parser = crate::cli::flags::integer)]
    pub timeout: Option<i64>,
    /// Show when each line came in
    #[arg(long)]
    pub timestamps: bool,
    /// Run in the background, and end when all run or are healthy
    #[arg(long)]
    pub wait: bool,
    /// Seconds to wait; 0 for no limit
    #[arg(
        long,
        value_name = "SECONDS",
        default_value = "0",
        value_parser = crate::cli::flags::integer
    )]
    pub wait_timeout: i64,
    /// Follow changes of files
    #[arg(short, long)]
    pub watch: bool,
    /// Answer yes to every question
    #[arg(short, long, alias = "y")]
    pub yes: bool,
    /// Services; all if none
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
}
