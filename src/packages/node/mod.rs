//! Node's packages: those of a lock file that are for some platforms only, and whether the native one is
//! among them. Pure.

mod judge;
mod npm;
mod pnpm;
mod yarn;

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
    /// Packages that it takes if they suit.
    pub(super) takes: Vec<String>,
}
