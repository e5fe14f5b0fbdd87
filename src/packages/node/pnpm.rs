//! `pnpm-lock.yaml`, versions 5 to 9.

use indexmap::IndexMap;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::Package;

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Lock {
    packages: IndexMap<String, Entry>,
    snapshots: IndexMap<String, Snapshot>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Entry {
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
    optional_dependencies: IndexMap<String, IgnoredAny>,
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
