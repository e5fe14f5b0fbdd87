//! What a file from afar asks of this machine.

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::diagnostic::{Diagnostic, Span, codes};

/// Something of this machine.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Local {
    /// A variable that the file did not bring itself.
    Variable(String),
    /// A file or directory outside of what came with the file; absolute.
    Path(PathBuf, PathUse),
    /// The keys of the user's ssh agent, for a build.
    SshAgent,
    /// The engine's socket and the user's credentials for registries.
    EngineSocket,
    /// A program that is run on this machine, by the type of its provider.
    Program(String),
}

/// What a path is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PathUse {
    /// Read as a Compose file: `include`, or `file` of `extends`.
    Compose,
    /// Read for variables: `env_file`, of services and of `include`.
    EnvFile,
    /// Read for labels: `label_file`.
    LabelFile,
    /// Given to containers as a secret.
    Secret,
    /// Given to containers as a config.
    Config,
    /// Mounted into containers.
    Mount,
    /// Given to containers as a device.
    Device,
    /// Sent to a builder.
    Build,
    /// Watched, and copied into containers.
    Watch,
}

impl PathUse {
    /// Whether the path is read while the project is loaded, rather than when it runs.
    pub fn is_read_by_loading(self) -> bool {
        matches!(self, Self::Compose | Self::EnvFile | Self::LabelFile)
    }

    fn verb(self) -> &'static str {
        match self {
            Self::Compose => "read the Compose file",
            Self::EnvFile => "read the env file",
            Self::LabelFile => "read the label file",
            Self::Secret => "make a secret of",
            Self::Config => "make a config of",
            Self::Mount => "mount",
            Self::Device => "use the device",
            Self::Build => "build with",
            Self::Watch => "watch",
        }
    }
}

/// Where a variable has its value from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VariableSource {
    /// The environment of the process.
    Environment,
    /// An environment file of this machine, such as `.env`.
    EnvFile,
}

/// Something of this machine that the files of a reference ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// The reference, as it is written.
    pub by: String,
    /// What is asked for.
    pub local: Local,
    /// The value of a variable, and where it is from.
    pub value: Option<(String, VariableSource)>,
    /// Where it is asked for.
    pub place: Option<Span>,
}

/// Characters of a value that are shown.
const SHOWN: usize = 60;

/// What names of variables with secrets contain.
const SECRET: [&str; 13] = [
    "pass", "pwd", "secret", "token", "key", "auth", "cred", "private", "cert", "dsn", "cookie",
    "session", "salt",
];

impl Access {
    /// What is asked for, without values: `read the variable TAG (environment)`.
    pub fn describe(&self) -> String {
        match &self.local {
            Local::Variable(name) => {
                let source = match self.value {
                    Some((_, VariableSource::EnvFile)) => "env file",
                    _ => "environment",
                };
                format!("read the variable {name} ({source})")
            }
            Local::Path(path, using) => format!("{} {}", using.verb(), path.display()),
            Local::SshAgent => "use the keys of your ssh agent in a build".to_owned(),
            Local::EngineSocket => {
                "use the engine's socket and your credentials for registries".to_owned()
            }
            Local::Program(name) => format!("run the program {name}"),
        }
    }

    /// The same for the user who is asked, with the values of variables that hold no secret by the
    /// look of them.
    pub fn describe_with_value(&self) -> String {
        let mut text = self.describe();
        if let (Local::Variable(name), Some((value, _))) = (&self.local, &self.value) {
            if looks_secret(name, value) {
                text.push_str(": a value that is not shown");
            } else {
                let shown: String = value.chars().take(SHOWN).collect();
                let dots = if shown.len() < value.len() { "…" } else { "" };
                // Writing to a string cannot fail.
                let _ = write!(text, ": {shown:?}{dots}");
            }
        }
        text
    }
}

fn looks_secret(name: &str, value: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let has_name =
        SECRET.iter().any(|part| name.contains(part)) && name != "pwd" && name != "oldpwd";
    // User and password in a URL; and what is long and random.
    let has_user = value.split_once("://").is_some_and(|(_, rest)| rest.contains('@'));
    let is_token = value.len() >= 20
        && value.chars().all(|it| it.is_ascii_alphanumeric() || "+/=_-.".contains(it))
        && value.chars().any(|it| it.is_ascii_digit())
        && value.chars().any(|it| it.is_ascii_alphabetic())
        && !value.starts_with('/');
    has_name || has_user || is_token
}

/// The errors of accesses that nobody has said yes to, one for each reference.
pub(in crate::compose) fn refusals(accesses: &[Access]) -> Vec<Diagnostic> {
    let mut references: Vec<&str> = Vec::new();
    for access in accesses {
        if !references.contains(&access.by.as_str()) {
            references.push(&access.by);
        }
    }
    references
        .into_iter()
        .map(|reference| {
            let own: Vec<_> = accesses.iter().filter(|access| access.by == reference).collect();
            let list: Vec<String> = own.iter().map(|access| access.describe()).collect();
            let message =
                format!("{reference} needs your yes to {}", list.join("; to "));
            let mut diagnostic = Diagnostic::error(codes::REMOTE_ACCESS, message);
            for access in own {
                diagnostic = if diagnostic.labels.is_empty() {
                    diagnostic.at(access.place, access.describe())
                } else {
                    diagnostic.with_context(access.place, access.describe())
                };
            }
            diagnostic.help(format!(
                "if you trust it with that, set `BIREME_TRUST_REMOTE={reference}`, or give `--yes` to `up` or `create`"
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_shown_unless_they_look_secret() {
        let shown = |name: &str, value: &str| {
            let access = Access {
                by: "oci://far/app".to_owned(),
                local: Local::Variable(name.to_owned()),
                value: Some((value.to_owned(), VariableSource::Environment)),
                place: None,
            };
            access.describe_with_value()
        };
        for (name, value) in
            [("TAG", "1.2.3"), ("HOME", "/home/me"), ("PWD", "/srv"), ("URL", "http://a/b")]
        {
            assert_eq!(
                shown(name, value),
                format!("read the variable {name} (environment): {value:?}")
            );
        }
        for (name, value) in [
            ("DB_PASSWORD", "x"),
            ("GITHUB_TOKEN", "y"),
            ("DATABASE", "postgres://me:pw@db/x"),
            ("X", "ghp0123456789abcdefghijk"),
        ] {
            assert!(shown(name, value).ends_with("not shown"), "{name}");
        }
        assert!(shown("LONG", &"a b".repeat(50)).ends_with('…'));
    }
}
