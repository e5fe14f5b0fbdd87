//! Mistakes on the command line, in Docker Compose's words.

use clap::Arg;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::locate::{Located, find_flag};
use super::{Stop, help, usage};
use crate::cli::entry::{Entry, Identity};
use crate::ui::format::typed;

/// clap's error in Docker Compose's words.
pub(super) fn explain(
    error: &clap::Error,
    program: &clap::Command,
    words: &[String],
    entry: &Entry,
) -> Stop {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(", "),
        _ => String::new(),
    };
    let located = Located::of(program, words);
    let command = located.command;
    let invalid = context(ContextKind::InvalidArg);
    match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => Stop::Help(help(words, entry)),
        ErrorKind::UnknownArgument if !invalid.starts_with('-') => {
            if command.has_subcommands() {
                return no_command_of(&located, program, words, entry);
            }
            if numbers(command).1 > 0 {
                return wrong_number(&located, entry);
            }
            // Docker Compose's own name in its words, as scripts know them.
            let whose = match entry.identity {
                Identity::Bireme => entry.typed.as_str(),
                Identity::Compose => "docker compose",
            };
            let path = located.path.join(" ");
            Stop::mistake(format!("unknown command {invalid:?} for \"{whose} {path}\""), None)
        }
        ErrorKind::UnknownArgument => {
            let suggested = || match error.get(ContextKind::SuggestedArg) {
                Some(ContextValue::String(flag)) => Some(format!("did you mean `{flag}`?")),
                _ => misplaced(&invalid, &located, program, entry),
            };
            let help = behind_dashes(&invalid, &located, entry).or_else(suggested);
            Stop::mistake(unknown_flag(&invalid), help)
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
        ErrorKind::MissingSubcommand | ErrorKind::InvalidSubcommand => {
            no_command_of(&located, program, words, entry)
        }
        ErrorKind::MissingRequiredArgument if has_enough_words(&located) => {
            Stop::mistake(format!("{} is missing", as_in_help(&invalid)), None)
        }
        ErrorKind::ArgumentConflict => {
            let others = as_in_help(&context(ContextKind::PriorArg));
            Stop::mistake(format!("{} cannot be used with {others}", as_in_help(&invalid)), None)
        }
        ErrorKind::MissingRequiredArgument
        | ErrorKind::TooFewValues
        | ErrorKind::TooManyValues
        | ErrorKind::WrongNumberOfValues => wrong_number(&located, entry),
        // What is left are clap's own rules, which Docker Compose has no words for.
        _ => {
            let text = error.to_string();
            let line = text.lines().next().unwrap_or_default();
            Stop::mistake(line.trim_start_matches("error: ").to_owned(), None)
        }
    }
}

/// Words behind a group of commands that name none of them: as in Docker Compose, the group's help,
/// unless their flags are wrong.
fn no_command_of(
    located: &Located,
    program: &clap::Command,
    words: &[String],
    entry: &Entry,
) -> Stop {
    let global = program.get_arguments().filter(|arg| arg.is_global_set());
    let any_words = Arg::new("words").num_args(0..).action(clap::ArgAction::Append);
    let flags_alone = clap::Command::new("group")
        .no_binary_name(true)
        .args(located.command.get_arguments().chain(global))
        .arg(any_words);
    match flags_alone.try_get_matches_from(located.rest) {
        Err(error) => explain(&error, program, words, entry),
        Ok(_) => Stop::Help(help(words, entry)),
    }
}

fn unknown_flag(invalid: &str) -> String {
    let Some(short) = invalid.strip_prefix('-').filter(|rest| !rest.starts_with('-')) else {
        return format!("unknown flag: {}", invalid.split('=').next().unwrap_or(invalid));
    };
    let letter = short.chars().next().unwrap_or('-');
    format!("unknown shorthand flag: '{letter}' in {invalid}")
}

/// A global flag that stands behind the command.
fn misplaced(
    invalid: &str,
    located: &Located,
    program: &clap::Command,
    entry: &Entry,
) -> Option<String> {
    find_flag(invalid, program, program)?;
    Some(format!(
        "global flags stand before the command: `{} {invalid} … {}`",
        entry.typed,
        located.path.join(" ")
    ))
}

/// The flag that takes a command behind `--`.
const TAKES_COMMAND: &str = "--measure";

/// What is said where flags of such a command are taken for our own, since `--` is missing:
/// `platforms --measure web ls -l`.
fn behind_dashes(invalid: &str, located: &Located, entry: &Entry) -> Option<String> {
    located.command.get_positionals().find(|arg| arg.is_last_set())?;
    let (before, command) = located.rest.split_at_checked(located.first_positional()?)?;
    let is_asked = before.iter().any(|word| word.split('=').next() == Some(TAKES_COMMAND));
    let is_own = before.iter().any(|word| word.starts_with(invalid));
    if !is_asked || is_own || command.iter().any(|word| word == "--") {
        return None;
    }
    Some(format!(
        "a command stands behind `--`: {} {} {} -- {}",
        entry.typed,
        located.path.join(" "),
        typed(before),
        typed(command)
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

/// `-t, --timeout`.
fn both_names(arg: &Arg) -> String {
    match (arg.get_short(), arg.get_long()) {
        (Some(short), Some(long)) => format!("-{short}, --{long}"),
        (None, Some(long)) => format!("--{long}"),
        (Some(short), None) => format!("-{short}"),
        (None, None) => arg.get_id().to_string(),
    }
}

/// Flags as the help has them, which leaves out the value that a switch may have.
fn as_in_help(flags: &str) -> String {
    flags.replace("[=<BOOL>]", "")
}

/// Commands whose wrong number of words Docker Compose answers with their usage.
const TOLD_WITH_USAGE: [&str; 3] = ["cp", "publish", "wait"];

/// Whether the words are as many as they may be, so that a flag is missing which others need.
fn has_enough_words(located: &Located) -> bool {
    let (least, most) = numbers(located.command);
    (least..=most).contains(&located.positionals())
}

/// Too few words, or too many.
fn wrong_number(located: &Located, entry: &Entry) -> Stop {
    let command = located.command;
    let given = located.positionals();
    let (least, most) = numbers(command);
    if TOLD_WITH_USAGE.contains(&command.get_name()) {
        let typed = format!("{} {}", entry.typed, located.path.join(" "));
        let at_least = if most == usize::MAX { "at least " } else { "" };
        let plural = if least == 1 { "" } else { "s" };
        let usage = usage::line(command, &typed);
        return Stop::mistake(
            format!(
                "docker: '{typed}' requires {at_least}{least} argument{plural}\n\n\
                 Usage:  {usage}\n\n\
                 Run '{typed} --help' for more information"
            ),
            None,
        );
    }
    let message = if given < least && (least == most || most == usize::MAX) {
        format!("requires at least {least} arg(s), only received {given}")
    } else if least == most {
        format!("accepts {least} arg(s), received {given}")
    } else if least == 0 {
        format!("accepts at most {most} arg(s), received {given}")
    } else {
        format!("accepts between {least} and {most} arg(s), received {given}")
    };
    Stop::mistake(message, None)
}

/// How many words a command takes, at least and at most.
fn numbers(command: &clap::Command) -> (usize, usize) {
    command.get_positionals().fold((0, 0), |(least, most), arg| {
        let range = arg.get_num_args();
        let repeats = matches!(arg.get_action(), clap::ArgAction::Append);
        let own_most = match range {
            Some(range) if range.max_values() > 1 => usize::MAX,
            _ if repeats => usize::MAX,
            _ => 1,
        };
        let own_least = if arg.is_required_set() {
            range.map_or(1, |range| range.min_values()).max(1)
        } else {
            0
        };
        (least + own_least, most.saturating_add(own_most))
    })
}
