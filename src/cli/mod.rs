//! Arguments and environment become typed settings; one file for each command.

mod build;
mod command;
mod config;
mod create;
mod down;
mod exec;
mod failure;
mod flags;
mod global;
mod kill;
mod logs;
mod parse;
mod process;
mod ps;
mod pull;
mod restart;
mod rm;
mod run;
mod start;
mod stop;
mod up;
mod version;

use std::process::ExitCode;

/// Runs the program with the process's arguments and environment.
pub fn main() -> ExitCode {
    ExitCode::SUCCESS
}
