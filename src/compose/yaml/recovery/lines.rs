//! A text as lines, for looking at one that is not YAML.

use std::ops::Range;

/// The lines of a text, each with where it starts.
pub(super) struct Lines<'text> {
    pub(super) text: &'text str,
    starts: Vec<usize>,
}

impl<'text> Lines<'text> {
    pub(super) fn of(text: &'text str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(feed, _)| feed + 1));
        Self { text, starts: starts.filter(|start| *start < text.len()).collect() }
    }

    pub(super) fn len(&self) -> usize {
        self.starts.len()
    }

    /// The line with an offset.
    pub(super) fn at(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// The bytes of a line, with its end.
    pub(super) fn range(&self, line: usize) -> Range<usize> {
        let start = self.starts.get(line).copied().unwrap_or(self.text.len());
        start..self.starts.get(line + 1).copied().unwrap_or(self.text.len())
    }

    /// A line without its end.
    pub(super) fn line(&self, line: usize) -> &'text str {
        self.text[self.range(line)].trim_end_matches(['\n', '\r'])
    }

    /// The bytes of a line between its indentation and the blanks at its end.
    pub(super) fn content_range(&self, line: usize) -> Range<usize> {
        let start = self.range(line).start;
        let text = self.line(line);
        let end = text.trim_end().len();
        start + (text.len() - text.trim_start().len()).min(end)..start + end
    }

    /// A line between its indentation and the blanks at its end.
    pub(super) fn content(&self, line: usize) -> &'text str {
        &self.text[self.content_range(line)]
    }

    /// The bytes of the key that a line starts with.
    pub(super) fn key_range(&self, line: usize) -> Option<Range<usize>> {
        let content = self.content(line);
        let (name, _) = key(content)?;
        let end = self.content_range(line).end;
        let start = end - behind_dash(content).len();
        Some(start..start + name.len())
    }

    /// How many spaces a line starts with.
    pub(super) fn indentation(&self, line: usize) -> usize {
        let text = self.line(line);
        text.len() - text.trim_start_matches(' ').len()
    }

    /// The bytes of blanks that a line starts with.
    pub(super) fn leading(&self, line: usize) -> Range<usize> {
        let start = self.range(line).start;
        let text = self.line(line);
        start..start + (text.len() - text.trim_start_matches([' ', '\t']).len())
    }

    /// Whether a line says nothing.
    pub(super) fn is_empty(&self, line: usize) -> bool {
        let content = self.content(line);
        content.is_empty() || content.starts_with('#')
    }

    /// The nearest line before this one that says something.
    pub(super) fn previous(&self, line: usize) -> Option<usize> {
        (0..line.min(self.len())).rev().find(|line| !self.is_empty(*line))
    }

    /// The lines of the block that a line starts: itself and those that are indented further.
    pub(super) fn block(&self, line: usize) -> Range<usize> {
        let indentation = self.indentation(line);
        let mut end = line + 1;
        for next in line + 1..self.len() {
            if self.is_empty(next) {
                continue;
            }
            if self.indentation(next) <= indentation {
                break;
            }
            end = next + 1;
        }
        line..end
    }
}

/// A content without the dash of an item.
fn behind_dash(content: &str) -> &str {
    content.strip_prefix("- ").unwrap_or(content).trim_start()
}

/// The key that a line starts with, `- ` before it left out, and what is behind its colon.
pub(super) fn key(content: &str) -> Option<(&str, &str)> {
    let content = behind_dash(content);
    let (key, rest) = content.split_once(':')?;
    let is_key = !key.is_empty() && !key.contains([' ', '"', '\'', '[', '{', '#', '$']);
    let is_separate = rest.is_empty() || rest.starts_with(' ');
    (is_key && is_separate).then(|| (key, rest.trim()))
}

/// Where a quote that is not closed on the line starts, in a content, and which quote it is.
pub(super) fn open_quote(content: &str) -> Option<(usize, char)> {
    let mut fresh = true;
    let mut characters = content.char_indices().peekable();
    while let Some((start, character)) = characters.next() {
        match character {
            '#' if start == 0 || content[..start].ends_with(' ') => return None,
            '"' | '\'' if fresh => {
                loop {
                    match characters.next() {
                        None => return Some((start, character)),
                        Some((_, '\\')) if character == '"' => {
                            characters.next();
                        }
                        Some((_, next)) if next == character => {
                            let doubled = character == '\''
                                && characters.peek().is_some_and(|(_, next)| *next == '\'');
                            if !doubled {
                                break;
                            }
                            characters.next();
                        }
                        Some(_) => {}
                    }
                }
                fresh = false;
            }
            ' ' => {}
            ':' | '-' | '[' | '{' | ',' => fresh = true,
            _ => fresh = false,
        }
    }
    None
}

/// Brackets that are opened in a content and not closed, outermost first, with where they are.
pub(super) fn open_brackets(content: &str) -> Vec<(usize, char)> {
    let mut open = Vec::new();
    let mut quote = None;
    for (offset, character) in content.char_indices() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (None, '"' | '\'') => quote = Some(character),
            (None, '#') if content[..offset].ends_with(' ') => break,
            (None, '[' | '{') => open.push((offset, character)),
            (None, ']' | '}') => {
                open.pop();
            }
            _ => {}
        }
    }
    open
}
