//! `Pipfile.lock`: exact versions and the indexes that have them, without the names of files.

use indexmap::IndexMap;
use serde::Deserialize;

use super::{Files, Locked, Selection, Unreadable, may_hold, shown};
use crate::packages::lines::line_of_key;
use crate::packages::python::name::normalized;
use crate::packages::python::requirement::From;
use crate::packages::python::target::Target;

#[derive(Deserialize)]
struct Lock {
    #[serde(default, rename = "_meta")]
    meta: Meta,
    #[serde(default)]
    default: IndexMap<String, Package>,
    #[serde(default)]
    develop: IndexMap<String, Package>,
}

#[derive(Default, Deserialize)]
struct Meta {
    #[serde(default)]
    sources: Vec<Index>,
}

#[derive(Deserialize)]
struct Index {
    #[serde(default)]
    name: String,
    url: String,
}

impl Meta {
    /// The index that a package is from: the one it names, else the first.
    fn index(&self, name: Option<&str>) -> Option<String> {
        let named = || self.sources.iter().find(|source| Some(source.name.as_str()) == name);
        let source = if name.is_some() { named() } else { self.sources.first() }?;
        let url = without_variables(&source.url);
        (!url.contains('$')).then_some(url)
    }
}

/// The address of an index without credentials that only variables have.
fn without_variables(url: &str) -> String {
    let parts = url.split_once("://").and_then(|(scheme, rest)| {
        let (who, rest) = rest.split_once('@')?;
        (who.contains('$') && !who.contains('/')).then(|| format!("{scheme}://{rest}"))
    });
    parts.unwrap_or_else(|| url.to_owned())
}

#[derive(Deserialize)]
struct Package {
    version: Option<String>,
    index: Option<String>,
    markers: Option<String>,
    file: Option<String>,
    path: Option<String>,
}

/// The packages that `pipenv sync` installs for a target.
///
/// # Errors
/// The text is no such file.
pub(in crate::packages) fn pipfile(
    text: &str,
    selection: &Selection,
    target: &Target,
) -> Result<Vec<Locked>, Unreadable> {
    let lock: Lock = serde_json::from_str(text).map_err(|error| Unreadable {
        reason: error.to_string(),
        line: u32::try_from(error.line()).unwrap_or(1),
    })?;
    let develop = lock.develop.into_iter().filter(|_| selection.development);
    let mut found: Vec<Locked> = Vec::new();
    for (key, package) in lock.default.into_iter().chain(develop) {
        let name = normalized(&key);
        let is_known = found.iter().any(|known| known.name == name);
        if is_known || !may_hold(package.markers.as_deref(), target, &[]) {
            continue;
        }
        let (version, files) = if let Some(version) = package.version {
            let index = lock.meta.index(package.index.as_deref());
            (shown(version.trim_start_matches('=')), Files::OnIndex(index))
        } else {
            let elsewhere = package.file.or(package.path);
            let from = elsewhere.as_deref().map_or(From::Source, From::of_url);
            (String::new(), Files::Elsewhere(from))
        };
        found.push(Locked { name, line: line_of_key(text, &key), version, files });
    }
    Ok(found)
}
