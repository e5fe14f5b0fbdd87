//! The commands of a `RUN`, as a shell would see them: enough of its grammar to find the calls of
//! installers. What a shell would have to run to know stays as it is written.

use super::variables::{Variables, variable};

/// A simple command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Command {
    /// Its words, without what redirects.
    pub(super) words: Vec<Word>,
    /// The file that its output goes to.
    pub(super) output: Option<String>,
}

/// A word.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Word {
    /// Without quotes.
    pub(super) text: String,
    /// Its line, from 1.
    pub(super) line: u32,
}

/// The commands of a script, in their order, whatever joins them.
pub(super) fn commands(script: &str, first_line: u32, variables: &Variables) -> Vec<Command> {
    let mut scan = Scan { line: first_line, ..Scan::default() };
    let mut rest = script;
    while let Some(character) = rest.chars().next() {
        let mut length = character.len_utf8();
        match character {
            '\\' => length = scan.escape(rest),
            '\'' => {
                let inside = rest[1..].split('\'').next().unwrap_or_default();
                scan.push_text(inside);
                length = (inside.len() + 2).min(rest.len());
            }
            '"' => length = scan.double_quoted(rest, variables),
            '$' => length = scan.dollar(rest, variables),
            '`' => {
                let inside = rest[1..].split('`').next().unwrap_or_default();
                length = (inside.len() + 2).min(rest.len());
                scan.push_text(&rest[..length]);
            }
            '#' if scan.word.is_none() => {
                length = rest.find('\n').unwrap_or(rest.len());
            }
            '\n' => {
                scan.end_command();
                scan.line += 1;
            }
            ';' | '|' | '(' | ')' => scan.end_command(),
            '&' => {
                // `2>&1`
                if !scan.awaits_target {
                    scan.end_command();
                }
            }
            '>' | '<' => scan.redirect(character),
            ' ' | '\t' | '\r' => scan.end_word(),
            other => scan.word().text.push(other),
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    scan.end_command();
    scan.commands
}

#[derive(Default)]
struct Scan {
    commands: Vec<Command>,
    command: Command,
    word: Option<Word>,
    line: u32,
    /// Whether the next word is where something is redirected to, and whether that is the output.
    awaits_target: bool,
    is_output: bool,
}

impl Scan {
    fn word(&mut self) -> &mut Word {
        let line = self.line;
        self.word.get_or_insert_with(|| Word { text: String::new(), line })
    }

    fn push_text(&mut self, text: &str) {
        self.word().text.push_str(text);
        self.count(text);
    }

    fn count(&mut self, text: &str) {
        let breaks = text.matches('\n').count();
        self.line = self.line.saturating_add(u32::try_from(breaks).unwrap_or(u32::MAX));
    }

    fn end_word(&mut self) {
        let Some(word) = self.word.take() else { return };
        if !std::mem::take(&mut self.awaits_target) {
            self.command.words.push(word);
        } else if self.is_output {
            self.command.output = Some(word.text);
        }
    }

    fn end_command(&mut self) {
        self.end_word();
        self.awaits_target = false;
        let command = std::mem::take(&mut self.command);
        if !command.words.is_empty() {
            self.commands.push(command);
        }
    }

    fn redirect(&mut self, character: char) {
        let is_descriptor = |word: &Word| word.text.bytes().all(|it| it.is_ascii_digit());
        let descriptor = self.word.take_if(|word| is_descriptor(word));
        self.end_word();
        self.awaits_target = true;
        self.is_output = character == '>' && descriptor.is_none_or(|it| it.text == "1");
    }

    /// A backslash: joins lines, or takes away the meaning of what follows. Comments and empty lines
    /// between joined ones are none of the script.
    fn escape(&mut self, rest: &str) -> usize {
        let behind = &rest[1..];
        let blank = behind.len() - behind.trim_start_matches([' ', '\t', '\r']).len();
        if !behind[blank..].starts_with('\n') {
            let Some(next) = behind.chars().next() else { return 1 };
            self.word().text.push(next);
            return 1 + next.len_utf8();
        }
        let mut length = 1 + blank + 1;
        self.line += 1;
        while let Some((line, _)) = rest[length..].split_once('\n') {
            let text = line.trim();
            if !text.is_empty() && !text.starts_with('#') {
                break;
            }
            length += line.len() + 1;
            self.line += 1;
        }
        length
    }

    fn double_quoted(&mut self, rest: &str, variables: &Variables) -> usize {
        self.word();
        let mut at = 1;
        while let Some(character) = rest[at..].chars().next() {
            match character {
                '"' => return at + 1,
                '\\' => {
                    let next = rest[at + 1..].chars().next().unwrap_or('\\');
                    match next {
                        '\n' => self.line += 1,
                        '"' | '\\' | '$' | '`' => self.word().text.push(next),
                        other => self.word().text.extend(['\\', other]),
                    }
                    at = (at + 1 + next.len_utf8()).min(rest.len());
                }
                '$' => at += self.dollar(&rest[at..], variables),
                other => {
                    self.word().text.push(other);
                    if other == '\n' {
                        self.line += 1;
                    }
                    at += other.len_utf8();
                }
            }
        }
        at
    }

    /// A variable or a command whose output is meant.
    fn dollar(&mut self, rest: &str, variables: &Variables) -> usize {
        if rest.starts_with("$(") {
            let mut depth = 0_usize;
            let end = rest.char_indices().find(|&(_, character)| {
                match character {
                    '(' => depth += 1,
                    ')' => depth -= 1,
                    _ => {}
                }
                character == ')' && depth == 0
            });
            let length = end.map_or(rest.len(), |(at, _)| at + 1);
            self.push_text(&rest[..length]);
            return length;
        }
        let (length, value) = variable(&rest[1..], variables);
        match value {
            Some(value) => self.word().text.push_str(&value),
            None => self.word().text.push_str(&rest[..=length]),
        }
        length + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(script: &str) -> Vec<String> {
        let variables = [("V".to_owned(), "1.0".to_owned())].into();
        commands(script, 1, &variables)
            .into_iter()
            .map(|command| {
                let words: Vec<_> = command
                    .words
                    .iter()
                    .map(|word| format!("{}:{}", word.line, word.text))
                    .collect();
                let output = command.output.map(|it| format!(" > {it}")).unwrap_or_default();
                format!("{}{output}", words.join(" "))
            })
            .collect()
    }

    #[test]
    fn scripts_are_commands() {
        let script = "set -eux; \\\n  # why\n\n  pip install \\\n    'a>=1' \"b==$V\" c==${V} \\\n    && rm -rf /x || true";
        assert_eq!(
            shown(script),
            [
                "1:set 1:-eux",
                "4:pip 4:install 5:a>=1 5:b==1.0 5:c==1.0",
                "6:rm 6:-rf 6:/x",
                "6:true"
            ]
        );
        assert_eq!(
            shown("uv export --frozen > req.txt 2>/dev/null\n(cd /a && pip install .) 2>&1 | cat"),
            ["1:uv 1:export 1:--frozen > req.txt", "2:cd 2:/a", "2:pip 2:install 2:.", "2:cat"]
        );
        assert_eq!(
            shown("echo \"a \\\" $(date; x) $U\" `b c`# d # e"),
            ["1:echo 1:a \" $(date; x) $U 1:`b c`# 1:d"]
        );
        assert_eq!(shown("a 'b"), ["1:a 1:b"]);
        assert_eq!(shown("a \"b \\"), ["1:a 1:b \\"]);
        assert_eq!(shown("a \\"), ["1:a"]);
    }
}
