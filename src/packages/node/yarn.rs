//! `yarn.lock`, of yarn 1 and of later ones: both are lines with two blanks for each level.

use super::Package;

/// All packages. Lines that are not understood are left out.
pub(in crate::packages) fn yarn(text: &str) -> Vec<Package> {
    let mut found: Vec<Package> = Vec::new();
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
            (4, Some(package))
                if matches!(section.as_str(), "optionalDependencies" | "dependenciesMeta") =>
            {
                package.takes.push(key.to_owned());
            }
            _ => {}
        }
    }
    // What others take only if it suits may be missing.
    let optional: Vec<String> = found.iter().flat_map(|it| it.takes.iter().cloned()).collect();
    for package in &mut found {
        package.optional = optional.contains(&package.name);
    }
    found
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
        let found = yarn(old);
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
        let found = yarn(new);
        assert_eq!(
            (found[1].name.as_str(), found[1].cpu[0].as_str()),
            ("@esbuild/linux-arm64", "arm64")
        );
        assert_eq!(found[2].takes, ["@esbuild/linux-arm64"]);
        assert_eq!(found[2].version, "0.21.5");
    }
}
