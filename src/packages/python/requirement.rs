//! Requirements (PEP 508): `name[extra]>=1,<2; marker`, `name @ url`.

use std::str::FromStr;

use pep440_rs::{Operator, Version, VersionSpecifier, VersionSpecifiers};

use super::marker::Marker;
use super::name::{is_name, normalized};
use super::wheel::WheelName;
use crate::platform::subject::Place;

/// One requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::packages) struct Requirement {
    /// The project, normalized.
    pub(in crate::packages) name: String,
    /// Extras that are wanted of it.
    pub(in crate::packages) extras: Vec<String>,
    /// Which distributions may be taken.
    pub(in crate::packages) from: From,
    /// When it counts.
    pub(in crate::packages) marker: Option<Marker>,
}

/// Where the distribution of a requirement comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::packages) enum From {
    /// An index, in one of these versions.
    Index(VersionSpecifiers),
    /// This wheel, somewhere else; its file name.
    Wheel(String),
    /// Sources somewhere else: a repository, a directory, an archive.
    Source,
}

/// A requirement with the place that says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::packages) struct Wanted {
    /// It.
    pub(in crate::packages) requirement: Requirement,
    /// As it is written.
    pub(in crate::packages) text: String,
    /// Where.
    pub(in crate::packages) place: Place,
}

impl Requirement {
    /// Reads a requirement. `None` for what is none, such as a path without a name.
    pub(in crate::packages) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (head, url) = match text.split_once('@') {
            Some((head, url)) if head.chars().all(|it| it != ';' && it != '\'') => {
                (head, Some(url.trim()))
            }
            _ => (text, None),
        };
        if let Some(url) = url {
            // A marker behind a URL has a blank before it, so that the URL may have a semicolon.
            let (url, marker) = match url.split_once(" ;") {
                Some((url, marker)) => (url, Some(Marker::parse(marker)?)),
                None => (url, None),
            };
            let (name, extras, rest) = named(head)?;
            if !rest.is_empty() {
                return None;
            }
            return Some(Self { name, extras, from: From::of_url(url), marker });
        }
        let (specification, marker) = match head.split_once(';') {
            Some((specification, marker)) => (specification, Some(Marker::parse(marker)?)),
            None => (head, None),
        };
        let (name, extras, rest) = named(specification)?;
        let bare = rest.strip_prefix('(').and_then(|it| it.strip_suffix(')')).unwrap_or(rest);
        Some(Self { name, extras, from: From::Index(specifiers(bare)?), marker })
    }

    /// The version, where there is one that it must be.
    pub(in crate::packages) fn exact(&self) -> Option<&Version> {
        let From::Index(specifiers) = &self.from else { return None };
        specifiers
            .iter()
            .find(|it| matches!(it.operator(), Operator::Equal | Operator::ExactEqual))
            .map(VersionSpecifier::version)
    }
}

impl From {
    /// What a URL or a path leads to.
    pub(in crate::packages) fn of_url(url: &str) -> Self {
        let path = url.split(['#', '?']).next().unwrap_or_default();
        let file = path.rsplit('/').next().unwrap_or_default().replace("%2B", "+");
        match WheelName::parse(&file) {
            Some(_) => Self::Wheel(file),
            None => Self::Source,
        }
    }
}

/// Name and extras at the beginning of a text, and what follows.
fn named(text: &str) -> Option<(String, Vec<String>, &str)> {
    let text = text.trim();
    let end = text
        .find(|it: char| !it.is_ascii_alphanumeric() && !"-_.".contains(it))
        .unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end)?;
    let rest = rest.trim();
    let (extras, rest) = match rest.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?,
        None => ("", rest),
    };
    let extras = extras.split(',').map(str::trim).filter(|it| !it.is_empty());
    let extras = extras.map(normalized).collect();
    is_name(name).then(|| (normalized(name), extras, rest.trim()))
}

/// Specifiers of versions (PEP 440), forgiving a comma at the end as pip does.
pub(in crate::packages) fn specifiers(text: &str) -> Option<VersionSpecifiers> {
    VersionSpecifiers::from_str(text.trim().trim_end_matches(',')).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Option<String> {
        let requirement = Requirement::parse(text)?;
        let from = match &requirement.from {
            From::Index(specifiers) => specifiers.to_string(),
            From::Wheel(file) => file.clone(),
            From::Source => "source".to_owned(),
        };
        let marker = if requirement.marker.is_some() { " if" } else { "" };
        Some(format!("{}{:?} {from}{marker}", requirement.name, requirement.extras))
    }

    #[test]
    fn requirements_are_read() {
        for (text, expected) in [
            ("psycopg2-binary==2.8.6", "psycopg2-binary[] ==2.8.6"),
            ("Django >= 3.2 , < 4", "django[] >=3.2, <4"),
            ("requests[security,Socks_5]~=2.28", r#"requests["security", "socks-5"] ~=2.28"#),
            ("numpy (>=1.18)", "numpy[] >=1.18"),
            ("pandas", "pandas[] "),
            ("a==1.*,!=1.3", "a[] ==1.*, !=1.3"),
            ("a>1,", "a[] >1"),
            ("ruamel.yaml==0.17 ; python_version < '3.10'", "ruamel-yaml[] ==0.17 if"),
            ("a @ https://h/x/a-1-py3-none-any.whl#sha256=00", "a[] a-1-py3-none-any.whl"),
            (
                "torch @ https://h/torch-2.1.0%2Bcpu-cp311-cp311-linux_x86_64.whl ; os_name == 'posix'",
                "torch[] torch-2.1.0+cpu-cp311-cp311-linux_x86_64.whl if",
            ),
            ("a[b] @ git+https://h/a.git@main", r#"a["b"] source"#),
        ] {
            assert_eq!(shown(text).as_deref(), Some(expected), "{text}");
        }
        for text in ["", "./a", "-r x", "a b", "a==", "a; nonsense", "git+https://h/a.git", "a[b"] {
            assert_eq!(shown(text), None, "{text}");
        }
    }

    #[test]
    fn pins_are_known() {
        let exact = |text: &str| Requirement::parse(text).unwrap().exact().map(ToString::to_string);
        assert_eq!(exact("a==1.0"), Some("1.0".to_owned()));
        assert_eq!(exact("a===1.0"), Some("1.0".to_owned()));
        assert_eq!(exact("a==1.*"), None);
        assert_eq!(exact("a>=1"), None);
    }
}
