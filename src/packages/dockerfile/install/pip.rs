//! Calls of pip, and of what takes pip's arguments.

use super::super::files::{absolute, directory_of};
use super::super::{IndexOptions, LockFile, PythonLock, Requirements, State, Walk, What};
use super::Call;
use super::arguments::Arguments;
use crate::packages::TOOLS;
use crate::packages::python::judge::Forms;
use crate::packages::python::lock::Selection;
use crate::packages::python::name::normalized;
use crate::packages::python::pyproject;
use crate::packages::python::requirement::{From, Requirement, Wanted};
use crate::packages::python::requirements_file::{self, Entry, SWITCHES, option};
use crate::packages::python::wheel::WheelName;
use crate::platform::subject::Place;

/// How deep requirements files may lead to others.
const DEPTH: usize = 10;

/// Options with a value that says nothing about packages.
const WITH_VALUE: [&str; 38] = [
    "-t",
    "--target",
    "--prefix",
    "--root",
    "--timeout",
    "--retries",
    "--cert",
    "--client-cert",
    "--proxy",
    "--cache-dir",
    "--log",
    "--python",
    "-p",
    "--platform",
    "--python-version",
    "--python-platform",
    "--abi",
    "--implementation",
    "--src",
    "--progress-bar",
    "--upgrade-strategy",
    "--root-user-action",
    "-C",
    "--config-settings",
    "--config-setting",
    "--global-option",
    "--build-option",
    "--report",
    "--keyring-provider",
    "--exists-action",
    "-w",
    "--wheel-dir",
    "-d",
    "--dest",
    "--link-mode",
    "--index-strategy",
    "-P",
    "--directory",
];

/// `pip install`, `pip wheel`, `pip download`.
pub(super) fn pip(walk: &mut Walk<'_>, call: &Call<'_>, state: &State) {
    let arguments = Arguments::new(call.words, &WITH_VALUE);
    let Some((at, "install" | "wheel" | "download")) = arguments.words.first().copied() else {
        return;
    };
    let words = call.words.get(at + 1..).unwrap_or_default();
    install(walk, &Call { words, ..*call }, state, Defaults::pip());
}

/// The names of variables that stand for options.
#[derive(Debug, Clone, Copy)]
pub(super) struct Defaults {
    pub(super) index: &'static [&'static str],
    pub(super) extra: &'static [&'static str],
    pub(super) prefix: &'static str,
    /// Whether every file that is named is a list of requirements.
    pub(super) files: bool,
}

impl Defaults {
    /// pip's.
    pub(super) fn pip() -> Self {
        Self {
            index: &["PIP_INDEX_URL"],
            extra: &["PIP_EXTRA_INDEX_URL"],
            prefix: "PIP",
            files: false,
        }
    }

    /// uv's.
    pub(super) fn uv() -> Self {
        Self {
            index: &["UV_DEFAULT_INDEX", "UV_INDEX_URL"],
            extra: &["UV_INDEX", "UV_EXTRA_INDEX_URL"],
            prefix: "UV",
            files: false,
        }
    }
}

/// What the variables say about indexes.
pub(super) fn index_of(call: &Call<'_>, defaults: Defaults) -> IndexOptions {
    let value = |name: &&str| call.variables.get(*name).filter(|value| !value.is_empty());
    let extra = defaults.extra.iter().filter_map(value);
    IndexOptions {
        url: defaults.index.iter().find_map(value).cloned(),
        public: None,
        extra: extra.flat_map(|it| it.split_whitespace()).map(|it| named(it).to_owned()).collect(),
        finds_links: value(&format!("{}_FIND_LINKS", defaults.prefix).as_str()).is_some()
            || value(&format!("{}_NO_INDEX", defaults.prefix).as_str()).is_some(),
    }
}

/// uv's `name=https://…` without the name.
fn named(index: &str) -> &str {
    match index.split_once('=') {
        Some((name, url)) if !name.contains([':', '/']) => url,
        _ => index,
    }
}

/// Reads the arguments of an installation.
pub(super) fn install(walk: &mut Walk<'_>, call: &Call<'_>, state: &State, defaults: Defaults) {
    let mut found = Requirements { index: index_of(call, defaults), ..Requirements::default() };
    // A list of all that is to be there is the whole of it.
    found.alone = defaults.files;
    let variable = |name: &str| {
        let value = call.variables.get(&format!("{}_{name}", defaults.prefix));
        value.filter(|value| !value.is_empty()).map(String::as_str)
    };
    found.forms = Forms {
        only_binary: list(variable("ONLY_BINARY").unwrap_or_default()),
        no_binary: list(variable("NO_BINARY").unwrap_or_default()),
        prefer_binary: variable("PREFER_BINARY").is_some_and(|it| it != "0"),
        pre: variable("PRE").is_some_and(|it| it != "0"),
    };
    found.alone |= variable("NO_DEPS").is_some_and(|it| it != "0");
    let mut reader = Reader { walk, call, state, found, locks: Vec::new() };
    for (name, what) in [("REQUIREMENT", "--requirement"), ("CONSTRAINT", "--constraint")] {
        for file in variable(name).unwrap_or_default().split_whitespace() {
            reader.option(what, file, &reader.place(call.line), call.directory, 0);
        }
    }
    let mut words = call.words.iter();
    while let Some(word) = words.next() {
        let text = word.text.as_str();
        let place = reader.place(word.line);
        if let Some(switch) = SWITCHES.into_iter().find(|switch| *switch == text) {
            reader.option(switch, "", &place, call.directory, 0);
        } else if let Some((name, value)) = option(text) {
            let value = match value {
                Some(value) => value.to_owned(),
                None => words.next().map(|it| it.text.clone()).unwrap_or_default(),
            };
            reader.option(name, &value, &place, call.directory, 0);
        } else if WITH_VALUE.contains(&text) {
            words.next();
        } else if !text.starts_with('-') {
            if defaults.files {
                reader.option("--requirement", text, &place, call.directory, 0);
            } else if !is_tool(text) {
                reader.requirement(text, &place, call.directory);
            }
        }
    }
    let Reader { found, locks, .. } = reader;
    for (lock, kind) in locks {
        walk.install(What::PythonLock(lock, kind, Selection::default()), state);
    }
    if !found.wanted.is_empty() {
        walk.install(What::Requirements(found), state);
    }
}

/// Whether a word of a command asks for a tool that installs others.
fn is_tool(text: &str) -> bool {
    Requirement::parse(text).is_some_and(|it| TOOLS.contains(&it.name.as_str()))
}

struct Reader<'r, 'w> {
    walk: &'r mut Walk<'w>,
    call: &'r Call<'r>,
    state: &'r State,
    found: Requirements,
    locks: Vec<(LockFile, PythonLock)>,
}

impl Reader<'_, '_> {
    fn place(&self, line: u32) -> Place {
        self.walk.place(line)
    }

    /// An option, on the command line or in a file, whose paths are seen from `directory`.
    fn option(&mut self, name: &str, value: &str, place: &Place, directory: &str, depth: usize) {
        match name {
            "--requirement" => self.file(value, place, directory, depth, false),
            "--constraint" => self.file(value, place, directory, depth, true),
            "--editable" => self.requirement(value, place, directory),
            "--index-url" => self.found.index.url = Some(named(value).to_owned()),
            "--extra-index-url" => self.found.index.extra.push(named(value).to_owned()),
            "--find-links" | "--no-index" => self.found.index.finds_links = true,
            "--only-binary" => format_list(&mut self.found.forms.only_binary, value),
            "--no-binary" => format_list(&mut self.found.forms.no_binary, value),
            "--prefer-binary" => self.found.forms.prefer_binary = true,
            "--pre" => self.found.forms.pre = true,
            "--no-deps" => self.found.alone = true,
            "--group" => {
                let groups = vec![value.to_owned()];
                let selection = Selection { only: true, groups, ..Selection::default() };
                self.project(directory, &selection, place);
            }
            _ => {}
        }
    }

    fn file(
        &mut self,
        path: &str,
        place: &Place,
        directory: &str,
        depth: usize,
        is_constraint: bool,
    ) {
        let whole = absolute(directory, path);
        if depth > DEPTH || self.state.made.contains(&whole) {
            return;
        }
        let file = if path.contains("://") || path == "-" || path.contains('$') {
            None
        } else {
            self.walk.read(&whole, self.state)
        };
        let Some(file) = file else {
            let message = format!("`{path}` is not a file of the build context that could be read");
            self.walk.note(message, place.clone());
            return;
        };
        let name = self.walk.name(&file).to_owned();
        if path.ends_with("pyproject.toml") {
            return self.project(directory_of(&whole), &Selection::default(), place);
        }
        let base = whole.rsplit('/').next().unwrap_or_default();
        let pylock = base.strip_prefix("pylock.").and_then(|it| it.strip_suffix("toml"));
        if pylock.is_some_and(|it| it.is_empty() || it.ends_with('.')) {
            self.locks.push((LockFile { file: name, text: file.text }, PythonLock::Pylock));
            return;
        }
        for line in requirements_file::lines(&file.text, self.call.variables) {
            let line_number = file.lines_before + line.number;
            let place = Place { file: name.clone(), line: line_number };
            match line.entry {
                Entry::Option(option, value) => {
                    self.option(option, &value, &place, directory_of(&whole), depth + 1);
                }
                Entry::Requirement(text) if is_constraint => {
                    if let Some(requirement) = Requirement::parse(&text) {
                        self.found.constraints.push(Wanted { requirement, text, place });
                    }
                }
                Entry::Requirement(text) => {
                    self.requirement(&text, &place, directory_of(&whole));
                }
            }
        }
    }

    /// A requirement, a URL or a path.
    fn requirement(&mut self, text: &str, place: &Place, directory: &str) {
        if let Some(requirement) = Requirement::parse(text) {
            let text = text.to_owned();
            self.found.wanted.push(Wanted { requirement, text, place: place.clone() });
            return;
        }
        let path = text.strip_prefix("file:").unwrap_or(text).split([';', '#']).next();
        let path = path.unwrap_or_default().trim();
        if let From::Wheel(file) = From::of_url(path) {
            let name = WheelName::parse(&file).map(|it| normalized(it.project)).unwrap_or_default();
            let from = From::Wheel(file);
            let requirement = Requirement { name, extras: Vec::new(), from, marker: None };
            let text = text.to_owned();
            self.found.wanted.push(Wanted { requirement, text, place: place.clone() });
        } else if path.contains("://") || path.starts_with("git+") {
            let egg = text.split_once("#egg=").map_or(path, |(_, egg)| egg);
            let name = egg.split(['&', '[']).next().unwrap_or_default().to_owned();
            let from = From::Source;
            let requirement = Requirement { name, extras: Vec::new(), from, marker: None };
            let text = text.to_owned();
            self.found.wanted.push(Wanted { requirement, text, place: place.clone() });
        } else if path.contains('$') || path.contains('*') {
            let message = format!("`{text}` is known only while the build runs");
            self.walk.note(message, place.clone());
        } else if !path.is_empty() {
            let (path, extras) = match path.split_once('[') {
                Some((path, extras)) => (path, extras.trim_end_matches(']')),
                None => (path, ""),
            };
            let extras = extras.split(',').map(str::trim).filter(|it| !it.is_empty());
            let selection =
                Selection { extras: extras.map(str::to_owned).collect(), ..Selection::default() };
            self.project(&absolute(directory, path), &selection, place);
        }
    }

    /// A project in a directory.
    fn project(&mut self, directory: &str, selection: &Selection, place: &Place) {
        let Some(file) = self.walk.read(&absolute(directory, "pyproject.toml"), self.state) else {
            let message =
                "what the project needs is not in a `pyproject.toml` of the build context";
            self.walk.note(message, place.clone());
            return;
        };
        let name = self.walk.name(&file).to_owned();
        match pyproject::requirements(&file.text, &name, selection) {
            Ok(wanted) => self.found.wanted.extend(wanted),
            Err(error) => {
                let place = Place { file: name, line: error.line };
                self.walk.note(format!("cannot be read: {}", error.reason), place);
            }
        }
    }
}

/// Projects with commas between.
fn list(value: &str) -> Vec<String> {
    value
        .split([',', ' '])
        .filter(|it| !it.is_empty())
        .map(|it| if it.starts_with(':') { it.to_owned() } else { normalized(it) })
        .collect()
}

/// Adds to a list of projects; `:none:` empties it.
fn format_list(known: &mut Vec<String>, value: &str) {
    for name in list(value) {
        if name == ":none:" {
            known.clear();
        } else {
            known.push(name);
        }
    }
}
