//! File names of distributions: wheels (PEP 427) with their tags (PEP 425), and sources (PEP 625 and
//! what came before).

/// The endings of archives with sources.
const SOURCES: [&str; 5] = [".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz"];

/// The parts of a wheel's file name that say what it is and for whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::packages) struct WheelName<'a> {
    /// The project, as the file calls it.
    pub(in crate::packages) project: &'a str,
    /// The version.
    pub(in crate::packages) version: &'a str,
    /// The three tags, each of which may be several with dots between.
    pub(in crate::packages) tags: &'a str,
}

/// One combination of tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::packages) struct Tag<'a> {
    /// `cp312`, `py3`.
    pub(in crate::packages) python: &'a str,
    /// `cp312`, `abi3`, `none`.
    pub(in crate::packages) abi: &'a str,
    /// `manylinux_2_17_aarch64`, `any`.
    pub(in crate::packages) platform: &'a str,
}

impl<'a> WheelName<'a> {
    /// Takes `name-version[-build]-python-abi-platform.whl` apart.
    pub(in crate::packages) fn parse(file: &'a str) -> Option<Self> {
        let stem = file.strip_suffix(".whl")?;
        let mut hyphens = stem.rmatch_indices('-').map(|(at, _)| at);
        let tags = hyphens.nth(2)?;
        let (before, tags) = (stem.get(..tags)?, stem.get(tags + 1..)?);
        let mut parts = before.split('-');
        let (project, version, build) = (parts.next()?, parts.next()?, parts.next());
        // A build number begins with a digit; more parts than that are none of a wheel.
        let well_formed = parts.next().is_none()
            && build.is_none_or(|build| build.starts_with(|it: char| it.is_ascii_digit()));
        (well_formed && !project.is_empty()).then_some(Self { project, version, tags })
    }

    /// Every combination of its tags.
    #[cfg(test)]
    pub(in crate::packages) fn tags(self) -> impl Iterator<Item = Tag<'a>> {
        tags(self.tags)
    }
}

/// Every combination in three tags with hyphens between.
pub(super) fn tags(text: &str) -> impl Iterator<Item = Tag<'_>> {
    let mut parts = text.splitn(3, '-');
    let mut next = || parts.next().unwrap_or_default();
    let (pythons, abis, platforms) = (next(), next(), next());
    pythons.split('.').flat_map(move |python| {
        abis.split('.').flat_map(move |abi| {
            platforms.split('.').map(move |platform| Tag { python, abi, platform })
        })
    })
}

/// Whether a wheel with these tags can be for Linux at all.
pub(super) fn may_be_for_linux(tags: &str) -> bool {
    let platforms = tags.rsplit('-').next().unwrap_or_default();
    platforms.split('.').any(|platform| platform == "any" || platform.contains("linux"))
}

/// The version in the name of an archive with the sources of a project: `name-version.tar.gz`, where
/// the name may be written in several ways. `None` for other files.
pub(super) fn source_version<'a>(file: &'a str, project: &str) -> Option<&'a str> {
    let stem = SOURCES.iter().find_map(|ending| file.strip_suffix(ending))?;
    // The name has hyphens, and so may the version: the split is where the name is right.
    stem.match_indices('-').find_map(|(at, _)| {
        let (name, version) = (stem.get(..at)?, stem.get(at + 1..)?);
        (super::name::normalized(name) == project).then_some(version)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_wheels_are_taken_apart() {
        let wheel = WheelName::parse(
            "numpy-1.21.0-1-cp39-cp39-manylinux_2_17_aarch64.manylinux2014_aarch64.whl",
        )
        .unwrap();
        assert_eq!((wheel.project, wheel.version), ("numpy", "1.21.0"));
        let platforms: Vec<_> = wheel.tags().map(|tag| tag.platform).collect();
        assert_eq!(platforms, ["manylinux_2_17_aarch64", "manylinux2014_aarch64"]);
        let wheel = WheelName::parse("torch-2.1.0+cpu-cp311-cp311-linux_x86_64.whl").unwrap();
        assert_eq!(wheel.version, "2.1.0+cpu");
        assert_eq!(WheelName::parse("six-1.16.0-py2.py3-none-any.whl").unwrap().tags().count(), 2);
        for file in [
            "a.whl",
            "a-1.whl",
            "a-1-py3-none-any.zip",
            "a-1-x-y-py3-none-any.whl",
            "-1-py3-none-any.whl",
            "",
        ] {
            assert_eq!(WheelName::parse(file), None, "{file}");
        }
    }

    #[test]
    fn sources_have_a_version() {
        for (file, project, expected) in [
            ("psycopg2-binary-2.8.6.tar.gz", "psycopg2-binary", Some("2.8.6")),
            ("psycopg2_binary-2.9.9.tar.gz", "psycopg2-binary", Some("2.9.9")),
            ("zope.interface-5.0.zip", "zope-interface", Some("5.0")),
            ("uWSGI-2.0.20.tar.gz", "uwsgi", Some("2.0.20")),
            ("a-1.0-beta.tar.gz", "a", Some("1.0-beta")),
            ("other-1.0.tar.gz", "a", None),
            ("a-1.0.exe", "a", None),
            ("a-1.0-py2.7.egg", "a", None),
        ] {
            assert_eq!(source_version(file, project), expected, "{file}");
        }
    }

    #[test]
    fn wheels_of_other_systems_are_known() {
        assert!(may_be_for_linux("cp39-cp39-manylinux1_x86_64"));
        assert!(may_be_for_linux("py3-none-any"));
        assert!(!may_be_for_linux("cp39-cp39-win_amd64"));
        assert!(!may_be_for_linux("cp39-cp39-macosx_10_9_universal2.macosx_11_0_arm64"));
    }
}
