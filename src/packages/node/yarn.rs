//! `yarn.lock`, of yarn 1 and of later ones: both are lines with two blanks for each level.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use super::{Package, reached};

/// A project's `package.json`: what it asks for when it is not developed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Manifest {
    dependencies: BTreeMap<String, String>,
    optional_dependencies: BTreeMap<String, String>,
    workspaces: Option<serde::de::IgnoredAny>,
}

/// How the packages of yarn 1 are asked for, and what they ask for: `name@range`.
#[derive(Default)]
struct Asked {
    as_any_of: Vec<String>,
    for_all_of: Vec<String>,
}

/// All packages. Lines that are not understood are left out. The file does not say which of them are for
/// development alone; the project's manifest tells, where there are no others beside it.
pub(in crate::packages) fn yarn(text: &str, manifest: Option<&str>) -> Vec<Package> {
    let mut found: Vec<Package> = Vec::new();
    let mut asked: Vec<Asked> = Vec::new();
    // Later ones install all of it.
    let mut is_later = false;
    let mut section = String::new();
    for (number, line) in (1..).zip(text.lines()) {
        let content = line.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let depth = line.len() - line.trim_start().len();
        let (key, value) = key_and_value(content);
        match (depth, found.last_mut()) {
            (0, _) => {
                let name = package_name(key);
                is_later |= key == "__metadata";
                asked.push(Asked { as_any_of: patterns(content), ..Asked::default() });
                found.push(Package { name, line: number, ..Package::default() });
                section.clear();
            }
            (2, Some(package)) => {
                key.clone_into(&mut section);
                match key {
                    "version" => value.clone_into(&mut package.version),
                    "conditions" => conditions(value, package),
                    _ => {}
                }
            }
            (4, Some(package)) => {
                if matches!(section.as_str(), "optionalDependencies" | "dependenciesMeta") {
                    package.takes.push(key.to_owned());
                }
                if let Some(asked) = asked.last_mut()
                    && matches!(section.as_str(), "dependencies" | "optionalDependencies")
                {
                    asked.for_all_of.push(format!("{key}@{value}"));
                }
            }
            _ => {}
        }
    }
    // What others take only if it suits may be missing.
    let optional: Vec<String> = found.iter().flat_map(|it| it.takes.iter().cloned()).collect();
    for package in &mut found {
        package.optional = optional.contains(&package.name);
    }
    if is_later {
        for package in &mut found {
            package.for_development = Some(false);
        }
    } else if let Some(manifest) = manifest.and_then(|it| serde_json::from_str(it).ok()) {
        tell_development(&mut found, &asked, &manifest);
    }
    found
}

/// Finds out what is for development alone.
fn tell_development(packages: &mut [Package], asked: &[Asked], manifest: &Manifest) {
    // What those ask for stands in files of their own.
    if manifest.workspaces.is_some() {
        return;
    }
    let mut exact: HashMap<&str, usize> = HashMap::new();
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, (package, asked)) in packages.iter().zip(asked).enumerate() {
        exact.extend(asked.as_any_of.iter().map(|pattern| (pattern.as_str(), at)));
        by_name.entry(&package.name).or_default().push(at);
    }
    let places = |pattern: &String| match exact.get(pattern.as_str()) {
        Some(at) => vec![*at],
        // Another version may stand for it: any may be meant.
        None => by_name.get(package_name(pattern).as_str()).cloned().unwrap_or_default(),
    };
    let wanted = manifest.dependencies.iter().chain(&manifest.optional_dependencies);
    let roots = wanted.flat_map(|(name, range)| places(&format!("{name}@{range}"))).collect();
    let leads_to = |at: usize| {
        asked.get(at).into_iter().flat_map(|it| &it.for_all_of).flat_map(places).collect()
    };
    let used = reached(roots, leads_to);
    for (at, package) in packages.iter_mut().enumerate() {
        package.for_development = Some(!used.contains(&at));
    }
}

/// The patterns that a package stands for: `a@1, "b@>=1 <2":`.
fn patterns(content: &str) -> Vec<String> {
    let all = content.trim_end_matches(':').split(", ");
    all.map(|it| it.trim_matches('"').to_owned()).collect()
}

/// `key: value`, `key "value"`, `"key" value`, `key:`.
fn key_and_value(content: &str) -> (&str, &str) {
    if let Some(quoted) = content.strip_prefix('"') {
        let (key, rest) = quoted.split_once('"').unwrap_or((quoted, ""));
        return (key, rest.trim_start_matches([':', ' ']).trim_matches('"'));
    }
    let end = content.find([' ', ':']).unwrap_or(content.len());
    let (key, rest) = content.split_at(end);
    (key, rest.trim_start_matches([':', ' ']).trim_matches('"'))
}

/// The name in `esbuild@^0.21.0`, `@a/b@npm:^1, @a/b@npm:2`. Yarn 1 has the first one's end cut by a colon
/// at most in its range.
fn package_name(pattern: &str) -> String {
    let at = pattern.char_indices().skip(1).find(|(_, it)| *it == '@').map(|(at, _)| at);
    pattern.get(..at.unwrap_or(pattern.len())).unwrap_or_default().to_owned()
}

/// `os=linux & cpu=arm64 & libc=glibc`, `(os=linux | os=darwin) & cpu=x64`.
fn conditions(text: &str, package: &mut Package) {
    for part in text.split(['&', '|', '(', ')']) {
        match part.trim().split_once('=') {
            Some(("os", value)) => package.os.push(value.to_owned()),
            Some(("cpu", value)) => package.cpu.push(value.to_owned()),
            Some(("libc", value)) => package.libc.push(value.to_owned()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read() {
        let old = "\
# yarn lockfile v1

\"@esbuild/linux-arm64@0.17.19\":
  version \"0.17.19\"
  resolved \"https://h/x\"

esbuild@^0.17.0, esbuild@^0.17.5:
  version \"0.17.19\"
  optionalDependencies:
    \"@esbuild/linux-arm64\" \"0.17.19\"
    fsevents \"2\"
  dependencies:
    other \"1\"
";
        let found = yarn(old, None);
        assert_eq!((found[0].name.as_str(), found[0].line), ("@esbuild/linux-arm64", 3));
        assert!(found[0].optional);
        assert_eq!((found[1].name.as_str(), found[1].version.as_str()), ("esbuild", "0.17.19"));
        assert_eq!(found[1].takes, ["@esbuild/linux-arm64", "fsevents"]);
        let new = "\
__metadata:
  version: 8

\"@esbuild/linux-arm64@npm:0.21.5\":
  version: 0.21.5
  conditions: os=linux & cpu=arm64
  languageName: node

\"esbuild@npm:^0.21.0\":
  version: 0.21.5
  dependenciesMeta:
    \"@esbuild/linux-arm64\":
      optional: true
";
        let found = yarn(new, None);
        assert_eq!(
            (found[1].name.as_str(), found[1].cpu[0].as_str()),
            ("@esbuild/linux-arm64", "arm64")
        );
        assert_eq!(found[2].takes, ["@esbuild/linux-arm64"]);
        assert_eq!(found[2].version, "0.21.5");
    }

    #[test]
    fn what_the_project_asks_for_otherwise_is_not_for_development() {
        let text = "\
a@^1:
  version \"1.0.0\"
  dependencies:
    \"@s/b\" \">=1 <3\"

\"@s/b@1\", \"@s/b@>=1 <3\":
  version \"2.0.0\"

\"@s/b@0\":
  version \"0.1.0\"

d@^1:
  version \"1.0.0\"
  dependencies:
    e \"1\"

e@1:
  version \"1.0.0\"

o@2:
  version \"2.0.0\"
";
        let manifest = r#"{"dependencies": {"a": "^1"}, "devDependencies": {"d": "^1"},
            "optionalDependencies": {"o": "^2"}}"#;
        let development = |text: &str, manifest| {
            let found = yarn(text, manifest).into_iter();
            let found = found.map(|it| (format!("{}@{}", it.name, it.version), it.for_development));
            found.collect::<Vec<_>>()
        };
        let names = |wanted| {
            let found = development(text, Some(manifest)).into_iter();
            let found = found.filter(|(_, it)| *it == Some(wanted)).map(|(name, _)| name);
            found.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(names(true), "@s/b@0.1.0 d@1.0.0 e@1.0.0");
        // `o` is there by another range than the manifest's.
        assert_eq!(names(false), "a@1.0.0 @s/b@2.0.0 o@2.0.0");
        for manifest in [None, Some("{"), Some(r#"{"workspaces": ["web"]}"#)] {
            assert!(development(text, manifest).iter().all(|(_, it)| it.is_none()), "{manifest:?}");
        }
        let later = "__metadata:\n  version: 8\n\n\"d@npm:^1\":\n  version: 1.0.0\n";
        assert!(development(later, Some("{}")).iter().all(|(_, it)| *it == Some(false)));
    }
}
