//! `pylock.toml` (PEP 751).

use serde::Deserialize;
use toml::Spanned;

use super::{Files, Locked, Selection, Unreadable, file_name, may_hold, release, shown};
use crate::packages::lines::Lines;
use crate::packages::python::name::normalized;
use crate::packages::python::requirement::From;
use crate::packages::python::target::Target;

#[derive(Deserialize)]
struct Lock {
    #[serde(default)]
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: Spanned<String>,
    #[serde(default)]
    version: String,
    marker: Option<String>,
    #[serde(default)]
    wheels: Vec<File>,
    sdist: Option<File>,
    archive: Option<File>,
}

#[derive(Deserialize)]
struct File {
    name: Option<String>,
    url: Option<String>,
    path: Option<String>,
}

impl File {
    fn name(&self) -> &str {
        let given = [&self.name, &self.url, &self.path].into_iter().flatten().next();
        given.map(|it| file_name(it)).unwrap_or_default()
    }
}

/// The packages that a target gets.
///
/// # Errors
/// The text is no such file.
pub(in crate::packages) fn pylock(
    text: &str,
    selection: &Selection,
    target: &Target,
) -> Result<Vec<Locked>, Unreadable> {
    let lock: Lock = super::toml(text)?;
    let lines = Lines::new(text);
    let wanted = lock
        .packages
        .iter()
        .filter(|package| may_hold(package.marker.as_deref(), target, &selection.extras));
    Ok(wanted.map(|package| locked(package, &lines)).collect())
}

fn locked(package: &Package, lines: &Lines) -> Locked {
    let name = normalized(package.name.get_ref());
    let files = if package.wheels.is_empty() && package.sdist.is_none() {
        // A directory, a repository, or an archive, which may be a wheel.
        let archive = package.archive.as_ref().map(|it| From::of_url(it.name()));
        Files::Elsewhere(archive.unwrap_or(From::Source))
    } else {
        let files = package.wheels.iter().map(File::name);
        let mut release = release(&name, &package.version, files);
        release.source = package.sdist.is_some();
        Files::Listed(release)
    };
    let line = lines.at(package.name.span().start);
    Locked { name, line, version: shown(&package.version), files }
}
