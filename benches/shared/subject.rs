//! The programs that are compared.

use std::path::Path;
use std::process::{Command, Stdio};

/// A program that answers as Docker Compose does.
pub(crate) struct Subject {
    /// What the table calls it.
    pub(crate) name: &'static str,
    /// It and the arguments before those of the question.
    words: Vec<String>,
}

impl Subject {
    /// Bireme as this benchmark was built with, optimised as a release is.
    fn bireme() -> Self {
        Self { name: "bireme", words: vec![env!("CARGO_BIN_EXE_bireme").to_owned()] }
    }

    /// Docker Compose, where there is one.
    fn compose() -> Option<Self> {
        let named = std::env::var("BIREME_BENCH_COMPOSE").ok();
        let named = named.iter().map(String::as_str).filter(|words| !words.is_empty());
        named
            .chain(["docker-compose", "docker compose"])
            .map(|words| words.split_whitespace().map(str::to_owned).collect())
            .map(|words| Self { name: "compose", words })
            .find(Self::answers)
    }

    fn answers(&self) -> bool {
        self.command(Path::new("."), &["version"]).status().is_ok_and(|status| status.success())
    }

    /// A run of it in a project. What it prints goes nowhere.
    pub(crate) fn command(&self, directory: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.words[0]);
        command
            .args(&self.words[1..])
            .args(arguments)
            .current_dir(directory)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }
}

/// Bireme, and Docker Compose if it is there.
pub(crate) fn all() -> Vec<Subject> {
    std::iter::once(Subject::bireme()).chain(Subject::compose()).collect()
}
