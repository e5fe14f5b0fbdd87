//! Words of the command line to [`Arguments`]; [`mistake`] tells what is wrong with them.

mod mistake;

use clap::{CommandFactory, FromArgMatches, Parser};

use mistake::explain;

use super::command::Command;
use super::flags::{for_help, with_manners};
use super::global::GlobalArgs;

/// The command line.
#[derive(Debug, Parser)]
#[command(
    name = "bireme",
    about = "An orchestrator for Compose files on machines that run two instruction sets",
    disable_version_flag = true,
    disable_help_subcommand = true,
    subcommand_precedence_over_arg = false,
    subcommand_value_name = "COMMAND",
    after_help = "Run `bireme COMMAND --help` for the flags of a command."
)]
pub(super) struct Arguments {
    /// Flags before the command.
    #[command(flatten)]
    pub(super) global: GlobalArgs,
    /// Print the version
    #[arg(short, long)]
    pub(super) version: bool,
    /// What to do.
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

/// Why there are no arguments to work with.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// Help was asked for: print it and be done.
    Help(String),
    /// A mistake: help for standard output (may be empty), the sentence, and advice.
    Mistake {
        /// Text for standard output.
        usage: String,
        /// The sentence.
        message: String,
        /// Advice.
        help: Option<String>,
    },
}

impl Stop {
    fn mistake(message: String, help: impl Into<Option<String>>) -> Self {
        Self::Mistake { usage: String::new(), message, help: help.into() }
    }
}

/// Commands that Docker Compose has and Bireme has not yet.
const LATER: [&str; 21] = [
    "alpha", "attach", "bridge", "commit", "convert", "cp", "events", "export", "images", "ls",
    "pause", "port", "publish", "push", "scale", "stats", "top", "unpause", "volumes", "wait",
    "watch",
];

/// Reads the words behind the program's name.
pub(super) fn parse(words: &[String]) -> Result<Arguments, Stop> {
    let program = with_manners(Arguments::command());
    let words = without_help_command(words);
    let named = std::iter::once("bireme").chain(words.iter().map(String::as_str));
    let arguments = program
        .clone()
        .try_get_matches_from(named)
        .and_then(|matches| Arguments::from_arg_matches(&matches))
        .map_err(|error| explain(&error, &program, &words))?;
    if arguments.command.is_none() && !arguments.version {
        return Err(Stop::Help(help(&[])));
    }
    if let Some(Command::Other(words)) = &arguments.command {
        return Err(unknown_command(words.first().map_or("", String::as_str), &program));
    }
    Ok(arguments)
}

/// `help up` is `up --help`, and `help` alone `--help`.
fn without_help_command(words: &[String]) -> Vec<String> {
    match words {
        [help, rest @ ..] if help == "help" => {
            rest.iter().take(1).cloned().chain(["--help".to_owned()]).collect()
        }
        _ => words.to_vec(),
    }
}

/// The help of the command that `words` name, or of the program.
fn help(words: &[String]) -> String {
    let mut program = for_help(Arguments::command());
    program.build();
    let command = words.iter().find(|word| program.find_subcommand(word).is_some());
    let command = command.and_then(|name| program.find_subcommand_mut(name));
    match command {
        Some(command) => command.render_help().to_string(),
        None => program.render_help().to_string(),
    }
}

fn unknown_command(name: &str, program: &clap::Command) -> Stop {
    if LATER.contains(&name) {
        return Stop::mistake(format!("bireme: command {name:?} is not there yet"), None);
    }
    let nearest = program
        .get_subcommands()
        .map(|command| (strsim::damerau_levenshtein(name, command.get_name()), command.get_name()))
        .min()
        .filter(|(distance, _)| distance * 3 <= name.len())
        .map(|(_, nearest)| format!("did you mean `bireme {nearest}`?"));
    Stop::Mistake {
        usage: help(&[]),
        message: format!("unknown docker command: \"compose {name}\""),
        help: nearest,
    }
}

#[cfg(test)]
mod tests;
