//! The instructions of a Dockerfile: enough of its grammar to say which one a builder speaks of, and
//! to find the images that it names. Pure.

mod references;
mod stages;
pub(crate) mod words;

pub(super) use references::{replace_references, same_image};
pub use stages::{Argument, Asked, Base, Fixed, Given, Stage, other_frontend, retargeted, stages};
pub(crate) use stages::{Outline, Source};

use super::error::DockerfilePlace;

/// One instruction with all its continuation lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Instruction<'a> {
    /// First and last line, from 1.
    pub(crate) lines: (u32, u32),
    /// Its text without line breaks, comments and runs of white space.
    pub(crate) text: String,
    /// Its lines as they are.
    pub(crate) source: &'a str,
    /// Where they begin in the Dockerfile, in bytes.
    pub(crate) offset: usize,
}

/// All instructions of a Dockerfile.
pub(crate) fn instructions(text: &str) -> Vec<Instruction<'_>> {
    let escape = escape(text);
    let mut instructions = Vec::new();
    let mut lines = (1u32..).zip(text.split_inclusive('\n')).peekable();
    let mut offset = 0;
    while let Some((first, line)) = lines.next() {
        let start = offset;
        offset += line.len();
        if is_comment_or_blank(line) {
            continue;
        }
        let (mut last, mut words) = (first, String::new());
        let mut open = push_line(&mut words, line, escape);
        while open && let Some((number, line)) = lines.next() {
            offset += line.len();
            if is_comment_or_blank(line) {
                continue;
            }
            last = number;
            open = push_line(&mut words, line, escape);
        }
        for end in heredocs(&words) {
            for (number, line) in lines.by_ref() {
                offset += line.len();
                last = number;
                if line.trim_start_matches('\t').trim_end() == end {
                    break;
                }
            }
        }
        instructions.push(Instruction {
            lines: (first, last),
            text: words.split_whitespace().collect::<Vec<_>>().join(" "),
            source: text[start..offset].trim_end(),
            offset: start,
        });
    }
    instructions
}

/// The character that joins lines, as the `escape` directive at the top says.
pub(crate) fn escape(text: &str) -> char {
    text.lines()
        .map_while(|line| line.trim().strip_prefix('#'))
        .filter_map(|directive| directive.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("escape"))
        .and_then(|(_, value)| value.trim().chars().next())
        .filter(|&character| character == '`')
        .unwrap_or('\\')
}

fn is_comment_or_blank(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#')
}

/// Adds a line; says whether the next one belongs to it.
fn push_line(words: &mut String, line: &str, escape: char) -> bool {
    let line = line.trim_end();
    let (line, open) = match line.strip_suffix(escape) {
        Some(line) => (line, true),
        None => (line, false),
    };
    words.push_str(line);
    open
}

/// The words that end the here-documents of an instruction.
fn heredocs(text: &str) -> Vec<&str> {
    let takes = ["RUN", "COPY", "ADD"];
    let keyword = text.split_whitespace().next().unwrap_or_default();
    if !takes.iter().any(|name| keyword.eq_ignore_ascii_case(name)) {
        return Vec::new();
    }
    text.split_whitespace()
        .filter_map(|word| word.strip_prefix("<<"))
        .map(|word| word.trim_start_matches('-').trim_matches(['"', '\'']))
        .filter(|word| word.starts_with(|first: char| first.is_alphabetic() || first == '_'))
        .collect()
}

/// Where in a Dockerfile the trouble is, from the builder's words: the line that its message names,
/// or the only instruction that reads like the step that failed.
pub(super) fn place(file: &str, text: &str, message: &str, step: &str) -> Option<DockerfilePlace> {
    let (first, last) = line_of(message).or_else(|| lines_of(text, step))?;
    Some(DockerfilePlace { file: file.to_owned(), text: text.to_owned(), first, last })
}

/// The line that a parse error names: `dockerfile parse error line 3: …`.
fn line_of(message: &str) -> Option<(u32, u32)> {
    let (_, rest) = message.split_once("parse error ")?;
    let (_, rest) = rest.split_once("line ")?;
    let digits = rest.split(|character: char| !character.is_ascii_digit()).next()?;
    let line = digits.parse().ok()?;
    Some((line, line))
}

/// The lines of the instruction that a step is: `[build 2/4] RUN make`, `Step 2/4 : RUN make`.
fn lines_of(text: &str, step: &str) -> Option<(u32, u32)> {
    let step = match step.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.1,
        None => step.split_once(':')?.1,
    };
    let step = step.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut found = instructions(text).into_iter().filter(|one| one.text == step);
    let first = found.next()?;
    found.next().is_none().then_some(first.lines)
}

#[cfg(test)]
mod tests {
    use super::{instructions, place};

    const DOCKERFILE: &str = "\
# syntax=docker/dockerfile:1
FROM a

RUN one \\
  # in between

  && two
COPY <<EOF <<-\"END\" /x
RUN not an instruction
EOF
\tneither
\tEND
RUN three
RUN four
RUN four
";

    #[test]
    fn instructions_have_all_their_lines() {
        let found: Vec<_> = instructions(DOCKERFILE)
            .into_iter()
            .map(|instruction| (instruction.lines, instruction.text))
            .collect();
        let expected = [
            ((2, 2), "FROM a"),
            ((4, 7), "RUN one && two"),
            ((8, 12), "COPY <<EOF <<-\"END\" /x"),
            ((13, 13), "RUN three"),
            ((14, 14), "RUN four"),
            ((15, 15), "RUN four"),
        ];
        assert_eq!(found, expected.map(|(lines, text)| (lines, text.to_owned())));
        assert_eq!(instructions(DOCKERFILE)[1].source, "RUN one \\\n  # in between\n\n  && two");
    }

    #[test]
    fn the_escape_directive_counts() {
        let text = "# escape=`\nFROM a\nRUN b `\n c\\\nRUN d";
        let lines: Vec<_> = instructions(text).iter().map(|one| one.lines).collect();
        assert_eq!(lines, [(2, 2), (3, 4), (5, 5)]);
    }

    #[test]
    fn places_come_from_messages_and_steps() {
        let at = |message: &str, step: &str| {
            place("Dockerfile", DOCKERFILE, message, step).map(|place| (place.first, place.last))
        };
        assert_eq!(at("failed: dockerfile parse error line 3: unknown", ""), Some((3, 3)));
        assert_eq!(at("dockerfile parse error on line 12: x", ""), Some((12, 12)));
        assert_eq!(at("", "[build 2/3] RUN one   && two"), Some((4, 7)));
        assert_eq!(at("", "Step 4/5 : RUN three"), Some((13, 13)));
        assert_eq!(at("", "[linux/arm64 2/3] RUN four"), None, "there are two");
        assert_eq!(at("", "[internal] load metadata"), None);
    }
}
