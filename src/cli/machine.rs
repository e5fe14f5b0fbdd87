//! The machine as the search for an engine sees it: the variables are those that were read at the
//! start, with what flags say in their place; files are the machine's own.

use std::io;
use std::path::Path;

use super::global::EngineArgs;
use super::process::Variables;
use crate::engine::endpoint::{Surroundings, ThisMachine};

/// The machine and the environment of this run.
#[derive(Debug, Clone)]
pub(super) struct Machine {
    variables: Variables,
}

impl Machine {
    /// The environment, in which `--tls`, `--tlsverify` and `--config` are the variables that mean
    /// the same.
    pub(super) fn new(variables: &Variables, flags: &EngineArgs) -> Self {
        let mut variables = variables.clone();
        for (given, name) in [(flags.tls, "DOCKER_TLS"), (flags.tls_verify, "DOCKER_TLS_VERIFY")] {
            if given {
                variables.insert(name.to_owned(), "1".to_owned());
            }
        }
        if let Some(directory) = &flags.configuration {
            let directory = directory.to_string_lossy().into_owned();
            variables.insert("DOCKER_CONFIG".to_owned(), directory);
        }
        Self { variables }
    }
}

impl Surroundings for Machine {
    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        ThisMachine.read(path)
    }

    fn entries(&self, path: &Path) -> Vec<String> {
        ThisMachine.entries(path)
    }

    fn exists(&self, path: &Path) -> bool {
        ThisMachine.exists(path)
    }
}
