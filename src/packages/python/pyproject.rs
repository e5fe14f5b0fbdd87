//! What `pyproject.toml` says that a project needs (PEP 621), also in Poetry's own table.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::lock::{Selection, Unreadable, has};
use super::name::normalized;
use super::requirement::{Requirement, Wanted};
use crate::packages::lines::Lines;
use crate::platform::subject::Place;

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
struct Document {
    project: Project,
    dependency_groups: BTreeMap<String, Vec<Spanned<GroupEntry>>>,
    tool: Tool,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
struct Project {
    dependencies: Vec<Spanned<String>>,
    optional_dependencies: BTreeMap<String, Vec<Spanned<String>>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum GroupEntry {
    Requirement(String),
    Included {
        #[serde(rename = "include-group")]
        group: String,
    },
    Other(serde::de::IgnoredAny),
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Tool {
    poetry: Poetry,
    uv: Uv,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
struct Uv {
    default_groups: DefaultGroups,
}

/// Groups that uv installs where nothing else is said.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "GivenGroups")]
pub(in crate::packages) enum DefaultGroups {
    /// Every one.
    All,
    /// These.
    Named(Vec<String>),
}

impl Default for DefaultGroups {
    fn default() -> Self {
        Self::Named(vec!["dev".to_owned()])
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum GivenGroups {
    Word(String),
    List(Vec<String>),
}

impl From<GivenGroups> for DefaultGroups {
    fn from(given: GivenGroups) -> Self {
        match given {
            GivenGroups::Word(word) if word == "all" => Self::All,
            // Nothing else has a meaning.
            GivenGroups::Word(_) => Self::default(),
            GivenGroups::List(groups) => Self::Named(groups),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
struct Poetry {
    dependencies: BTreeMap<Spanned<String>, PoetryDependency>,
    /// How Poetry before 1.2 calls the group `dev`.
    dev_dependencies: BTreeMap<Spanned<String>, PoetryDependency>,
    extras: BTreeMap<String, Vec<String>>,
    group: BTreeMap<String, PoetryGroup>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PoetryGroup {
    optional: bool,
    dependencies: BTreeMap<Spanned<String>, PoetryDependency>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum PoetryDependency {
    Version(String),
    Table {
        version: Option<String>,
        markers: Option<String>,
        #[serde(default)]
        optional: bool,
        url: Option<String>,
        git: Option<String>,
        path: Option<String>,
        #[serde(default)]
        extras: Vec<String>,
    },
    Other(serde::de::IgnoredAny),
}

/// The requirements of a project in a file.
///
/// # Errors
/// The text is not TOML, or not in the form of such a file.
pub(in crate::packages) fn requirements(
    text: &str,
    file: &str,
    selection: &Selection,
) -> Result<Vec<Wanted>, Unreadable> {
    let document: Document = super::lock::toml(text)?;
    let lines = Lines::new(text);
    let mut found = Vec::new();
    let mut add = |text: &str, byte: usize| {
        if let Some(requirement) = Requirement::parse(text) {
            let place = Place { file: file.to_owned(), line: lines.at(byte) };
            found.push(Wanted { requirement, text: text.to_owned(), place });
        }
    };
    let mut spanned = |list: &[Spanned<String>]| {
        for text in list {
            add(text.get_ref(), text.span().start);
        }
    };
    // Poetry calls what a project needs in any case the group `main`.
    let has_main =
        (!selection.only || has(&selection.groups, "main")) && !has(&selection.without, "main");
    if has_main {
        spanned(&document.project.dependencies);
    }
    for (extra, list) in &document.project.optional_dependencies {
        if selection.all_extras || has(&selection.extras, extra) {
            spanned(list);
        }
    }
    let poetry = &document.tool.poetry;
    let group_is_wanted = |group: &str| {
        let is_usual = selection.development && !selection.only && !poetry.is_optional(group);
        (is_usual || selection.all_groups || has(&selection.groups, group))
            && !has(&selection.without, group)
    };
    let wanted = document.dependency_groups.keys().filter(|group| group_is_wanted(group));
    for list in with_included(&document.dependency_groups, wanted) {
        for entry in list {
            if let GroupEntry::Requirement(text) = entry.get_ref() {
                add(text, entry.span().start);
            }
        }
    }
    let own = has_main.then_some(&poetry.dependencies);
    let development = group_is_wanted("dev").then_some(&poetry.dev_dependencies);
    let groups = poetry.group.iter().filter(|(group, _)| group_is_wanted(group));
    let groups = groups.map(|(_, group)| &group.dependencies);
    for table in own.into_iter().chain(development).chain(groups) {
        for (name, dependency) in table {
            let is_extra = poetry.is_extra(name.get_ref(), selection);
            if let Some(text) = poetry_requirement(name.get_ref(), dependency, is_extra) {
                // Poetry has forms of versions that nobody else has.
                let is_usual = Requirement::parse(&text).is_some();
                add(if is_usual { &text } else { name.get_ref() }, name.span().start);
            }
        }
    }
    Ok(found)
}

/// What is in groups and in those that they include (PEP 735).
fn with_included<'a>(
    groups: &'a BTreeMap<String, Vec<Spanned<GroupEntry>>>,
    wanted: impl Iterator<Item = &'a String>,
) -> Vec<&'a [Spanned<GroupEntry>]> {
    let mut open: Vec<&str> = wanted.map(String::as_str).collect();
    let mut found = BTreeMap::new();
    while let Some(name) = open.pop() {
        let is_it = |(group, _): &(&String, _)| normalized(group) == normalized(name);
        let Some((group, list)) = groups.iter().find(is_it) else { continue };
        if found.insert(group, &list[..]).is_none() {
            open.extend(list.iter().filter_map(|entry| match entry.get_ref() {
                GroupEntry::Included { group } => Some(group.as_str()),
                _ => None,
            }));
        }
    }
    found.into_values().collect()
}

/// The groups that uv installs of a project where nothing else is said.
pub(in crate::packages) fn default_groups(text: &str) -> DefaultGroups {
    let document: Document = super::lock::toml(text).unwrap_or_default();
    document.tool.uv.default_groups
}

/// The extras of a project; none where the text cannot be read.
pub(in crate::packages) fn extras(text: &str) -> Vec<String> {
    let document: Document = super::lock::toml(text).unwrap_or_default();
    document.project.optional_dependencies.into_keys().collect()
}

/// The groups of a project that Poetry installs only where they are named; none where the text cannot be read.
pub(in crate::packages) fn optional_groups(text: &str) -> Vec<String> {
    let document: Document = super::lock::toml(text).unwrap_or_default();
    let groups = document.tool.poetry.group.into_iter();
    groups.filter(|(_, group)| group.optional).map(|(name, _)| name).collect()
}

impl Poetry {
    fn is_optional(&self, group: &str) -> bool {
        self.group.iter().any(|(name, it)| it.optional && normalized(name) == normalized(group))
    }

    /// Whether an optional dependency comes with an extra that is wanted.
    fn is_extra(&self, name: &str, selection: &Selection) -> bool {
        let mut wanted = self.extras.iter().filter(|(extra, _)| has(&selection.extras, extra));
        selection.all_extras || wanted.any(|(_, members)| has(members, name))
    }
}

/// A requirement of Poetry's in the usual form. `None` for Python itself and for what is not asked for.
fn poetry_requirement(name: &str, dependency: &PoetryDependency, is_extra: bool) -> Option<String> {
    if name.eq_ignore_ascii_case("python") {
        return None;
    }
    let (version, marker, extras) = match dependency {
        PoetryDependency::Version(version) => (version.as_str(), None, &[][..]),
        PoetryDependency::Other(_) => ("*", None, &[][..]),
        PoetryDependency::Table { optional: true, .. } if !is_extra => return None,
        PoetryDependency::Table { url, git, path, version, markers, extras, .. } => {
            if let Some(elsewhere) = url.as_ref().or(git.as_ref()).or(path.as_ref()) {
                return Some(format!("{name} @ {elsewhere}"));
            }
            (version.as_deref().unwrap_or("*"), markers.as_deref(), &extras[..])
        }
    };
    let extras = if extras.is_empty() { String::new() } else { format!("[{}]", extras.join(",")) };
    let specifiers: Vec<_> =
        version.split(',').filter_map(|part| poetry_specifier(part.trim())).collect();
    let marker = marker.map(|it| format!(" ; {it}")).unwrap_or_default();
    Some(format!("{name}{extras}{}{marker}", specifiers.join(",")))
}

/// Poetry's `^1.2`, `~1.2`, `1.*`, `1.2` as specifiers of PEP 440; `None` for any version.
fn poetry_specifier(text: &str) -> Option<String> {
    if text == "*" || text.is_empty() {
        return None;
    }
    let numbers = |text: &str| -> Vec<u64> {
        text.split('.').map_while(|part| part.trim().parse().ok()).collect()
    };
    let below = |mut release: Vec<u64>, at: usize| {
        release.truncate(at + 1);
        if let Some(last) = release.last_mut() {
            *last += 1;
        }
        release.iter().map(ToString::to_string).collect::<Vec<_>>().join(".")
    };
    if let Some(lower) = text.strip_prefix('^') {
        let release = numbers(lower);
        // The first number that is not 0 stays.
        let at = release.iter().position(|&it| it != 0);
        let at = at.unwrap_or(release.len().saturating_sub(1));
        return Some(format!(">={},<{}", lower.trim(), below(release, at)));
    }
    if let Some(lower) = text.strip_prefix('~').filter(|rest| !rest.starts_with('=')) {
        let release = numbers(lower);
        let at = usize::from(release.len() > 1);
        return Some(format!(">={},<{}", lower.trim(), below(release, at)));
    }
    if text.starts_with(|first: char| first.is_ascii_digit()) {
        return Some(format!("=={text}"));
    }
    Some(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, selection: &Selection) -> Vec<String> {
        requirements(text, "pyproject.toml", selection)
            .unwrap()
            .into_iter()
            .map(|it| format!("{} {}", it.place.line, it.text))
            .collect()
    }

    #[test]
    fn projects_say_what_they_need() {
        let text = r#"[project]
name = "app"
dependencies = [
    "django>=4",
    "psycopg2-binary==2.8.6",
]
[project.optional-dependencies]
cache = ["redis"]
[dependency-groups]
dev = ["pytest", {include-group = "lint"}]
lint = ["ruff"]
"#;
        assert_eq!(shown(text, &Selection::default()), ["4 django>=4", "5 psycopg2-binary==2.8.6"]);
        let selection = Selection {
            extras: vec!["cache".to_owned()],
            groups: vec!["dev".to_owned()],
            ..Selection::default()
        };
        assert_eq!(shown(text, &selection)[2..], ["8 redis", "10 pytest", "11 ruff"]);
    }

    #[test]
    fn poetry_has_a_table_of_its_own() {
        let text = r#"[tool.poetry.dependencies]
python = "^3.9"
django = "^4.2"
lib = { version = "~1.4", markers = "os_name == 'posix'" }
maybe = { version = "1", optional = true }
mine = { git = "https://h/mine.git" }
any = "*"
[tool.poetry.group.dev.dependencies]
pytest = ">=8,<9"
"#;
        let all = Selection { development: true, ..Selection::default() };
        let mut found = shown(text, &all);
        found.sort();
        assert_eq!(
            found,
            [
                "3 django>=4.2,<5",
                "4 lib>=1.4,<1.5 ; os_name == 'posix'",
                "6 mine @ https://h/mine.git",
                "7 any",
                "9 pytest>=8,<9",
            ]
        );
        let only = |group: &str| Selection {
            only: true,
            groups: vec![group.to_owned()],
            ..Selection::default()
        };
        assert_eq!(shown(text, &only("main")).len(), 4);
        assert_eq!(shown(text, &only("dev")), ["9 pytest>=8,<9"]);
        for (given, expected) in [
            ("^0.2.3", ">=0.2.3,<0.3"),
            ("^0.0.3", ">=0.0.3,<0.0.4"),
            ("~1", ">=1,<2"),
            ("~=1.4", "~=1.4"),
            ("1.2.*", "==1.2.*"),
        ] {
            assert_eq!(poetry_specifier(given).as_deref(), Some(expected));
        }
    }
}
