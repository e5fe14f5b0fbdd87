//! Which command a command line is about, also where it has mistakes.

use clap::{Arg, Command};

/// The command that words name, and what stands around it.
pub(super) struct Located<'a> {
    /// The command, or the program if the words name none.
    pub(super) command: &'a Command,
    /// The names from the program's command on: `bridge`, `convert`.
    pub(super) path: Vec<&'a str>,
    /// The words behind it.
    pub(super) rest: &'a [String],
}

impl<'a> Located<'a> {
    /// Reads words up to the last command that they name.
    pub(super) fn of(program: &'a Command, words: &'a [String]) -> Self {
        let mut found = Self { command: program, path: Vec::new(), rest: words };
        while let Some(at) = positional(found.rest, found.command, program) {
            let Some(command) = found.command.find_subcommand(&found.rest[at]) else { break };
            found.path.push(command.get_name());
            found.command = command;
            found.rest = &found.rest[at + 1..];
        }
        found
    }

    /// How many positional words there are behind the command.
    pub(super) fn positionals(&self) -> usize {
        let stops = self.command.get_positionals().any(Arg::is_trailing_var_arg_set);
        let mut count = 0;
        let mut at = 0;
        while let Some(word) = self.rest.get(at) {
            at += 1;
            match flags_in(word) {
                Some(flags) => {
                    at += usize::from(takes_next(flags, word, self.command, self.command));
                }
                None if stops => return 1 + self.rest.len() - at,
                None if word == "--" => return count + self.rest.len() - at,
                None => count += 1,
            }
        }
        count
    }

    /// Where the first positional word stands among those behind the command.
    pub(super) fn first_positional(&self) -> Option<usize> {
        positional(self.rest, self.command, self.command)
    }

    /// The words with `--` before the first positional one, for a command that reads no flags behind
    /// it (`exec`, `run`): whatever it looks like, what follows is the container's.
    pub(super) fn with_separator<'w>(&self, words: &'w [String]) -> Vec<&'w str> {
        let mut separated: Vec<&'w str> = words.iter().map(String::as_str).collect();
        if !self.command.get_positionals().any(Arg::is_trailing_var_arg_set) {
            return separated;
        }
        if let Some(at) = positional(self.rest, self.command, self.command) {
            // Otherwise the user has said it.
            if self.rest[at] != "--" {
                separated.insert(words.len() - self.rest.len() + at, "--");
            }
        }
        separated
    }
}

/// The word that names the command, if one does.
pub(super) fn first_positional<'a>(program: &Command, words: &'a [String]) -> Option<&'a str> {
    positional(words, program, program).map(|at| words[at].as_str())
}

/// Where the first word stands that is neither a flag of the command or the program nor its value.
fn positional(words: &[String], command: &Command, program: &Command) -> Option<usize> {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let Some(flags) = flags_in(word) else { return Some(at) };
        at += 1 + usize::from(takes_next(flags, word, command, program));
    }
    None
}

/// The flags of a word, without their dashes; `None` for a positional word.
fn flags_in(word: &str) -> Option<&str> {
    word.strip_prefix('-').filter(|rest| !rest.is_empty() && *rest != "-")
}

/// Whether the last flag of a word has its value in the next one.
fn takes_next(flags: &str, word: &str, command: &Command, program: &Command) -> bool {
    if word.contains('=') {
        return false;
    }
    if flags.starts_with('-') {
        return find_flag(word, command, program).is_some_and(takes_value);
    }
    // The first of a row of letters that takes a value takes what is left of the word.
    let taker = flags.char_indices().find(|(_, letter)| {
        find_flag(&format!("-{letter}"), command, program).is_some_and(takes_value)
    });
    taker.is_some_and(|(at, letter)| at + letter.len_utf8() == flags.len())
}

fn takes_value(arg: &Arg) -> bool {
    arg.get_action().takes_values() && arg.get_num_args().is_none_or(|range| range.min_values() > 0)
}

/// The flag that clap names as `--timeout <SECONDS>` or `-t`.
pub(super) fn find_flag<'a>(
    name: &str,
    command: &'a Command,
    program: &'a Command,
) -> Option<&'a Arg> {
    let name = name.split([' ', '=', '[']).next().unwrap_or(name);
    command.get_arguments().chain(program.get_arguments()).find(|arg| {
        match name.strip_prefix("--") {
            Some(long) => {
                arg.get_long() == Some(long)
                    || arg.get_all_aliases().is_some_and(|aliases| aliases.contains(&long))
            }
            None => {
                arg.get_short().is_some()
                    && arg.get_short() == name.trim_start_matches('-').chars().next()
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::entry::Entry;
    use crate::cli::parse::program;

    #[test]
    fn values_of_flags_are_no_commands() {
        let program = program(&Entry::default());
        for (line, path, positionals) in [
            ("up -d web", "up", 1),
            ("-p up config --format ps", "config", 0),
            ("-pup --file=ps config", "config", 0),
            ("--project-name up --dry-run logs -ft -n 3 a b", "logs", 2),
            ("exec -u root web ls -l", "exec", 3),
            ("run --rm -e A=1", "run", 0),
            ("logs -- -f -t", "logs", 2),
            ("bogus up", "", 0),
            ("-p", "", 0),
            ("-", "", 1),
        ] {
            let words: Vec<_> = line.split(' ').map(str::to_owned).collect();
            let located = Located::of(&program, &words);
            assert_eq!(located.path.join(" "), path, "{line}");
            if !path.is_empty() {
                assert_eq!(located.positionals(), positionals, "{line}");
            }
        }
    }
}
