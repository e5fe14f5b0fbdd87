//! Which packages of a `poetry.lock` a project comes to: along what each of them needs.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use pep440_rs::{Version, VersionSpecifiers};
use serde::Deserialize;

use super::{has, may_hold};
use crate::packages::python::name::normalized;
use crate::packages::python::requirement::{From, Requirement, specifiers};
use crate::packages::python::target::Target;

/// A package as far as it is walked along.
pub(super) struct Member<'a> {
    /// Its name, normalized.
    pub(super) name: String,
    pub(super) version: &'a str,
    pub(super) needs: &'a Needs,
    pub(super) extras: &'a Extras,
}

/// What a package needs, by names. pdm writes a list, which nobody asks for.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Needs {
    Named(BTreeMap<String, Need>),
    Other(serde::de::IgnoredAny),
}

impl Default for Needs {
    fn default() -> Self {
        Self::Named(BTreeMap::new())
    }
}

/// In which version, or in which under which conditions.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Need {
    Version(String),
    Table {
        version: Option<String>,
        markers: Option<String>,
        #[serde(default)]
        optional: bool,
        #[serde(default)]
        extras: Vec<String>,
    },
    Either(Vec<Self>),
    Other(serde::de::IgnoredAny),
}

/// What the extras of a package bring.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Extras {
    Named(BTreeMap<String, Vec<String>>),
    Other(serde::de::IgnoredAny),
}

impl Default for Extras {
    fn default() -> Self {
        Self::Named(BTreeMap::new())
    }
}

impl Extras {
    /// Whether one of the wanted extras brings a package.
    fn bring(&self, name: &str, wanted: &[String]) -> bool {
        let Self::Named(extras) = self else { return true };
        let members = extras.iter().filter(|(extra, _)| has(wanted, extra));
        members.flat_map(|(_, members)| members).any(|member| {
            // Only the name counts, and what stands behind it has had several forms.
            let end = member.find(|it: char| !it.is_ascii_alphanumeric() && !"-_.".contains(it));
            let own = member.get(..end.unwrap_or(member.len())).unwrap_or_default();
            normalized(own) == name
        })
    }
}

/// The places of the packages that are reached from what a project asks for, whose extras these are.
pub(super) fn reached(
    members: &[Member<'_>],
    roots: &[Requirement],
    extras: &[String],
    target: &Target,
) -> BTreeSet<usize> {
    let mut walk = Walk { members, target, open: Vec::new() };
    for root in roots {
        let counts = root.marker.as_ref().is_none_or(|it| it.may_hold(target, extras));
        if counts {
            let versions = match &root.from {
                From::Index(versions) => Some(versions),
                From::Wheel(_) | From::Source => None,
            };
            walk.open(&root.name, versions, &root.extras);
        }
    }
    walk.finish()
}

struct Walk<'a> {
    members: &'a [Member<'a>],
    target: &'a Target,
    /// Packages to be looked at, with the extras that are wanted of them.
    open: Vec<(usize, Vec<String>)>,
}

impl Walk<'_> {
    /// Takes up the packages of a name: of several the ones in a version that is asked for, if there are such.
    fn open(&mut self, name: &str, versions: Option<&VersionSpecifiers>, extras: &[String]) {
        let named = |(_, it): &(usize, &Member<'_>)| it.name == name;
        let suits = |(_, it): &(usize, &Member<'_>)| {
            let version = Version::from_str(it.version).ok();
            versions.zip(version).is_none_or(|(versions, version)| versions.contains(&version))
        };
        let all = || self.members.iter().enumerate().filter(named);
        let mut meant: Vec<usize> = all().filter(suits).map(|(at, _)| at).collect();
        if meant.is_empty() {
            meant = all().map(|(at, _)| at).collect();
        }
        self.open.extend(meant.into_iter().map(|at| (at, extras.to_vec())));
    }

    fn follow(&mut self, package: &Member<'_>, name: &str, need: &Need, extras: &[String]) {
        match need {
            Need::Version(version) => self.open(name, specifiers(version).as_ref(), &[]),
            Need::Table { version, markers, optional, extras: wanted } => {
                let comes = !optional || package.extras.bring(name, extras);
                if comes && may_hold(markers.as_deref(), self.target, extras) {
                    let versions = version.as_deref().and_then(specifiers);
                    self.open(name, versions.as_ref(), wanted);
                }
            }
            Need::Either(needs) => {
                for need in needs {
                    self.follow(package, name, need, extras);
                }
            }
            Need::Other(_) => self.open(name, None, &[]),
        }
    }

    fn finish(mut self) -> BTreeSet<usize> {
        let (mut found, mut visited) = (BTreeSet::new(), BTreeSet::new());
        while let Some((at, extras)) = self.open.pop() {
            let Some(package) = self.members.get(at) else { continue };
            if !visited.insert((at, extras.clone())) {
                continue;
            }
            found.insert(at);
            let Needs::Named(needs) = package.needs else { continue };
            for (name, need) in needs {
                self.follow(package, &normalized(name), need, &extras);
            }
        }
        found
    }
}
