//! What the name of a base image says of its system: which C library, which Python.

use crate::engine::reference::ImageReference;

/// The libraries of a system that says nothing: what every one has that is still maintained.
const USUAL_GLIBC: Libc = Libc::Glibc(2, 28);
/// musl of every Alpine since 3.13; wheels say `1_1` or `1_2`.
const MUSL: Libc = Libc::Musl(1, 2);

/// A C library with its version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Libc {
    /// The GNU C library.
    Glibc(u16, u16),
    /// musl.
    Musl(u16, u16),
}

impl Libc {
    /// Node's and Ruby's name of the family.
    pub(super) fn family(self) -> &'static str {
        match self {
            Self::Glibc(..) => "glibc",
            Self::Musl(..) => "musl",
        }
    }
}

/// An implementation of Python.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Implementation {
    /// The usual one.
    #[default]
    CPython,
    /// PyPy.
    PyPy,
}

/// A version of the language, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PythonVersion {
    pub(super) major: u16,
    pub(super) minor: u16,
    pub(super) patch: Option<u16>,
}

impl PythonVersion {
    /// Reads the numbers at the beginning of a text: `3.12`, `3.12.4`, `3.13-rc`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let end = text.find(|it: char| !it.is_ascii_digit() && it != '.').unwrap_or(text.len());
        let mut numbers = text.get(..end)?.split('.');
        let major = numbers.next()?.parse().ok()?;
        let minor = numbers.next()?.parse().ok()?;
        let patch = numbers.next().and_then(|it| it.parse().ok());
        Some(Self { major, minor, patch })
    }
}

/// What is known of a base image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BaseImage {
    /// Its C library.
    pub(super) libc: Libc,
    /// Which Python it has.
    pub(super) implementation: Implementation,
    /// In which version, where that is known.
    pub(super) python: Option<PythonVersion>,
    /// Whether a C compiler is in it.
    pub(super) has_compiler: bool,
}

/// A release of a distribution: a word of a tag, the version of glibc, and the distribution's own Python.
type Release = (&'static str, (u16, u16), (u16, u16));

const RELEASES: [Release; 26] = [
    ("stretch", (2, 24), (3, 5)),
    ("buster", (2, 28), (3, 7)),
    ("bullseye", (2, 31), (3, 9)),
    ("bookworm", (2, 36), (3, 11)),
    ("trixie", (2, 41), (3, 13)),
    ("xenial", (2, 23), (3, 5)),
    ("bionic", (2, 27), (3, 6)),
    ("focal", (2, 31), (3, 8)),
    ("jammy", (2, 35), (3, 10)),
    ("noble", (2, 39), (3, 12)),
    ("debian:9", (2, 24), (3, 5)),
    ("debian:10", (2, 28), (3, 7)),
    ("debian:11", (2, 31), (3, 9)),
    ("debian:12", (2, 36), (3, 11)),
    ("debian:13", (2, 41), (3, 13)),
    ("ubuntu:16.04", (2, 23), (3, 5)),
    ("ubuntu:18.04", (2, 27), (3, 6)),
    ("ubuntu:20.04", (2, 31), (3, 8)),
    ("ubuntu:22.04", (2, 35), (3, 10)),
    ("ubuntu:24.04", (2, 39), (3, 12)),
    ("ubuntu:25.04", (2, 41), (3, 13)),
    ("ubuntu:25.10", (2, 42), (3, 13)),
    ("rockylinux:8", (2, 28), (3, 6)),
    ("rockylinux:9", (2, 34), (3, 9)),
    ("almalinux:8", (2, 28), (3, 6)),
    ("almalinux:9", (2, 34), (3, 9)),
];

/// Python of Alpine's releases.
const ALPINES: [(&str, u16); 10] = [
    ("3.13", 8),
    ("3.14", 9),
    ("3.15", 9),
    ("3.16", 10),
    ("3.17", 10),
    ("3.18", 11),
    ("3.19", 11),
    ("3.20", 12),
    ("3.21", 12),
    ("3.22", 12),
];

impl BaseImage {
    /// Of an image, by its name.
    pub(super) fn of(reference: &str) -> Self {
        let image = ImageReference::parse(reference);
        let name = image.name.rsplit('/').next().unwrap_or_default().to_lowercase();
        let tag = image.tag.unwrap_or_default().to_lowercase();
        let whole = format!("{name}:{tag}");
        let release = RELEASES.iter().find(|(word, ..)| {
            if word.contains(':') { is_version_of(&whole, word) } else { tag.contains(word) }
        });
        let is_python = name == "python" || name == "pypy";
        let is_alpine = name.contains("alpine") || tag.contains("alpine");
        let python = python_in(&name, &tag).or_else(|| {
            // Where Python comes from the distribution.
            if is_python {
                return None;
            }
            if is_alpine {
                let tag =
                    if name == "alpine" { tag.as_str() } else { tag.split("alpine").nth(1)? };
                let (_, minor) = ALPINES.iter().find(|(version, _)| is_version_of(tag, version))?;
                return Some(PythonVersion { major: 3, minor: *minor, patch: None });
            }
            let &(_, _, (major, minor)) = release.filter(|_| is_distribution(&name))?;
            Some(PythonVersion { major, minor, patch: None })
        });
        let libc = match release {
            _ if is_alpine => MUSL,
            Some(&(_, (major, minor), _)) => Libc::Glibc(major, minor),
            None if is_python => official(python),
            None => USUAL_GLIBC,
        };
        let is_slim = is_alpine || tag.contains("slim") || tag.contains("windows");
        Self {
            libc,
            implementation: match name.as_str() {
                "pypy" => Implementation::PyPy,
                _ => Implementation::CPython,
            },
            python,
            has_compiler: matches!(
                name.as_str(),
                "python" | "pypy" | "node" | "ruby" | "buildpack-deps" | "gcc"
            ) && !is_slim,
        }
    }
}

/// The C library of an official image whose tag names no release: the Debian that was current when its
/// Python was last built.
fn official(python: Option<PythonVersion>) -> Libc {
    match python {
        Some(version) if (version.major, version.minor) < (3, 0) => Libc::Glibc(2, 28),
        Some(version) if (version.major, version.minor) < (3, 7) => Libc::Glibc(2, 31),
        _ => Libc::Glibc(2, 36),
    }
}

/// Whether an image is that of a distribution, whose Python is the distribution's.
fn is_distribution(name: &str) -> bool {
    matches!(name, "debian" | "ubuntu" | "rockylinux" | "almalinux" | "buildpack-deps")
}

/// The version of Python that a name or a tag says: `python:3.12-slim`, `uv:python3.12-alpine`,
/// `python-3.11-slim`, `python3-debian12` says none.
fn python_in(name: &str, tag: &str) -> Option<PythonVersion> {
    if name.contains("python") || name == "pypy" {
        let in_tag = PythonVersion::parse(tag);
        if in_tag.is_some() {
            return in_tag;
        }
    }
    let after = |text: &str| {
        let (_, rest) = text.split_once("python")?;
        PythonVersion::parse(rest.trim_start_matches(['-', '_', ':']))
    };
    // `python-311` of Red Hat's.
    let joined = || {
        let digits = name.strip_prefix("python-3")?;
        Some(PythonVersion { major: 3, minor: digits.parse().ok()?, patch: None })
    };
    after(tag).or_else(|| after(name)).or_else(joined)
}

/// Whether a text is a version or one below it: `3.18.4` of `3.18`.
fn is_version_of(text: &str, version: &str) -> bool {
    text.strip_prefix(version)
        .is_some_and(|rest| !rest.starts_with(|next: char| next.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_is_in_an_image() {
        for (image, libc, python) in [
            ("python:3.12-slim", "glibc 2.36", Some((3, 12, None))),
            ("python:3.12.4-slim-bullseye", "glibc 2.31", Some((3, 12, Some(4)))),
            ("python:3.9-alpine3.18", "musl 1.2", Some((3, 9, None))),
            ("python:3.6", "glibc 2.31", Some((3, 6, None))),
            ("python:3", "glibc 2.36", None),
            ("python", "glibc 2.36", None),
            ("docker.io/library/python:3.11-trixie@sha256:00", "glibc 2.41", Some((3, 11, None))),
            ("ghcr.io/astral-sh/uv:python3.12-bookworm-slim", "glibc 2.36", Some((3, 12, None))),
            ("ghcr.io/astral-sh/uv:0.5-python3.13-alpine", "musl 1.2", Some((3, 13, None))),
            ("tiangolo/uvicorn-gunicorn:python3.8", "glibc 2.28", Some((3, 8, None))),
            ("mcr.microsoft.com/devcontainers/python:3.11", "glibc 2.36", Some((3, 11, None))),
            ("registry.access.redhat.com/ubi9/python-311:1", "glibc 2.28", Some((3, 11, None))),
            ("ubuntu:22.04", "glibc 2.35", Some((3, 10, None))),
            ("ubuntu:noble-20240605", "glibc 2.39", Some((3, 12, None))),
            ("debian:12-slim", "glibc 2.36", Some((3, 11, None))),
            ("debian:bullseye", "glibc 2.31", Some((3, 9, None))),
            ("alpine:3.18.4", "musl 1.2", Some((3, 11, None))),
            ("alpine", "musl 1.2", None),
            ("node:20-alpine", "musl 1.2", None),
            ("node:20-bookworm", "glibc 2.36", None),
            ("mine/base", "glibc 2.28", None),
            ("localhost:5000/python:3.10", "glibc 2.36", Some((3, 10, None))),
        ] {
            let found = BaseImage::of(image);
            let version = found.python.map(|it| (it.major, it.minor, it.patch));
            let (Libc::Glibc(major, minor) | Libc::Musl(major, minor)) = found.libc;
            let shown = format!("{} {major}.{minor}", found.libc.family());
            assert_eq!((shown.as_str(), version), (libc, python), "{image}");
        }
    }

    #[test]
    fn full_images_have_a_compiler() {
        for (image, expected) in [
            ("python:3.12", true),
            ("python:3.12-bookworm", true),
            ("python:3.12-slim", false),
            ("python:3.12-alpine", false),
            ("debian:12", false),
        ] {
            assert_eq!(BaseImage::of(image).has_compiler, expected, "{image}");
        }
    }
}
