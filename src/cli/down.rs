//! `down`: containers and networks go; on demand volumes and images too.

/// The flags of `down`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Args {
    /// Remove containers of services that the files do not have
    #[arg(long)]
    pub remove_orphans: Option<bool>,
    /// Remove images: local (those without a name of their own) or all
    #[arg(long, value_name = "WHICH")]
    pub rmi: Option<String>,
    /// Seconds that a container may take to stop
    #[arg(short, long, value_name = "SECONDS", value_parser = super::flags::integer)]
    pub timeout: Option<i64>,
    /// Remove named and anonymous volumes
    #[arg(short, long, alias = "volume")]
    pub volumes: bool,
    /// Services; all if none
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
}
