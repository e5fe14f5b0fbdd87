//! `version`: of Bireme itself.

/// The flags of `version`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Args {
    /// pretty or json
    #[arg(short, long, value_name = "FORMAT")]
    pub format: Option<String>,
    /// Only the number
    #[arg(long)]
    pub short: bool,
}
