//! Why a step is in a plan.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::compose::model::Project;
use crate::compose::yaml::Node;
use crate::diagnostic::{FileId, Span};

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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Change {
    /// The field, below the service: `environment.MODE`.
    pub field: String,
    /// What it is; `None` when it is not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
    /// What it shall be; `None` when it shall not be there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<String>,
    /// Where the files say so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Whether the values are nobody's business: they came from an environment or a secret, or look
    /// like it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
}

/// What stands in place of a value that is not shown.
pub const HIDDEN: &str = "(hidden)";

impl Change {
    /// The old value as it may be shown.
    pub fn shown_old(&self) -> Option<&str> {
        self.shown(self.old.as_deref())
    }

    /// The new value as it may be shown.
    pub fn shown_new(&self) -> Option<&str> {
        self.shown(self.new.as_deref())
    }

    fn shown<'a>(&self, value: Option<&'a str>) -> Option<&'a str> {
        value.map(|value| if self.hidden { HIDDEN } else { value })
    }
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
    described(project, project.origin(path)?)
}

/// Where a variable of a service gets its value: in a Compose file, or else in the last of the
/// service's files of variables that has it.
pub fn variable_place(project: &Project, service: &str, name: &str) -> Option<String> {
    assigned_place(project, service, ["environment", "env_file"], name)
}

/// Where a label of a service gets its value: in a Compose file, or else in the last of the
/// service's files of labels that has it.
pub fn label_place(project: &Project, service: &str, name: &str) -> Option<String> {
    assigned_place(project, service, ["labels", "label_file"], name)
}

/// Where a name is given its value, by a field itself or by the files that another one names.
fn assigned_place(
    project: &Project,
    service: &str,
    [field, file_field]: [&str; 2],
    name: &str,
) -> Option<String> {
    let path = format!("services.{service}.{field}.{name}");
    if project.tree.at_path(&path).is_none() {
        let files = project.tree.at_path(&format!("services.{service}.{file_field}"));
        let of_one = files.and_then(Node::as_str);
        let of_many = files.and_then(Node::as_sequence).unwrap_or_default();
        let file = |file: &Node| {
            let named = file.as_str().or_else(|| file.at_path("path")?.as_str())?;
            Some(named.to_owned())
        };
        let all = of_one.map(str::to_owned).into_iter().chain(of_many.iter().filter_map(file));
        let all: Vec<String> = all.collect();
        let found = all.iter().rev().find_map(|file| assignment(project, Path::new(file), name));
        if let Some(span) = found {
            return described(project, span);
        }
    }
    place(project, &path)
}

/// The last line of a file of variables that gives one a value.
fn assignment(project: &Project, file: &Path, name: &str) -> Option<Span> {
    let index = project.sources.files().position(|source| source.name == file)?;
    let id = FileId(u32::try_from(index).ok()?);
    let text = &project.sources.file(id)?.text;
    let mut found = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_start();
        let bare = bare.strip_prefix("export ").map_or(bare, str::trim_start);
        let value = bare.strip_prefix(name).map(str::trim_start);
        if value.is_some_and(|value| value.starts_with(['=', ':']) || value.is_empty()) {
            let at = start + (line.len() - bare.len());
            found = Some(Span::new(id, at, at + name.len()));
        }
        start += line.len();
    }
    found
}

fn described(project: &Project, span: Span) -> Option<String> {
    let described = project.sources.describe(span);
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
        match (self.shown_old(), self.shown_new()) {
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
