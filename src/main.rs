//! The `bireme` binary: parse, run, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    bireme::cli::main()
}
