//! Node's packages: those of a lock file that are for some platforms only, and whether the native one is
//! among them. Pure.

mod judge;
mod npm;
mod pnpm;
mod yarn;

use std::collections::HashSet;

pub(super) use judge::{Machine, judge};
pub(super) use npm::npm;
pub(super) use pnpm::pnpm;
pub(super) use yarn::yarn;

/// A package of a lock file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Package {
    /// Its name.
    pub(super) name: String,
    /// Its version.
    pub(super) version: String,
    /// Its line, from 1.
    pub(super) line: u32,
    /// Operating systems that it is for; empty for all, `!` before one that it is not for.
    pub(super) os: Vec<String>,
    /// The same with CPUs.
    pub(super) cpu: Vec<String>,
    /// The same with C libraries.
    pub(super) libc: Vec<String>,
    /// Whether it may be missing.
    pub(super) optional: bool,
    /// Whether it is there for development alone; `None` where that is not known.
    pub(super) for_development: Option<bool>,
    /// Packages that it takes if they suit.
    pub(super) takes: Vec<String>,
}

/// Which parts of a project are installed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Selection {
    /// Whether what is for development alone comes too.
    pub(super) development: bool,
    /// The text of the project's `package.json`.
    pub(super) manifest: Option<String>,
}

impl Selection {
    /// The packages that may be installed.
    pub(super) fn of(&self, mut packages: Vec<Package>) -> Vec<Package> {
        packages.retain(|it| self.development || it.for_development != Some(true));
        packages
    }
}

/// All that can be come to from somewhere, itself included.
fn reached(roots: Vec<usize>, leads_to: impl Fn(usize) -> Vec<usize>) -> HashSet<usize> {
    let mut open = roots;
    let mut found = HashSet::new();
    while let Some(at) = open.pop() {
        if found.insert(at) {
            open.extend(leads_to(at));
        }
    }
    found
}
