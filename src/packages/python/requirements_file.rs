//! Requirements files, as pip reads them: its "requirements file format".

use std::collections::BTreeMap;

/// A line that says something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::packages) struct Line {
    /// Its number, from 1; the first one of several that are joined.
    pub(in crate::packages) number: u32,
    /// What it says.
    pub(in crate::packages) entry: Entry,
}

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::packages) enum Entry {
    /// A requirement, a path or a URL, without the options behind it.
    Requirement(String),
    /// An option with its value, by its long name.
    Option(&'static str, String),
}

/// Options that have a value, by all their names.
pub(in crate::packages) const OPTIONS: [(&[&str], &str); 11] = [
    (&["-r", "--requirement", "--requirements"], "--requirement"),
    (&["-c", "--constraint", "--constraints"], "--constraint"),
    (&["-e", "--editable"], "--editable"),
    (&["-i", "--index-url", "--pypi-url", "--default-index"], "--index-url"),
    (&["--extra-index-url", "--index"], "--extra-index-url"),
    (&["-f", "--find-links"], "--find-links"),
    (&["--only-binary"], "--only-binary"),
    (&["--no-binary"], "--no-binary"),
    (&["--trusted-host"], "--trusted-host"),
    (&["--use-feature"], "--use-feature"),
    (&["--group"], "--group"),
];

/// Options without one.
pub(in crate::packages) const SWITCHES: [&str; 4] =
    ["--no-index", "--no-deps", "--pre", "--prefer-binary"];

/// What a requirements file says, in its order. Variables `${NAME}` get the values of `variables`.
pub(in crate::packages) fn lines(text: &str, variables: &BTreeMap<String, String>) -> Vec<Line> {
    let mut found = Vec::new();
    let mut joined = String::new();
    let mut first = 0;
    for (number, line) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
        if joined.is_empty() {
            first = number;
        }
        let is_comment = line.trim_start().starts_with('#');
        if let Some(part) = line.trim_end().strip_suffix('\\').filter(|_| !is_comment) {
            joined.push_str(part);
            continue;
        }
        // A comment ends what was joined.
        if !is_comment {
            joined.push_str(line);
        }
        push(&mut found, first, &std::mem::take(&mut joined), variables);
    }
    push(&mut found, first, &joined, variables);
    found
}

fn push(found: &mut Vec<Line>, number: u32, line: &str, variables: &BTreeMap<String, String>) {
    let line = with_variables(without_comment(line).trim(), variables);
    if line.is_empty() {
        return;
    }
    let mut entry = |entry| found.push(Line { number, entry });
    if !line.starts_with('-') {
        // Options of a requirement (`--hash=…`) begin behind a blank.
        let end = line.find(" --").unwrap_or(line.len());
        return entry(Entry::Requirement(line[..end].trim().to_owned()));
    }
    let mut words = line.split_whitespace();
    while let Some(word) = words.next() {
        if let Some(switch) = SWITCHES.into_iter().find(|switch| *switch == word) {
            entry(Entry::Option(switch, String::new()));
        } else if let Some((name, value)) = option(word) {
            let value = value.map(str::to_owned);
            // A path to be edited may have blanks: it is the rest of the line.
            let value = value.or_else(|| words.next().map(str::to_owned)).unwrap_or_default();
            entry(Entry::Option(name, value.trim_matches(['"', '\'']).to_owned()));
        }
    }
}

/// An option with a value, by its long name, and the value if it is in the same word.
pub(in crate::packages) fn option(word: &str) -> Option<(&'static str, Option<&str>)> {
    OPTIONS.iter().find_map(|(names, long)| {
        names.iter().find_map(|name| {
            let rest = word.strip_prefix(name)?;
            if rest.is_empty() {
                return Some((*long, None));
            }
            match rest.strip_prefix('=') {
                Some(value) => Some((*long, Some(value))),
                // `-rfile`
                None => (name.len() == 2).then_some((*long, Some(rest))),
            }
        })
    })
}

/// A comment begins at the start of a line or behind a blank.
fn without_comment(line: &str) -> &str {
    let start = line.match_indices('#').map(|(at, _)| at).find(|&at| {
        line.get(..at).is_some_and(|before| before.is_empty() || before.ends_with([' ', '\t']))
    });
    line.get(..start.unwrap_or(line.len())).unwrap_or_default()
}

/// Puts in the variables that pip knows: `${NAME}` in capital letters. Others stay.
fn with_variables(line: &str, variables: &BTreeMap<String, String>) -> String {
    let mut text = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("${") {
        text.push_str(before);
        let known = after.split_once('}').and_then(|(name, tail)| {
            let value = variables.get(name)?;
            Some((value, tail))
        });
        if let Some((value, tail)) = known {
            text.push_str(value);
            rest = tail;
        } else {
            text.push_str("${");
            rest = after;
        }
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_pip_reads_them() {
        let text = "\
\u{feff}# a comment
-i https://host/simple --extra-index-url=https://other/simple
-r base.txt
-cconstraints.txt
--only-binary :all:
--pre

Django==3.2  # why
psycopg2-binary==2.8.6 \\
    --hash=sha256:00 \\
    --hash=sha256:01
numpy>=1.18 ; python_version >= '3.8' --hash=sha256:00
git+https://${TOKEN}@host/a.git#egg=a
-e ./lib
${UNKNOWN}
a \\";
        let variables = [("TOKEN".to_owned(), "t".to_owned())].into();
        let found: Vec<_> = lines(text, &variables)
            .into_iter()
            .map(|line| match line.entry {
                Entry::Requirement(text) => format!("{} {text}", line.number),
                Entry::Option(name, value) => format!("{} {name} {value}", line.number),
            })
            .collect();
        assert_eq!(
            found,
            [
                "2 --index-url https://host/simple",
                "2 --extra-index-url https://other/simple",
                "3 --requirement base.txt",
                "4 --constraint constraints.txt",
                "5 --only-binary :all:",
                "6 --pre ",
                "8 Django==3.2",
                "9 psycopg2-binary==2.8.6",
                "12 numpy>=1.18 ; python_version >= '3.8'",
                "13 git+https://t@host/a.git#egg=a",
                "14 --editable ./lib",
                "15 ${UNKNOWN}",
                "16 a",
            ]
        );
    }

    #[test]
    fn windows_line_ends_are_no_part_of_a_line() {
        let found = lines("a==1\r\nb \\\r\n ==2\r\n", &BTreeMap::new());
        let numbers: Vec<_> = found.iter().map(|line| line.number).collect();
        assert_eq!(numbers, [1, 2]);
        assert_eq!(found[1].entry, Entry::Requirement("b  ==2".to_owned()));
    }
}
