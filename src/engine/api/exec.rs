//! Processes: exec, attach, logs.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{is_default, null_default};

/// Body of ContainerExec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ExecCreate {
    /// Whether standard input is attached.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub attach_stdin: bool,
    /// Whether standard output is attached.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub attach_stdout: bool,
    /// Whether standard error is attached.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub attach_stderr: bool,
    /// Keys that detach.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub detach_keys: String,
    /// Whether it has a terminal.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub tty: bool,
    /// `KEY=value`.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub env: Vec<String>,
    /// Command.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub cmd: Vec<String>,
    /// Whether privileged.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub privileged: bool,
    /// User.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub user: String,
    /// Working directory.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_default")]
    pub working_dir: String,
}

/// Answer of ExecInspect.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ExecDetails {
    /// Id.
    #[serde(rename = "ID", deserialize_with = "null_default")]
    pub id: String,
    /// Whether it runs.
    #[serde(deserialize_with = "null_default")]
    pub running: bool,
    /// Exit code, once it ended.
    pub exit_code: Option<i64>,
    /// Process id in the engine's guest.
    #[serde(deserialize_with = "null_default")]
    pub pid: i64,
    /// Container.
    #[serde(rename = "ContainerID", deserialize_with = "null_default")]
    pub container_id: String,
}

/// How to attach to a container.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttachOptions {
    /// Attach standard input.
    pub stdin: bool,
    /// Attach standard output.
    pub stdout: bool,
    /// Attach standard error.
    pub stderr: bool,
    /// Begin with what was written before.
    pub logs: bool,
    /// Keys that detach; empty for the engine's default.
    pub detach_keys: String,
    /// Whether the container has a terminal, whose output is not framed.
    pub tty: bool,
}

/// Which part of a log to read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogOptions {
    /// Go on as it grows.
    pub follow: bool,
    /// Read standard output.
    pub stdout: bool,
    /// Read standard error.
    pub stderr: bool,
    /// RFC 3339, Unix time or a Go duration back from now.
    pub since: String,
    /// As `since`.
    pub until: String,
    /// Begin each line with its time.
    pub timestamps: bool,
    /// Number of lines from the end, or empty for all.
    pub tail: String,
    /// Whether the container has a terminal, whose output is not framed.
    pub tty: bool,
}

/// Some bytes that a process wrote; not necessarily whole lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutputChunk {
    /// To standard output, or to its terminal.
    Stdout(Bytes),
    /// To standard error.
    Stderr(Bytes),
}

impl OutputChunk {
    /// The bytes, whichever stream they are of.
    pub fn bytes(&self) -> &Bytes {
        let (Self::Stdout(bytes) | Self::Stderr(bytes)) = self;
        bytes
    }
}

/// Size of a terminal in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminalSize {
    /// Lines.
    pub height: u16,
    /// Columns.
    pub width: u16,
}
