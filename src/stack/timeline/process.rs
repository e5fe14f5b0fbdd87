//! What the first process of a container is, as far as that tells why it does not stop. Its command
//! may hold secrets, so nothing else of it is kept.

use serde::{Deserialize, Serialize};

/// Programs that are shells.
const SHELLS: [&str; 6] = ["sh", "bash", "ash", "dash", "zsh", "ksh"];

/// The first process of a container.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Name of its program, without the directory.
    pub program: String,
    /// What the program was given.
    pub form: Form,
}

/// What a program was given, as far as it matters for signals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// It is no shell.
    #[default]
    Program,
    /// A shell that runs a text (`-c`).
    Text,
    /// A shell whose text ends with `exec`, by which it becomes its last program.
    Exec,
    /// A shell whose text sets a `trap`.
    Trap,
    /// A shell that runs a script.
    Script,
    /// A shell that reads its input.
    Input,
}

impl Process {
    /// The process of a command: a program and its arguments.
    pub fn of<'a>(command: impl IntoIterator<Item = &'a str>) -> Self {
        let mut words = command.into_iter();
        let path = words.next().unwrap_or_default();
        let program = path.rsplit('/').next().unwrap_or(path).to_owned();
        let is_shell = SHELLS.contains(&program.as_str());
        let form = if is_shell { form_of_shell(words) } else { Form::Program };
        Self { program, form }
    }
}

/// The form of a shell's arguments.
fn form_of_shell<'a>(mut arguments: impl Iterator<Item = &'a str>) -> Form {
    while let Some(argument) = arguments.next() {
        match argument.strip_prefix(['-', '+']) {
            None => return Form::Script,
            Some(flags) if !flags.starts_with('-') && flags.contains('c') => {
                return arguments.next().map_or(Form::Input, form_of_text);
            }
            // The name of an option is a word of its own: `-eo pipefail`.
            Some(flags) if flags.ends_with('o') => {
                arguments.next();
            }
            Some(_) => {}
        }
    }
    Form::Input
}

/// The form of what a shell was told to run. Quotes are not looked into: a wrong guess costs a good
/// word of advice, and nothing else.
fn form_of_text(text: &str) -> Form {
    let begins_with = |statement: &str, word| statement.split_whitespace().next() == Some(word);
    let mut statements =
        text.split([';', '&', '|', '\n']).filter(|statement| !statement.trim().is_empty());
    if statements.clone().next_back().is_some_and(|last| begins_with(last, "exec")) {
        Form::Exec
    } else if statements.any(|statement| begins_with(statement, "trap")) {
        Form::Trap
    } else {
        Form::Text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_is_known_by_what_it_runs() {
        for (command, program, form) in [
            (&["/usr/bin/python3", "-c", "exec"][..], "python3", Form::Program),
            (&["/bin/sh", "-c", "python app.py"], "sh", Form::Text),
            (&["bash", "-euo", "pipefail", "-c", "execute; app"], "bash", Form::Text),
            (&["bash", "-lc", "cd /app && exec ./app --quick\n"], "bash", Form::Exec),
            (&["sh", "-c", "exec a; b"], "sh", Form::Text),
            (&["sh", "-c", "trap '' TERM; sleep 9"], "sh", Form::Trap),
            (&["sh", "-c", "echo trap"], "sh", Form::Text),
            (&["sh", "-e", "/entrypoint.sh", "-c"], "sh", Form::Script),
            (&["ash", "--login"], "ash", Form::Input),
            (&["sh", "-c"], "sh", Form::Input),
            (&[], "", Form::Program),
        ] {
            let process = Process::of(command.iter().copied());
            assert_eq!(process, Process { program: program.to_owned(), form }, "{command:?}");
        }
    }
}
