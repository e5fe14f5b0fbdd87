//! What a command adds to what the file says.

use std::collections::BTreeMap;

use super::BuilderKind;

/// The flags of a command, and what is known of the engine and the user.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BuildOptions {
    /// Who builds; see [`BuilderKind::choose`].
    pub builder: BuilderKind,
    /// Value of the label `com.docker.compose.version`.
    pub version: String,
    /// `--build-arg`; without a value the project's environment has it.
    pub args: BTreeMap<String, Option<String>>,
    /// Proxy variables of the user's configuration, which every build gets.
    pub proxies: BTreeMap<String, String>,
    /// `--ssh`: id and path; without a path the user's agent.
    pub ssh: Vec<(String, String)>,
    /// `--pull`.
    pub pull: bool,
    /// `--no-cache`.
    pub no_cache: bool,
    /// `--check`: the Dockerfile is looked at and nothing is built.
    pub check: bool,
    /// `--push`: images of services that name one are pushed.
    pub push: bool,
    /// `--memory` in bytes.
    pub memory: i64,
    /// `--provenance`.
    pub provenance: Option<String>,
    /// `--sbom`.
    pub sbom: Option<String>,
    /// Whether images are attested as a builder other than an engine's own does it, where nothing is said
    /// of provenance.
    pub attest_by_default: bool,
    /// Whether the image is built to be run here, so for one platform (`up`, `create`, `run`); not
    /// so for `build`.
    pub single_platform: bool,
    /// Whether the builder's own messages are told, too (`--progress json`).
    pub records: bool,
}

impl BuilderKind {
    /// The builder that the Docker CLI would take: what `DOCKER_BUILDKIT` says, else what the engine
    /// says of itself.
    pub fn choose(variable: Option<&str>, engine_prefers_buildkit: bool) -> Self {
        let buildkit = match variable.filter(|value| !value.is_empty()) {
            Some(value) => matches!(value, "1" | "t" | "T" | "true" | "TRUE" | "True"),
            None => engine_prefers_buildkit,
        };
        if buildkit { Self::BuildKit } else { Self::Classic }
    }
}

#[cfg(test)]
mod tests {
    use super::BuilderKind::{self, BuildKit, Classic};

    #[test]
    fn chooses_as_the_cli_does() {
        for (variable, preferred, expected) in [
            (None, true, BuildKit),
            (None, false, Classic),
            (Some("0"), true, Classic),
            (Some("false"), true, Classic),
            (Some("1"), false, BuildKit),
            (Some(""), false, Classic),
        ] {
            assert_eq!(BuilderKind::choose(variable, preferred), expected, "{variable:?}");
        }
    }
}
