//! Draws a [`Diagnostic`] for a person, with the source line and the place underlined.
//!
//! Never fails: places that lie outside their text, or in a text that is not there, are moved or
//! left out. Escape codes within texts and messages are made visible.

use std::borrow::Cow;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Element, Group, Level, Patch, Renderer, Snippet};

use super::region::within;
use super::{Diagnostic, Edit, FileId, Label, Severity, SourceFile, SourceMap, Span};

/// How many places of one diagnostic are drawn: of an error each has to be mended, of a warning
/// some are enough to know what it is about.
const fn places_drawn(severity: Severity) -> usize {
    match severity {
        Severity::Error => 32,
        Severity::Warning => 4,
    }
}

/// Columns below which a line of a file is not cut further: nothing of it would be left.
const NARROWEST: usize = 40;

/// Whether to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// No escape codes.
    Plain,
    /// ANSI colours.
    Coloured,
}

/// The drawing, without a trailing newline.
///
/// ```text
/// error[BIR0002]: line 4: mapping key "image" already defined at line 3
///  --> /p/compose.yaml:4:5
///   |
/// 3 |     image: nginx
///   |     ----- first defined here
/// 4 |     image: httpd
///   |     ^^^^^ defined again
///   |
///   = help: remove one of them, or merge their values
/// ```
pub fn render(diagnostic: &Diagnostic, sources: &SourceMap, style: Style) -> String {
    render_within(diagnostic, sources, style, None)
}

/// The same for a terminal of so many columns: of longer lines of a file, the part around the place
/// is shown.
pub fn render_within(
    diagnostic: &Diagnostic,
    sources: &SourceMap,
    style: Style,
    columns: Option<usize>,
) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(visible(&diagnostic.message)).id(diagnostic.code.as_str());
    let mut group = Group::with_title(title);
    let drawn = places_drawn(diagnostic.severity).min(diagnostic.labels.len());
    let (shown, hidden) = diagnostic.labels.split_at(drawn);
    for file in files(shown.iter().map(|label| label.span)) {
        group =
            group.elements(sources.file(file).map(|source| {
                excerpt(source, shown.iter().filter(|label| label.span.file == file))
            }));
    }
    if !hidden.is_empty() {
        group = group.element(Level::NOTE.message(more(hidden.len())));
    }
    let suggestions = suggestions(&diagnostic.edits, sources);
    let mut groups = Vec::new();
    match (&diagnostic.help, suggestions.is_empty()) {
        (Some(help), true) => groups.push(group.element(Level::HELP.message(visible(help)))),
        (None, true) => groups.push(group),
        (help, false) => {
            groups.push(group);
            let help = help.as_deref().unwrap_or("this would mend it");
            groups.push(Level::HELP.secondary_title(visible(help)).elements(suggestions));
        }
    }
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Coloured => Renderer::styled(),
    };
    let renderer = match columns {
        Some(columns) => renderer.term_width(columns.max(NARROWEST)),
        None => renderer,
    };
    renderer.render(&groups)
}

fn more(places: usize) -> String {
    let noun = if places == 1 { "place" } else { "places" };
    format!("and {places} more {noun}")
}

/// The diagnostic in one line, as compilers write for editors: `path:line:column: error: message`.
pub fn render_short(diagnostic: &Diagnostic, sources: &SourceMap) -> String {
    let severity = diagnostic.severity.as_str();
    let place = diagnostic
        .place()
        .map(|label| sources.describe(label.span))
        .filter(|place| !place.is_empty())
        .map_or_else(String::new, |place| format!("{place}: "));
    let line = format!("{place}{severity}: {}", diagnostic.message).replace('\n', " ");
    visible(&line).into_owned()
}

/// The files of some places, each once, in order of first appearance.
fn files(spans: impl Iterator<Item = Span>) -> Vec<FileId> {
    let mut files = Vec::new();
    for span in spans {
        if !files.contains(&span.file) {
            files.push(span.file);
        }
    }
    files
}

/// The lines of one file that labels concern.
fn excerpt<'a>(source: &'a SourceFile, labels: impl Iterator<Item = &'a Label>) -> Element<'a> {
    let labels: Vec<_> = labels.map(|label| (within(&source.text, label.span), label)).collect();
    let window = Window::around(&source.text, labels.iter().map(|(range, _)| range));
    let annotations = labels.into_iter().map(|(range, label)| {
        let kind = if label.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
        let text = (!label.message.is_empty()).then(|| visible(&label.message));
        kind.span(window.inside(&range)).label(text)
    });
    let snippet = Snippet::source(window.text).line_start(window.line);
    snippet.path(source.name.to_string_lossy()).annotations(annotations).into()
}

/// The part of a text that is drawn. The drawing looks at all that it is given, which for each of
/// a hundred mistakes in a file of a million lines would take minutes.
struct Window<'a> {
    text: &'a str,
    /// Where it starts in the whole text.
    start: usize,
    /// The number of its first line, from 1.
    line: usize,
}

impl<'a> Window<'a> {
    /// Lines around what is drawn, so that its edges look as within the whole text.
    const MARGIN: usize = 3;

    fn around<'r>(text: &'a str, ranges: impl Iterator<Item = &'r Range<usize>> + Clone) -> Self {
        let first = ranges.clone().map(|range| range.start).min().unwrap_or(0);
        let last = ranges.map(|range| range.end).max().unwrap_or(0);
        let breaks_before = text[..first].rmatch_indices('\n');
        let start = breaks_before.map(|(at, _)| at + 1).nth(Self::MARGIN).unwrap_or(0);
        let breaks_behind = text[last..].match_indices('\n');
        let end = breaks_behind.map(|(at, _)| last + at + 1).nth(Self::MARGIN);
        let breaks = text.as_bytes()[..start].iter().filter(|byte| **byte == b'\n');
        Self { text: &text[start..end.unwrap_or(text.len())], start, line: breaks.count() + 1 }
    }

    /// Where a range of the whole text is within the window.
    fn inside(&self, range: &Range<usize>) -> Range<usize> {
        range.start - self.start..range.end - self.start
    }
}

/// The lines that edits would change, as they would be.
fn suggestions<'a>(edits: &'a [Edit], sources: &'a SourceMap) -> Vec<Element<'a>> {
    let drawn = |file: FileId| {
        let source = sources.file(file)?;
        let mut patches: Vec<_> = edits
            .iter()
            .filter(|edit| edit.span.file == file)
            .map(|edit| (within(&source.text, edit.span), edit.replacement.as_str()))
            .collect();
        patches.sort_by_key(|(range, _)| (range.start, range.end));
        // Edits that overlap contradict each other; the first is shown.
        let mut end = 0;
        patches.retain(|(range, _)| {
            let apart = range.start >= end;
            end = end.max(range.end);
            apart
        });
        let window = Window::around(&source.text, patches.iter().map(|(range, _)| range));
        let patches = patches.iter().map(|(range, text)| Patch::new(window.inside(range), *text));
        let snippet = Snippet::source(window.text).line_start(window.line);
        Some(snippet.path(source.name.to_string_lossy()).patches(patches).into())
    };
    files(edits.iter().map(|edit| edit.span)).into_iter().filter_map(drawn).collect()
}

/// The text with control characters shown as pictures, so that none reaches a terminal.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(|character: char| character.is_control() && character != '\n') {
        return Cow::Borrowed(text);
    }
    let picture = |character: char| match character {
        '\n' => '\n',
        '\t' => ' ',
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(character)).unwrap_or(' '),
        '\u{7f}' => '\u{2421}',
        _ if character.is_control() => char::REPLACEMENT_CHARACTER,
        _ => character,
    };
    Cow::Owned(text.chars().map(picture).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::diagnostic::codes::{YAML_DUPLICATE_KEY, YAML_SYNTAX};

    fn map(texts: &[(&str, &str)]) -> SourceMap {
        let mut sources = SourceMap::default();
        for (name, text) in texts {
            sources.add(*name, *text);
        }
        sources
    }

    /// The place of the only occurrence of `part`.
    fn place(sources: &SourceMap, file: u32, part: &str) -> Span {
        let text = &sources.file(FileId(file)).unwrap().text;
        let start = text.find(part).unwrap();
        Span::new(FileId(file), start, start + part.len())
    }

    #[test]
    fn of_a_long_line_the_part_around_the_place_fits_the_terminal() {
        let line = format!("a: {{{}, wrong: here, {}}}", "x: y, ".repeat(20), "z: w, ".repeat(20));
        let sources = map(&[("/p/compose.yaml", &line)]);
        let diagnostic =
            Diagnostic::error(YAML_SYNTAX, "bad").at(place(&sources, 0, "wrong"), "not a key");
        for columns in [40, 60, 80] {
            let drawn = render_within(&diagnostic, &sources, Style::Plain, Some(columns));
            assert!(drawn.contains("wrong: here"), "{drawn}");
            let longest = drawn.lines().map(|line| line.chars().count()).max();
            assert!(longest.is_some_and(|longest| longest <= columns), "{columns}:\n{drawn}");
        }
    }

    #[test]
    fn places_are_underlined_with_their_labels() {
        let sources = map(&[("/p/compose.yaml", "services:\n  a:\n    image: x\n    image: y\n")]);
        let text = &sources.file(FileId(0)).unwrap().text;
        let second = text.rfind("image").unwrap();
        let diagnostic = Diagnostic::error(YAML_DUPLICATE_KEY, "twice")
            .at(Span::new(FileId(0), second, second + 5), "defined again")
            .with_context(place(&sources, 0, "image"), "first defined here")
            .help("remove one");
        insta::assert_snapshot!(render(&diagnostic, &sources, Style::Plain), @r#"
        error[BIR0002]: twice
         --> /p/compose.yaml:4:5
          |
        3 |     image: x
          |     ----- first defined here
        4 |     image: y
          |     ^^^^^ defined again
          |
          = help: remove one
        "#);
        assert_eq!(render_short(&diagnostic, &sources), "/p/compose.yaml:4:5: error: twice");
        let coloured = render(&diagnostic, &sources, Style::Coloured);
        assert!(coloured.contains("\u{1b}[1m\u{1b}[91merror"), "{coloured:?}");
    }

    #[test]
    fn several_files_are_shown_apart() {
        let sources = map(&[("/p/a.yaml", "a: 1\r\nb: 2\r\n"), ("/p/b.yaml", "\tc: [1,\n  2]\n")]);
        let diagnostic = Diagnostic::warning(YAML_SYNTAX, "two files")
            .at(place(&sources, 1, "[1,\n  2]"), "here")
            .with_context(place(&sources, 0, "b"), "and there");
        insta::assert_snapshot!(render(&diagnostic, &sources, Style::Plain), @r#"
        warning[BIR0001]: two files
         --> /p/b.yaml:1:5
          |
        1 |       c: [1,
          |  ________^
        2 | |   2]
          | |____^ here
          |
         ::: /p/a.yaml:2:1
          |
        2 |   b: 2
          |   - and there
        "#);
    }

    #[test]
    fn of_many_places_the_first_are_shown() {
        let sources = map(&[("/p/a.yaml", "a\nb\nc\nd\ne\nf\n")]);
        let diagnostic = ["a", "b", "c", "d", "e", "f"]
            .into_iter()
            .fold(Diagnostic::warning(YAML_SYNTAX, "many"), |diagnostic, part| {
                diagnostic.at(place(&sources, 0, part), "")
            });
        insta::assert_snapshot!(render(&diagnostic, &sources, Style::Plain), @r"
        warning[BIR0001]: many
         --> /p/a.yaml:1:1
          |
        1 | a
          | ^
        2 | b
          | ^
        3 | c
          | ^
        4 | d
          | ^
          |
          = note: and 2 more places
        ");
    }

    #[test]
    fn edits_are_shown_as_they_would_be() {
        let sources = map(&[("/p/a.yaml", "a:\n  image: x\n  platform: linux/amd64\n")]);
        let diagnostic = Diagnostic::warning(YAML_SYNTAX, "not needed")
            .at(place(&sources, 0, "linux/amd64"), "")
            .help("remove the line")
            .edit(place(&sources, 0, "  platform: linux/amd64\n"), "");
        insta::assert_snapshot!(render(&diagnostic, &sources, Style::Plain), @r#"
        warning[BIR0001]: not needed
         --> /p/a.yaml:3:13
          |
        3 |   platform: linux/amd64
          |             ^^^^^^^^^^^
          |
        help: remove the line
          |
        3 -   platform: linux/amd64
          |
        "#);
    }

    #[test]
    fn odd_texts_are_shown() {
        let long = format!("key: {}$X{}\n", "y".repeat(500), "z".repeat(500));
        let sources = map(&[("/p/a.yaml", "\t日本: $X é\nx\n"), ("-", &long), ("/e", "")]);
        let drawings = [
            (place(&sources, 0, "$X"), "wide characters and tabs"),
            (place(&sources, 1, "$X"), "a long line"),
            (Span::new(FileId(0), 900, 1000), "outside"),
            (Span::new(FileId(2), 0, 0), "empty"),
            (Span::new(FileId(9), 0, 1), "two\nlines, no such file"),
        ]
        .map(|(span, message)| {
            let diagnostic = Diagnostic::error(YAML_SYNTAX, message).at(span, "\u{1b}[31m");
            let drawing = render(&diagnostic, &sources, Style::Plain);
            format!("{drawing}\n{}\n", render_short(&diagnostic, &sources))
        });
        insta::assert_snapshot!(drawings.join("\n"), @r#"
        error[BIR0001]: wide characters and tabs
         --> /p/a.yaml:1:6
          |
        1 |     日本: $X é
          |           ^^ ␛[31m
        /p/a.yaml:1:6: error: wide characters and tabs

        error[BIR0001]: a long line
         --> -:1:506
          |
        1 | ...yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy$Xzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz...
          |                                                                 ^^ ␛[31m
        -:1:506: error: a long line

        error[BIR0001]: outside
         --> /p/a.yaml:2:3
          |
        2 | x
          |  ^ ␛[31m
        /p/a.yaml:3:1: error: outside

        error[BIR0001]: empty
         --> /e:1:1
          |
        1 |
          | ^ ␛[31m
        /e:1:1: error: empty

        error[BIR0001]: two
                        lines, no such file
        error: two lines, no such file
        "#);
    }

    proptest! {
        #[test]
        fn nothing_panics(
            text in r"(?s)([a-c]|\n|\r\n|\t|é|日|\u{200d}|\u{1b}|.){0,40}",
            spans in prop::collection::vec((0..60_usize, 0..60_usize, 0..2_u32, any::<bool>()), 0..5),
        ) {
            let sources = map(&[("/p/a", &text)]);
            let mut diagnostic = Diagnostic::error(YAML_SYNTAX, text.as_str()).help(text.as_str());
            for (start, end, file, edit) in spans {
                let span = Span::new(FileId(file), start, end);
                diagnostic = match (edit, start % 2) {
                    (true, _) => diagnostic.edit(span, text.as_str()),
                    (false, 0) => diagnostic.at(span, text.as_str()),
                    (false, _) => diagnostic.with_context(span, ""),
                };
            }
            let plain = render(&diagnostic, &sources, Style::Plain);
            prop_assert_eq!(plain.find('\u{1b}'), None);
            render(&diagnostic, &sources, Style::Coloured);
            prop_assert_eq!(render_short(&diagnostic, &sources).find(['\u{1b}', '\n']), None);
        }
    }
}
