//! `config`: what the files say, checked.

use super::context::Context;
use super::failure::{Failure, Result};

/// The flags of `config`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Args {
    /// Print the environment that files are read with
    #[arg(long)]
    pub environment: bool,
    /// yaml or json
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
    /// Print the hash of services: a list with commas, or *
    #[arg(long, value_name = "SERVICES")]
    pub hash: Option<String>,
    /// Print the images, one per line
    #[arg(long)]
    pub images: bool,
    /// Print only an override file with pinned images
    #[arg(long)]
    pub lock_image_digests: bool,
    /// Print the models, one per line
    #[arg(long)]
    pub models: bool,
    /// Print the networks, one per line
    #[arg(long)]
    pub networks: bool,
    /// Do not check that the parts fit together
    #[arg(long)]
    pub no_consistency: bool,
    /// Do not read the env_file of services
    #[arg(long)]
    pub no_env_resolution: bool,
    /// Leave variables as they are
    #[arg(long)]
    pub no_interpolate: bool,
    /// Leave out what is implied
    #[arg(long)]
    pub no_normalize: bool,
    /// Keep relative paths
    #[arg(long)]
    pub no_path_resolution: bool,
    /// Write to a file
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<String>,
    /// Print the profiles, one per line
    #[arg(long)]
    pub profiles: bool,
    /// Only check
    #[arg(short, long)]
    pub quiet: bool,
    /// Pin images to their digests
    #[arg(long)]
    pub resolve_image_digests: bool,
    /// Print the services, one per line
    #[arg(long)]
    pub services: bool,
    /// Print the variables that the files use
    #[arg(long)]
    pub variables: bool,
    /// Print the volumes, one per line
    #[arg(long)]
    pub volumes: bool,
    /// Services; all if none
    #[arg(value_name = "SERVICE")]
    pub names: Vec<String>,
}

/// Prints what the files say.
pub(super) fn run(args: &Args, context: &Context) -> Result {
    let _ = args;
    context.load()?;
    Err(Failure::new("bireme: command \"config\" is not there yet"))
}
