//! `poetry.lock`: a list of packages, each with its files since Poetry 1.3, before in a table of their own;
//! and `pdm.lock`, which has its form.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::reach::{Extras, Member, Needs, reached};
use super::{Files, Locked, Selection, Unreadable, file_name, has, may_hold, release, shown};
use crate::packages::lines::Lines;
use crate::packages::python::name::normalized;
use crate::packages::python::requirement::{From, Requirement};
use crate::packages::python::target::Target;

#[derive(Deserialize)]
struct Lock {
    #[serde(default)]
    package: Vec<Package>,
    #[serde(default)]
    metadata: Metadata,
    #[serde(default)]
    extras: BTreeMap<String, Vec<String>>,
    /// What the group is called that comes in any case.
    #[serde(skip)]
    main: &'static str,
}

#[derive(Default, Deserialize)]
struct Metadata {
    #[serde(default)]
    files: BTreeMap<String, Vec<File>>,
}

#[derive(Deserialize)]
struct Package {
    name: Spanned<String>,
    version: String,
    #[serde(default)]
    optional: bool,
    category: Option<String>,
    groups: Option<Vec<String>>,
    markers: Option<Markers>,
    #[serde(default)]
    files: Vec<File>,
    source: Option<Source>,
    #[serde(default)]
    dependencies: Needs,
    #[serde(default)]
    extras: Extras,
}

/// One condition, or one for each group.
#[derive(Deserialize)]
#[serde(untagged)]
enum Markers {
    One(String),
    ByGroup(BTreeMap<String, String>),
}

#[derive(Deserialize)]
struct File {
    /// Its name. pdm may have its address.
    #[serde(alias = "url")]
    file: String,
}

#[derive(Deserialize)]
struct Source {
    #[serde(rename = "type")]
    kind: String,
    url: Option<String>,
}

/// The packages that `poetry install` installs for a target. Poetry 1.5 to 1.8 do not note which groups a package is
/// for: that is followed from what the project asks for.
///
/// # Errors
/// The text is no lock file of Poetry, or only the project, which was not read, tells which of its packages are wanted.
pub(in crate::packages) fn poetry(
    text: &str,
    selection: &Selection,
    target: &Target,
) -> Result<Vec<Locked>, Unreadable> {
    read(text, "main", selection, target)
}

/// The packages that `pdm install` installs for a target.
///
/// # Errors
/// The text is no lock file of pdm.
pub(in crate::packages) fn pdm(
    text: &str,
    selection: &Selection,
    target: &Target,
) -> Result<Vec<Locked>, Unreadable> {
    read(text, "default", selection, target)
}

fn read(
    text: &str,
    main: &'static str,
    selection: &Selection,
    target: &Target,
) -> Result<Vec<Locked>, Unreadable> {
    let lock = Lock { main, ..super::toml(text)? };
    let lines = Lines::new(text);
    let tells_groups = |it: &Package| it.groups.is_some() || it.category.is_some();
    let reached = match &selection.roots {
        Some(roots) if lock.package.iter().any(|it| it.groups.is_none()) => {
            Some(reached(&lock.members(), roots, &selection.extras, target))
        }
        None if !selection.is_usual() => {
            if let Some(package) = lock.package.iter().find(|it| !tells_groups(it)) {
                let reason = "which groups its packages are for stands in no `pyproject.toml`";
                let line = lines.at(package.name.span().start);
                return Err(Unreadable { reason: reason.to_owned(), line });
            }
            None
        }
        _ => None,
    };
    let wanted = lock.package.iter().enumerate().filter(|(at, package)| match &reached {
        Some(reached) if package.groups.is_none() => {
            reached.contains(at) && package.holds(target, &selection.extras)
        }
        _ => lock.is_wanted(package, selection, target),
    });
    Ok(wanted.map(|(_, package)| lock.locked(package, &lines)).collect())
}

impl Package {
    /// Whether its own condition may hold.
    fn holds(&self, target: &Target, extras: &[String]) -> bool {
        let holds = |marker: &String| may_hold(Some(marker), target, extras);
        let groups = self.groups.iter().flatten();
        match &self.markers {
            None => true,
            Some(Markers::One(marker)) => holds(marker),
            Some(Markers::ByGroup(markers)) => {
                groups.chain(&self.category).any(|group| !markers.contains_key(group))
                    || markers.values().any(holds)
            }
        }
    }
}

impl Lock {
    fn is_wanted(&self, package: &Package, selection: &Selection, target: &Target) -> bool {
        let groups = package.groups.clone().or_else(|| Some(vec![package.category.clone()?]));
        let in_group = groups.as_ref().is_none_or(|groups| {
            groups.iter().any(|group| {
                let named = has(&selection.groups, group);
                if selection.only {
                    return named;
                }
                let usual = group == self.main || selection.development || selection.all_groups;
                (usual || named) && !has(&selection.without, group)
            })
        });
        in_group
            && package.holds(target, &selection.extras)
            && (!package.optional || self.is_extra(package, selection))
    }

    /// The packages with what they need.
    fn members(&self) -> Vec<Member<'_>> {
        let members = self.package.iter().map(|package| Member {
            name: normalized(package.name.get_ref()),
            version: &package.version,
            needs: &package.dependencies,
            extras: &package.extras,
        });
        members.collect()
    }

    /// Whether an optional package comes with an extra that is wanted.
    fn is_extra(&self, package: &Package, selection: &Selection) -> bool {
        let name = normalized(package.name.get_ref());
        selection.all_extras
            || self
                .extras
                .iter()
                .filter(|(extra, _)| has(&selection.extras, extra))
                .flat_map(|(_, members)| members)
                .any(|member| Requirement::parse(member).is_some_and(|it| it.name == name))
    }

    fn locked(&self, package: &Package, lines: &Lines) -> Locked {
        let name = normalized(package.name.get_ref());
        let files = match &package.source {
            // `legacy` is an index.
            Some(source) if source.kind != "legacy" => {
                Files::Elsewhere(From::of_url(source.url.as_deref().unwrap_or_default()))
            }
            _ => {
                let old = self.metadata.files.get(package.name.get_ref());
                let all = package.files.iter().chain(old.into_iter().flatten());
                let files: Vec<_> = all.map(|it| file_name(&it.file)).collect();
                if files.is_empty() {
                    Files::OnIndex(None)
                } else {
                    Files::Listed(release(&name, &package.version, files))
                }
            }
        };
        let line = lines.at(package.name.span().start);
        Locked { name, line, version: shown(&package.version), files }
    }
}
