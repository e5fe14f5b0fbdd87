//! Arguments and environment become typed settings; one file for each command.
//!
//! [`process`] reads the process, [`parse`] its arguments, [`global`] what flags and environment
//! come to. A command then gets a [`context::Context`] and gives a [`failure::Result`], which
//! becomes the exit code. Commands that need no engine start no runtime and open no socket.

mod afar;
mod ahead;
mod alpha;
mod attach;
mod bridge;
mod build;
mod builder;
mod command;
mod commit;
mod completion;
mod config;
mod context;
mod cp;
mod create;
mod deaths;
mod detach_keys;
mod doctor;
mod down;
mod entry;
mod events;
mod exec;
mod export;
mod failure;
mod flags;
mod generate;
mod global;
mod graph;
mod images;
mod install;
mod interactive;
mod kill;
mod lifetime;
mod logs;
mod ls;
mod machine;
mod man;
mod outputs;
mod parse;
mod pause;
mod plan;
mod platforms;
mod port;
mod process;
mod ps;
mod publish;
mod pull;
mod push;
mod question;
mod rehearsal;
mod report;
mod restart;
mod rm;
mod run;
mod runtime;
mod scale;
mod scope;
mod start;
mod state;
mod stats;
mod stop;
mod stream;
mod terminations;
mod timeline;
mod top;
mod up;
mod version;
mod viz;
mod volumes;
mod wait;
mod watch;
mod whole;
mod why;

#[cfg(test)]
mod documentation;

use std::process::ExitCode;
use std::time::Duration;

use command::Command;
use context::Context;
use entry::Call;
use failure::Failure;
use global::Global;
use parse::{Arguments, Stop};
use process::Process;

use crate::engine::transport::plain;
use crate::ui::{Ansi, Appearance, Commands, Stream, Ui};

/// Runs the program with the process's arguments and environment.
pub fn main() -> ExitCode {
    let (process, call) = Process::read();
    match call {
        Call::Metadata => answered(&process, entry::metadata(process.entry.identity) + "\n"),
        Call::Hooks => ExitCode::SUCCESS,
        Call::Complete(words, described) => {
            answered(&process, completion::answer_cobra(words, described, &process))
        }
        Call::Words(words) => {
            if let Some(answer) = completion::answer_shell(&words, &process) {
                return answered(&process, answer);
            }
            match parse::parse(&words, &process.entry) {
                Ok(arguments) => run(arguments, process),
                Err(stop) => stopped(stop, &process),
            }
        }
    }
}

/// Prints an answer that no setting has a say in.
fn answered(process: &Process, answer: impl Into<Vec<u8>>) -> ExitCode {
    let ui = Ui::new(first_appearance(process));
    ui.write(Stream::Stdout, answer);
    ui.flush();
    if told_unwritten(&ui) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Says why something is missing from standard output, if it is, in Docker Compose's words.
fn told_unwritten(ui: &Ui) -> bool {
    let Some(error) = ui.unwritten() else { return false };
    ui.failure(&format!("write /dev/stdout: {}", plain(error)), &[]);
    ui.flush();
    true
}

/// How long an interrupted program waits until its last words are read.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Carries out what was asked for.
fn run(arguments: Arguments, process: Process) -> ExitCode {
    let Arguments { mut global, version, command } = arguments;
    if let Some(Command::Build(args)) = &command {
        // Its former place, which counts more.
        global.progress = args.progress.clone().or(global.progress);
    }
    let process = process.with_env_files(&global);
    let commands = Commands {
        program: process.entry.typed.clone(),
        files: global.file.clone(),
        flags: global.that_say_what(),
        names: Command::names(),
    };
    let global = match Global::resolve(global, &process.variables, process.terminals) {
        Ok(global) => global,
        Err(message) => return mistaken(&process, &message, None),
    };
    let ui = Ui::new(global.appearance).proposing(commands);
    for note in &global.notes {
        ui.information(note);
    }
    let context = Context::new(process, global, ui);
    let outcome = match command {
        _ if version => Command::Version(version::Args::default()).run(&context),
        Some(command) => command.run(&context),
        None => Ok(()),
    };
    let (interrupted, done) = (matches!(outcome, Err(Failure::Interrupted)), outcome.is_ok());
    let code = match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            show(&failure, &context.ui);
            failure.exit_code()
        }
    };
    context.ui.end();
    if interrupted {
        context.ui.flush_within(LAST_WORDS);
    } else {
        context.ui.flush();
    }
    if done && told_unwritten(&context.ui) { ExitCode::FAILURE } else { code }
}

/// Says why a command, or a part of one, did not do its work.
fn show(failure: &Failure, ui: &Ui) {
    match failure {
        Failure::Message { message, help } => ui.failure(message, help),
        Failure::Diagnostics { diagnostics, sources } => ui.diagnostics(diagnostics, sources),
        // The exit code says it all.
        Failure::Status(_) => {}
        // Docker Compose takes these for errors without a text: an empty line, or an empty object.
        Failure::Container(_) | Failure::Interrupted => ui.failure("", &[]),
    }
}

/// Ends before there are arguments to work with: help, or a mistake in them.
fn stopped(stop: Stop, process: &Process) -> ExitCode {
    match stop {
        Stop::Help(text) => answered(process, text),
        Stop::Mistake { usage, message, help } => {
            if !usage.is_empty() {
                let ui = Ui::new(first_appearance(process));
                ui.write(Stream::Stdout, usage + "\n");
                ui.flush();
            }
            mistaken(process, &message, help.as_ref())
        }
    }
}

fn mistaken(process: &Process, message: &str, help: Option<&String>) -> ExitCode {
    let ui = Ui::new(first_appearance(process));
    ui.failure(message, help.map_or(&[], std::slice::from_ref));
    ui.flush();
    ExitCode::FAILURE
}

/// How things are shown before flags could say it.
fn first_appearance(process: &Process) -> Appearance {
    let no_color = process.variables.get("NO_COLOR").is_some_and(|value| !value.is_empty());
    Appearance::decide("plain", Ansi::Auto, no_color, process.terminals, false)
        .expect("plain progress contradicts only `--ansi always`")
}
