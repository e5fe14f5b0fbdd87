//! Where edits are tried out, one after the other, on texts in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::Change;
use super::owner::is_own;
use super::pin::Pin;
use super::same::{Matter, same_but_for};
use crate::compose::dotenv::EnvFiles;
use crate::compose::edit::{Emptied, Where, apply, insert, remove, set};
use crate::compose::files::{Files, Unsaved};
use crate::compose::load::{LoadOptions, Merged, merged};
use crate::compose::source::{ConfigFile, Located, Request};
use crate::compose::yaml::layout;
use crate::diagnostic::Span;
use crate::platform::Platform;
use crate::platform::subject::Place;
use crate::platform::variable::{self, Variables};

/// So many files may pin the same service, each hidden by the next.
const LAYERS: usize = 32;

/// What a service says to have no platform whatever it takes over. Unlike `!reset` it works on merge keys.
const NONE: &str = "\"\"";

/// What an override file says to take back a platform.
const TAKEN_BACK: &str = "!reset null";

/// The project with the edits so far.
pub(super) struct Bench<'a> {
    files: &'a dyn Files,
    native: &'a Platform,
    wanted: BTreeSet<String>,
    pinned: BTreeSet<String>,
    /// What is said of those whose platform comes from variables, with their places before anything was done.
    by_variables: BTreeMap<String, String>,
    state: State,
}

/// The files as they would be.
#[derive(Clone)]
pub(super) struct State {
    request: Request,
    /// New texts by path.
    texts: BTreeMap<PathBuf, String>,
    merged: Merged,
    to_name: Option<PathBuf>,
}

impl State {
    /// The project as it would be.
    pub(super) fn merged(&self) -> &Merged {
        &self.merged
    }
}

/// An edit that may do.
pub(super) struct Attempt {
    pub(super) path: PathBuf,
    pub(super) text: String,
    /// Whether it changes what is written itself, not what others say over it.
    pub(super) in_place: bool,
    /// Whether the file must be named from now on.
    pub(super) named: bool,
}

/// How a pin may be got rid of.
type Way<'a> = fn(&Bench<'a>, &str, &Pin) -> Vec<Attempt>;

impl<'a> Bench<'a> {
    pub(super) fn new(
        request: Request,
        files: &'a dyn Files,
        merged: Merged,
        services: &[String],
        native: &'a Platform,
    ) -> Self {
        let wanted: BTreeSet<String> = services.iter().cloned().collect();
        let is_pinned = |service: &&String| Pin::of(&merged, service, native).is_some();
        let pinned = wanted.iter().filter(is_pinned).cloned().collect();
        let state = State { request, texts: BTreeMap::new(), merged, to_name: None };
        let mut bench =
            Self { files, native, wanted, pinned, by_variables: BTreeMap::new(), state };
        bench.by_variables = bench.pinned.iter().filter_map(|it| bench.by_variable(it)).collect();
        bench
    }

    /// The project with the edits so far.
    pub(super) fn merged(&self) -> &Merged {
        &self.state.merged
    }

    /// Takes what an accepted attempt led to for what there is.
    pub(super) fn go_on(&mut self, state: State) {
        self.state = state;
    }

    /// Whether a service has a foreign platform from a file, as things stand.
    pub(super) fn is_pinned(&self, service: &str) -> bool {
        Pin::of(&self.state.merged, service, self.native).is_some()
    }

    /// Whether a service had a foreign platform from a file before anything was done.
    pub(super) fn was_pinned(&self, service: &str) -> bool {
        self.pinned.contains(service)
    }

    /// Takes all pins of a service out, or leaves everything as it is and says why.
    pub(super) fn mend(&mut self, service: &str) -> Result<(), String> {
        let before = self.state.clone();
        let outcome = self.take_out(service);
        if outcome.is_err() {
            self.state = before;
        }
        outcome
    }

    fn take_out(&mut self, service: &str) -> Result<(), String> {
        for _ in 0..LAYERS {
            let Some(pin) = Pin::of(&self.state.merged, service, self.native) else {
                return Ok(());
            };
            if let Some(told) = self.by_variables.get(service) {
                return Err(told.clone());
            }
            let variables = pin.variables(&self.state.merged);
            // What variables make of a pin behind another one stays as it is written.
            let ways = if variables.is_empty() { &Self::WAYS[..] } else { &Self::WAYS[1..] };
            let next = ways
                .iter()
                .flat_map(|way| way(self, service, &pin))
                .find_map(|attempt| self.without_pin(attempt, service, &pin));
            match next {
                Some(state) => self.state = state,
                None if variables.is_empty() => return Err(self.no_way(&pin)),
                None => return Err(self.of_variables(&pin, &variables)),
            }
        }
        Err("it is pinned in too many files".to_owned())
    }

    /// The files to write, the one that must be named, and all that must be then.
    pub(super) fn finish(self) -> (Vec<Change>, Option<PathBuf>, Vec<String>) {
        let State { texts, to_name, request, .. } = self.state;
        let changes = texts.into_iter().filter_map(|(path, after)| {
            let before = self.files.read(&path).ok().and_then(|it| String::from_utf8(it).ok());
            (before.as_ref() != Some(&after)).then_some(Change { path, before, after })
        });
        let named = if to_name.is_some() { request.files } else { Vec::new() };
        (changes.collect(), to_name, named)
    }

    const WAYS: [Way<'a>; 3] = [Self::in_place, Self::by_itself, Self::by_override];

    /// Takes the entry out where it stands, if all who have it from there are to lose it.
    fn in_place(&self, _: &str, pin: &Pin) -> Vec<Attempt> {
        let path = self.state.merged.sources.name(pin.key.file);
        if !pin.users(&self.state.merged).all(|user| self.wanted.contains(user)) {
            return Vec::new();
        }
        let Some(text) = self.editable(path) else { return Vec::new() };
        let Some(documents) = layout(&text) else { return Vec::new() };
        let key = pin.key.range().start;
        [Emptied::Leaves, Emptied::Braces]
            .into_iter()
            .filter_map(|emptied| apply(&text, remove(&text, &documents, key, emptied)?))
            .map(|text| Attempt { path: path.to_owned(), text, in_place: true, named: false })
            .collect()
    }

    /// Lets the service say that it has none, where it takes the pin over from elsewhere.
    fn by_itself(&self, service: &str, _: &Pin) -> Vec<Attempt> {
        let mut paths: Vec<&Path> =
            self.state.merged.sources.files().map(|file| file.name.as_path()).collect();
        paths.dedup();
        let attempt = |path: &Path| {
            let text = self.editable(path)?;
            let documents = layout(&text)?;
            let place = Where::Behind(&["<<", "extends"]);
            let at = ["services", service];
            let edit = insert(&text, &documents, &at, ("platform", NONE), place)?;
            let text = apply(&text, vec![edit])?;
            Some(Attempt { path: path.to_owned(), text, in_place: false, named: false })
        };
        paths.into_iter().rev().filter_map(attempt).collect()
    }

    /// Takes the pin back in a file that is laid over the others.
    fn by_override(&self, service: &str, _: &Pin) -> Vec<Attempt> {
        let at = ["services", service, "platform"];
        self.override_with(&at, TAKEN_BACK).into_iter().collect()
    }

    /// Says something in a file that is laid over the others.
    pub(super) fn override_with(&self, at: &[&str], value: &str) -> Option<Attempt> {
        let (path, exists) = self.override_file().filter(|_| self.unnamed_override().is_none())?;
        let text = if exists { self.editable(&path)? } else { HEADER.to_owned() };
        let edit = set(&text, &layout(&text)?, at, value)?;
        let text = apply(&text, vec![edit])?;
        Some(Attempt { path, text, in_place: false, named: !exists && self.names_files() })
    }

    /// The file that is laid over the others, and whether there is one.
    fn override_file(&self) -> Option<(PathBuf, bool)> {
        let located = &self.state.merged.located;
        let mut files = located.files.iter().filter_map(|file| match file {
            ConfigFile::Path(path) => Some(path),
            _ => None,
        });
        let first = files.next()?;
        let stem = first.file_stem()?.to_str()?;
        let ending = first.extension().and_then(|it| it.to_str()).unwrap_or("yaml");
        if !self.names_files() {
            let beside = first.with_file_name(format!("{stem}.override.{ending}"));
            return Some(files.next().map_or((beside, false), |found| (found.clone(), true)));
        }
        let path = first.with_file_name(format!("{stem}.native.{ending}"));
        let listed = located.files.iter().any(|file| *file == ConfigFile::Path(path.clone()));
        Some((path, listed))
    }

    /// What lies where an override file would be written, and is not part of the project: it is not ours.
    fn unnamed_override(&self) -> Option<PathBuf> {
        let (path, exists) = self.override_file()?;
        (!exists && self.files.kind(&path).is_some()).then_some(path)
    }

    /// Whether the project's files are named, so that no other one is found beside them.
    fn names_files(&self) -> bool {
        let variables = &self.state.merged.located.environment;
        !self.state.request.files.is_empty()
            || variables.get("COMPOSE_FILE").is_some_and(|list| !list.is_empty())
    }

    /// The state after an attempt that rids a service of a pin, and of nothing else.
    fn without_pin(&self, attempt: Attempt, service: &str, pin: &Pin) -> Option<State> {
        let edited = attempt.in_place.then_some(pin.key);
        let state = self.accepted(attempt, &self.wanted, Matter::Platform, edited)?;
        // One that is taken out may uncover another.
        let is_free = || Pin::of(&state.merged, service, self.native).is_none();
        (edited.is_some() || is_free()).then_some(state)
    }

    /// The state after an attempt, if it changes nothing but what it may.
    pub(super) fn accepted(
        &self,
        attempt: Attempt,
        services: &BTreeSet<String>,
        matter: Matter<'_>,
        edited: Option<Span>,
    ) -> Option<State> {
        let Attempt { path, text, named, .. } = attempt;
        let mut state = self.state.clone();
        state.texts.insert(path.clone(), text);
        if named {
            if state.request.files.is_empty() {
                state.request.files = listed(&state.merged.located.files);
            }
            state.request.files.push(path.display().to_string());
            state.to_name = Some(path);
        }
        let texts =
            state.texts.iter().map(|(path, text)| (path.clone(), text.clone().into_bytes()));
        let files = Unsaved::several(self.files, texts);
        let after = merged(&state.request, &LoadOptions::default(), &files).ok()?;
        let same = same_but_for(services, matter, edited, &self.state.merged, &after);
        state.merged = after;
        same.then_some(state)
    }

    /// The text of a file that may be edited; its bytes are those of the file.
    pub(super) fn editable(&self, path: &Path) -> Option<String> {
        if let Some(text) = self.state.texts.get(path) {
            return Some(text.clone());
        }
        if !is_own(path, &self.state.merged, self.files) {
            return None;
        }
        String::from_utf8(self.files.read(path).ok()?).ok()
    }

    /// A service whose pin comes from variables, and what is said of it.
    fn by_variable(&self, service: &str) -> Option<(String, String)> {
        let pin = Pin::of(&self.state.merged, service, self.native)?;
        let variables = pin.variables(&self.state.merged);
        (!variables.is_empty()).then(|| (service.to_owned(), self.of_variables(&pin, &variables)))
    }

    fn of_variables(&self, pin: &Pin, variables: &[String]) -> String {
        let Merged { located, inclusions, sources, .. } = &self.state.merged;
        let Located { environment, env_files, working_directory, .. } = located;
        let env_files =
            EnvFiles { sources, named: env_files, directory: working_directory, inclusions };
        let used_in = Some(sources.name(pin.value.file));
        let is_of_process = |name: &str| self.state.request.environment.contains_key(name);
        let of_files = |name: &str| {
            let (file, line) = env_files.set_at(name, used_in)?;
            Some(Place { file: self.shown(file), line: u32::try_from(line).ok()? })
        };
        let known = Variables {
            value: &|name| {
                environment.get(name).or_else(|| env_files.value(name, used_in)).cloned()
            },
            place: &|name| of_files(name).filter(|_| !is_of_process(name)),
        };
        let written = pin.written(&self.state.merged).unwrap_or_default();
        let remedy = variable::remedy(written, known, self.native).unwrap_or_default();
        let (place, names) = (self.place(pin.value), variables.join(", "));
        format!("its platform at {place} is made of variables ({names}): {remedy}")
    }

    /// A line as verdicts name it: its file as seen from the project's directory.
    pub(super) fn place(&self, span: Span) -> String {
        let sources = &self.state.merged.sources;
        let path = self.shown(sources.name(span.file));
        sources.position(span).map_or_else(|| path.clone(), |it| format!("{path}:{}", it.line))
    }

    /// A file as seen from the project's directory.
    fn shown(&self, path: &Path) -> String {
        let directory = &self.state.merged.located.working_directory;
        path.strip_prefix(directory).unwrap_or(path).display().to_string()
    }

    fn no_way(&self, pin: &Pin) -> String {
        let place = self.place(pin.key);
        if let Some(path) = self.unnamed_override() {
            let path = self.shown(&path);
            return format!(
                "its platform at {place} would be taken back by {path}, which is there and not among the files of \
                 the project: name it as the last one, or remove it"
            );
        }
        format!("its platform at {place} could not be taken out without changing anything else")
    }
}

/// What stands above what we write into a file of our own.
const HEADER: &str = "# Takes back platforms that other files ask for (bireme platforms --fix).\n";

/// Files as flags name them.
fn listed(files: &[ConfigFile]) -> Vec<String> {
    files
        .iter()
        .map(|file| match file {
            ConfigFile::Stdin => "-".to_owned(),
            ConfigFile::Path(path) => path.display().to_string(),
            ConfigFile::Remote(reference) => reference.clone(),
        })
        .collect()
}
