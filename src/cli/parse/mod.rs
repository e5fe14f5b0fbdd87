//! Words of the command line to [`Arguments`]; [`mistake`] tells what is wrong with them.

mod locate;
mod mistake;
mod usage;

use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser};

use locate::{Located, first_positional};
use mistake::explain;

use super::command::Command;
use super::entry::Entry;
use super::flags::{for_help, with_manners};
use super::global::GlobalArgs;

/// What stands before a command.
#[derive(Debug, Parser)]
#[command(
    name = "bireme",
    about = "An orchestrator for Compose files on machines that run two instruction sets",
    disable_version_flag = true,
    disable_help_subcommand = true,
    subcommand_precedence_over_arg = false,
    no_binary_name = true
)]
struct Front {
    #[command(flatten)]
    global: GlobalArgs,
    /// Print the version
    #[arg(short, long)]
    version: bool,
}

/// The command line.
#[derive(Debug)]
pub(super) struct Arguments {
    /// Flags before the command.
    pub(super) global: GlobalArgs,
    /// Whether the version is asked for.
    pub(super) version: bool,
    /// What to do.
    pub(super) command: Option<Command>,
}

impl Arguments {
    fn from_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let Front { global, version } = Front::from_arg_matches(matches)?;
        Ok(Self { global, version, command: Command::from_matches(matches)? })
    }
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

/// Reads the words behind the program's name.
pub(super) fn parse(words: &[String], entry: &Entry) -> Result<Arguments, Stop> {
    let words = without_help_command(words);
    let named = first_positional(&Front::command(), &words);
    let program = with_manners(grammar(|name| Some(name) == named));
    let separated = Located::of(&program, &words).with_separator(&words);
    let arguments = program
        .try_get_matches_from(separated)
        .and_then(|matches| Arguments::from_matches(&matches))
        .map_err(|error| explain(&error, &self::program(entry), &words, entry))?;
    if arguments.command.is_none() && !arguments.version {
        return Err(Stop::Help(help(&[], entry)));
    }
    if let Some(Command::Other(words)) = &arguments.command {
        return Err(unknown_command(words.first().map_or("", String::as_str), entry));
    }
    Ok(arguments)
}

/// The grammar of the command line, with those commands that are `wanted`.
fn grammar(wanted: impl Fn(&str) -> bool) -> clap::Command {
    Command::grammar(Front::command(), wanted)
}

/// The whole grammar.
fn program(entry: &Entry) -> clap::Command {
    with_manners(usage::with_usage(grammar(|_| true), &entry.typed))
}

/// The same as help, manuals and completions show it.
pub(super) fn shown_program(entry: &Entry) -> clap::Command {
    for_help(usage::with_usage(grammar(|_| true), &entry.typed))
}

/// What the flags before a command come to, as far as they can be read.
pub(super) fn global(words: &[String]) -> GlobalArgs {
    let front = Command::outline(Front::command()).ignore_errors(true);
    let matches = front.try_get_matches_from(words).unwrap_or_default();
    GlobalArgs::from_arg_matches(&matches).unwrap_or_default()
}

/// How many positional words stand behind the command that words name.
pub(super) fn positionals(words: &[String], entry: &Entry) -> usize {
    Located::of(&program(entry), words).positionals()
}

/// `help up` is `up --help`, and `help` alone `--help`.
fn without_help_command(words: &[String]) -> Vec<String> {
    match words {
        [help, rest @ ..] if help == "help" => {
            let names = rest.iter().filter(|word| !word.starts_with('-'));
            names.cloned().chain(["--help".to_owned()]).collect()
        }
        _ => words.to_vec(),
    }
}

/// The help of the command that `words` name, or of the program.
fn help(words: &[String], entry: &Entry) -> String {
    let mut program = usage::without_written_out(shown_program(entry));
    program.build();
    let mut command = &mut program;
    for name in Located::of(&command.clone(), words).path {
        command = command.find_subcommand_mut(name).expect("the words were found in this program");
    }
    command.render_help().to_string()
}

fn unknown_command(name: &str, entry: &Entry) -> Stop {
    let nearest = Command::outline(Front::command())
        .get_subcommands()
        .map(|command| (strsim::damerau_levenshtein(name, command.get_name()), command.get_name()))
        .min()
        .filter(|(distance, _)| distance * 3 <= name.len())
        .map(|(_, nearest)| format!("did you mean `{} {nearest}`?", entry.typed));
    // Scripts know Docker Compose's own words, which speak of the plugin alone.
    let plugin = entry.typed.strip_prefix("docker ").unwrap_or("compose");
    Stop::Mistake {
        usage: help(&[], entry),
        message: format!("unknown docker command: \"{plugin} {name}\""),
        help: nearest,
    }
}

#[cfg(test)]
mod tests;
