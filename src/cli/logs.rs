//! `logs`: what containers have written.

/// The flags of `logs`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Args {
    /// Go on as they write
    #[arg(short, long)]
    pub follow: bool,
    /// Which container of the service; 0 is all
    #[arg(long, value_name = "N", default_value = "0", value_parser = super::flags::integer)]
    pub index: i64,
    /// No colour
    #[arg(long)]
    pub no_color: bool,
    /// Do not say whose line it is
    #[arg(long)]
    pub no_log_prefix: bool,
    /// Begin at a time (2024-01-02T13:23:37Z) or a while ago (42m)
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Lines from the end of each log, or all
    #[arg(short = 'n', long, value_name = "LINES", default_value = "all")]
    pub tail: String,
    /// Show when each line was written
    #[arg(short, long)]
    pub timestamps: bool,
    /// End at a time, or a while ago
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Services; all if none
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
}
