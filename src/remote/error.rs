//! Why something could not be fetched.

use std::io;
use std::path::Path;

/// Why something could not be fetched, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// A sentence without a full stop.
    pub(crate) reason: String,
    /// What to do.
    pub(crate) help: Option<String>,
}

impl Problem {
    /// A problem without advice.
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), help: None }
    }

    /// Adds advice.
    #[must_use]
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Puts what was attempted in front.
    #[must_use]
    pub(crate) fn in_context(mut self, context: &str) -> Self {
        self.reason = format!("{context}: {}", self.reason);
        self
    }

    /// A directory or file of the cache that cannot be used.
    pub(crate) fn of_cache(path: &Path, error: &io::Error) -> Self {
        Self::new(format!("initializing remote resource cache: {}: {error}", path.display()))
            .help("copies of remote files are kept in `$XDG_CACHE_HOME`, or `.cache` at home")
    }
}
