//! Calls of the tools that keep lock files of Python.

use super::super::files::absolute;
use super::super::{LockFile, PythonLock, Requirements, State, Walk, What};
use super::Call;
use super::arguments::Arguments;
use super::pip::{self, Defaults, index_of};
use crate::packages::image::PythonVersion;
use crate::packages::python::lock::{Selection, has};
use crate::packages::python::pyproject::{self, DefaultGroups};
use crate::platform::subject::Place;

/// Options with a value, which may stand in front of the verb.
const OF_UV: [&str; 9] = [
    "--directory",
    "--project",
    "--config-file",
    "--cache-dir",
    "--color",
    "--allow-insecure-host",
    "--python-preference",
    "-p",
    "--python",
];

const OF_POETRY: [&str; 4] = ["-C", "--directory", "-P", "--project"];

const OF_PIPENV: [&str; 2] = ["--python", "--pypi-mirror"];

const OF_PDM: [&str; 7] = ["-c", "--config", "-p", "--project", "-L", "--lockfile", "--python"];

/// `uv sync`, `uv run`, `uv export`, `uv pip install`, `uv pip sync`.
pub(super) fn uv(walk: &mut Walk<'_>, call: &Call<'_>, state: &mut State) {
    let own = own_directory(call, &["--directory", "--project"]);
    let call = &Call { directory: &own, ..*call };
    choose_python(walk, call, state);
    let arguments = Arguments::new(call.words, &OF_UV);
    let mut words = arguments.words.iter().copied();
    match words.next() {
        Some((_, "pip")) => {
            let Some((at, verb)) = words.next() else { return };
            let files = verb == "sync";
            if files || verb == "install" {
                let words = call.words.get(at + 1..).unwrap_or_default();
                let call = Call { words, ..*call };
                pip::install(walk, &call, state, Defaults { files, ..Defaults::uv() });
            }
        }
        Some((_, "sync" | "run" | "export")) => {
            let selection = groups_of_uv(walk, call, state);
            remember_output(call, state, &["-o", "--output-file"]);
            lock(walk, call, state, &[("uv.lock", PythonLock::Uv)], &selection, Defaults::uv());
        }
        _ => {}
    }
}

/// What uv installs: of the groups those that the project has for defaults, where nothing else is said.
fn groups_of_uv(walk: &Walk<'_>, call: &Call<'_>, state: &State) -> Selection {
    let mut selection = Selection {
        development: false,
        only: has_flag(call, &["--only-dev"]) || !values(call, &["--only-group"]).is_empty(),
        groups: values(call, &["--group", "--only-group"]),
        without: values(call, &["--no-group"]),
        extras: values(call, &["--extra"]),
        all_extras: has_flag(call, &["--all-extras"]),
        all_groups: has_flag(call, &["--all-groups"]),
        roots: None,
    };
    if has_flag(call, &["--dev", "--only-dev"]) {
        selection.groups.push("dev".to_owned());
    }
    let without_dev = has_flag(call, &["--no-dev"])
        || call.variables.get("UV_NO_DEV").is_some_and(|it| it != "0");
    if without_dev && !has(&selection.groups, "dev") {
        selection.without.push("dev".to_owned());
    }
    if !selection.only && !has_flag(call, &["--no-default-groups"]) {
        let file = walk.read(&absolute(call.directory, "pyproject.toml"), state);
        match file.map_or_else(DefaultGroups::default, |it| pyproject::default_groups(&it.text)) {
            DefaultGroups::All => selection.all_groups = true,
            DefaultGroups::Named(groups) => selection.groups.extend(groups),
        }
    }
    selection
}

/// `poetry install`, `poetry sync`, `poetry export`.
pub(super) fn poetry(walk: &mut Walk<'_>, call: &Call<'_>, state: &mut State) {
    let own = own_directory(call, &["-C", "--directory", "-P", "--project"]);
    let call = &Call { directory: &own, ..*call };
    let verb = Arguments::new(call.words, &OF_POETRY).verb();
    if !matches!(verb, "install" | "sync" | "export") {
        return;
    }
    let only = values(call, &["--only"]);
    let exports = verb == "export";
    let mut selection = Selection {
        // An export has the groups that are named alone.
        development: !exports && !has_flag(call, &["--no-dev"]),
        only: !only.is_empty() || has_flag(call, &["--only-root"]),
        groups: if only.is_empty() { values(call, &["--with"]) } else { only },
        without: values(call, &["--without"]),
        extras: values(call, &["-E", "--extras"]),
        all_extras: has_flag(call, &["--all-extras"]),
        all_groups: has_flag(call, &["--all-groups"]),
        roots: None,
    };
    if let Some(file) = walk.read(&absolute(call.directory, "pyproject.toml"), state) {
        follow_project(&file.text, &mut selection);
    }
    remember_output(call, state, &["-o", "--output"]);
    lock(walk, call, state, &[("poetry.lock", PythonLock::Poetry)], &selection, Defaults::pip());
}

/// What is not in lock files, or not in all: which groups come only where they are named, and what is in a group.
fn follow_project(text: &str, selection: &mut Selection) {
    if selection.development && !selection.all_groups {
        let optional = pyproject::optional_groups(text).into_iter();
        selection.without.extend(optional.filter(|group| !has(&selection.groups, group)));
    }
    let wanted = pyproject::requirements(text, "pyproject.toml", selection);
    selection.roots =
        wanted.ok().map(|wanted| wanted.into_iter().map(|it| it.requirement).collect());
}

/// `pipenv install`, `pipenv sync`, `pipenv requirements`.
pub(super) fn pipenv(walk: &mut Walk<'_>, call: &Call<'_>, state: &mut State) {
    let verb = Arguments::new(call.words, &OF_PIPENV).verb();
    if !matches!(verb, "install" | "sync" | "requirements") {
        return;
    }
    let development = has_flag(call, &["-d", "--dev"]);
    let selection = Selection { development, ..Selection::default() };
    remember_output(call, state, &[]);
    lock(walk, call, state, &[("Pipfile.lock", PythonLock::Pipfile)], &selection, Defaults::pip());
}

/// `pdm install`, `pdm sync`, `pdm export`.
pub(super) fn pdm(walk: &mut Walk<'_>, call: &Call<'_>, state: &mut State) {
    let own = own_directory(call, &["-p", "--project"]);
    let call = &Call { directory: &own, ..*call };
    let arguments = Arguments::new(call.words, &OF_PDM);
    if !matches!(arguments.verb(), "install" | "sync" | "export") {
        return;
    }
    let selection = groups_of_pdm(walk, call, state);
    remember_output(call, state, &["-o", "--output"]);
    let named = arguments.value(&["-L", "--lockfile"]).unwrap_or("pdm.lock");
    let locks = [(named, PythonLock::Pdm), ("pylock.toml", PythonLock::Pylock)];
    lock(walk, call, state, &locks, &selection, Defaults::pip());
}

/// What pdm installs: groups for development come where nothing else is said, extras where they are named.
fn groups_of_pdm(walk: &Walk<'_>, call: &Call<'_>, state: &State) -> Selection {
    let mut groups = values(call, &["-G", "--group", "--with"]);
    let all = has(&groups, ":all");
    groups.retain(|it| it != ":all");
    let mut selection = Selection {
        development: !has_flag(call, &["--prod", "--production", "--no-dev"]),
        only: has_flag(call, &["--no-default"]),
        extras: groups.clone(),
        groups,
        without: values(call, &["--without"]),
        all_extras: all,
        all_groups: all,
        roots: None,
    };
    // The lock file calls extras groups, too.
    if !all && let Some(file) = walk.read(&absolute(call.directory, "pyproject.toml"), state) {
        let extras = pyproject::extras(&file.text);
        // A group for development that is named comes alone.
        selection.development &= selection.groups.iter().all(|group| has(&extras, group));
        let left_out = extras.into_iter().filter(|extra| !has(&selection.extras, extra));
        selection.without.extend(left_out);
    }
    selection
}

/// A tool that installs what its lock file says, or what the project says where there is none.
fn lock(
    walk: &mut Walk<'_>,
    call: &Call<'_>,
    state: &State,
    names: &[(&str, PythonLock)],
    selection: &Selection,
    defaults: Defaults,
) {
    for (name, kind) in names {
        if let Some(file) = walk.read(&absolute(call.directory, name), state) {
            let lock = LockFile { file: walk.name(&file).to_owned(), text: file.text };
            return walk.install(What::PythonLock(lock, *kind, selection.clone()), state);
        }
    }
    let name = names.first().map_or("", |(name, _)| name);
    let Some(file) = walk.read(&absolute(call.directory, "pyproject.toml"), state) else {
        let message = format!("there is no `{name}` in the build context where this runs");
        return walk.note(message, walk.place(call.line));
    };
    let project = walk.name(&file).to_owned();
    match pyproject::requirements(&file.text, &project, selection) {
        Ok(wanted) => {
            let index = index_of(call, defaults);
            let found = Requirements { wanted, index, ..Requirements::default() };
            walk.install(What::Requirements(found), state);
        }
        Err(error) => {
            let place = Place { file: project, line: error.line };
            walk.note(format!("cannot be read: {}", error.reason), place);
        }
    }
}

/// uv brings the Python that a project asks for, where the image has none.
fn choose_python(walk: &Walk<'_>, call: &Call<'_>, state: &mut State) {
    let Some(image) = &state.image else { return };
    if image.python.is_some() {
        return;
    }
    let asked = values(call, &["-p", "--python"]).into_iter().next();
    let asked = asked.or_else(|| call.variables.get("UV_PYTHON").cloned());
    let file = || walk.read(&absolute(call.directory, ".python-version"), state);
    let asked = asked.or_else(|| Some(file()?.text));
    let python = asked.and_then(|it| {
        PythonVersion::parse(it.trim().trim_start_matches("python").trim_start_matches(['@', '=']))
    });
    if let Some(image) = state.image.as_mut().filter(|_| python.is_some()) {
        image.python = python;
    }
}

fn has_flag(call: &Call<'_>, names: &[&str]) -> bool {
    call.words.iter().any(|word| names.contains(&word.text.as_str()))
}

/// The values of an option, which may be several with commas or blanks between.
fn values(call: &Call<'_>, names: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let mut words = call.words.iter();
    while let Some(word) = words.next() {
        let value = names.iter().find_map(|name| {
            let rest = word.text.strip_prefix(name)?;
            if rest.is_empty() {
                return words.as_slice().first().map(|it| it.text.as_str());
            }
            rest.strip_prefix('=')
        });
        let parts = value.unwrap_or_default().split([',', ' ']);
        found.extend(parts.filter(|it| !it.is_empty()).map(str::to_owned));
    }
    found
}

fn own_directory(call: &Call<'_>, names: &[&str]) -> String {
    let own = values(call, names).into_iter().next().unwrap_or_default();
    absolute(call.directory, &own)
}

/// Takes note of the file that a lock file is written to as a list: what is in it is known.
fn remember_output(call: &Call<'_>, state: &mut State, options: &[&str]) {
    let named = values(call, options);
    let written = call.output.map(str::to_owned).into_iter().chain(named);
    state.made.extend(written.map(|path| absolute(call.directory, &path)));
}
