//! Which containers a call means, and how.

/// Which containers to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContainerFilter {
    /// Labels they must have, `key` or `key=value`.
    pub labels: Vec<String>,
    /// Whether those that do not run are listed too.
    pub all: bool,
    /// States, of which one must be theirs; empty for any.
    pub status: Vec<String>,
    /// Regular expressions, of which one must match their name; empty for any.
    pub names: Vec<String>,
    /// Regular expressions, of which one must match their id; empty for any.
    pub ids: Vec<String>,
}

/// How to remove a container.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RemoveContainer {
    /// Kill it if it runs.
    pub force: bool,
    /// Remove its anonymous volumes too.
    pub volumes: bool,
}

/// What to wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitCondition {
    /// It does not run; at once if it does not.
    NotRunning,
    /// It ends the next time.
    NextExit,
    /// It is removed.
    Removed,
}
