//! Why a step is in a plan.

use std::fmt;

use crate::compose::model::Project;

/// Why a step is there, in words, with the line of the file that asks for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cause {
    /// A phrase: `service web has no container`.
    pub reason: String,
    /// Where the files say so: `compose.yaml:3:5`.
    pub place: Option<String>,
    /// What differs from what exists.
    pub changes: Vec<Change>,
}

/// One difference between what exists and what the files ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// The field, below the service: `environment.MODE`.
    pub field: String,
    /// What it is; `None` when it is not there.
    pub old: Option<String>,
    /// What it shall be; `None` when it shall not be there.
    pub new: Option<String>,
    /// Where the files say so.
    pub place: Option<String>,
}

impl Cause {
    /// A reason that no file gives.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), ..Self::default() }
    }

    /// A reason with the place of the model's value at `path`.
    pub fn at(project: &Project, path: &str, reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), place: place(project, path), changes: Vec::new() }
    }

    /// With what differs.
    #[must_use]
    pub fn with_changes(mut self, changes: Vec<Change>) -> Self {
        self.changes = changes;
        self
    }
}

/// Where the value at a dotted path is written, relative to the project's directory.
pub fn place(project: &Project, path: &str) -> Option<String> {
    let described = project.sources.describe(project.origin(path)?);
    let directory = format!("{}/", project.working_dir.display());
    let place = described.strip_prefix(&directory).unwrap_or(&described);
    (!place.is_empty()).then(|| place.to_owned())
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)?;
        if let Some(place) = &self.place {
            write!(f, " ({place})")?;
        }
        for (index, change) in self.changes.iter().enumerate() {
            write!(f, "{}{change}", if index == 0 { ": " } else { "; " })?;
        }
        Ok(())
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.field)?;
        match (&self.old, &self.new) {
            (Some(old), Some(new)) => write!(f, "{old} → {new}")?,
            (Some(old), None) => write!(f, "{old} removed")?,
            (None, Some(new)) => write!(f, "{new} added")?,
            (None, None) => f.write_str("changed")?,
        }
        match &self.place {
            Some(place) => write!(f, " ({place})"),
            None => Ok(()),
        }
    }
}
