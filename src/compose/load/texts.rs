//! The texts of a load and their documents. Each file is read once, however often it is included
//! or extended.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::compose::files::{Files, read_stdin, read_text};
use crate::compose::limits;
use crate::compose::yaml::{self, Node};
use crate::diagnostic::{Diagnostic, FileId, Severity, SourceMap, Span, codes};

/// What standard input is called.
pub(super) const STDIN: &str = "-";

/// Reads texts and remembers them.
pub(super) struct Texts<'a> {
    files: &'a dyn Files,
    pub(super) sources: SourceMap,
    known: HashMap<PathBuf, Text>,
    /// Bytes of the texts so far, each counted as often as it was used.
    bytes: usize,
    /// Values of the texts so far, each text counted as often as it was used.
    nodes: usize,
}

/// A text that was asked for before.
enum Text {
    /// It cannot be read or is not YAML, which was reported.
    Useless,
    /// It was read, and nobody needed its documents so far.
    Unparsed(FileId),
    /// It was read; its documents are here until they are first used. They have so many nodes.
    Read { file: FileId, documents: Option<Vec<Node>>, nodes: usize },
}

impl<'a> Texts<'a> {
    pub(super) fn new(files: &'a dyn Files, sources: SourceMap) -> Self {
        Self { files, sources, known: HashMap::new(), bytes: 0, nodes: 0 }
    }

    /// The documents of a file, to be taken apart. `place` is what refers to the file.
    pub(super) fn documents(
        &mut self,
        path: &Path,
        place: Option<Span>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Vec<Node>> {
        self.peek(path, place, diagnostics)?;
        let (file, nodes) = match self.known.get_mut(path)? {
            Text::Useless | Text::Unparsed(_) => return None,
            Text::Read { documents: documents @ Some(_), .. } => return documents.take(),
            Text::Read { file, nodes, .. } => (*file, *nodes),
        };
        let text = Arc::clone(&self.sources.file(file)?.text);
        if let Err(error) = self.count(text.len(), nodes) {
            diagnostics.push(error.at(place, ""));
            return None;
        }
        Some(yaml::parse(file, &text).documents)
    }

    /// The documents of a file, to look at before they are taken; none if they were taken.
    pub(super) fn peek(
        &mut self,
        path: &Path,
        place: Option<Span>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<&[Node]> {
        let unparsed = match self.known.get(path) {
            None => Some(None),
            Some(Text::Unparsed(file)) => Some(Some(*file)),
            Some(Text::Useless | Text::Read { .. }) => None,
        };
        if let Some(read) = unparsed {
            let text = self.first(read, path, place, diagnostics);
            self.known.insert(path.to_owned(), text);
        }
        match self.known.get(path)? {
            Text::Useless | Text::Unparsed(_) => None,
            Text::Read { documents, .. } => Some(documents.as_deref().unwrap_or_default()),
        }
    }

    /// The text of a file, before it is read as YAML. Says nothing of one that cannot be read, which
    /// whoever needs its documents is told.
    pub(super) fn glance(&mut self, path: &Path) -> Option<Arc<str>> {
        let file = match self.known.get(path) {
            Some(Text::Useless) => return None,
            Some(Text::Unparsed(file) | Text::Read { file, .. }) => *file,
            None => {
                let file = self.read(path, None).ok()?;
                self.known.insert(path.to_owned(), Text::Unparsed(file));
                file
            }
        };
        self.sources.file(file).map(|file| Arc::clone(&file.text))
    }

    /// The text of a file that is no YAML.
    pub(super) fn plain(
        &mut self,
        path: &Path,
        place: Option<Span>,
    ) -> Result<(FileId, Arc<str>), Box<Diagnostic>> {
        let file = self.read(path, place)?;
        let size = self.sources.file(file).map_or(0, |file| file.text.len());
        self.count(size, 0).map_err(|error| Box::new(error.at(place, "")))?;
        let text = self.sources.file(file).map(|file| Arc::clone(&file.text));
        Ok((file, text.unwrap_or_default()))
    }

    /// Reads a file as YAML; `read` if its text is here already.
    fn first(
        &mut self,
        read: Option<FileId>,
        path: &Path,
        place: Option<Span>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Text {
        let file = match read.map_or_else(|| self.read(path, place), Ok) {
            Ok(file) => file,
            Err(error) => {
                diagnostics.push(in_file(*error, path));
                return Text::Useless;
            }
        };
        let text = self.sources.file(file).map(|file| Arc::clone(&file.text)).unwrap_or_default();
        let mut parsed = yaml::parse(file, &text);
        if let Err(error) = self.count(text.len(), parsed.nodes) {
            diagnostics.push(error.at(place, ""));
            return Text::Useless;
        }
        // Docker Compose composes the whole text before it looks at keys.
        parsed
            .diagnostics
            .sort_by_key(|it| !matches!(it.code, codes::YAML_SYNTAX | codes::YAML_UNKNOWN_ANCHOR));
        // Of a text with mistakes the rest is looked at, too.
        let useless = parsed.documents.is_empty()
            && parsed.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
        diagnostics.extend(parsed.diagnostics.into_iter().map(|it| in_file(it, path)));
        if useless {
            return Text::Useless;
        }
        Text::Read { file, documents: Some(parsed.documents), nodes: parsed.nodes }
    }

    /// Adds to what the texts of this load hold, and says what is wrong when that is too much.
    pub(super) fn count(&mut self, bytes: usize, nodes: usize) -> Result<(), Diagnostic> {
        self.bytes = self.bytes.saturating_add(bytes);
        self.nodes = self.nodes.saturating_add(nodes);
        let what = if self.bytes > limits::LOAD_BYTES {
            format!("{} MiB of text", limits::LOAD_BYTES >> 20)
        } else if self.nodes > limits::LOAD_NODES {
            format!("{} keys and values", limits::LOAD_NODES)
        } else {
            return Ok(());
        };
        let message = format!("the files of this project have more than {what}");
        Err(Diagnostic::error(codes::YAML_TOO_LARGE, message)
            .help("a file counts each time that it is included or extended anew"))
    }

    fn read(&mut self, path: &Path, place: Option<Span>) -> Result<FileId, Box<Diagnostic>> {
        let read = if path.as_os_str() == STDIN {
            read_stdin(self.files, &mut self.sources)
        } else {
            read_text(self.files, path, &mut self.sources)
        };
        // What cannot be read has no place of its own; what refers to it has one.
        read.map_err(
            |error| if error.labels.is_empty() { Box::new(error.at(place, "")) } else { error },
        )
    }
}

/// A mistake in a text with the name of its file in front, as Docker Compose has it.
fn in_file(mut diagnostic: Diagnostic, path: &Path) -> Diagnostic {
    // Docker Compose finds this one later, when it has forgotten the file.
    let named = diagnostic.code != codes::YAML_NON_STRING_KEY
        && diagnostic.code != codes::FILE_UNREADABLE
        && diagnostic.severity == Severity::Error;
    if named {
        diagnostic.message = format!("failed to parse {}: {}", path.display(), diagnostic.message);
    }
    diagnostic
}
