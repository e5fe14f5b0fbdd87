//! `uv.lock`: a graph of packages, each with all its files.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Deserialize;
use toml::Spanned;

use super::{Files, Locked, Selection, Unreadable, file_name, has, may_hold, release, shown};
use crate::packages::lines::Lines;
use crate::packages::python::name::normalized;
use crate::packages::python::requirement::From;
use crate::packages::python::target::Target;

#[derive(Deserialize)]
struct Lock {
    #[serde(default)]
    package: Vec<Package>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Package {
    name: Spanned<String>,
    #[serde(default)]
    version: String,
    #[serde(default)]
    source: Source,
    #[serde(default)]
    resolution_markers: Vec<String>,
    #[serde(default)]
    dependencies: Vec<Dependency>,
    #[serde(default)]
    optional_dependencies: BTreeMap<String, Vec<Dependency>>,
    #[serde(default)]
    dev_dependencies: BTreeMap<String, Vec<Dependency>>,
    sdist: Option<File>,
    #[serde(default)]
    wheels: Vec<File>,
}

#[derive(Default, Deserialize)]
struct Source {
    registry: Option<String>,
    url: Option<String>,
    path: Option<String>,
    #[serde(rename = "virtual")]
    is_virtual: Option<String>,
    editable: Option<String>,
}

impl Source {
    /// Whether it is a part of the project itself.
    fn is_own(&self) -> bool {
        self.is_virtual.is_some() || self.editable.is_some()
    }
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    version: Option<String>,
    marker: Option<String>,
    #[serde(default)]
    extra: Vec<String>,
}

#[derive(Deserialize)]
struct File {
    url: Option<String>,
    path: Option<String>,
    filename: Option<String>,
}

impl File {
    fn name(&self) -> &str {
        let given = [&self.filename, &self.url, &self.path].into_iter().flatten().next();
        given.map(|it| file_name(it)).unwrap_or_default()
    }
}

/// The packages that `uv sync` installs for a target.
///
/// # Errors
/// The text is no lock file of uv.
pub(in crate::packages) fn uv(
    text: &str,
    selection: &Selection,
    target: &Target,
) -> Result<Vec<Locked>, Unreadable> {
    let lock: Lock = super::toml(text)?;
    let mut walk = Walk::new(&lock, target);
    for (at, package) in lock.package.iter().enumerate() {
        if package.source.is_own() {
            walk.start(at, package, selection);
        }
    }
    let lines = Lines::new(text);
    let reached = walk.finish();
    Ok(reached
        .into_iter()
        .filter_map(|at| lock.package.get(at))
        .map(|it| locked(it, &lines))
        .collect())
}

/// A walk along the dependencies that count.
struct Walk<'a> {
    lock: &'a Lock,
    target: &'a Target,
    by_name: HashMap<&'a str, Vec<usize>>,
    /// Packages to be looked at, with the extras that are wanted of them.
    open: Vec<(usize, Vec<String>)>,
}

impl<'a> Walk<'a> {
    fn new(lock: &'a Lock, target: &'a Target) -> Self {
        let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, package) in lock.package.iter().enumerate() {
            by_name.entry(package.name.get_ref()).or_default().push(at);
        }
        Self { lock, target, by_name, open: Vec::new() }
    }

    /// Begins at a part of the project.
    fn start(&mut self, at: usize, package: &Package, selection: &Selection) {
        let mut extras = selection.extras.clone();
        if selection.all_extras {
            extras.extend(package.optional_dependencies.keys().cloned());
        }
        for (group, dependencies) in &package.dev_dependencies {
            let wanted = selection.all_groups || has(&selection.groups, group);
            if wanted && !has(&selection.without, group) {
                self.follow(dependencies, &extras);
            }
        }
        if !selection.only {
            self.open.push((at, extras));
        }
    }

    fn follow(&mut self, dependencies: &[Dependency], extras: &[String]) {
        for dependency in dependencies {
            if !may_hold(dependency.marker.as_deref(), self.target, extras) {
                continue;
            }
            for &at in self.by_name.get(dependency.name.as_str()).into_iter().flatten() {
                let Some(package) = self.lock.package.get(at) else { continue };
                let same_version =
                    dependency.version.as_ref().is_none_or(|it| *it == package.version);
                // Of a project that is resolved in several ways, the one for this target.
                let markers = &package.resolution_markers;
                let meant = markers.is_empty()
                    || markers.iter().any(|it| may_hold(Some(it), self.target, &[]));
                if same_version && meant {
                    self.open.push((at, dependency.extra.clone()));
                }
            }
        }
    }

    /// All packages that are reached and not part of the project itself.
    fn finish(mut self) -> BTreeSet<usize> {
        let mut reached = BTreeSet::new();
        let mut visited = BTreeSet::new();
        while let Some((at, extras)) = self.open.pop() {
            let Some(package) = self.lock.package.get(at) else { continue };
            if !visited.insert((at, extras.clone())) {
                continue;
            }
            if !package.source.is_own() {
                reached.insert(at);
            }
            self.follow(&package.dependencies, &extras);
            for (extra, dependencies) in &package.optional_dependencies {
                if has(&extras, extra) {
                    self.follow(dependencies, &extras);
                }
            }
        }
        reached
    }
}

fn locked(package: &Package, lines: &Lines) -> Locked {
    let name = normalized(package.name.get_ref());
    let source = &package.source;
    let elsewhere = source.url.as_deref().or(source.path.as_deref());
    let files = if source.registry.is_some() {
        let files = package.wheels.iter().map(File::name);
        let mut release = release(&name, &package.version, files);
        release.source = package.sdist.is_some();
        Files::Listed(release)
    } else {
        Files::Elsewhere(elsewhere.map_or(From::Source, From::of_url))
    };
    let line = lines.at(package.name.span().start);
    Locked { name, line, version: shown(&package.version), files }
}
