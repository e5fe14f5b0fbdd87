//! What can be wrong with an environment file.

use std::ops::Range;
use std::path::Path;

use super::Parsed;
use crate::compose::interpolate::TemplateError;
use crate::compose::limits;
use crate::diagnostic::{Code, Diagnostic, FileId, Span, codes};

/// An environment file with mistakes, and what else it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistaken<Mistake = DotenvError, Rest = Parsed> {
    /// The mistakes, in the order of the file; at least one.
    pub mistakes: Vec<Mistake>,
    /// What could be read. Good to look for more mistakes, and not to work with.
    pub rest: Rest,
}

impl Mistaken {
    /// The mistakes in Compose's words, with their places in the file at `path`.
    pub fn diagnostics(&self, file: FileId, path: &Path) -> Vec<Diagnostic> {
        self.mistakes.iter().map(|mistake| mistake.diagnostic(file, path)).collect()
    }
}

/// Why a text is no environment file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct DotenvError {
    /// The line of the mistake, from 1.
    pub line: usize,
    /// The bytes of the mistake.
    pub range: Range<usize>,
    pub(super) kind: ErrorKind,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum ErrorKind {
    #[error("line {0}: key cannot contain a space")]
    KeyWithSpace(usize),
    #[error("line {line}: unexpected character {character:?} in variable name {statement:?}")]
    UnexpectedCharacter { line: usize, character: String, statement: String },
    #[error("line {line}: unterminated quoted value {value}")]
    UnterminatedQuote { line: usize, value: String },
    #[error("zero length string")]
    NothingExported,
    #[error("line {0}: more than {max} variables", max = limits::VARIABLES)]
    TooMany(usize),
    #[error(transparent)]
    Template(TemplateError),
}

impl DotenvError {
    /// The mistake in Compose's words, with its place in the file at `path`.
    pub fn diagnostic(&self, file: FileId, path: &Path) -> Diagnostic {
        Diagnostic::error(self.code(), format!("failed to read {}: {self}", path.display()))
            .at(Span::new(file, self.range.start, self.range.end), "")
    }

    /// Whether it is that a variable without a value must have one.
    pub fn is_missing_variable(&self) -> bool {
        matches!(self.kind, ErrorKind::Template(TemplateError::Required { .. }))
    }

    /// Whether the file is not read further.
    pub(super) fn ends_reading(&self) -> bool {
        matches!(
            self.kind,
            ErrorKind::TooMany(_) | ErrorKind::Template(TemplateError::TooLarge { .. })
        )
    }

    fn code(&self) -> Code {
        match self.kind {
            ErrorKind::Template(_) => codes::DOTENV_INTERPOLATION,
            _ => codes::DOTENV_SYNTAX,
        }
    }
}
