//! The process as it was started: arguments, environment, directory, streams. Read here once and
//! nowhere else; everything behind it is told.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::entry::{Call, Entry};
use super::failure::{Failure, Result};
use super::global::GlobalArgs;
use crate::compose::files::Disk;
use crate::compose::remote::Remote;
use crate::compose::source::{self, Request};
use crate::diagnostic::SourceMap;
use crate::ui::{Terminals, terminal};

/// Environment variables by name.
pub(super) type Variables = BTreeMap<String, String>;

/// What a process is given.
#[derive(Debug, Clone, Default)]
pub(super) struct Process {
    /// How it was called.
    pub(super) entry: Entry,
    /// Environment.
    pub(super) variables: Variables,
    /// Names of variables that are not from the process but from env files.
    pub(super) completed: BTreeSet<String>,
    /// Working directory.
    pub(super) directory: PathBuf,
    /// Which streams are terminals.
    pub(super) terminals: Terminals,
}

impl Process {
    /// Reads the process that this is, and what it was called for. Bytes that are no UTF-8 are
    /// replaced.
    pub(super) fn read() -> (Self, Call) {
        let mut variables: Variables = std::env::vars_os()
            .map(|(name, value)| {
                (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned())
            })
            .collect();
        let directory = directory(&variables);
        // Files may use `${PWD}` also where no shell has set it.
        variables
            .entry("PWD".to_owned())
            .or_insert_with(|| directory.to_string_lossy().into_owned());
        let mut words = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned());
        let program = words.next().unwrap_or_default();
        let (entry, call) = Entry::of(&program, words.collect());
        let terminals = terminal::terminals();
        (Self { entry, variables, completed: BTreeSet::new(), directory, terminals }, call)
    }
}

impl Process {
    /// The program's own file, behind all links.
    pub(super) fn executable() -> Result<PathBuf> {
        std::env::current_exe()
            .and_then(|path| path.canonicalize())
            .map_err(|error| Failure::new(format!("cannot find the program's own file: {error}")))
    }

    /// The address of the socket by which the docker command tells us to end.
    pub(super) fn front(&self) -> Option<&str> {
        let socket = self.variables.get("DOCKER_CLI_PLUGIN_SOCKET");
        socket.filter(|_| self.entry.is_plugin).map(String::as_str)
    }

    /// The user's home directory.
    pub(super) fn home(&self) -> Option<PathBuf> {
        self.variables.get("HOME").filter(|home| !home.is_empty()).map(PathBuf::from)
    }

    /// An environment variable.
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// With the `COMPOSE_…` variables of env files, where the environment has none. What is wrong
    /// with the files is told when a command reads them.
    #[must_use]
    pub(super) fn with_env_files(mut self, global: &GlobalArgs) -> Self {
        let remote = |file: &String| Remote::of(file).is_some();
        if global.file.iter().any(remote) {
            return self;
        }
        let request = Request {
            files: global.file.clone(),
            project_directory: global.project_directory.as_ref().map(PathBuf::from),
            env_files: global.env_file.iter().map(PathBuf::from).collect(),
            current_directory: self.directory.clone(),
            environment: self.variables.clone(),
            home: self.home(),
            ..Request::default()
        };
        let located = source::locate(&request, &Disk::default(), &mut SourceMap::default());
        if let Ok(located) = located {
            for (name, value) in located.environment {
                // Which files are read is settled before any of them is.
                let wanted = name.starts_with("COMPOSE_") && name != "COMPOSE_ENV_FILES";
                if wanted && !self.variables.contains_key(&name) {
                    self.completed.insert(name.clone());
                    self.variables.insert(name, value);
                }
            }
        }
        self
    }
}

/// The working directory; by the name in `PWD` if that is the same one, so that symbolic links on
/// the way keep their names (as Go's `os.Getwd` does).
fn directory(variables: &Variables) -> PathBuf {
    let actual = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/"));
    let Some(named) = variables.get("PWD").map(PathBuf::from).filter(|path| path.is_absolute())
    else {
        return actual;
    };
    let same = match (named.canonicalize(), actual.canonicalize()) {
        (Ok(named), Ok(actual)) => named == actual,
        _ => false,
    };
    if same { named } else { actual }
}
