//! `build`: the images of services.

/// The flags of `build`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Args {
    /// Set a build argument: KEY=VALUE, or KEY to take it from the environment (repeatable)
    #[arg(long, value_name = "ARG")]
    pub build_arg: Vec<String>,
    /// Builder to use
    #[arg(long, value_name = "NAME")]
    pub builder: Option<String>,
    /// Check the build's configuration and build nothing
    #[arg(long)]
    pub check: bool,
    /// No effect
    #[arg(long, hide = true)]
    pub compress: bool,
    /// No effect
    #[arg(long, hide = true)]
    pub force_rm: bool,
    /// Memory that a build container may use; the classic builder only
    #[arg(short, long, value_name = "BYTES")]
    pub memory: Option<String>,
    /// Build every step anew
    #[arg(long)]
    pub no_cache: bool,
    /// No effect
    #[arg(long, hide = true)]
    pub no_rm: bool,
    /// No effect
    #[arg(long, hide = true)]
    pub parallel: bool,
    /// Print what would be built as a bake file
    #[arg(long)]
    pub print: bool,
    /// Former place of the global flag
    #[arg(long, hide = true)]
    pub progress: Option<String>,
    /// Add a provenance attestation
    #[arg(long, value_name = "VALUE")]
    pub provenance: Option<String>,
    /// Look for newer versions of base images
    #[arg(long)]
    pub pull: bool,
    /// Push the images afterwards
    #[arg(long)]
    pub push: bool,
    /// Print nothing but errors
    #[arg(short, long)]
    pub quiet: bool,
    /// Add an SBOM attestation
    #[arg(long, value_name = "VALUE")]
    pub sbom: Option<String>,
    /// Keys for builds: default, or ID=PATH
    #[arg(long, value_name = "KEY")]
    pub ssh: Option<String>,
    /// Build the services that these depend on too
    #[arg(long)]
    pub with_dependencies: bool,
    /// Services; all if none
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
}
