//! `Pipfile.lock`: exact versions, without the names of files.

use indexmap::IndexMap;
use serde::Deserialize;

use super::{Files, Locked, Selection, Unreadable, may_hold, shown};
use crate::packages::lines::line_of_key;
use crate::packages::python::name::normalized;
use crate::packages::python::requirement::From;
use crate::packages::python::target::Target;

#[derive(Deserialize)]
struct Lock {
    #[serde(default)]
    default: IndexMap<String, Package>,
    #[serde(default)]
    develop: IndexMap<String, Package>,
}

#[derive(Deserialize)]
struct Package {
    version: Option<String>,
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
            (shown(version.trim_start_matches('=')), Files::OnIndex)
        } else {
            let elsewhere = package.file.or(package.path);
            let from = elsewhere.as_deref().map_or(From::Source, From::of_url);
            (String::new(), Files::Elsewhere(from))
        };
        found.push(Locked { name, line: line_of_key(text, &key), version, files });
    }
    Ok(found)
}
