//! The texts that were read, and places in them. A [`Span`] is small and copied freely; lines and
//! columns are looked up only when something is shown.

use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file within a [`SourceMap`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A range of bytes within one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// A span over bytes `start..end` of `file`.
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        let offset = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        Self { file, start: offset(start), end: offset(end) }
    }

    /// The bytes as a range.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A line and a column for people, both from 1; the column counts characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl Position {
    /// The position of a byte of a text; one that lies outside is moved inside.
    pub fn of(text: &str, offset: usize) -> Self {
        let before = &text[..text.floor_char_boundary(offset.min(text.len()))];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            line: before.bytes().filter(|byte| *byte == b'\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }
}

/// One text that was read.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// What to call it: an absolute path, or `-` for standard input.
    pub name: PathBuf,
    /// Its text.
    pub text: Arc<str>,
}

/// All texts of one load.
#[derive(Debug, Clone, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

impl SourceMap {
    /// Adds a text and names it for spans.
    pub fn add(&mut self, name: impl Into<PathBuf>, text: impl Into<Arc<str>>) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(SourceFile { name: name.into(), text: text.into() });
        id
    }

    /// All files, in the order of their ids.
    pub fn files(&self) -> impl Iterator<Item = &SourceFile> {
        self.files.iter()
    }

    /// The file, if `id` came from this map.
    pub fn file(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    /// The file's name, or an empty path for a foreign `id`.
    pub fn name(&self, id: FileId) -> &Path {
        self.file(id).map_or(Path::new(""), |file| &file.name)
    }

    /// Line and column of the span's start.
    pub fn position(&self, span: Span) -> Option<Position> {
        Some(Position::of(&self.file(span.file)?.text, span.start as usize))
    }

    /// `path:line:column` of the span's start, for a plan's "which line says so".
    pub fn describe(&self, span: Span) -> String {
        match self.position(span) {
            Some(Position { line, column }) => {
                format!("{}:{line}:{column}", self.name(span.file).display())
            }
            None => String::new(),
        }
    }
}
