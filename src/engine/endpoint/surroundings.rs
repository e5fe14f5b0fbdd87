//! What the search for an engine asks of the machine: variables, small files, directories and
//! programs. The search itself stays a function of its arguments, and tests hand in a machine.

use std::io;
use std::path::{Path, PathBuf};

/// The machine and the user's environment, as far as the search for an engine looks at them.
pub trait Surroundings: Sync {
    /// An environment variable; `None` where it is unset or not Unicode.
    fn variable(&self, name: &str) -> Option<String>;
    /// The bytes of a file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
    /// Names of the entries of a directory, sorted; none where it cannot be read.
    fn entries(&self, path: &Path) -> Vec<String>;

    /// An environment variable that is not empty.
    fn filled_variable(&self, name: &str) -> Option<String> {
        self.variable(name).filter(|value| !value.is_empty())
    }

    /// The user's home directory.
    fn home(&self) -> Option<PathBuf> {
        self.filled_variable("HOME").or_else(|| self.filled_variable("USERPROFILE")).map(Into::into)
    }

    /// Whether there is an entry at `path`.
    fn exists(&self, path: &Path) -> bool {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let entries = path.parent().map(|parent| self.entries(parent));
        matches!((name, entries), (Some(name), Some(entries)) if entries.contains(&name))
    }

    /// Whether a program of that name is on `PATH`.
    fn has_program(&self, name: &str) -> bool {
        let path = self.variable("PATH").unwrap_or_default();
        std::env::split_paths(&path).any(|directory| self.exists(&directory.join(name)))
    }
}

/// The machine this program runs on.
#[derive(Debug, Clone, Copy, Default)]
pub struct ThisMachine;

impl Surroundings for ThisMachine {
    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    fn entries(&self, path: &Path) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(path) else { return Vec::new() };
        let mut names: Vec<String> = entries
            .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
            .collect();
        names.sort();
        names
    }

    fn exists(&self, path: &Path) -> bool {
        path.symlink_metadata().is_ok()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// A machine with the variables and files it is given.
    #[derive(Debug, Clone, Default)]
    pub(crate) struct Imagined {
        pub(crate) variables: BTreeMap<String, String>,
        pub(crate) files: BTreeMap<PathBuf, String>,
    }

    impl Imagined {
        pub(crate) fn with_variable(mut self, name: &str, value: &str) -> Self {
            self.variables.insert(name.into(), value.into());
            self
        }

        pub(crate) fn with_file(mut self, path: &str, text: &str) -> Self {
            self.files.insert(path.into(), text.into());
            self
        }
    }

    impl Surroundings for Imagined {
        fn variable(&self, name: &str) -> Option<String> {
            self.variables.get(name).cloned()
        }

        fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
            let missing = || io::Error::from_raw_os_error(2);
            self.files.get(path).map(|text| text.clone().into_bytes()).ok_or_else(missing)
        }

        fn entries(&self, path: &Path) -> Vec<String> {
            let inside = self.files.keys().filter_map(|file| file.strip_prefix(path).ok());
            let names: BTreeSet<String> = inside
                .filter_map(|rest| Some(rest.iter().next()?.to_string_lossy().into_owned()))
                .collect();
            names.into_iter().collect()
        }
    }
}
