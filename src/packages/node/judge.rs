//! Which packages exist for a platform: a package in several forms names them all as optional
//! dependencies, and each form says which systems and CPUs it is for.

use std::collections::HashMap;

use super::{Package, Selection};
use crate::packages::image::Libc;
use crate::packages::report::State;
use crate::platform::Platform;

/// A platform in Node's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::packages) struct Machine {
    os: String,
    cpu: &'static str,
    libc: &'static str,
}

/// What was found out of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::packages) struct Finding<'a> {
    /// The package that is there in several forms, or in one.
    pub(in crate::packages) package: &'a Package,
    /// What a native build gets.
    pub(in crate::packages) state: State,
    /// Why.
    pub(in crate::packages) reason: Option<String>,
}

impl Machine {
    /// `None` for CPUs that Node does not know.
    pub(in crate::packages) fn new(platform: &Platform, libc: Libc) -> Option<Self> {
        let cpu = match platform.architecture() {
            "amd64" => "x64",
            "arm64" => "arm64",
            "arm" => "arm",
            "386" => "ia32",
            "ppc64le" => "ppc64",
            "s390x" => "s390x",
            "riscv64" => "riscv64",
            "loong64" => "loong64",
            _ => return None,
        };
        Some(Self { os: platform.os().to_owned(), cpu, libc: libc.family() })
    }

    /// Whether a package is for this platform.
    fn suits(&self, package: &Package) -> bool {
        let inferred;
        let package = if package.os.is_empty() && package.cpu.is_empty() {
            inferred = named(&package.name);
            &inferred
        } else {
            package
        };
        let libc = &package.libc;
        allows(&package.os, &self.os)
            && allows(&package.cpu, self.cpu)
            && (self.os != "linux" || allows(libc, self.libc))
    }
}

/// npm's rule for lists: `!x` forbids, anything else is all that is allowed.
fn allows(list: &[String], value: &str) -> bool {
    let forbidden = list.iter().any(|it| it.strip_prefix('!') == Some(value));
    let mut named = list.iter().filter(|it| !it.starts_with('!')).peekable();
    !forbidden && (named.peek().is_none() || named.any(|it| it == value || it == "any"))
}

/// What the name of a package says: `@esbuild/linux-arm64`, `@img/sharp-linuxmusl-x64`. yarn's lock
/// files say nothing else.
fn named(name: &str) -> Package {
    let mut package = Package { name: name.to_owned(), ..Package::default() };
    for word in name.split(['-', '_', '/', '@', '.']) {
        match word {
            "linux" | "darwin" | "win32" | "freebsd" | "openbsd" | "netbsd" | "android"
            | "sunos" | "aix" | "openharmony" => package.os.push(word.to_owned()),
            "linuxmusl" => {
                package.os.push("linux".to_owned());
                package.libc.push("musl".to_owned());
            }
            "x64" | "arm64" | "ia32" | "arm" | "s390x" | "riscv64" | "ppc64" | "loong64" => {
                package.cpu.push(word.to_owned());
            }
            "aarch64" => package.cpu.push("arm64".to_owned()),
            "amd64" => package.cpu.push("x64".to_owned()),
            "musl" | "musleabihf" => package.libc.push("musl".to_owned()),
            "gnu" | "gnueabihf" | "glibc" => package.libc.push("glibc".to_owned()),
            _ => {}
        }
    }
    package
}

/// Whether a package is for some CPUs only.
fn is_specific(package: &Package) -> bool {
    !package.cpu.is_empty() || !named(&package.name).cpu.is_empty()
}

/// Why nothing is said of a package that forces the pin only if it is installed.
const UNTOLD: &str =
    "whether it is for development alone cannot be told from the files that could be read";

impl Finding<'_> {
    /// What is found out where only some parts of a project are installed.
    #[must_use]
    pub(in crate::packages) fn within(mut self, selection: &Selection) -> Self {
        let may_be_left_out = !selection.development && self.package.for_development.is_none();
        if may_be_left_out && self.state.forces() {
            self.state = State::Unknown;
            self.reason = Some(UNTOLD.to_owned());
        }
        self
    }
}

/// All packages that are not the same on every platform.
pub(in crate::packages) fn judge<'a>(
    packages: &'a [Package],
    native: &Machine,
    pinned: &Machine,
) -> Vec<Finding<'a>> {
    let mut by_name: HashMap<&str, Vec<&Package>> = HashMap::new();
    for package in packages {
        by_name.entry(&package.name).or_default().push(package);
    }
    let forms = packages.iter().filter_map(|package| forms(package, &by_name, native, pinned));
    // npm refuses to install a package that is for another CPU.
    let alone = packages.iter().filter(|package| {
        !package.optional
            && !package.cpu.is_empty()
            && pinned.suits(package)
            && !native.suits(package)
    });
    let alone =
        alone.map(|package| Finding { package, state: State::NoDistribution, reason: None });
    forms.chain(alone).collect()
}

/// A package that is there in several forms.
fn forms<'a>(
    package: &'a Package,
    by_name: &HashMap<&str, Vec<&Package>>,
    native: &Machine,
    pinned: &Machine,
) -> Option<Finding<'a>> {
    // A form, such as `@img/sharp-linux-arm64`, may take further parts of its own platform.
    if is_specific(package) {
        return None;
    }
    let locked = |name: &String| by_name.get(name.as_str()).and_then(|it| it.first()).copied();
    let mut has_native = false;
    let mut has_pinned = false;
    let mut missing = None;
    for name in &package.takes {
        match locked(name) {
            Some(form) if is_specific(form) => {
                has_native |= native.suits(form);
                has_pinned |= pinned.suits(form);
            }
            Some(_) => {}
            None => {
                let form = named(name);
                if is_specific(&form) && native.suits(&form) {
                    missing.get_or_insert(name);
                }
            }
        }
    }
    let (state, reason) = match (has_native, has_pinned, missing) {
        (true, ..) => (State::NativeWheel, None),
        (false, true, Some(name)) => (
            State::NoDistribution,
            Some(format!(
                "`{name}` exists and is not in the lock file, which was written on another platform"
            )),
        ),
        (false, true, None) => (State::NoDistribution, None),
        (false, false, _) => return None,
    };
    Some(Finding { package, state, reason })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(architecture: &str, libc: Libc) -> Machine {
        Machine::new(&Platform::new("linux", architecture, ""), libc).unwrap()
    }

    fn package(name: &str, cpu: &[&str], libc: &[&str], takes: &[&str]) -> Package {
        let owned = |list: &[&str]| list.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        Package {
            name: name.to_owned(),
            os: if cpu.is_empty() { Vec::new() } else { owned(&["linux"]) },
            cpu: owned(cpu),
            libc: owned(libc),
            optional: !cpu.is_empty(),
            takes: owned(takes),
            ..Package::default()
        }
    }

    fn shown(packages: &[Package], libc: Libc) -> Vec<String> {
        judge(packages, &machine("arm64", libc), &machine("amd64", libc))
            .into_iter()
            .map(|it| {
                let reason = if it.reason.is_some() { " missing" } else { "" };
                format!("{} {:?}{reason}", it.package.name, it.state)
            })
            .collect()
    }

    const GLIBC: Libc = Libc::Glibc(2, 36);
    const MUSL: Libc = Libc::Musl(1, 2);

    #[test]
    fn forms_are_found_by_what_they_say() {
        let both = [
            package("esbuild", &[], &[], &["@esbuild/linux-arm64", "@esbuild/linux-x64"]),
            package("@esbuild/linux-arm64", &["arm64"], &[], &[]),
            package("@esbuild/linux-x64", &["x64"], &[], &[]),
        ];
        assert_eq!(shown(&both, GLIBC), ["esbuild NativeWheel"]);
        let one = [both[0].clone(), both[2].clone()];
        assert_eq!(shown(&one, GLIBC), ["esbuild NoDistribution missing"]);
        let old = [package("old", &[], &[], &["old-x64"]), package("old-x64", &["x64"], &[], &[])];
        assert_eq!(shown(&old, GLIBC), ["old NoDistribution"]);
        let musl = [
            package("sharp", &[], &[], &["@img/a", "@img/b", "@img/c"]),
            package("@img/a", &["arm64"], &["glibc"], &[]),
            package("@img/b", &["x64"], &["musl"], &[]),
            package("@img/c", &["x64"], &["glibc"], &[]),
        ];
        let parts = [
            package("sharp", &[], &[], &["@img/sharp-linux-arm64", "@img/sharp-linux-x64"]),
            package("@img/sharp-linux-arm64", &["arm64"], &[], &["@img/libvips-linux-arm64"]),
            package("@img/sharp-linux-x64", &["x64"], &[], &["@img/libvips-linux-x64"]),
            package("@img/libvips-linux-arm64", &["arm64"], &[], &[]),
            package("@img/libvips-linux-x64", &["x64"], &[], &[]),
        ];
        assert_eq!(shown(&parts, GLIBC), ["sharp NativeWheel"]);
        assert_eq!(shown(&musl, GLIBC), ["sharp NativeWheel"]);
        assert_eq!(shown(&musl, MUSL), ["sharp NoDistribution"]);
    }

    #[test]
    fn packages_for_one_cpu_are_refused_elsewhere() {
        let mut alone = package("tool-linux", &["x64"], &[], &[]);
        alone.optional = false;
        let others =
            [package("fsevents", &[], &[], &[]), package("chokidar", &[], &[], &["fsevents"])];
        assert_eq!(shown(&[alone], GLIBC), ["tool-linux NoDistribution"]);
        assert_eq!(shown(&others, GLIBC), [""; 0]);
    }

    #[test]
    fn what_is_left_out_forces_nothing() {
        let alone = |for_development| {
            let package = package("tool-linux", &["x64"], &[], &[]);
            Package { optional: false, for_development, ..package }
        };
        let found = |development, for_development| {
            let selection = Selection { development, manifest: None };
            let packages = selection.of(vec![alone(for_development)]);
            let found = judge(&packages, &machine("arm64", GLIBC), &machine("amd64", GLIBC));
            found.into_iter().next().map(|it| it.within(&selection).state)
        };
        assert_eq!(found(true, Some(true)), Some(State::NoDistribution));
        assert_eq!(found(true, None), Some(State::NoDistribution));
        assert_eq!(found(false, Some(false)), Some(State::NoDistribution));
        assert_eq!(found(false, None), Some(State::Unknown));
        assert_eq!(found(false, Some(true)), None);
    }

    #[test]
    fn names_tell_where_nothing_else_does() {
        for (name, arm, amd, musl) in [
            ("@esbuild/linux-arm64", true, false, true),
            ("@rollup/rollup-linux-x64-gnu", false, true, false),
            ("@swc/core-linux-arm64-musl", false, false, true),
            ("@img/sharp-linuxmusl-arm64", false, false, true),
            ("@next/swc-darwin-arm64", false, false, false),
        ] {
            let package = Package { name: name.to_owned(), ..Package::default() };
            let suits = |machine: &Machine| is_specific(&package) && machine.suits(&package);
            assert_eq!(suits(&machine("arm64", GLIBC)), arm, "{name}");
            assert_eq!(suits(&machine("amd64", GLIBC)), amd, "{name}");
            assert_eq!(suits(&machine("arm64", MUSL)), musl, "{name}");
        }
        let forbids = ["!x64".to_owned()];
        assert!(allows(&forbids, "arm64") && !allows(&forbids, "x64") && allows(&[], "x64"));
    }
}
