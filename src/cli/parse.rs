//! Words of the command line to [`Arguments`], and mistakes in them in Docker Compose's words.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, CommandFactory, FromArgMatches, Parser};

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

/// clap's error in Docker Compose's words.
fn explain(error: &clap::Error, program: &clap::Command, words: &[String]) -> Stop {
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
            let flag = find_flag(&invalid, command, program).map_or(invalid.clone(), both_names);
            Stop::mistake(
                format!(
                    "invalid argument {value:?} for {flag:?} flag: {}",
                    reason.unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn stop(line: &str) -> Stop {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        parse(&words).expect_err(line)
    }

    fn message(line: &str) -> String {
        match stop(line) {
            Stop::Mistake { message, .. } => message,
            Stop::Help(text) => panic!("help instead of a mistake: {text}"),
        }
    }

    #[test]
    fn mistakes_are_told_in_docker_composes_words() {
        for (line, expected) in [
            ("up --bogus", "unknown flag: --bogus"),
            ("up --bogus=1", "unknown flag: --bogus"),
            ("--bogus", "unknown flag: --bogus"),
            ("up -Z", "unknown shorthand flag: 'Z' in -Z"),
            ("up -dZ", "unknown shorthand flag: 'Z' in -Z"),
            ("up -f x", "unknown shorthand flag: 'f' in -f"),
            (
                "up --timeout x",
                "invalid argument \"x\" for \"-t, --timeout\" flag: \
                 strconv.ParseInt: parsing \"x\": invalid syntax",
            ),
            (
                "--parallel x ps",
                "invalid argument \"x\" for \"--parallel\" flag: \
                 strconv.ParseInt: parsing \"x\": invalid syntax",
            ),
            (
                "up -d=maybe",
                "invalid argument \"maybe\" for \"-d, --detach\" flag: \
                 strconv.ParseBool: parsing \"maybe\": invalid syntax",
            ),
            ("up -t", "flag needs an argument: 't' in -t"),
            ("up --timeout", "flag needs an argument: --timeout"),
            ("-f", "flag needs an argument: 'f' in -f"),
            ("exec", "requires at least 2 arg(s), only received 0"),
            ("exec web", "requires at least 2 arg(s), only received 1"),
            ("exec -u root web", "requires at least 2 arg(s), only received 1"),
            ("run", "requires at least 1 arg(s), only received 0"),
            ("run --rm -e A=1", "requires at least 1 arg(s), only received 0"),
            ("version extra", "unknown command \"extra\" for \"docker compose version\""),
            ("watch", "bireme: command \"watch\" is not there yet"),
            ("cp --all a b", "bireme: command \"cp\" is not there yet"),
        ] {
            assert_eq!(message(line), expected, "{line}");
        }
    }

    #[test]
    fn an_unknown_command_gets_the_help_and_a_guess() {
        let Stop::Mistake { usage, message, help } = stop("upp") else { panic!() };
        assert!(usage.contains("Usage:"), "{usage}");
        assert_eq!(message, "unknown docker command: \"compose upp\"");
        assert_eq!(help.as_deref(), Some("did you mean `bireme up`?"));
    }

    #[test]
    fn a_global_flag_behind_the_command_is_explained() {
        let Stop::Mistake { help, .. } = stop("up -f compose.yaml") else { panic!() };
        assert_eq!(
            help.as_deref(),
            Some("global flags stand before the command: `bireme -f … up`")
        );
    }

    fn parsed(line: &str) -> Arguments {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        parse(&words).expect(line)
    }

    #[test]
    fn run_and_exec_read_no_flags_behind_the_first_word() {
        for (line, expected, tty) in [
            ("exec web ls -la --dry-run", &["web", "ls", "-la", "--dry-run"][..], None),
            ("exec -T web -it sh", &["web", "-it", "sh"], Some(true)),
            ("exec --no-TTY=false web ls", &["web", "ls"], Some(false)),
            ("exec -- web ls", &["web", "ls"], None),
            ("exec web sh -c -- x", &["web", "sh", "-c", "--", "x"], None),
            ("exec web -- ls", &["web", "--", "ls"], None),
        ] {
            let Some(Command::Exec(args)) = parsed(line).command else { panic!("{line}") };
            assert_eq!(args.words, expected, "{line}");
            assert_eq!(args.no_tty, tty, "{line}");
        }
        let Some(Command::Run(args)) = parsed("run --rm -e A=b -P web --rm -d").command else {
            panic!()
        };
        assert_eq!(args.words, ["web", "--rm", "-d"]);
        assert!(args.rm && args.service_ports && !args.detach);
    }

    #[test]
    fn flags_are_taken_in_all_their_spellings() {
        let Some(Command::Up(args)) =
            parsed("up web -Vd db --menu=false -t=5 --timeout -1 --scale a=1 --scale=b=2 -d=false")
                .command
        else {
            panic!()
        };
        assert_eq!(args.services, ["web", "db"]);
        assert!(args.renew_anon_volumes && !args.detach);
        assert_eq!((args.menu, args.timeout), (Some(false), Some(-1)));
        assert_eq!(args.scale, ["a=1", "b=2"]);
        let Some(Command::Logs(args)) = parsed("logs -fn -1 -t").command else { panic!() };
        assert!(args.follow && args.timestamps);
        assert_eq!(args.tail, "-1");
        let Some(Command::Down(args)) = parsed("down --volume --remove-orphans").command else {
            panic!()
        };
        assert!(args.volumes);
        assert_eq!(args.remove_orphans, Some(true));
    }

    #[test]
    fn global_flags_stand_before_the_command_and_dry_run_anywhere() {
        let arguments = parsed("-f a.yaml --file b.yaml -p name --profile x -H tcp://h ps -q");
        assert_eq!(arguments.global.file, ["a.yaml", "b.yaml"]);
        assert_eq!(arguments.global.project_name.as_deref(), Some("name"));
        assert_eq!(arguments.global.host, ["tcp://h"]);
        for line in ["--dry-run up", "up --dry-run", "up web --dry-run"] {
            assert!(parsed(line).global.dry_run, "{line}");
        }
        assert!(!parsed("up").global.dry_run);
        assert!(parsed("--version").version);
        assert!(parsed("-v").version);
    }

    #[test]
    fn help_is_not_a_mistake() {
        for line in ["", "--help", "help", "up --help", "help up", "-h"] {
            assert!(matches!(stop(line), Stop::Help(text) if text.contains("Usage")), "{line}");
        }
    }
}
