//! The flags of `up`.

/// The flags of `up`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(in crate::cli) struct Args {
    /// Stop all containers when one ends
    #[arg(long)]
    pub(in crate::cli) abort_on_container_exit: bool,
    /// Stop all containers when one fails
    #[arg(long)]
    pub(in crate::cli) abort_on_container_failure: bool,
    /// Replace the containers of services that these depend on
    #[arg(long)]
    pub(in crate::cli) always_recreate_deps: bool,
    /// Show the logs of these services only (repeatable)
    #[arg(long, value_name = "SERVICE")]
    pub(in crate::cli) attach: Vec<String>,
    /// Show the logs of services that these depend on, too
    #[arg(long)]
    pub(in crate::cli) attach_dependencies: bool,
    /// Build images first
    #[arg(long)]
    pub(in crate::cli) build: bool,
    /// Run in the background
    #[arg(short, long)]
    pub(in crate::cli) detach: bool,
    /// End with the exit code of this service; implies --abort-on-container-exit
    #[arg(long, value_name = "SERVICE")]
    pub(in crate::cli) exit_code_from: Option<String>,
    /// Replace containers even if nothing changed
    #[arg(long)]
    pub(in crate::cli) force_recreate: bool,
    /// Keyboard shortcuts while attached
    #[arg(long)]
    pub(in crate::cli) menu: Option<bool>,
    /// Do not show the logs of these services (repeatable)
    #[arg(long, value_name = "SERVICE")]
    pub(in crate::cli) no_attach: Vec<String>,
    /// Build nothing
    #[arg(long)]
    pub(in crate::cli) no_build: bool,
    /// No colour
    #[arg(long)]
    pub(in crate::cli) no_color: bool,
    /// Leave out the services that these depend on
    #[arg(long)]
    pub(in crate::cli) no_deps: bool,
    /// Do not say whose line it is
    #[arg(long)]
    pub(in crate::cli) no_log_prefix: bool,
    /// Keep existing containers
    #[arg(long)]
    pub(in crate::cli) no_recreate: bool,
    /// Create containers and do not start them
    #[arg(long)]
    pub(in crate::cli) no_start: bool,
    /// Do exactly what a saved plan says, if nothing changed since it was made
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) plan: Option<String>,
    /// Pull policy: always, missing, never, build or policy
    #[arg(long, value_name = "POLICY")]
    pub(in crate::cli) pull: Option<String>,
    /// Build without progress
    #[arg(long)]
    pub(in crate::cli) quiet_build: bool,
    /// Pull without progress
    #[arg(long)]
    pub(in crate::cli) quiet_pull: bool,
    /// Remove containers of services that the files do not have
    #[arg(long)]
    pub(in crate::cli) remove_orphans: Option<bool>,
    /// Replace anonymous volumes instead of keeping what is in them
    #[arg(short = 'V', long)]
    pub(in crate::cli) renew_anon_volumes: bool,
    /// Number of containers: SERVICE=NUM (repeatable)
    #[arg(long, value_name = "SERVICE=NUM")]
    pub(in crate::cli) scale: Vec<String>,
    /// Show where the time went, once all is up
    #[arg(long)]
    pub(in crate::cli) timeline: bool,
    /// Seconds that a container may take to stop
    #[arg(short, long, value_name = "SECONDS", value_parser = crate::cli::flags::integer)]
    pub(in crate::cli) timeout: Option<i64>,
    /// Show when each line came in
    #[arg(long)]
    pub(in crate::cli) timestamps: bool,
    /// Run in the background, and end when all run or are healthy
    #[arg(long)]
    pub(in crate::cli) wait: bool,
    /// Seconds to wait; 0 for no limit
    #[arg(
        long,
        value_name = "SECONDS",
        default_value = "0",
        value_parser = crate::cli::flags::integer
    )]
    pub(in crate::cli) wait_timeout: i64,
    /// Follow changes of files
    #[arg(short, long)]
    pub(in crate::cli) watch: bool,
    /// Answer yes to every question
    #[arg(short, long)]
    pub(in crate::cli) yes: bool,
    /// The former spelling
    #[arg(long = "y", hide = true)]
    pub(in crate::cli) former_yes: bool,
    /// Services; all if none
    #[arg(value_name = "SERVICE")]
    pub(in crate::cli) services: Vec<String>,
    /// Whether somebody was told what is at stake in the data of these services, and has agreed
    #[arg(skip)]
    pub(in crate::cli) data_is_agreed: bool,
}
