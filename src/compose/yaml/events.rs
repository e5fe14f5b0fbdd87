//! The syntax of YAML: a text as a flat run of events with byte ranges.
//!
//! The only file that names the parser crate, so that it can be replaced. Ranges always lie within
//! the text and on character boundaries.

use std::borrow::Cow;
use std::ops::Range;

use granit_parser::{ErrorKind, Event as Raw, Parser, ScalarStyle, ScanError, Span, Tag as RawTag};

use super::recovery::{Flaw, Repairs};
use crate::compose::limits;

/// One event and where it stands.
pub(super) struct Event<'text> {
    /// What happens.
    pub(super) kind: EventKind<'text>,
    /// Its bytes. Of a collection: of its opening only.
    pub(super) range: Range<usize>,
    /// The tag in front of the node.
    pub(super) tag: Option<Tag>,
    /// The number by which aliases refer to the node.
    pub(super) anchor: Option<usize>,
}

/// What an [`Event`] says.
pub(super) enum EventKind<'text> {
    DocumentStart,
    DocumentEnd,
    /// Text after escapes and folding; `plain` when nothing quotes it.
    Scalar {
        text: Cow<'text, str>,
        plain: bool,
    },
    SequenceStart,
    SequenceEnd,
    MappingStart,
    MappingEnd,
    /// A use of the anchor with this number.
    Alias(usize),
    /// A use of an anchor that does not stand before it.
    UnknownAlias(String),
}

/// A tag, as far as it matters to Compose files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    /// `!reset`
    Reset,
    /// `!override`
    Override,
    /// `!!str`
    Str,
    /// `!!int`
    Int,
    /// `!!float`
    Float,
    /// `!!bool`
    Bool,
    /// `!!null`
    Null,
    /// `!!binary`
    Binary,
    /// `!!timestamp`
    Timestamp,
    /// `!!merge`
    Merge,
    /// Any other: a scalar under it is text.
    Other,
}

/// Why the text is not YAML.
pub(super) struct SyntaxError {
    /// What is wrong, in lower case.
    pub(super) message: String,
    /// The offending character, or an empty range at the end of the text.
    pub(super) range: Range<usize>,
    /// What to do about it, where there is something usual.
    pub(super) help: Option<&'static str>,
    /// What spaces could mend.
    pub(super) flaw: Option<Flaw>,
    /// What kind of mistake it is, as far as that guides the search for its cause.
    pub(super) complaint: Complaint,
}

/// A kind of mistake in the syntax.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Complaint {
    /// A `:` where no mapping can start.
    MappingValue,
    /// Collections are nested deeper than the limit: nothing about the text could be mended.
    TooDeep,
    /// Anything else.
    Other,
}

/// The events of `text`, a copy of `original` with `repairs`, in ranges of the original; ends after
/// the first error.
pub(super) fn events<'text>(
    text: &'text str,
    original: &str,
    repairs: &Repairs,
) -> impl Iterator<Item = Result<Event<'text>, SyntaxError>> {
    let back = |range: Range<usize>| {
        // What replaces a character may have more bytes than it, each with an offset of its own.
        let back = |offset| original.floor_char_boundary(repairs.original(offset));
        back(range.start)..back(range.end)
    };
    let options = granit_parser::options! {
        emit_comments: false,
        emit_unresolved_aliases: true,
        flow_nesting_limit: limits::DEPTH,
        block_nesting_limit: limits::DEPTH,
    };
    Parser::new_from_str_with_options(text, options).filter_map(move |item| match item {
        Ok((event, span)) => {
            convert(event, &span, text).map(|event| Ok(Event { range: back(event.range), ..event }))
        }
        Err(error) => {
            let error = syntax_error(&error, text);
            Some(Err(SyntaxError { range: back(error.range), ..error }))
        }
    })
}

fn convert<'text>(event: Raw<'text>, span: &Span, text: &str) -> Option<Event<'text>> {
    let tag = event.tag().and_then(convert_tag);
    let anchor = event.anchor_id();
    let mut range = within(text, span.byte_range());
    let kind = match event {
        Raw::DocumentStart(..) => EventKind::DocumentStart,
        Raw::DocumentEnd => EventKind::DocumentEnd,
        Raw::SequenceStart(..) => EventKind::SequenceStart,
        Raw::SequenceEnd => EventKind::SequenceEnd,
        Raw::MappingStart(..) => EventKind::MappingStart,
        Raw::MappingEnd => EventKind::MappingEnd,
        Raw::Alias(anchor) => EventKind::Alias(anchor),
        Raw::UnresolvedAlias(name) => EventKind::UnknownAlias(name.into_owned()),
        Raw::Scalar(mut value, style, ..) => {
            if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
                if range.end == text.len() && ends_unfinished(text, &value) {
                    value.to_mut().pop();
                }
                // The span of a block scalar reaches to the next token.
                range.end = range.start + text[range.clone()].trim_end().len();
            }
            // A tag with nothing behind it is all there is to point at.
            if range.is_empty()
                && let Some(tag) = span.tag_span()
            {
                range = within(text, tag.byte_range());
            }
            EventKind::Scalar { text: value, plain: style == ScalarStyle::Plain }
        }
        _ => return None,
    };
    Some(Event { kind, range, tag, anchor })
}

fn convert_tag(tag: &RawTag) -> Option<Tag> {
    if let Some(name) = tag.suffix_in_namespace("tag:yaml.org,2002:") {
        return Some(match name.as_ref() {
            "str" => Tag::Str,
            "int" => Tag::Int,
            "float" => Tag::Float,
            "bool" => Tag::Bool,
            "null" => Tag::Null,
            "binary" => Tag::Binary,
            "timestamp" => Tag::Timestamp,
            "merge" => Tag::Merge,
            _ => Tag::Other,
        });
    }
    match tag.to_string().as_str() {
        // go-yaml resolves a node with a bare `!` as if it had no tag.
        "!" => None,
        "!reset" => Some(Tag::Reset),
        "!override" => Some(Tag::Override),
        _ => Some(Tag::Other),
    }
}

fn syntax_error(error: &ScanError, text: &str) -> SyntaxError {
    let start = error.marker().byte_offset().unwrap_or(text.len());
    let start = within(text, Some(start..start)).start;
    let end = start + text[start..].chars().next().map_or(0, char::len_utf8);
    let help = match error.kind() {
        _ if text[start..].starts_with('{') && text[..start].ends_with('$') => {
            Some("quote a value with `${…}` that stands within `{}` or `[]`")
        }
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation => Some("indent with spaces"),
        ErrorKind::MappingValueNotAllowed => Some(
            "quote a value that contains `: `; if this is meant to be a key, align it with the keys beside it",
        ),
        ErrorKind::UnexpectedCharacter { .. } => {
            Some("quote a value that starts with a character that YAML reserves")
        }
        ErrorKind::UnknownQuotedScalarEscape => {
            Some("write `\\\\` for a backslash, or use single quotes")
        }
        ErrorKind::ExpectedBlockMappingKey => {
            Some("check the indentation: keys of one mapping start in the same column")
        }
        _ => None,
    };
    let flaw = match error.kind() {
        ErrorKind::InvalidQuotedScalarIndent | ErrorKind::TabInIndentation => {
            Some(Flaw::Indentation)
        }
        ErrorKind::CommentNotSeparated => Some(Flaw::Comment),
        _ => None,
    };
    let complaint = match error.kind() {
        ErrorKind::MappingValueNotAllowed => Complaint::MappingValue,
        ErrorKind::RecursionLimitExceeded => Complaint::TooDeep,
        _ => Complaint::Other,
    };
    let message = message(error.kind()).map_or_else(|| error.info(), str::to_owned);
    SyntaxError { message, range: start..end, help, flaw, complaint }
}

/// go-yaml's words for a mistake, which scripts may know from Docker Compose.
fn message(kind: &ErrorKind) -> Option<&'static str> {
    Some(match kind {
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => "could not find expected ':'",
        ErrorKind::MappingValueNotAllowed => "mapping values are not allowed in this context",
        ErrorKind::MappingKeyNotAllowed => "mapping keys are not allowed in this context",
        ErrorKind::BlockSequenceEntryNotAllowed => {
            "block sequence entries are not allowed in this context"
        }
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::UnexpectedCharacter { .. } => "found character that cannot start any token",
        ErrorKind::TabInPlainScalar | ErrorKind::TabInIndentation => {
            "found a tab character that violates indentation"
        }
        ErrorKind::ExpectedBlockMappingKey => "did not find expected key",
        ErrorKind::ExpectedBlockSequenceEntry => "did not find expected '-' indicator",
        ErrorKind::ExpectedFlowMappingSeparator
        | ErrorKind::UnclosedFlowCollection { open: '{' } => "did not find expected ',' or '}'",
        ErrorKind::ExpectedFlowSequenceSeparator
        | ErrorKind::InvalidColonPlacement
        | ErrorKind::UnclosedFlowCollection { .. } => "did not find expected ',' or ']'",
        ErrorKind::UnclosedQuotedScalar => "found unexpected end of stream",
        ErrorKind::MissingAnchorOrAliasName => {
            "did not find expected alphabetic or numeric character"
        }
        ErrorKind::UnknownQuotedScalarEscape => "found unknown escape character",
        ErrorKind::InvalidQuotedScalarHexEscape => "did not find expected hexdecimal number",
        _ => return None,
    })
}

/// Whether a block scalar's value owes its last line feed to the parser: the text's last line has
/// none and belongs to the scalar. go-yaml adds none, and identities of services depend on it.
fn ends_unfinished(text: &str, value: &str) -> bool {
    let last = text.rsplit('\n').next().unwrap_or_default();
    let Some(value) = value.strip_suffix('\n') else { return false };
    let content = match last.trim_start() {
        // Blanks beyond the indentation are content, too.
        "" => value.rsplit('\n').next().unwrap_or_default(),
        content => content,
    };
    !content.is_empty() && last.ends_with(content) && value.ends_with(content)
}

/// Clips a range to the text and to character boundaries.
fn within(text: &str, range: Option<Range<usize>>) -> Range<usize> {
    let boundary = |offset: usize| text.floor_char_boundary(offset.min(text.len()));
    let range = range.unwrap_or_default();
    let start = boundary(range.start);
    start..boundary(range.end).max(start)
}
