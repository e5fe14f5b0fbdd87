//! `version`: of Bireme itself.

use crate::ui::Ui;

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
pub(super) fn run(args: &Args, ui: &Ui) {
    ui.print(&text(args));
}

fn text(args: &Args) -> String {
    let version = env!("CARGO_PKG_VERSION");
    if args.short {
        return version.to_owned();
    }
    // As in Docker Compose, any other word counts as `pretty`.
    match args.format.as_deref() {
        Some("json") => serde_json::json!({ "version": version }).to_string(),
        _ => format!("Bireme version {version}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_printed_in_its_forms() {
        let args = |format: Option<&str>, short| Args { format: format.map(str::to_owned), short };
        let version = env!("CARGO_PKG_VERSION");
        for (args, expected) in [
            (args(None, false), format!("Bireme version {version}")),
            (args(Some("json"), false), format!("{{\"version\":\"{version}\"}}")),
            (args(Some("json"), true), version.to_owned()),
            (args(Some("xml"), false), format!("Bireme version {version}")),
        ] {
            assert_eq!(text(&args), expected);
        }
    }
}
