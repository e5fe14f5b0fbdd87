//! `pnpm-lock.yaml`, versions 5 to 9.

use std::collections::HashSet;

use indexmap::IndexMap;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_yaml::Value;

use super::{Package, reached};

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Lock {
    importers: IndexMap<String, Option<Importer>>,
    packages: IndexMap<String, Entry>,
    snapshots: IndexMap<String, Snapshot>,
}

/// A project, and what it asks for when it is not developed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Importer {
    dependencies: IndexMap<String, Value>,
    optional_dependencies: IndexMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Entry {
    /// Until version 9, whether it is for development alone.
    dev: Option<bool>,
    os: Vec<String>,
    cpu: Vec<String>,
    libc: Vec<String>,
    optional: bool,
    optional_dependencies: IndexMap<String, IgnoredAny>,
}

/// Since version 9, what a package takes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Snapshot {
    optional: bool,
    dependencies: IndexMap<String, Value>,
    optional_dependencies: IndexMap<String, Value>,
}

/// All packages.
///
/// # Errors
/// The text is no such file: why, and in which line.
pub(in crate::packages) fn pnpm(text: &str) -> Result<Vec<Package>, (String, u32)> {
    let lock: Lock = serde_yaml::from_str(text).map_err(|error| {
        let line = error.location().map_or(1, |it| u32::try_from(it.line()).unwrap_or(1));
        (error.to_string(), line)
    })?;
    let used = lock.used();
    let packages = lock.packages.into_iter().map(|(key, entry)| {
        let (name, version) = name_and_version(&key);
        // The same package may be there several times, with other peers behind it in brackets.
        let snapshots = || {
            lock.snapshots.iter().filter(|(other, _)| {
                other
                    .strip_prefix(key.as_str())
                    .is_some_and(|it| it.is_empty() || it.starts_with('('))
            })
        };
        let more = snapshots().flat_map(|(_, it)| it.optional_dependencies.keys());
        let takes: Vec<String> = entry.optional_dependencies.keys().chain(more).cloned().collect();
        let is_shown = !takes.is_empty() || !entry.cpu.is_empty();
        Package {
            line: if is_shown { line_of(text, &key) } else { 1 },
            for_development: entry.dev.or_else(|| {
                let used = used.as_ref()?;
                Some(!snapshots().any(|(name, _)| used.contains(name)))
            }),
            optional: entry.optional || snapshots().any(|(_, it)| it.optional),
            os: entry.os,
            cpu: entry.cpu,
            libc: entry.libc,
            name,
            version,
            takes,
        }
    });
    Ok(packages.collect())
}

impl Lock {
    /// The snapshots that projects use when they are not developed. `None` where the file does not tell.
    fn used(&self) -> Option<HashSet<String>> {
        if self.snapshots.is_empty() {
            return None;
        }
        let places = |dependencies: &IndexMap<String, Value>| {
            let versions = dependencies.iter().filter_map(|(name, it)| Some((name, version(it)?)));
            // Projects that lie beside are there with what they use.
            let versions = versions.filter(|(_, version)| !version.starts_with("link:"));
            let place = |name: &str, version: &str| {
                let whole = self.snapshots.get_index_of(&format!("{name}@{version}"));
                // Under another name, the version says what it is.
                whole.or_else(|| self.snapshots.get_index_of(version))
            };
            versions.map(|(name, version)| place(name, version)).collect::<Vec<_>>()
        };
        let of_projects =
            self.importers.values().flatten().flat_map(|it| {
                [places(&it.dependencies), places(&it.optional_dependencies)].concat()
            });
        let roots = of_projects.collect::<Option<Vec<_>>>()?;
        let leads_to = |at: usize| {
            let Some((_, it)) = self.snapshots.get_index(at) else { return Vec::new() };
            let all = [places(&it.dependencies), places(&it.optional_dependencies)].concat();
            all.into_iter().flatten().collect()
        };
        let found = reached(roots, leads_to).into_iter();
        Some(found.filter_map(|at| Some(self.snapshots.get_index(at)?.0.clone())).collect())
    }
}

/// The version of a dependency: of a project's it stands beside what was asked for.
fn version(dependency: &Value) -> Option<&str> {
    dependency.as_str().or_else(|| dependency.get("version")?.as_str())
}

/// `@a/b@1.0`, `/@a/b@1.0(peer@2)`, `/@a/b/1.0_peer@2`.
fn name_and_version(key: &str) -> (String, String) {
    let key = key.strip_prefix('/').unwrap_or(key);
    let key = key.split('(').next().unwrap_or_default();
    let at = key.char_indices().skip(1).find(|(_, it)| *it == '@').map(|(at, _)| at);
    let slash = key.rfind('/').filter(|&slash| {
        key.get(slash + 1..).is_some_and(|it| it.starts_with(|it: char| it.is_ascii_digit()))
    });
    let split = slash.filter(|&slash| at.is_none_or(|at| slash < at)).or(at);
    let (name, version) = key.split_at(split.unwrap_or(key.len()));
    (name.to_owned(), version.trim_start_matches(['@', '/']).to_owned())
}

fn line_of(text: &str, key: &str) -> u32 {
    let found = (1..).zip(text.lines()).find(|(_, line)| {
        line.trim().strip_suffix(':').is_some_and(|it| it.trim_matches(['\'', '"']) == key)
    });
    found.map_or(1, |(number, _)| number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_and_their_platforms_are_read() {
        let text = "\
lockfileVersion: '9.0'
importers:
  .: {}
packages:
  '@esbuild/linux-arm64@0.21.5':
    resolution: {integrity: x}
    engines: {node: '>=12'}
    cpu: [arm64]
    os: [linux]
  esbuild@0.21.5:
    resolution: {integrity: x}
    hasBin: true
snapshots:
  '@esbuild/linux-arm64@0.21.5':
    optional: true
  esbuild@0.21.5(peer@1):
    optionalDependencies:
      '@esbuild/linux-arm64': 0.21.5
";
        let found = pnpm(text).unwrap();
        assert_eq!((found[0].name.as_str(), found[0].line), ("@esbuild/linux-arm64", 5));
        assert!(found[0].optional && found[0].cpu == ["arm64"]);
        assert_eq!((found[1].version.as_str(), found[1].line), ("0.21.5", 10));
        assert_eq!(found[1].takes, ["@esbuild/linux-arm64"]);
        assert_eq!(pnpm("packages: [").unwrap_err().1, 1);
    }

    #[test]
    fn what_no_project_uses_otherwise_is_for_development() {
        let text = "\
lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      a: {specifier: ^1, version: 1.0.0(p@1.0.0)}
      other: {specifier: 'npm:b@2', version: b@2.0.0}
      web: {specifier: 'workspace:*', version: link:web}
    devDependencies:
      d: {specifier: ^1, version: 1.0.0}
  web:
    optionalDependencies:
      o: {specifier: ^1, version: 1.0.0}
packages:
  a@1.0.0: {}
  b@2.0.0: {}
  c@1.0.0: {}
  d@1.0.0: {}
  e@1.0.0: {}
  o@1.0.0: {}
snapshots:
  a@1.0.0(p@1.0.0):
    dependencies: {c: 1.0.0}
  b@2.0.0: {}
  c@1.0.0: {}
  d@1.0.0:
    dependencies: {c: 1.0.0}
    optionalDependencies: {e: 1.0.0}
  e@1.0.0: {}
  o@1.0.0: {}
";
        let names = |text: &str, wanted| {
            let found = pnpm(text).unwrap().into_iter();
            let found = found.filter(|it| it.for_development == wanted);
            found.map(|it| it.name).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(names(text, Some(true)), "d e");
        assert_eq!(names(text, Some(false)), "a b c o");
        // What a project asks for must be there.
        assert_eq!(names(&text.replace("b@2.0.0}", "x@2.0.0}"), None), "a b c d e o");
        let old = "lockfileVersion: '6.0'\npackages:\n  /a@1.0.0:\n    dev: true\n  /b@1.0.0: {}\n";
        assert_eq!((names(old, Some(true)).as_str(), names(old, None).as_str()), ("a", "b"));
    }

    #[test]
    fn keys_of_all_versions_are_known() {
        for (key, name, version) in [
            ("esbuild@0.21.5", "esbuild", "0.21.5"),
            ("/@a/b@1.0.0(peer@2)", "@a/b", "1.0.0"),
            ("/@a/b/1.0.0_peer@2", "@a/b", "1.0.0_peer@2"),
            ("/c/2.0.0", "c", "2.0.0"),
            ("", "", ""),
        ] {
            assert_eq!(name_and_version(key), (name.to_owned(), version.to_owned()), "{key}");
        }
    }
}
