//! Completion in shells: scripts that ask this program at each TAB, and Cobra's protocol, by which
//! the docker command asks its plugins.
//!
//! What a word may be is read off the grammar of the command line; [`sources`] says which values
//! come from the user's files and which from the engine.

mod sources;

use std::ffi::OsString;
use std::path::Path;

use clap_complete::engine::CompletionCandidate;
use clap_complete::env::Shells;

use super::context::Context;
use super::failure::{Failure, Result};
use super::global::{Global, GlobalArgs};
use super::parse::{global, positionals, shown_program};
use super::process::Process;
use crate::compose::shell_words;
use crate::ui::{Stream, Ui};
use sources::Sources;

/// Tells, in the environment, which shell asks.
const SHELL: &str = "BIREME_COMPLETE";
/// Tells, in the environment, which word is asked for; set by the scripts of bash and zsh.
const INDEX: &str = "_CLAP_COMPLETE_INDEX";

/// Tells, in the environment, what stands between candidates; set by the script of bash.
const SEPARATOR: &str = "_CLAP_IFS";

/// Cobra's directives: an addition of flags.
const NO_SPACE: u32 = 2;
const NO_FILES: u32 = 4;

/// The flags of `completion`.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Args {
    /// bash, zsh, fish or powershell
    #[arg(value_name = "SHELL", value_parser = ["bash", "zsh", "fish", "powershell", "elvish"])]
    shell: String,
}

/// Prints the script that a shell reads at its start.
pub(super) fn run(args: &Args, context: &Context) -> Result {
    let entry = &context.process.entry;
    if entry.is_plugin {
        return Err(Failure::new("the docker command completes the words of its plugins")
            .help(format!("use `docker completion {}`", args.shell)));
    }
    let shells = Shells::builtins();
    let shell = shells
        .completer(&args.shell)
        .ok_or_else(|| Failure::new(format!("no completion for {}", args.shell)))?;
    let mut script = Vec::new();
    shell
        .write_registration(SHELL, &entry.typed, &entry.typed, &entry.typed, &mut script)
        .map_err(|error| Failure::new(format!("cannot write the script: {error}")))?;
    context.ui.write(Stream::Stdout, script);
    Ok(())
}

/// Answers the script of a shell. `None` if it is no such script that asks.
pub(super) fn answer_shell(words: &[String], process: &Process) -> Option<Vec<u8>> {
    let name = process.variables.get(SHELL)?;
    let words = words.strip_prefix(&["--".to_owned()])?;
    let shells = Shells::builtins();
    let shell = shells.completer(name)?;
    let index = process.variables.get(INDEX).and_then(|index| index.parse::<usize>().ok());
    let index = index.unwrap_or(words.len().saturating_sub(1)).min(words.len());
    let (joined, skipped) = without_breaks(words, index);
    let is_split = name == "bash" && skipped > 0;
    let (words, index) = if is_split { (&joined[..], index - skipped) } else { (words, index) };
    let current = words.get(index).map_or("", String::as_str);
    let before = words.get(1..index).unwrap_or_default().iter();
    let before: Vec<String> = before.map(|word| meant(word, process)).collect();
    let mut program = grammar(&before, current, process).no_binary_name(false);
    let words = words.iter().map(OsString::from).collect();
    if is_split {
        // The shell's own way goes by the index that the script gave.
        let directory = Some(process.directory.as_path());
        let offered = clap_complete::engine::complete(&mut program, words, index, directory);
        let offered = offered.unwrap_or_default();
        let values: Vec<_> = offered.iter().map(|it| it.get_value().to_string_lossy()).collect();
        let separator = process.variables.get(SEPARATOR).map_or("\n", String::as_str);
        return Some(values.join(separator).into_bytes());
    }
    let mut answer = Vec::new();
    // A shell has no use for an error: nothing is offered.
    let _ = shell.write_complete(&mut program, words, Some(&process.directory), &mut answer);
    Some(answer)
}

/// The words without the `=` at which bash breaks `--flag=value`, and how many of them stood before the word at `index`.
fn without_breaks(words: &[String], index: usize) -> (Vec<String>, usize) {
    let is_break =
        |at: &usize| words[*at] == "=" && *at > 0 && *at < index && words[at - 1].starts_with("--");
    let breaks: Vec<usize> = (0..words.len()).filter(is_break).collect();
    let kept = words.iter().enumerate().filter(|(at, _)| !breaks.contains(at));
    (kept.map(|(_, word)| word.clone()).collect(), breaks.len())
}

/// What a shell makes of a word that it hands over as it was typed: without quotes, and with the home directory for `~`.
fn meant(word: &str, process: &Process) -> String {
    if let (Some(rest), Some(home)) = (word.strip_prefix("~/"), process.home()) {
        let rest = meant(rest, process);
        return home.join(rest).to_string_lossy().into_owned();
    }
    match shell_words::split(word).as_deref() {
        Ok([one]) => one.clone(),
        _ => word.to_owned(),
    }
}

/// Answers Cobra's `__complete`: a candidate a line, and a directive.
pub(super) fn answer_cobra(words: Vec<String>, described: bool, process: &Process) -> String {
    let index = words.len().saturating_sub(1);
    let current = words.last().cloned().unwrap_or_default();
    let mut program = grammar(&words[..index], &current, process);
    let words = words.into_iter().map(OsString::from).collect();
    let candidates =
        clap_complete::engine::complete(&mut program, words, index, Some(&process.directory))
            .unwrap_or_default();
    let wants_flags = current.starts_with('-');
    let mut answer = String::new();
    let mut unfinished = false;
    for candidate in &candidates {
        let value = candidate.get_value().to_string_lossy();
        // Flags are offered when they are asked for, and what would be hidden in help never.
        if (value.starts_with('-') && !wants_flags) || candidate.is_hide_set() {
            continue;
        }
        unfinished |= value.ends_with(['=', '/', ':']);
        answer.push_str(&value);
        if let Some(help) = candidate.get_help().filter(|_| described) {
            answer.push('\t');
            answer.push_str(help.to_string().lines().next().unwrap_or_default());
        }
        answer.push('\n');
    }
    let directive = NO_FILES + if unfinished { NO_SPACE } else { 0 };
    answer + &format!(":{directive}\n")
}

/// The grammar of the command line with the values that words may have behind `before`.
fn grammar(before: &[String], current: &str, process: &Process) -> clap::Command {
    let entry = &process.entry;
    // Behind a service stands a command of the user's own.
    let is_first_word = positionals(before, entry) == 0;
    let sources = Sources::new(context(before, process), is_first_word);
    let program = sources.offered(shown_program(entry));
    // Where something else can stand, flags are offered only when a dash asks for them.
    if current.starts_with('-') { program } else { without_flags(program) }
}

fn without_flags(command: clap::Command) -> clap::Command {
    command
        .disable_help_flag(true)
        .mut_args(|arg| if arg.is_positional() { arg } else { arg.hide(true) })
        .mut_subcommands(without_flags)
}

/// What the global flags among the words come to.
fn context(before: &[String], process: &Process) -> Option<Context> {
    let args = global(before);
    let process = process.clone().with_env_files(&args);
    // What is shown while a user types a line would be lost in it.
    let args = GlobalArgs { progress: Some("quiet".to_owned()), ..args };
    let global = Global::resolve(args, &process.variables, process.terminals).ok()?;
    let ui = Ui::new(global.appearance);
    Some(Context::new(process, global, ui))
}

/// Candidates that begin as the word does.
fn matching<'a>(
    values: impl IntoIterator<Item = &'a str>,
    current: &str,
) -> Vec<CompletionCandidate> {
    let values = values.into_iter().filter(|value| value.starts_with(current));
    values.map(CompletionCandidate::new).collect()
}

/// Files and directories that begin as the word does, of which `wanted` are offered.
fn paths(directory: &Path, current: &str, wanted: fn(&Path) -> bool) -> Vec<CompletionCandidate> {
    use clap_complete::engine::{PathCompleter, ValueCompleter as _};
    let mut found =
        PathCompleter::any().filter(wanted).current_dir(directory).complete(current.as_ref());
    found.retain(|candidate| candidate.get_value() != ".");
    found
}
