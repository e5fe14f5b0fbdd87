//! Arguments and environment become typed settings; one file for each command.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "stands in until `ui` prints")]

pub mod config;

use std::process::ExitCode;

use clap::Parser;

use crate::compose::files::Disk;
use crate::compose::source::Request;

/// Stands in until the command line lands.
#[derive(clap::Parser)]
struct Program {
    #[arg(short, long)]
    file: Vec<String>,
    #[arg(long)]
    env_file: Vec<std::path::PathBuf>,
    #[arg(short, long)]
    project_name: Option<String>,
    #[arg(long)]
    project_directory: Option<std::path::PathBuf>,
    #[arg(long)]
    profile: Vec<String>,
    #[arg(long)]
    all_resources: bool,
    #[arg(long)]
    compatibility: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    Config(Box<config::Args>),
}

/// Runs the program with the process's arguments and environment.
pub fn main() -> ExitCode {
    let program = Program::parse();
    let request = Request {
        files: program.file,
        project_directory: program.project_directory,
        project_name: program.project_name,
        env_files: program.env_file,
        profiles: program.profile,
        current_directory: std::env::current_dir().unwrap_or_default(),
        environment: std::env::vars().collect(),
        home: std::env::home_dir(),
    };
    let Command::Config(args) = program.command;
    match config::answer(&args, &request, program.all_resources, &Disk::default()) {
        Ok(answer) => {
            for warning in &answer.warnings {
                eprintln!("warning: {}", warning.message);
            }
            if !args.quiet {
                print!("{}", answer.text);
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
