//! What an index offers of a project: its releases, newest first, with only what judging needs.

use std::collections::HashMap;
use std::str::FromStr;

use pep440_rs::Version;

use super::wheel::{WheelName, may_be_for_linux, source_version};

/// A file on a project's page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::packages) struct IndexFile {
    /// Its name.
    pub(in crate::packages) name: String,
    /// Which interpreters it is for (`Requires-Python`); empty for all.
    pub(in crate::packages) requires_python: String,
    /// Whether it was withdrawn (PEP 592).
    pub(in crate::packages) yanked: bool,
    /// Where its metadata is, if that is offered apart from it (PEP 658).
    pub(in crate::packages) metadata: Option<String>,
}

/// A release.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::packages) struct Release {
    /// Its version, in normal form.
    pub(in crate::packages) version: String,
    /// Which interpreters it is for; empty for all.
    pub(in crate::packages) requires_python: String,
    /// Whether it was withdrawn.
    pub(in crate::packages) yanked: bool,
    /// Whether its sources are there.
    pub(in crate::packages) source: bool,
    /// Where the metadata of one of its wheels is; wheels of a release differ in what they are built for.
    pub(in crate::packages) metadata: Option<String>,
    /// The tags of its wheels, as far as they may be for Linux.
    pub(in crate::packages) wheels: Vec<String>,
}

/// The releases of a project, newest first. Files of no version that Python knows are left out.
pub(in crate::packages) fn releases(
    project: &str,
    files: impl IntoIterator<Item = IndexFile>,
) -> Vec<Release> {
    let mut by_text: HashMap<String, Option<Version>> = HashMap::new();
    let mut found: HashMap<Version, Release> = HashMap::new();
    for file in files {
        let (text, tags) = match WheelName::parse(&file.name) {
            Some(wheel) => (wheel.version, Some(wheel.tags)),
            None => match source_version(&file.name, project) {
                Some(version) => (version, None),
                None => continue,
            },
        };
        if tags.is_some_and(|tags| !may_be_for_linux(tags)) {
            continue;
        }
        let version = if let Some(version) = by_text.get(text) {
            version.clone()
        } else {
            let version = Version::from_str(text).ok();
            by_text.insert(text.to_owned(), version.clone());
            version
        };
        let Some(version) = version else { continue };
        let release = found.entry(version).or_insert_with_key(|version| Release {
            version: version.to_string(),
            requires_python: file.requires_python,
            yanked: true,
            ..Release::default()
        });
        release.yanked &= file.yanked;
        release.metadata = release.metadata.take().or(file.metadata);
        match tags {
            Some(tags) => release.wheels.push(tags.to_owned()),
            None => release.source = true,
        }
    }
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_unstable_by(|(one, _), (other, _)| other.cmp(one));
    found.into_iter().map(|(_, release)| release).collect()
}

/// Releases of several indexes as one, as pip sees them.
pub(in crate::packages) fn merged(mut all: Vec<Vec<Release>>) -> Vec<Release> {
    if all.len() < 2 {
        return all.pop().unwrap_or_default();
    }
    let mut found: Vec<Release> = Vec::new();
    for release in all.into_iter().flatten() {
        match found.iter_mut().find(|it| it.version == release.version) {
            Some(known) => {
                known.yanked &= release.yanked;
                known.source |= release.source;
                known.metadata = known.metadata.take().or(release.metadata);
                known.wheels.extend(release.wheels);
            }
            None => found.push(release),
        }
    }
    found.sort_by_cached_key(|it| std::cmp::Reverse(Version::from_str(&it.version).ok()));
    found
}

/// Releases as lines of a text, for keeping: what is left out of a page is most of it.
pub(in crate::packages) fn to_text(releases: &[Release]) -> String {
    let mut text = String::new();
    for release in releases {
        let flags = match (release.yanked, release.source) {
            (false, false) => "-",
            (false, true) => "s",
            (true, false) => "y",
            (true, true) => "ys",
        };
        let Release { version, requires_python, metadata, wheels, .. } = release;
        let requires_python = requires_python.replace(['\t', '\n'], " ");
        let metadata = metadata.as_deref().unwrap_or_default();
        let fields = [version, flags, &requires_python, metadata, &wheels.join(" ")];
        text.push_str(&fields.join("\t"));
        text.push('\n');
    }
    text
}

/// Reads what [`to_text`] wrote; `None` for anything else.
pub(in crate::packages) fn from_text(text: &str) -> Option<Vec<Release>> {
    text.lines()
        .map(|line| {
            let mut fields = line.splitn(5, '\t');
            let (version, flags) = (fields.next()?, fields.next()?);
            let (requires_python, metadata) = (fields.next()?, fields.next()?);
            let wheels = fields.next()?;
            Some(Release {
                version: version.to_owned(),
                requires_python: requires_python.to_owned(),
                yanked: flags.contains('y'),
                source: flags.contains('s'),
                metadata: (!metadata.is_empty()).then(|| metadata.to_owned()),
                wheels: wheels.split_whitespace().map(str::to_owned).collect(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, yanked: bool) -> IndexFile {
        let metadata = name.ends_with("x86_64.whl").then(|| format!("https://h/{name}.metadata"));
        IndexFile { name: name.to_owned(), requires_python: ">=3.6".to_owned(), yanked, metadata }
    }

    #[test]
    fn files_become_releases() {
        let files = [
            file("a_b-1.9.tar.gz", false),
            file("a_b-1.10.0-cp39-cp39-win_amd64.whl", false),
            file("a_b-1.10-cp39-cp39-manylinux1_x86_64.whl", false),
            file("a-b-1.10.tar.gz", true),
            file("a_b-2.0rc1-py3-none-any.whl", true),
            file("a_b-nonsense.tar.gz", false),
            file("a_b-1.9.exe", false),
        ];
        let found = releases("a-b", files);
        let text = to_text(&found);
        assert_eq!(
            text,
            "2.0rc1\ty\t>=3.6\t\tpy3-none-any\n\
             1.10\ts\t>=3.6\thttps://h/a_b-1.10-cp39-cp39-manylinux1_x86_64.whl.metadata\t\
             cp39-cp39-manylinux1_x86_64\n\
             1.9\ts\t>=3.6\t\t\n"
        );
        assert_eq!(from_text(&text), Some(found));
        assert_eq!(from_text("nonsense"), None);
    }

    #[test]
    fn indexes_add_to_each_other() {
        let one = releases("a", [file("a-1.tar.gz", false), file("a-3.tar.gz", false)]);
        let other = releases("a", [file("a-2.tar.gz", false), file("a-1-py3-none-any.whl", false)]);
        let versions: Vec<_> = merged(vec![one, other])
            .iter()
            .map(|it| (it.version.clone(), it.wheels.len()))
            .collect();
        assert_eq!(versions, [("3".to_owned(), 0), ("2".to_owned(), 0), ("1".to_owned(), 1)]);
    }
}
