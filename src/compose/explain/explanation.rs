//! An explanation as data, for people and for programs.

use std::path::PathBuf;

use serde::Serialize;

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// The way to the value, or the name of the variable.
    pub path: String,
    /// What is explained.
    pub kind: Kind,
    /// The value as `config` prints it; nothing if there is none.
    pub value: Option<serde_json::Value>,
    /// What said something about it, the strongest first.
    pub candidates: Vec<Candidate>,
    /// What is in a mapping or list.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<Entry>,
    /// Where the files use a variable.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub uses: Vec<VariableUse>,
    /// The rule that decided, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// What else there is to know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// What is explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One value.
    Scalar,
    /// A mapping or a list.
    Collection,
    /// A variable that files are read with.
    Variable,
}

/// A place in a file; line and column count from 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The file: an absolute path, or `-` for standard input.
    pub file: PathBuf,
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

/// Something that said what a value shall be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// What it is.
    pub source: Source,
    /// Where it is written, if it is written in a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// What is written there, on one line.
    pub written: String,
    /// The value that it stands for; nothing if that is more than one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
    /// Why, in a few words.
    pub reason: String,
    /// What was stronger.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Place>,
    /// How it came from where it is written to where it counts, a step each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub via: Vec<Step>,
    /// What was made of it until it was the value, a step each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub made: Vec<String>,
    /// The variables in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub variables: Vec<VariableUse>,
}

/// A step that brought a statement from one place to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// What happened.
    pub text: String,
    /// What says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// What kind of thing a candidate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A Compose file.
    File,
    /// A file of `env_file`, `--env-file` or `.env`.
    EnvFile,
    /// A file of `label_file`.
    LabelFile,
    /// The environment of the process.
    Shell,
    /// A flag of the command line.
    Flag,
    /// The name of the project.
    ProjectName,
    /// The name of the directory.
    Directory,
    /// A rule of Compose.
    Compose,
}

/// What became of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is the value.
    Wins,
    /// All of it is in the value.
    Kept,
    /// Some of it is in the value.
    Partly,
    /// Something stronger is the value.
    Overridden,
    /// It says nothing.
    Ignored,
    /// A tag took it away.
    Removed,
    /// It takes away what others say.
    Removes,
    /// The load ended before it was decided.
    Undecided,
}

/// An entry of a mapping or list, in short.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// Its key, or its index in brackets.
    pub key: String,
    /// The path to ask for.
    pub path: String,
    /// Its value as `config` prints it.
    pub value: serde_json::Value,
    /// Where it is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// What brought it, if that is not the place alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// How many others said something else.
    pub others: usize,
}

/// A use of a variable in a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VariableUse {
    /// The variable.
    pub name: String,
    /// The use as it is written.
    pub written: String,
    /// Where the text is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The value that the text is part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// What stands in its place; nothing if that is an error.
    pub becomes: Option<String>,
    /// Why, in a few words.
    pub reason: String,
    /// What gives the variable a value, the strongest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Candidate>,
    /// The uses within the operand, if it counted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub within: Vec<Self>,
}
