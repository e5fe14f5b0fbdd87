//! Bytes to texts with a place in a [`SourceMap`], and what to say of bytes that are no text.

use std::io;
use std::path::Path;

use super::Files;
use crate::diagnostic::{Diagnostic, FileId, SourceMap, Span, codes};

/// Reads a YAML file into `sources`.
///
/// The errors have the words of Docker Compose, such as `open /p/a.yml: no such file or
/// directory`. UTF-16 with a byte order mark, which some Windows tools write, is understood.
pub fn read_text(
    files: &dyn Files,
    path: &Path,
    sources: &mut SourceMap,
) -> Result<FileId, Box<Diagnostic>> {
    let bytes = files.read(path).map_err(|error| Box::new(unreadable(path, &error)))?;
    add(sources, path, bytes)
}

/// Reads standard input into `sources`, where it is called `-`.
pub fn read_stdin(files: &dyn Files, sources: &mut SourceMap) -> Result<FileId, Box<Diagnostic>> {
    let path = Path::new("-");
    let bytes = files.stdin().map_err(|error| Box::new(unreadable(path, &error)))?;
    add(sources, path, bytes)
}

fn add(sources: &mut SourceMap, path: &Path, bytes: Vec<u8>) -> Result<FileId, Box<Diagnostic>> {
    let (text, valid) = decode(bytes);
    let control = text.find(is_control);
    let wrong = |offset: usize| offset..text.ceil_char_boundary(offset + 1);
    let (message, place) = match (valid, control) {
        (Err(offset), control) if control.is_none_or(|control| offset <= control) => {
            ("yaml: invalid leading UTF-8 octet", wrong(offset))
        }
        (_, Some(offset)) => ("yaml: control characters are not allowed", wrong(offset)),
        _ => return Ok(sources.add(path, text)),
    };
    let file = sources.add(path, text);
    Err(Box::new(
        Diagnostic::error(codes::FILE_NOT_TEXT, message)
            .at(Span::new(file, place.start, place.end), "")
            .help("Compose files are text in UTF-8"),
    ))
}

/// The text, with what is wrong replaced; and where the first wrong byte was.
fn decode(bytes: Vec<u8>) -> (String, Result<(), usize>) {
    let unit: Option<fn([u8; 2]) -> u16> = match bytes.as_slice() {
        [0xff, 0xfe, ..] => Some(u16::from_le_bytes),
        [0xfe, 0xff, ..] => Some(u16::from_be_bytes),
        _ => None,
    };
    if let Some(unit) = unit {
        let (pairs, rest) = bytes[2..].as_chunks::<2>();
        let mut text = String::with_capacity(pairs.len());
        let mut valid = Ok(());
        for character in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
            if character.is_err() && valid.is_ok() {
                valid = Err(text.len());
            }
            text.push(character.unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        if !rest.is_empty() && valid.is_ok() {
            valid = Err(text.len());
        }
        return (text, valid);
    }
    match String::from_utf8(bytes) {
        Ok(text) => (text, Ok(())),
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            (String::from_utf8_lossy(error.as_bytes()).into_owned(), Err(valid))
        }
    }
}

/// Whether YAML forbids the character.
fn is_control(character: char) -> bool {
    !matches!(
        character,
        '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..
    )
}

/// The error of an attempt to read, in Go's words.
fn unreadable(path: &Path, error: &io::Error) -> Diagnostic {
    let path = path.display();
    let message = match error.kind() {
        io::ErrorKind::NotFound => format!("open {path}: no such file or directory"),
        io::ErrorKind::PermissionDenied => format!("open {path}: permission denied"),
        io::ErrorKind::IsADirectory => format!("read {path}: is a directory"),
        io::ErrorKind::NotADirectory => format!("open {path}: not a directory"),
        _ => format!("read {path}: {error}"),
    };
    Diagnostic::error(codes::FILE_UNREADABLE, message)
}
