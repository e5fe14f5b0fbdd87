//! Mistakes on the command line, in Docker Compose's words.

use clap::Arg;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::{Stop, help};

/// clap's error in Docker Compose's words.
pub(super) fn explain(error: &clap::Error, program: &clap::Command, words: &[String]) -> Stop {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        _ => String::new(),
    };
    let command = words.iter().find_map(|word| program.find_subcommand(word)).unwrap_or(program);
    let invalid = context(ContextKind::InvalidArg);
    match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => Stop::Help(help(words)),
        ErrorKind::UnknownArgument => {
            let help = match error.get(ContextKind::SuggestedArg) {
                Some(ContextValue::String(flag)) => Some(format!("did you mean `{flag}`?")),
                _ => misplaced(&invalid, command, program),
            };
            Stop::mistake(unknown_flag(&invalid, command), help)
        }
        ErrorKind::InvalidValue if context(ContextKind::InvalidValue).is_empty() => {
            Stop::mistake(missing_value(words, &invalid), None)
        }
        ErrorKind::ValueValidation | ErrorKind::InvalidValue => {
            let value = context(ContextKind::InvalidValue);
            let reason = std::error::Error::source(error).map(ToString::to_string);
            let valid = match error.get(ContextKind::ValidValue) {
                Some(ContextValue::Strings(words)) if !words.is_empty() => {
                    Some(format!("it takes {}", words.join(", ")))
                }
                _ => None,
            };
            let flag = find_flag(&invalid, command, program).map_or(invalid.clone(), both_names);
            Stop::mistake(
                format!(
                    "invalid argument {value:?} for {flag:?} flag: {}",
                    reason.or(valid).unwrap_or_default()
                ),
                None,
            )
        }
        ErrorKind::MissingRequiredArgument | ErrorKind::TooFewValues => {
            let least = least_arguments(command);
            let given = given_arguments(command, words);
            Stop::mistake(format!("requires at least {least} arg(s), only received {given}"), None)
        }
        // What is left are clap's own rules, which Docker Compose has no words for.
        _ => {
            let text = error.to_string();
            let line = text.lines().next().unwrap_or_default();
            Stop::mistake(line.trim_start_matches("error: ").to_owned(), None)
        }
    }
}

fn unknown_flag(invalid: &str, command: &clap::Command) -> String {
    match invalid.strip_prefix('-') {
        Some(long) if long.starts_with('-') => {
            format!("unknown flag: {}", invalid.split('=').next().unwrap_or(invalid))
        }
        Some(short) => {
            let letter = short.chars().next().unwrap_or('-');
            format!("unknown shorthand flag: '{letter}' in {invalid}")
        }
        None => {
            format!("unknown command {invalid:?} for \"docker compose {}\"", command.get_name())
        }
    }
}

/// A global flag that stands behind the command.
fn misplaced(invalid: &str, command: &clap::Command, program: &clap::Command) -> Option<String> {
    find_flag(invalid, program, program)?;
    Some(format!(
        "global flags stand before the command: `bireme {invalid} … {}`",
        command.get_name()
    ))
}

fn missing_value(words: &[String], invalid: &str) -> String {
    match words.last() {
        Some(word) if word.starts_with('-') && !word.starts_with("--") => {
            let letter = word.chars().next_back().unwrap_or('-');
            format!("flag needs an argument: '{letter}' in {word}")
        }
        Some(word) if word.starts_with("--") => format!("flag needs an argument: {word}"),
        _ => format!("flag needs an argument: {invalid}"),
    }
}

/// The flag that clap names as `--timeout <SECONDS>` or `-t`.
fn find_flag<'a>(
    name: &str,
    command: &'a clap::Command,
    program: &'a clap::Command,
) -> Option<&'a Arg> {
    let name = name.split([' ', '=', '[']).next().unwrap_or(name);
    command.get_arguments().chain(program.get_arguments()).find(|arg| {
        match name.strip_prefix("--") {
            Some(long) => arg.get_long() == Some(long),
            None => {
                arg.get_short().is_some()
                    && arg.get_short() == name.trim_start_matches('-').chars().next()
            }
        }
    })
}

/// `-t, --timeout`.
fn both_names(arg: &Arg) -> String {
    match (arg.get_short(), arg.get_long()) {
        (Some(short), Some(long)) => format!("-{short}, --{long}"),
        (None, Some(long)) => format!("--{long}"),
        (Some(short), None) => format!("-{short}"),
        (None, None) => arg.get_id().to_string(),
    }
}

fn least_arguments(command: &clap::Command) -> usize {
    command
        .get_positionals()
        .filter(|arg| arg.is_required_set())
        .map(|arg| arg.get_num_args().map_or(1, |range| range.min_values()).max(1))
        .sum()
}

/// Positional words that were given to a command that stops reading flags at the first one.
fn given_arguments(command: &clap::Command, words: &[String]) -> usize {
    let name = command.get_name();
    let behind = words.iter().position(|word| word == name).map_or(words.len(), |at| at + 1);
    let mut rest = words.get(behind..).unwrap_or_default().iter();
    while let Some(word) = rest.next() {
        if !word.starts_with('-') {
            return 1 + rest.len();
        }
        let takes_value = find_flag(word, command, command)
            .is_some_and(|arg| arg.get_num_args().is_none_or(|range| range.min_values() > 0));
        if takes_value && !word.contains('=') {
            rest.next();
        }
    }
    0
}
