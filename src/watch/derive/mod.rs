//! Rules for services that have none: what follows when a file changes, as Dockerfiles, commands and
//! mounts let it be known. Pure: files are read through [`Files`].
//!
//! ```text
//! Dockerfile → recipe → copies ─────┐
//! command    → program → container ─┼→ service → Rule → section (YAML)
//! mounts     → mounts ──────────────┘
//! ```
//!
//! What a build makes something of needs a build; what is only copied is brought into the container, and the
//! container is restarted unless its program notices by itself. Where nothing is known, the slower way is taken.

mod built;
mod commands;
mod container;
mod copies;
mod habits;
mod image;
mod manifests;
mod mounts;
mod nested;
mod overlap;
mod parts;
mod program;
mod reads;
mod recipe;
mod reconcile;
mod reload;
mod scripts;
mod section;
mod service;
mod stages;
mod tools;
mod work;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use crate::compose::files::Files;
use crate::compose::model::{Hook, Project, WatchTrigger};
use crate::compose::source::overrides;
use crate::platform::subject::Place;

pub use mounts::{Seen, behind, is_of_system, seen};
pub use section::{has, inserted, section};

/// What rules are derived from.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// The project. Services with rules of their own (`develop.watch`) are left out.
    pub project: &'a Project,
    /// What there is: Dockerfiles, ignore files, manifests, scripts, and which paths are directories.
    pub files: &'a dyn Files,
}

/// What follows from a project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Derived {
    /// In the order of the services; for each, in that of its Dockerfile.
    pub rules: Vec<Rule>,
    /// Files after whose change the project has to be loaded again and brought up to date.
    pub reconcile: Vec<Reconcile>,
    /// Files that are not read, and would be if they were there: the same holds for them when they come.
    pub awaited: Vec<PathBuf>,
    /// Services about which something could not be told: one sentence each, no trailing period.
    pub notes: Vec<Note>,
}

/// A rule of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The service.
    pub service: String,
    /// What follows.
    pub action: Action,
    /// What is watched: absolute, a file or a directory.
    pub path: PathBuf,
    /// Where it is in the container: absolute. Of rules that bring nothing there, where the container sees it,
    /// or empty.
    pub target: String,
    /// Patterns of which one must match; relative to `path`, in the syntax of ignore files. Empty for all.
    pub include: Vec<String>,
    /// Patterns of which none may match; the same.
    pub ignore: Vec<String>,
    /// Whether the ignore file of the service's build context holds, too. It does not for the Dockerfile and
    /// the ignore file themselves, nor for what is mounted.
    pub ignore_file: bool,
    /// Why: one sentence, no trailing period.
    pub reason: String,
    /// The line that says so.
    pub place: Option<Place>,
}

/// What a rule does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Brings what changed into the containers.
    Sync,
    /// The same, and restarts them.
    SyncRestart,
    /// Builds the image and replaces the containers.
    Rebuild,
    /// Restarts the containers.
    Restart,
    /// Restarts them when another file has taken the place of one; what is written in place, their program
    /// notices by itself. No `develop` section can say so.
    Renew,
    /// Starts them again when they have ended by themselves: until then their program notices. No `develop` section can say
    /// that either.
    Revive,
    /// Sends a signal to their main processes. A file that is mounted alone and was replaced (a new inode) is
    /// seen only after a restart.
    Signal(&'static str),
    /// Runs a command in them. The same holds for files that are mounted alone.
    Exec(Vec<String>),
}

/// A file that is read when a project is loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconcile {
    /// Absolute. It need not be there.
    pub path: PathBuf,
    /// The services that it is about; none for all.
    pub services: Vec<String>,
}

/// Something that could not be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The service.
    pub service: String,
    /// One sentence, no trailing period.
    pub message: String,
    /// The line that it is about.
    pub place: Option<Place>,
}

/// The rules of all services that have none.
pub fn derive(input: &Input<'_>) -> Derived {
    let mut derived = Derived {
        reconcile: reconcile::files(input.project),
        awaited: overrides(&input.project.compose_files),
        ..Derived::default()
    };
    for service in input.project.services.values() {
        if service.develop.as_ref().is_none_or(|develop| develop.watch.is_empty()) {
            let mut rules = service::rules(input, service, &mut derived.notes);
            overlap::resolve(&mut rules, &derived.reconcile);
            derived.rules.append(&mut rules);
        }
    }
    derived
}

impl Action {
    /// What a `develop` section calls it, or what comes nearest: it knows no signals, and runs commands only
    /// after it has brought files.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::SyncRestart => "sync+restart",
            Self::Rebuild => "rebuild",
            Self::Restart | Self::Renew | Self::Revive | Self::Signal(_) | Self::Exec(_) => {
                "restart"
            }
        }
    }

    /// What is done, with its particulars: `signal SIGHUP`, ``exec `caddy reload` ``; else the name.
    pub fn deed(&self) -> String {
        match self {
            Self::Renew => "restart when replaced".to_owned(),
            Self::Revive => "start again when ended".to_owned(),
            Self::Signal(signal) => format!("signal {signal}"),
            Self::Exec(command) => format!("exec `{}`", command.join(" ")),
            action => action.name().to_owned(),
        }
    }

    /// Whether a `develop` section can say it, or what comes near.
    pub fn is_expressible(&self) -> bool {
        !matches!(self, Self::Renew | Self::Revive)
    }

    /// Whether it brings files into containers.
    pub fn syncs(&self) -> bool {
        matches!(self, Self::Sync | Self::SyncRestart)
    }
}

impl Rule {
    /// The rule as a `develop` section has it; see [`Action::name`].
    pub fn trigger(&self) -> WatchTrigger {
        WatchTrigger {
            path: self.path.display().to_string(),
            action: self.action.name().to_owned(),
            target: if self.action.syncs() { self.target.clone() } else { String::new() },
            exec: Hook::default(),
            include: self.include.clone(),
            ignore: self.ignore.clone(),
            ..WatchTrigger::default()
        }
    }
}
