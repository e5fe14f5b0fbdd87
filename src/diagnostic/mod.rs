//! A problem in a user's file: a stable code, one sentence, the places it concerns, and what to
//! write instead. A [`Diagnostic`] is a plain value; [`render`] draws it for a person, [`json`],
//! [`sarif`] and [`annotations`] write it for programs.

pub mod annotations;
mod code;
pub mod codes;
pub mod json;
mod order;
mod region;
mod render;
pub mod sarif;
mod silence;
mod source;

pub use code::Code;
pub use order::{arrange, error_places, has_errors};
pub use render::{Style, render, render_short, render_within};
pub use silence::silence;
pub use source::{FileId, Position, SourceFile, SourceMap, Span};

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The file loads; something in it probably does not mean what its author thinks.
    Warning,
    /// The file cannot be used.
    Error,
}

impl Severity {
    /// The word for it: `warning`, `error`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A place in a file that a [`Diagnostic`] points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Which bytes.
    pub span: Span,
    /// What is there, in a few words; may be empty on a primary label.
    pub message: String,
    /// Whether this is the place of the mistake, rather than one that explains it.
    pub primary: bool,
}

/// A replacement of some bytes of a file that would mend the problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The bytes to replace; empty to insert.
    pub span: Span,
    /// The text to put there.
    pub replacement: String,
}

/// One problem, independent of how it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The kind of problem.
    pub code: Code,
    /// Whether it stops the run.
    pub severity: Severity,
    /// One sentence, no trailing period. Where Docker Compose has words that scripts match on,
    /// they stand in it literally.
    pub message: String,
    /// The places, primary first. Empty when the problem is in no file (a bad flag).
    pub labels: Vec<Label>,
    /// What to write or do instead.
    pub help: Option<String>,
    /// Replacements that would mend it.
    pub edits: Vec<Edit>,
}

impl Diagnostic {
    /// An error without a place yet.
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message)
    }

    /// A warning without a place yet.
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message)
    }

    /// The place of the mistake: the first primary label, else the first.
    pub fn place(&self) -> Option<&Label> {
        self.labels.iter().find(|label| label.primary).or(self.labels.first())
    }

    fn new(severity: Severity, code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity,
            message: message.into(),
            labels: Vec::new(),
            help: None,
            edits: Vec::new(),
        }
    }

    /// Adds the place of the mistake. `None` (a value that stands in no file) adds nothing.
    #[must_use]
    pub fn at(mut self, span: impl Into<Option<Span>>, message: impl Into<String>) -> Self {
        if let Some(span) = span.into() {
            self.labels.push(Label { span, message: message.into(), primary: true });
        }
        self
    }

    /// Adds a place that explains the mistake.
    #[must_use]
    pub fn with_context(
        mut self,
        span: impl Into<Option<Span>>,
        message: impl Into<String>,
    ) -> Self {
        if let Some(span) = span.into() {
            self.labels.push(Label { span, message: message.into(), primary: false });
        }
        self
    }

    /// Says what to write or do instead.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds a replacement that would mend the problem.
    #[must_use]
    pub fn edit(mut self, span: Span, replacement: impl Into<String>) -> Self {
        self.edits.push(Edit { span, replacement: replacement.into() });
        self
    }
}
