//! The process as it was started: arguments, environment, directory, streams. Read here once and
//! nowhere else; everything behind it is told.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::ui::{Terminals, terminal};

/// Environment variables by name.
pub type Variables = BTreeMap<String, String>;

/// What a process is given.
#[derive(Debug, Clone, Default)]
pub struct Process {
    /// Arguments behind the program's own name.
    pub arguments: Vec<String>,
    /// Environment.
    pub variables: Variables,
    /// Working directory.
    pub directory: PathBuf,
    /// Which streams are terminals.
    pub terminals: Terminals,
}

impl Process {
    /// Reads the process that this is. Bytes that are no UTF-8 are replaced.
    pub fn read() -> Self {
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
        Self {
            arguments: std::env::args_os()
                .skip(1)
                .map(|argument| argument.to_string_lossy().into_owned())
                .collect(),
            variables,
            directory,
            terminals: terminal::terminals(),
        }
    }
}

impl Process {
    /// With the `COMPOSE_…` variables of env files, where the environment has none. What is wrong
    /// with the files is told when a command reads them.
    #[must_use]
    pub(super) fn with_env_files(mut self, global: &GlobalArgs) -> Self {
        let remote = |file: &String| Remote::of(file).is_some();
        if global.file.iter().any(remote) {
            return self;
        }
        let request = request(&self, global);
        let located = source::locate(&request, &Disk::default(), &mut SourceMap::default());
        if let Ok(located) = located {
            for (name, value) in located.environment {
                if name.starts_with("COMPOSE_") {
                    self.variables.entry(name).or_insert(value);
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
