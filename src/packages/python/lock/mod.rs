//! Lock files of Python: which packages they fix, with their files where they list them.

mod pipfile;
mod poetry;
mod pylock;
mod reach;
mod uv;

use std::str::FromStr;

use pep440_rs::Version;

use super::name::normalized;
use super::releases::Release;
use super::requirement::{From, Requirement};
use super::target::Target;
use super::wheel::{WheelName, source_version};
use crate::packages::lines::Lines;

pub(in crate::packages) use pipfile::pipfile;
pub(in crate::packages) use poetry::{pdm, poetry};
pub(in crate::packages) use pylock::pylock;
pub(in crate::packages) use uv::uv;

/// A package that a lock file fixes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::packages) struct Locked {
    /// Its name, normalized.
    pub(in crate::packages) name: String,
    /// The line that says so.
    pub(in crate::packages) line: u32,
    /// Its version; empty for sources that have none.
    pub(in crate::packages) version: String,
    /// What is known of its files.
    pub(in crate::packages) files: Files,
}

/// What a lock file says of a package's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::packages) enum Files {
    /// All of them.
    Listed(Release),
    /// Nothing: an index knows, the one that the file names if it names one.
    OnIndex(Option<String>),
    /// It is not from an index.
    Elsewhere(From),
}

/// Which parts of a project are installed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::packages) struct Selection {
    /// Whether what is for development comes too.
    pub(in crate::packages) development: bool,
    /// Whether nothing but the named groups comes.
    pub(in crate::packages) only: bool,
    /// Groups that are named.
    pub(in crate::packages) groups: Vec<String>,
    /// Groups that are left out.
    pub(in crate::packages) without: Vec<String>,
    /// Extras that are named.
    pub(in crate::packages) extras: Vec<String>,
    /// Whether all extras come.
    pub(in crate::packages) all_extras: bool,
    /// Whether all groups come.
    pub(in crate::packages) all_groups: bool,
    /// What the project itself asks for, of what comes; `None` where it was not read for that.
    pub(in crate::packages) roots: Option<Vec<Requirement>>,
}

impl Selection {
    /// Whether nothing was said of groups, so that all come but optional ones.
    fn is_usual(&self) -> bool {
        let named = self.only || !self.groups.is_empty() || !self.without.is_empty();
        self.development && !named
    }
}

/// A file that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::packages) struct Unreadable {
    /// Why, in few words.
    pub(in crate::packages) reason: String,
    /// In which line.
    pub(in crate::packages) line: u32,
}

/// Reads a text in TOML.
pub(super) fn toml<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Unreadable> {
    toml::from_str(text).map_err(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| Lines::new(text).at(span.start));
        Unreadable { reason: error.message().to_owned(), line }
    })
}

/// The release that these files are.
fn release<'a>(name: &str, version: &str, files: impl IntoIterator<Item = &'a str>) -> Release {
    let mut release = Release { version: shown(version), ..Release::default() };
    for file in files {
        match WheelName::parse(file) {
            Some(wheel) => release.wheels.push(wheel.tags.to_owned()),
            None => release.source |= source_version(file, name).is_some(),
        }
    }
    release
}

/// A version in normal form, where it has one.
fn shown(version: &str) -> String {
    Version::from_str(version).map_or_else(|_| version.to_owned(), |it| it.to_string())
}

/// The name of the file at a URL or a path.
fn file_name(url: &str) -> &str {
    let path = url.split(['#', '?']).next().unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default()
}

/// Whether a condition may hold; one that cannot be read may.
fn may_hold(marker: Option<&str>, target: &Target, extras: &[String]) -> bool {
    marker
        .and_then(super::marker::Marker::parse)
        .is_none_or(|marker| marker.may_hold(target, extras))
}

/// Whether a group or an extra is one of those.
pub(in crate::packages) fn has(list: &[String], name: &str) -> bool {
    list.iter().any(|it| normalized(it) == normalized(name))
}

#[cfg(test)]
mod tests;
