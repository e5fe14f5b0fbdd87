//! For whom packages are installed: an interpreter on a platform with a C library.

use std::str::FromStr;

use pep440_rs::{Version, VersionSpecifiers};

use super::wheel::Tag;
use crate::packages::image::{BaseImage, Implementation, Libc, PythonVersion};
use crate::platform::Platform;

/// The patch number of an interpreter of which none is known: newer than any bound that names one.
const NEWEST_PATCH: u64 = 99;

/// An interpreter on a platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::packages) struct Target {
    /// Names of the CPU in tags of wheels: `aarch64`, `x86_64`.
    machines: &'static [&'static str],
    /// The C library.
    libc: Libc,
    /// Which interpreter, and its version as far as it is known.
    implementation: Implementation,
    version: Option<PythonVersion>,
}

/// How well a wheel suits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::packages) enum Fit {
    /// It is for every platform.
    Any,
    /// It is for this platform.
    Native,
}

impl Target {
    /// The interpreter of a base image on a platform. `None` for platforms that no wheel is made for.
    pub(in crate::packages) fn new(platform: &Platform, image: &BaseImage) -> Option<Self> {
        if platform.os() != "linux" {
            return None;
        }
        Some(Self {
            machines: machines(platform.architecture(), platform.variant())?,
            libc: image.libc,
            implementation: image.implementation,
            version: image.python,
        })
    }

    /// Whether a version of the interpreter is known.
    pub(in crate::packages) fn is_exact(&self) -> bool {
        self.version.is_some()
    }

    /// The value of a variable of markers (PEP 508); `None` for what is not known.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        let is_pypy = self.implementation == Implementation::PyPy;
        let value = match name {
            "os_name" => "posix".to_owned(),
            "sys_platform" => "linux".to_owned(),
            "platform_system" => "Linux".to_owned(),
            "platform_machine" => (*self.machines.first()?).to_owned(),
            "platform_python_implementation" if is_pypy => "PyPy".to_owned(),
            "platform_python_implementation" => "CPython".to_owned(),
            "implementation_name" if is_pypy => "pypy".to_owned(),
            "implementation_name" => "cpython".to_owned(),
            "python_version" => {
                let version = self.version?;
                format!("{}.{}", version.major, version.minor)
            }
            "python_full_version" | "implementation_version" => self.full_version()?.to_string(),
            _ => return None,
        };
        Some(value)
    }

    fn full_version(&self) -> Option<Version> {
        let version = self.version?;
        let patch = version.patch.map_or(NEWEST_PATCH, u64::from);
        Some(Version::new([u64::from(version.major), u64::from(version.minor), patch]))
    }

    /// Whether the interpreter is one that a release is for (`Requires-Python`). What cannot be read is
    /// no reason against a release, as for pip.
    pub(super) fn is_accepted(&self, requires_python: &str) -> bool {
        let Some(version) = self.full_version() else { return true };
        requires_python.is_empty()
            || VersionSpecifiers::from_str(requires_python)
                .map_or(true, |specifiers| specifiers.contains(&version))
    }

    /// How a wheel with this tag suits; `None` if it does not.
    pub(super) fn fit(&self, tag: Tag<'_>) -> Option<Fit> {
        if !self.runs(tag.python, tag.abi) {
            return None;
        }
        match tag.platform {
            "any" => Some(Fit::Any),
            platform => self.has_platform(platform).then_some(Fit::Native),
        }
    }

    /// Whether the interpreter takes wheels with a tag of Python and one of its binary interface
    /// (the packaging user guide's "platform compatibility tags").
    fn runs(&self, python: &str, abi: &str) -> bool {
        let Some((kind, wanted)) = python.split_at_checked(2) else { return false };
        let Some((major, minor)) = tag_version(wanted) else { return false };
        let Some(version) = self.version else {
            // Any version of the language that is still alive.
            let kind_fits = match kind {
                "py" => true,
                "cp" => self.implementation == Implementation::CPython && !abi.ends_with('t'),
                "pp" => self.implementation == Implementation::PyPy,
                _ => false,
            };
            return kind_fits && major == 3;
        };
        let same_major = major == version.major;
        let exact = same_major && minor == Some(version.minor);
        match kind {
            "py" => same_major && abi == "none" && minor.is_none_or(|it| it <= version.minor),
            "cp" if self.implementation == Implementation::CPython => match abi {
                "none" => exact,
                "abi3" => same_major && major >= 3 && minor.is_some_and(|it| it <= version.minor),
                // `cp37m`, `cp27mu`: what interpreters were usually built with. `cp313t` is another.
                abi => {
                    exact
                        && abi
                            .strip_prefix(python)
                            .is_some_and(|flags| matches!(flags, "" | "m" | "mu"))
                }
            },
            "pp" if self.implementation == Implementation::PyPy => exact,
            _ => false,
        }
    }

    /// Whether a tag of a platform is one of this one's (PEP 600, PEP 656, and the older names).
    fn has_platform(&self, tag: &str) -> bool {
        let Some(rest) =
            self.machines.iter().find_map(|machine| tag.strip_suffix(machine)?.strip_suffix('_'))
        else {
            return false;
        };
        if rest == "linux" {
            return true;
        }
        let number = |prefix: &str| {
            let (major, minor) = rest.strip_prefix(prefix)?.split_once('_')?;
            Some((major.parse().ok()?, minor.parse().ok()?))
        };
        match self.libc {
            Libc::Glibc(major, minor) => {
                let wanted = match rest {
                    "manylinux1" => Some((2, 5)),
                    "manylinux2010" => Some((2, 12)),
                    "manylinux2014" => Some((2, 17)),
                    _ => number("manylinux_"),
                };
                wanted.is_some_and(|wanted: (u16, u16)| wanted.0 == major && wanted.1 <= minor)
            }
            Libc::Musl(major, minor) => number("musllinux_")
                .is_some_and(|wanted: (u16, u16)| wanted.0 == major && wanted.1 <= minor),
        }
    }
}

/// The version in a tag: `39` is 3.9, `310` is 3.10, `3` is any 3.
fn tag_version(digits: &str) -> Option<(u16, Option<u16>)> {
    let major = digits.get(..1)?.parse().ok()?;
    let minor = digits.get(1..)?.trim_start_matches('_');
    if minor.is_empty() { Some((major, None)) } else { Some((major, Some(minor.parse().ok()?))) }
}

/// What Python calls a CPU (`platform.machine()`), with what wheels for 32-bit ARM may say instead.
fn machines(architecture: &str, variant: &str) -> Option<&'static [&'static str]> {
    Some(match (architecture, variant) {
        ("amd64", _) => &["x86_64"],
        ("arm64", _) => &["aarch64"],
        ("386", _) => &["i686", "i386"],
        ("arm", "v6" | "v5") => &["armv6l"],
        ("arm", _) => &["armv7l", "armv6l"],
        ("ppc64le", _) => &["ppc64le"],
        ("s390x", _) => &["s390x"],
        ("riscv64", _) => &["riscv64"],
        ("loong64", _) => &["loongarch64"],
        ("mips64le", _) => &["mips64"],
        _ => return None,
    })
}

#[cfg(test)]
pub(in crate::packages) mod tests {
    use super::super::wheel::WheelName;
    use super::*;

    /// The interpreter of an image on Linux.
    pub(in crate::packages) fn target(image: &str, architecture: &str) -> Target {
        let platform = Platform::new("linux", architecture, "");
        Target::new(&platform, &BaseImage::of(image)).unwrap()
    }

    fn fits(target: &Target, wheel: &str) -> Option<Fit> {
        WheelName::parse(wheel).unwrap().tags().filter_map(|tag| target.fit(tag)).max()
    }

    #[test]
    fn wheels_suit_or_not() {
        let native = Some(Fit::Native);
        for (image, cpu, wheel, expected) in [
            (
                "python:3.9-slim-bullseye",
                "arm64",
                "psycopg2_binary-2.9.1-cp39-cp39-manylinux_2_24_aarch64.whl",
                native,
            ),
            (
                "python:3.9-slim-bullseye",
                "arm64",
                "psycopg2_binary-2.8.6-cp39-cp39-manylinux1_x86_64.whl",
                None,
            ),
            (
                "python:3.9-slim-bullseye",
                "amd64",
                "psycopg2_binary-2.8.6-cp39-cp39-manylinux1_x86_64.whl",
                native,
            ),
            (
                "python:3.9-slim-bullseye",
                "amd64",
                "psycopg2_binary-2.8.6-cp38-cp38-manylinux1_x86_64.whl",
                None,
            ),
            ("python:3.7-buster", "amd64", "numpy-1.18.0-cp37-cp37m-manylinux1_x86_64.whl", native),
            ("python:2.7", "amd64", "psutil-5.8.0-cp27-cp27mu-manylinux2010_x86_64.whl", native),
            (
                "python:3.12-bookworm",
                "arm64",
                "numpy-2.1.0-cp312-cp312-manylinux_2_17_aarch64.manylinux2014_aarch64.whl",
                native,
            ),
            (
                "python:3.12-bookworm",
                "arm64",
                "torch-2.5.0-cp312-cp312-manylinux_2_38_aarch64.whl",
                None,
            ),
            ("python:3.12-bullseye", "arm64", "x-1-cp312-cp312-manylinux_2_31_aarch64.whl", native),
            ("python:3.12-bullseye", "arm64", "x-1-cp312-cp312-manylinux_2_34_aarch64.whl", None),
            (
                "python:3.12-alpine",
                "arm64",
                "numpy-2.1.0-cp312-cp312-manylinux_2_17_aarch64.manylinux2014_aarch64.whl",
                None,
            ),
            (
                "python:3.12-alpine",
                "arm64",
                "numpy-2.1.0-cp312-cp312-musllinux_1_2_aarch64.whl",
                native,
            ),
            ("python:3.12-alpine", "arm64", "x-1-cp312-cp312-musllinux_1_3_aarch64.whl", None),
            (
                "python:3.12-slim",
                "arm64",
                "cryptography-43.0.0-cp39-abi3-manylinux_2_28_aarch64.whl",
                native,
            ),
            (
                "python:3.8-slim",
                "arm64",
                "cryptography-43.0.0-cp39-abi3-manylinux_2_28_aarch64.whl",
                None,
            ),
            ("python:3.12-slim", "arm64", "django-5.0-py3-none-any.whl", Some(Fit::Any)),
            ("python:3.12-slim", "arm64", "six-1.16.0-py2.py3-none-any.whl", Some(Fit::Any)),
            ("python:3.12-slim", "arm64", "old-1.0-py2-none-any.whl", None),
            ("python:3.12-slim", "arm64", "x-1-py36-none-any.whl", Some(Fit::Any)),
            ("python:3.12-slim", "arm64", "x-1-py313-none-any.whl", None),
            (
                "python:3.12-slim",
                "arm64",
                "ruff-0.6.0-py3-none-manylinux_2_17_aarch64.manylinux2014_aarch64.whl",
                native,
            ),
            ("python:3.13-slim", "arm64", "x-1-cp313-cp313t-manylinux2014_aarch64.whl", None),
            ("python:3.12-slim", "arm64", "x-1-cp312-cp312-macosx_11_0_arm64.whl", None),
            ("python:3.12-slim", "arm64", "x-1-cp312-cp312-win_arm64.whl", None),
            ("python:3.12-slim", "arm64", "x-1-1build-cp312-cp312-linux_aarch64.whl", native),
            ("python:3.12-slim", "arm", "x-1-cp312-cp312-linux_armv7l.whl", native),
            ("pypy:3.10-slim", "arm64", "x-1-pp310-pypy310_pp73-manylinux2014_aarch64.whl", native),
            ("pypy:3.10-slim", "arm64", "x-1-cp310-cp310-manylinux2014_aarch64.whl", None),
            ("python:3.9-slim", "arm64", "x-1-pp39-pypy39_pp73-manylinux2014_aarch64.whl", None),
            ("mine/unknown", "arm64", "x-1-cp36-cp36m-manylinux2014_aarch64.whl", native),
        ] {
            assert_eq!(fits(&target(image, cpu), wheel), expected, "{image} {cpu} {wheel}");
        }
    }

    #[test]
    fn releases_are_for_some_interpreters() {
        let target = target("python:3.9", "arm64");
        for (requires, expected) in [
            ("", true),
            (">=3.6", true),
            (">=3.10", false),
            (">=2.7, !=3.0.*, !=3.1.*, <4", true),
            (">=3.9.1", true),
            ("nonsense", true),
        ] {
            assert_eq!(target.is_accepted(requires), expected, "{requires}");
        }
    }

    #[test]
    fn other_systems_have_no_wheels_here() {
        let image = BaseImage::of("python:3.12");
        assert_eq!(Target::new(&Platform::new("windows", "amd64", ""), &image), None);
        assert_eq!(Target::new(&Platform::new("linux", "wasm", ""), &image), None);
    }
}
