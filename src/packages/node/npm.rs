//! `package-lock.json`, versions 2 and 3.

use indexmap::IndexMap;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::Package;
use crate::packages::lines::line_of_key;

#[derive(Deserialize)]
struct Lock {
    packages: Option<IndexMap<String, Entry>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Entry {
    version: Option<String>,
    os: Vec<String>,
    cpu: Vec<String>,
    libc: Vec<String>,
    dev: bool,
    optional: bool,
    dev_optional: bool,
    optional_dependencies: IndexMap<String, IgnoredAny>,
}

/// All packages. A lock file of version 1 says nothing of platforms.
///
/// # Errors
/// The text is no such file: why, and in which line.
pub(in crate::packages) fn npm(text: &str) -> Result<Vec<Package>, (String, u32)> {
    let lock: Lock = serde_json::from_str(text)
        .map_err(|error| (error.to_string(), u32::try_from(error.line()).unwrap_or(1)))?;
    let Some(packages) = lock.packages else {
        return Err(("it is of version 1, which says nothing of platforms".to_owned(), 1));
    };
    let packages = packages.into_iter().map(|(path, entry)| {
        let name = path.rsplit("node_modules/").next().unwrap_or_default().to_owned();
        // Only what is for some platforms is ever shown.
        let is_shown = !entry.optional_dependencies.is_empty() || !entry.cpu.is_empty();
        Package {
            name,
            version: entry.version.unwrap_or_default(),
            line: if is_shown { line_of_key(text, &path) } else { 1 },
            os: entry.os,
            cpu: entry.cpu,
            libc: entry.libc,
            optional: entry.optional || entry.dev_optional,
            for_development: Some(entry.dev),
            takes: entry.optional_dependencies.into_keys().collect(),
        }
    });
    Ok(packages.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_and_their_platforms_are_read() {
        let text = r#"{
  "name": "app",
  "lockfileVersion": 3,
  "packages": {
    "": {"name": "app", "dependencies": {"esbuild": "0.21"}},
    "node_modules/esbuild": {
      "version": "0.21.5",
      "optionalDependencies": {"@esbuild/linux-arm64": "0.21.5"}
    },
    "node_modules/x/node_modules/@esbuild/linux-arm64": {
      "version": "0.21.5", "cpu": ["arm64"], "os": ["linux"], "libc": ["glibc"], "optional": true,
      "dev": true
    }
  }
}"#;
        let found = npm(text).unwrap();
        assert_eq!((found[1].name.as_str(), found[1].line), ("esbuild", 6));
        assert_eq!(found[1].takes, ["@esbuild/linux-arm64"]);
        assert_eq!((found[2].name.as_str(), found[2].line), ("@esbuild/linux-arm64", 10));
        assert!(found[2].optional && found[2].libc == ["glibc"]);
        assert_eq!((found[1].for_development, found[2].for_development), (Some(false), Some(true)));
        assert!(npm(r#"{"lockfileVersion": 1, "dependencies": {}}"#).is_err());
        assert_eq!(npm("{\n[").unwrap_err().1, 2);
    }
}
