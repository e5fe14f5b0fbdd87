//! `man`: the manual pages of all commands.

use std::path::{Path, PathBuf};

use clap_mangen::Man;

use super::context::Context;
use super::failure::{Failure, Result};
use super::parse::shown_program;

/// The flags of `man`.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Args {
    /// Directory to write them to, such as ~/.local/share/man/man1
    #[arg(value_name = "DIR")]
    directory: PathBuf,
}

/// Writes a page for the program, and one for each command.
pub(super) fn run(args: &Args, context: &Context) -> Result {
    let directory = context.process.directory.join(&args.directory);
    let cannot = |path: &Path, error: &std::io::Error| {
        Failure::new(format!("cannot write {}: {error}", path.display()))
    };
    std::fs::create_dir_all(&directory).map_err(|error| cannot(&directory, &error))?;
    let entry = &context.process.entry;
    let name = entry.typed.replace(' ', "-");
    let mut program = shown_program(entry).display_name(name.clone());
    program.build();
    let mut count = 0;
    for (name, command) in pages(&program, &name) {
        let path = directory.join(format!("{name}.1"));
        let mut page = Vec::new();
        let written = Man::new(command)
            .title(name.to_uppercase())
            .source(concat!("Bireme ", env!("CARGO_PKG_VERSION")))
            .manual("Bireme Manual")
            .render(&mut page)
            .and_then(|()| std::fs::write(&path, page));
        written.map_err(|error| cannot(&path, &error))?;
        count += 1;
    }
    context.ui.status(&format!("{count} pages in {}", directory.display()));
    Ok(())
}

/// A command and those below it, each with the name of its page.
fn pages(command: &clap::Command, name: &str) -> Vec<(String, clap::Command)> {
    let own = command.clone().display_name(name.to_owned());
    let mut pages = vec![(name.to_owned(), own)];
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        pages.extend(pages_below(below, name));
    }
    pages
}

fn pages_below(below: &clap::Command, name: &str) -> Vec<(String, clap::Command)> {
    pages(below, &format!("{name}-{}", below.get_name()))
}
