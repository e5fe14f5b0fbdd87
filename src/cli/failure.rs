//! How a command can end without success, and the exit code of each.

use std::fmt::Write as _;
use std::process::ExitCode;

use crate::compose::load;
use crate::diagnostic::{Diagnostic, SourceMap};
use crate::engine::EngineError;
use crate::stack::{StackError, StepError};
use crate::ui::FormatError;
use crate::watch::WatchError;

/// Exit code of a program that a signal ended.
pub(super) const INTERRUPTED: u8 = 130;

/// What a command gives.
pub(super) type Result<T = ()> = std::result::Result<T, Failure>;

/// Why a command did not end well.
#[derive(Debug)]
pub(super) enum Failure {
    /// A sentence in Docker Compose's words, and advice.
    Message {
        /// The sentence.
        message: String,
        /// What to do about it, one advice per line.
        help: Vec<String>,
    },
    /// Mistakes in the user's files.
    Diagnostics {
        /// The mistakes.
        diagnostics: Vec<Diagnostic>,
        /// The texts they point into.
        sources: Box<SourceMap>,
    },
    /// An exit code that says all: of a process in a container, of what was found.
    Status(u8),
    /// The exit code of a container that the command was there for, which is its own.
    Container(u8),
    /// A signal ended the command.
    Interrupted,
}

impl Failure {
    /// A sentence without advice.
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self::Message { message: message.into(), help: Vec::new() }
    }

    /// Adds advice to a sentence.
    #[must_use]
    pub(super) fn help(mut self, line: impl Into<String>) -> Self {
        if let Self::Message { help, .. } = &mut self {
            help.push(line.into());
        }
        self
    }

    /// The exit status of a process as the engine reports it: an error unless it is 0.
    pub(super) fn from_exit_code(code: i64) -> Result {
        if code == 0 { Ok(()) } else { Err(Self::Status(eight_bits(code))) }
    }

    /// Likewise of a container.
    pub(super) fn from_container(code: i64) -> Result {
        if code == 0 { Ok(()) } else { Err(Self::Container(eight_bits(code))) }
    }

    /// The exit code.
    pub(super) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Message { .. } | Self::Diagnostics { .. } => 1,
            Self::Status(code) | Self::Container(code) => *code,
            Self::Interrupted => INTERRUPTED,
        })
    }
}

/// Exit codes have eight bits; the shell sees no others.
fn eight_bits(code: i64) -> u8 {
    u8::try_from(code & 0xff).unwrap_or(u8::MAX)
}

impl From<load::Failure> for Failure {
    fn from(failure: load::Failure) -> Self {
        let load::Failure { diagnostics, sources, .. } = failure;
        Self::Diagnostics { diagnostics, sources: Box::new(sources) }
    }
}

impl From<FormatError> for Failure {
    fn from(error: FormatError) -> Self {
        Self::new(error.to_string())
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        Self::new(StackError::from(error).to_string())
    }
}

impl From<WatchError> for Failure {
    fn from(error: WatchError) -> Self {
        Self::new(error.to_string())
    }
}

impl From<StackError> for Failure {
    fn from(error: StackError) -> Self {
        match error {
            StackError::Cancelled => Self::Interrupted,
            StackError::Project(problem) => Self::Diagnostics {
                diagnostics: problem.diagnostics,
                sources: Box::new(problem.sources),
            },
            StackError::Step(step) => Self::new(told(&step)),
            error => Self::new(error.to_string()),
        }
    }
}

/// The reason first, in Docker Compose's words; then which step it was, and what the container wrote.
fn told(step: &StepError) -> String {
    let mut text = step.message.clone();
    let whose = step.service.as_ref().map(|service| format!("service {service}: "));
    // Writing to a string cannot fail.
    let _ = write!(text, "\n  {}{}", whose.unwrap_or_default(), step.step);
    for hint in &step.hints {
        let _ = write!(text, "\n  {hint}");
    }
    if !step.log.is_empty() {
        let container = step.container.as_deref().unwrap_or("the container");
        let _ = write!(text, "\n  last lines of {container}:");
        for line in &step.log {
            let _ = write!(text, "\n    {line}");
        }
    }
    text
}
