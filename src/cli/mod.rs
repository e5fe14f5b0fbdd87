//! Arguments and environment become typed settings; one file for each command.

use std::process::ExitCode;

/// Runs the program with the process's arguments and environment.
pub fn main() -> ExitCode {
    ExitCode::SUCCESS
}
