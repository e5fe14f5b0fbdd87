//! `version`: of Bireme, or of the Docker Compose in whose place it is.

use super::context::Context;
use super::entry::Identity;
use crate::stack::labels::WRITTEN_VERSION;

/// The flags of `version`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Args {
    /// pretty or json
    #[arg(short, long, value_name = "FORMAT")]
    pub(super) format: Option<String>,
    /// Only the number
    #[arg(long)]
    pub(super) short: bool,
}

/// Prints the version.
pub(super) fn run(args: &Args, context: &Context) {
    context.ui.print(&text(args, context.process.entry.identity));
}

fn text(args: &Args, identity: Identity) -> String {
    // Whoever asks Docker Compose in whose place we are wants to know what it can do.
    let (name, version, prefix) = match identity {
        Identity::Bireme => ("Bireme", env!("CARGO_PKG_VERSION"), ""),
        Identity::Compose => ("Docker Compose", WRITTEN_VERSION, "v"),
    };
    if args.short {
        return version.to_owned();
    }
    // As in Docker Compose, any other word counts as `pretty`.
    match args.format.as_deref() {
        Some("json") => serde_json::json!({ "version": format!("{prefix}{version}") }).to_string(),
        _ => format!("{name} version {prefix}{version}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_printed_in_its_forms() {
        let args = |format: Option<&str>, short| Args { format: format.map(str::to_owned), short };
        let version = env!("CARGO_PKG_VERSION");
        for (args, own, composes) in [
            (
                args(None, false),
                format!("Bireme version {version}"),
                "Docker Compose version v2.40.3",
            ),
            (
                args(Some("json"), false),
                format!("{{\"version\":\"{version}\"}}"),
                r#"{"version":"v2.40.3"}"#,
            ),
            (args(Some("json"), true), version.to_owned(), "2.40.3"),
            (
                args(Some("xml"), false),
                format!("Bireme version {version}"),
                "Docker Compose version v2.40.3",
            ),
        ] {
            assert_eq!(text(&args, Identity::Bireme), own);
            assert_eq!(text(&args, Identity::Compose), composes);
        }
    }
}
