//! Texts for a shell as the commands in them: enough of its grammar to see which programs are run.

use crate::compose::shell_words::split_at_operator;

/// The words of one command. A file that it is redirected to read is one with a `<` in front.
pub(super) type Line = Vec<String>;

/// The commands of a script in their order, whatever joins them.
pub(super) fn lines(script: &str) -> Vec<Line> {
    let mut found = Vec::new();
    for text in logical_lines(script) {
        commands(&text, &mut found);
    }
    found
}

/// Lines with those that a backslash joins to them, without comments.
fn logical_lines(script: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for line in script.lines().filter(|line| !line.trim_start().starts_with('#')) {
        let joined = line.trim_end().strip_suffix('\\');
        if let Some(last) = lines.last_mut() {
            last.push_str(joined.unwrap_or(line));
            last.push(' ');
        }
        if joined.is_none() {
            lines.push(String::new());
        }
    }
    lines
}

fn commands(text: &str, found: &mut Vec<Line>) {
    let mut rest = text;
    let mut open = Line::new();
    loop {
        let Ok((words, behind)) = split_at_operator(rest) else {
            if rest.trim_start().starts_with('(') {
                of_subshell(rest, &mut open, found);
                break;
            }
            // A grammar that is too rich for us still shows its words.
            open.extend(
                rest.split_whitespace()
                    .map(|it| it.trim_matches(['"', '\'', '(', ')', ';']).to_owned()),
            );
            break;
        };
        open.extend(words);
        if behind.is_empty() {
            break;
        }
        if behind.starts_with(['<', '>']) {
            let (input, next) = redirected(behind);
            open.extend(input);
            rest = next;
        } else {
            push(&mut open, found);
            rest = behind.trim_start_matches(OPERATORS);
        }
    }
    push(&mut open, found);
}

/// What a redirection reads, if that is a file, and what is behind it: the command may go on there.
fn redirected(text: &str) -> (Option<String>, &str) {
    let behind = text.trim_start_matches(OPERATORS);
    let is_input = text.strip_suffix(behind) == Some("<");
    let behind = behind.trim_start();
    let end = behind.find([' ', '\t', ';', '|', '&', '<', '>']).unwrap_or(behind.len());
    let (word, rest) = behind.split_at(end);
    (input(word).filter(|_| is_input), rest)
}

fn input(word: &str) -> Option<String> {
    let name = word.trim_matches(['"', '\'', ')']);
    // A process is no file.
    (!name.is_empty() && !name.starts_with('(')).then(|| format!("<{name}"))
}

/// The commands of a text that begins with a parenthesis, as far as its words show them.
fn of_subshell(text: &str, open: &mut Line, found: &mut Vec<Line>) {
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        match word {
            "&&" | "||" | "|" | ";" | "&" => push(open, found),
            "<" => open.extend(words.next().and_then(input)),
            // What it writes to is no word of it.
            ">" | ">>" | "2>" => drop(words.next()),
            _ if word.starts_with('>') => {}
            _ => {
                let plain = word.trim_matches(['"', '\'', '(', ')', ';']);
                open.extend((!plain.is_empty()).then(|| plain.to_owned()));
                if word.ends_with(';') {
                    push(open, found);
                }
            }
        }
    }
}

fn push(open: &mut Line, found: &mut Vec<Line>) {
    let mut line = std::mem::take(open);
    // Keywords in front of a command.
    while line.first().is_some_and(|word| KEYWORDS.contains(&word.as_str())) {
        line.remove(0);
    }
    if !line.is_empty() {
        found.push(line);
    }
}

const OPERATORS: [char; 5] = ['<', '>', '&', '|', ';'];

const KEYWORDS: [&str; 9] = ["if", "then", "else", "elif", "while", "do", "!", "{", "until"];

/// What a program is called: its file's name, without a version at its end.
pub(super) fn program(word: &str) -> &str {
    let name = word.rsplit('/').next().unwrap_or(word);
    let plain = name.trim_end_matches(|it: char| it.is_ascii_digit() || it == '.');
    let name =
        if ["python", "pip", "php", "php-fpm", "ruby", "pypy", "node", "lua"].contains(&plain) {
            plain
        } else {
            name
        };
    name.strip_suffix(".exe").unwrap_or(name)
}

/// Whether a word sets a variable for the command behind it.
pub(super) fn is_assignment(word: &str) -> bool {
    let is_name = |name: &str| name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_');
    word.split_once('=').is_some_and(|(name, _)| !name.is_empty() && is_name(name))
}

/// A command as it is shown: as many of its words as fit.
pub(super) fn shown(words: &[String]) -> String {
    let mut text = String::new();
    for word in words {
        if !text.is_empty() && text.len() + word.len() > 48 {
            text.push_str(" …");
            break;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(word);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_commands() {
        let script = "#!/bin/sh\nset -e # why\nif [ -f x ]; then\n  python manage.py migrate \\\n    --noinput\nfi\n\
                      a 2>&1 b > /dev/null | c && d & exec \"$@\"\n";
        let shown: Vec<_> = lines(script).iter().map(|line| line.join(" ")).collect();
        assert_eq!(
            shown,
            [
                "set -e # why",
                "[ -f x ]",
                "python manage.py migrate --noinput",
                "fi",
                "a b",
                "c",
                "d",
                "exec $@"
            ]
        );
        let shown = |script: &str| {
            lines(script).iter().map(|line| line.join(" ")).collect::<Vec<_>>().join("; ")
        };
        assert_eq!(shown("(cd a && make) > /out"), "cd a; make");
        assert_eq!(shown("tr a b < \"in\" > /out 2>&1; cat <<X <(y)"), "tr a b <in; cat");
    }

    #[test]
    fn programs_have_plain_names() {
        for (word, name) in [
            ("/usr/bin/python3.12", "python"),
            ("php-fpm8.2", "php-fpm"),
            ("./bin/rails", "rails"),
            ("s3", "s3"),
        ] {
            assert_eq!(program(word), name);
        }
    }
}
