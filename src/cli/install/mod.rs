//! `install` and `uninstall`: links by which the docker command, scripts and editors find Bireme.

mod place;

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use place::{Found, Place};

use super::context::Context;
use super::failure::{Failure, Result};
use super::machine::Machine;
use super::process::Process;
use crate::engine::endpoint::configuration_directory;

/// Where the docker command of every user looks for plugins (Docker CLI, `cli-plugins/manager`).
const SYSTEM_PLUGINS: &str = "/usr/local/lib/docker/cli-plugins";
/// Where commands of every user are that no package brings.
const SYSTEM_COMMANDS: &str = "/usr/local/bin";
/// Where a user's own commands are, in the home directory (XDG Base Directory Specification).
const USER_COMMANDS: &str = ".local/bin";

/// The flags of `install`.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    which: Which,
    /// Put aside what is in the way; `uninstall` brings it back
    #[arg(long)]
    force: bool,
}

/// The flags of `uninstall`.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct UninstallArgs {
    #[command(flatten)]
    which: Which,
}

#[derive(Debug, Clone, clap::Args)]
struct Which {
    /// Name to be called by (repeatable)
    #[arg(long = "as", value_name = "NAME", value_enum)]
    names: Vec<Name>,
    /// For every user of this machine
    #[arg(long)]
    system: bool,
}

/// A name that Bireme may be installed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Name {
    /// The plugin behind `docker bireme`
    DockerBireme,
    /// The plugin behind `docker compose`, and the command `docker-compose`
    DockerCompose,
}

impl Name {
    fn file(self) -> &'static str {
        match self {
            Self::DockerBireme => "docker-bireme",
            Self::DockerCompose => "docker-compose",
        }
    }

    fn describe(self) -> &'static str {
        match self {
            Self::DockerBireme => "`docker bireme` is Bireme now",
            Self::DockerCompose => "`docker compose` and `docker-compose` are Bireme now",
        }
    }
}

/// Sets up the links.
pub(super) fn run(args: &Args, context: &Context) -> Result {
    let program = Process::executable()?;
    let names = args.which.names_or(&[Name::DockerBireme]);
    let places = places(&names, args.which.system, context)?;
    let mut found = Vec::new();
    for place in places {
        let what = place.look(&program).map_err(|error| cannot("look at", &place.link, &error))?;
        found.push((place, what));
    }
    let taken = found.iter().filter(|(_, what)| *what == Found::Other);
    let taken: Vec<String> = taken.map(|(place, _)| place.link.display().to_string()).collect();
    if !taken.is_empty() && !args.force {
        let verb = if taken.len() == 1 { "is" } else { "are" };
        return Err(Failure::new(format!("{} {verb} not Bireme's", taken.join(" and ")))
            .help("--force puts it aside, and `uninstall` brings it back"));
    }
    let dry_run = context.global.dry_run;
    let tell = |text: &str| {
        context.ui.print(&if dry_run { format!("would {text}") } else { text.to_owned() });
    };
    for (place, what) in found {
        let link = place.link.display();
        if what == Found::This {
            context.ui.print(&format!("{link} is there already"));
            continue;
        }
        if what == Found::Other {
            tell(&format!("keep {link} as {}", place.saved().display()));
            if !dry_run {
                place.put_aside().map_err(|error| cannot("put aside", &place.link, &error))?;
            }
        }
        tell(&format!("link {link} to {}", program.display()));
        if !dry_run {
            place.link_to(&program).map_err(|error| cannot("link", &place.link, &error))?;
        }
    }
    if !dry_run {
        for name in names {
            context.ui.print(name.describe());
        }
        tell_of_search_path(&args.which, context);
    }
    Ok(())
}

/// Takes the links away.
pub(super) fn undo(args: &UninstallArgs, context: &Context) -> Result {
    let program = Process::executable()?;
    let names = args.which.names_or(Name::value_variants());
    let dry_run = context.global.dry_run;
    let mut nothing = true;
    for place in places(&names, args.which.system, context)? {
        let look = || Ok::<_, std::io::Error>((place.look(&program)?, place.has_saved()?));
        let (what, saved) = look().map_err(|error| cannot("look at", &place.link, &error))?;
        let link = place.link.display();
        if what == Found::Other {
            let note = if saved {
                format!(", and {} stays", place.saved().display())
            } else {
                String::new()
            };
            context.ui.status(&format!("{link} is not Bireme's and stays{note}"));
            continue;
        }
        // The program itself, where it was copied to: not a link of ours.
        if place.link == program || (what == Found::Nothing && !saved) {
            continue;
        }
        nothing = false;
        if !dry_run {
            place.undo().map_err(|error| cannot("remove", &place.link, &error))?;
        }
        let (did, again) =
            if dry_run { ("would remove", "bring back") } else { ("removed", "brought back") };
        let text = if saved {
            format!("{did} {link} and {again} what was there before")
        } else {
            format!("{did} {link}")
        };
        context.ui.print(&text);
    }
    if nothing {
        context.ui.status("No links of Bireme's");
    }
    Ok(())
}

impl Which {
    fn names_or(&self, default: &[Name]) -> Vec<Name> {
        let mut names = if self.names.is_empty() { default.to_vec() } else { self.names.clone() };
        names.dedup();
        names
    }
}

/// All places of these names.
fn places(names: &[Name], system: bool, context: &Context) -> Result<Vec<Place>> {
    let (plugins, commands) = if system {
        (PathBuf::from(SYSTEM_PLUGINS), PathBuf::from(SYSTEM_COMMANDS))
    } else {
        let home = context.process.home();
        let home =
            home.ok_or_else(|| Failure::new("there is no home directory: HOME is not set"))?;
        let machine = Machine::new(&context.process.variables, &context.global.engine);
        let configuration = configuration_directory(&context.global.engine.flags(), &machine);
        (
            context.process.directory.join(configuration).join("cli-plugins"),
            home.join(USER_COMMANDS),
        )
    };
    let mut places = Vec::new();
    for name in names {
        places.push(Place::new(&plugins, name.file()));
        if *name == Name::DockerCompose {
            places.push(Place::new(&commands, name.file()));
        }
    }
    Ok(places)
}

/// Says so when the shell would not find the command, or finds another one first.
fn tell_of_search_path(which: &Which, context: &Context) {
    if !which.names.contains(&Name::DockerCompose) {
        return;
    }
    let commands = match (which.system, context.process.home()) {
        (true, _) => PathBuf::from(SYSTEM_COMMANDS),
        (false, Some(home)) => home.join(USER_COMMANDS),
        (false, None) => return,
    };
    let path = context.process.variables.get("PATH").map(String::as_str).unwrap_or_default();
    let name = Name::DockerCompose.file();
    match std::env::split_paths(path).find(|directory| directory.join(name).exists()) {
        Some(directory) if directory == commands => {}
        Some(directory) => context.ui.status(&format!(
            "`{name}` is still {}: {} comes behind it in PATH",
            directory.join(name).display(),
            commands.display()
        )),
        None => context
            .ui
            .status(&format!("`{name}` is not found yet: {} is not in PATH", commands.display())),
    }
}

fn cannot(what: &str, path: &Path, error: &std::io::Error) -> Failure {
    let failure = Failure::new(format!("cannot {what} {}: {error}", path.display()));
    match error.kind() {
        std::io::ErrorKind::PermissionDenied if path.starts_with("/usr") => {
            failure.help("--system needs root: use sudo")
        }
        _ => failure,
    }
}
