//! `ps`: the containers of a project.

/// The flags of `ps`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Args {
    /// Containers that are stopped, and those of `run`, too
    #[arg(short, long)]
    pub all: bool,
    /// Only those with a property: status=STATUS
    #[arg(long, value_name = "FILTER")]
    pub filter: Option<String>,
    /// table, table TEMPLATE, json or TEMPLATE
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: String,
    /// Do not cut long values
    #[arg(long)]
    pub no_trunc: bool,
    /// Containers of services that the files do not have, too [default: true]
    #[arg(long)]
    pub orphans: Option<bool>,
    /// Only ids
    #[arg(short, long)]
    pub quiet: bool,
    /// Only services
    #[arg(long)]
    pub services: bool,
    /// Only those in a state: paused, restarting, removing, running, dead, created or exited
    /// (repeatable)
    #[arg(long, value_name = "STATUS")]
    pub status: Vec<String>,
    /// Services; all if none
    #[arg(value_name = "SERVICE")]
    pub names: Vec<String>,
}
