//! The explanation of a path or a variable of a load.

use std::collections::BTreeSet;

use super::NotFound;
use super::builder::{Builder, text};
use super::explanation::{Candidate, Entry, Explanation, Kind, Outcome, Source, VariableUse};
use super::find::Target;
use super::history::{History, Statement};
use super::path::{self, Step};
use super::places::Places;
use super::reasons;
use super::record::{Event, Line, Record};
use super::suggest;
use super::variables::Variables;
use crate::compose::model::Project;
use crate::compose::render::{self, json, tree::Tree};
use crate::compose::source::{NameSource, Request};
use crate::compose::yaml::{Node, Value};

/// The values of a load.
pub(super) struct Values<'v> {
    pub(super) record: &'v Record,
    pub(super) variables: Variables<'v>,
    pub(super) places: Places<'v>,
    /// What `config` prints, disabled services included.
    pub(super) printed: Tree,
    pub(super) project: Option<&'v Project>,
    /// The tree after every stage.
    pub(super) tree: Option<&'v Node>,
    pub(super) request: &'v Request,
}

/// What `config` prints, disabled services included; of a project that could not be typed, its
/// tree.
pub(super) fn printed(project: Option<&Project>, tree: Option<&Node>) -> Tree {
    match (project, tree) {
        (Some(project), _) => render::project_tree(project),
        (None, Some(tree)) => Tree::of_node(tree),
        (None, None) => Tree::Map(Vec::new()),
    }
}

impl Values<'_> {
    /// Explains what was asked for.
    pub(super) fn explain(&self, asked: &str) -> Result<Explanation, NotFound> {
        let asked = asked.trim();
        if let Some(name) = as_variable(asked) {
            return self.variable(name).ok_or_else(|| self.not_found(asked));
        }
        let name = asked.trim_end_matches('.');
        if let Some(steps) = self.resolve(name).filter(|steps| !steps.is_empty()) {
            return Ok(self.path(&steps));
        }
        let variable = if is_name(name) { self.variable(name) } else { None };
        variable.ok_or_else(|| self.not_found(asked))
    }

    fn not_found(&self, asked: &str) -> NotFound {
        let mut tree = self.printed.clone();
        if let (Tree::Map(entries), Some(Tree::Map(others))) =
            (&mut tree, self.tree.map(Tree::of_node))
        {
            for (key, value) in others {
                if entries.iter().all(|(other, _)| *other != key) {
                    entries.push((key, value));
                }
            }
        }
        let used = self.record.parts.iter().flat_map(|part| &part.layers);
        let used = used.flat_map(|layer| &layer.lines).map(|line| line.name.clone());
        let mut names: BTreeSet<String> = self.record.process.keys().cloned().chain(used).collect();
        for template in self.record.templates.values() {
            names.extend(crate::compose::interpolate::names(&template.text));
        }
        let asked_name = asked.trim_start_matches(['$', '{']).trim_end_matches('}');
        let suggestions = suggest::near(asked_name, &tree, names.iter().map(String::as_str));
        NotFound { asked: asked.to_owned(), suggestions }
    }

    /// The steps of a path, in what is printed or else in any tree of the load.
    fn resolve(&self, asked: &str) -> Option<Vec<Step>> {
        let trees = self.tree.into_iter().chain(self.record.parts.iter().flat_map(|part| {
            part.events.iter().filter_map(|event| match event {
                Event::Parsed { tree, .. }
                | Event::Document { tree, .. }
                | Event::Model { tree, .. } => Some(tree),
                _ => None,
            })
        }));
        let mut trees = trees.map(Tree::of_node);
        path::resolve(&self.printed, asked)
            .or_else(|| trees.find_map(|tree| path::resolve(&tree, asked)))
    }

    /// Explains a variable; `None` if nobody sets or uses it.
    fn variable(&self, name: &str) -> Option<Explanation> {
        let candidates = self.variables.candidates(name, 0);
        let uses = self.variables.uses_of(name);
        if candidates.is_empty() && uses.is_empty() {
            return None;
        }
        let mut notes = Vec::new();
        if candidates.is_empty() {
            notes.push("not set: neither in the shell nor in an env file".to_owned());
        }
        let value = candidates.first().and_then(|it| it.value.clone());
        Some(Explanation {
            path: name.to_owned(),
            kind: Kind::Variable,
            value: value.map(serde_json::Value::String),
            candidates,
            entries: Vec::new(),
            uses,
            rule: Some(
                "the shell, then env files: those of --env-file (the last wins), or else .env; then the default in the use"
                    .to_owned(),
            ),
            notes,
        })
    }

    /// Explains what is at a path.
    fn path(&self, steps: &[Step]) -> Explanation {
        let target = Target::new(steps, self.tree);
        let keys = target.keys();
        let value = path::at(&self.printed, steps).cloned();
        let in_tree = || path::at(&Tree::of_node(self.tree?), steps).cloned();
        let shown = value.clone().or_else(in_tree);
        let history = History::of(self.record, &target);
        let collection = match &shown {
            Some(shown) => is_collection(shown),
            None => history.statements.iter().any(|it| it.leaves.len() > 1),
        };
        let with_name = keys != ["name"];
        let variables = Variables { with_name, ..self.variables };
        let builder = Builder {
            places: self.places,
            variables: &variables,
            history: &history,
            scalar: !collection,
        };
        let mut candidates = builder.candidates();
        self.take_from_environment(&history, &mut candidates, steps);
        self.files_of_service(steps, &mut candidates, collection);
        if keys == ["name"] {
            self.name(&mut candidates);
        }
        if let Some(shown) = shown.as_ref().filter(|_| !collection) {
            say_how_it_is_printed(&mut candidates, shown);
        }
        let mut notes = self.notes(steps, value.as_ref(), shown.as_ref());
        if candidates.is_empty() {
            notes.push(
                "no file says it: this is what `config` prints for an attribute that is not set"
                    .to_owned(),
            );
        }
        let is_list = matches!(shown, Some(Tree::List(_)));
        let rule =
            reasons::rule(&keys).or_else(|| collection.then(|| reasons::collection_rule(is_list)));
        Explanation {
            path: path::text(steps),
            kind: if collection { Kind::Collection } else { Kind::Scalar },
            entries: shown.as_ref().map_or_else(Vec::new, |tree| self.entries(steps, tree)),
            value: shown.map(|tree| as_json(&tree)),
            candidates,
            uses: Vec::new(),
            rule: rule.filter(|_| keys.len() > 1 || keys == ["name"]),
            notes,
        }
    }

    /// The entries of a mapping or list, each in short.
    fn entries(&self, steps: &[Step], tree: &Tree) -> Vec<Entry> {
        let mut children: Vec<(String, Step, &Tree)> = match tree {
            Tree::List(items) => items
                .iter()
                .enumerate()
                .map(|(index, item)| (format!("[{index}]"), Step::Index(index), item))
                .collect(),
            tree => path::keys(tree)
                .filter_map(|key| {
                    let step = Step::Key(key.to_owned());
                    let child = path::child(tree, &step)?;
                    (!child.is_unwritten() || self.is_written(steps, &step))
                        .then(|| (key.to_owned(), step, child))
                })
                .collect(),
        };
        if matches!(tree, Tree::Map(_)) {
            children.sort_by(|one, other| one.0.cmp(&other.0));
        }
        children.into_iter().map(|(key, step, child)| self.entry(steps, key, step, child)).collect()
    }

    /// Whether a tree has an entry, which may be null.
    fn is_written(&self, steps: &[Step], step: &Step) -> bool {
        let steps: Vec<Step> = steps.iter().cloned().chain([step.clone()]).collect();
        self.tree.is_some_and(|tree| !Target::new(&steps, Some(tree)).find(tree).is_empty())
    }

    fn entry(&self, parent: &[Step], key: String, step: Step, value: &Tree) -> Entry {
        let steps: Vec<Step> = parent.iter().cloned().chain([step]).collect();
        let history = History::of(self.record, &Target::new(&steps, self.tree));
        let scalar = !is_collection(value);
        let builder =
            Builder { places: self.places, variables: &self.variables, history: &history, scalar };
        let mut candidates = builder.candidates();
        self.files_of_service(&steps, &mut candidates, !scalar);
        let winner = candidates
            .iter()
            .find(|it| matches!(it.outcome, Outcome::Wins | Outcome::Kept | Outcome::Partly));
        let origin = winner.and_then(|winner| match winner.source {
            Source::Compose => Some(winner.reason.clone()),
            _ => winner.via.last().map(|via| via.text.clone()),
        });
        Entry {
            key,
            path: path::text(&steps),
            value: as_json(value),
            place: winner.and_then(|winner| winner.place.clone()),
            origin,
            others: candidates.iter().filter(|it| loses(it.outcome)).count(),
        }
    }

    /// Says of keys without a value what the environment gives them.
    fn take_from_environment(
        &self,
        history: &History<'_>,
        candidates: &mut [Candidate],
        steps: &[Step],
    ) {
        let Some(Step::Key(name)) = steps.last() else { return };
        let keys: Vec<&Step> = steps.iter().collect();
        let takes = matches!(keys[..], [Step::Key(section), _, Step::Key(it), _] if section == "services" && it == "environment")
            || matches!(keys[..], [Step::Key(section), _, _, Step::Key(it), _] if section == "services" && it == "args");
        let candidate = candidates.iter_mut().find(|it| it.outcome == Outcome::Wins);
        let Some(candidate) = candidate.filter(|_| takes) else { return };
        let given = |statement: &Statement| {
            let leaf = statement.leaves.first().filter(|leaf| leaf.fate.is_none())?;
            let change = leaf.changes.iter().find(|change| change.before == Value::Null);
            match change {
                Some(change) => Some((change.part, Some(text(&leaf.leaf.value)))),
                None if leaf.leaf.value == Value::Null => Some((statement.part, None)),
                None => None,
            }
        };
        let Some((part, value)) = history.statements.iter().find_map(given) else { return };
        candidate.made.clear();
        let reason = match &value {
            Some(_) => "a key without a value takes the environment's",
            None => {
                "a key without a value, and the environment has none: the container goes without"
            }
        };
        reason.clone_into(&mut candidate.reason);
        if value.is_none() {
            return;
        }
        candidate.variables = vec![VariableUse {
            name: name.clone(),
            written: name.clone(),
            place: None,
            path: None,
            becomes: value.clone(),
            reason: format!("{name} is set"),
            candidates: self.variables.candidates(name, part),
            within: Vec::new(),
        }];
    }

    /// Adds what the env files and label files of a service say.
    fn files_of_service(&self, steps: &[Step], candidates: &mut Vec<Candidate>, collection: bool) {
        let [Step::Key(section), Step::Key(service), Step::Key(attribute), rest @ ..] = steps
        else {
            return;
        };
        let (lines, source) = match attribute.as_str() {
            "environment" => (&self.record.environments, Source::EnvFile),
            "labels" => (&self.record.labels, Source::LabelFile),
            _ => return,
        };
        let Some(lines) = lines.get(service).filter(|_| section == "services") else { return };
        let asked = match rest {
            [] => None,
            [Step::Key(name)] => Some(name),
            _ => return,
        };
        let kind = if source == Source::EnvFile { "env_file" } else { "label_file" };
        if asked.is_none() && collection {
            return candidates.extend(self.whole_files(lines, candidates, source));
        }
        let wanted = lines.iter().filter(|line| Some(&line.name) == asked);
        let own = candidates.iter().find(|it| it.outcome == Outcome::Wins).cloned();
        let mut winner: Option<Candidate> = own.clone();
        for line in wanted.rev() {
            let mut candidate = self.line(line, source);
            match &winner {
                None => candidate.reason = format!("`{attribute}` does not say it, `{kind}` does"),
                Some(winner) => {
                    candidate.outcome = Outcome::Overridden;
                    candidate.by.clone_from(&winner.place);
                    let file = |it: &Candidate| it.place.as_ref().map(|place| place.file.clone());
                    candidate.reason = if own.is_some() {
                        format!("`{attribute}` wins over `{kind}`")
                    } else if file(winner) == file(&candidate) {
                        "a later line wins".to_owned()
                    } else {
                        format!("a later file of `{kind}` wins")
                    };
                }
            }
            if winner.is_none() {
                winner = Some(candidate.clone());
                candidates.insert(0, candidate);
            } else {
                candidates.push(candidate);
            }
        }
    }

    fn line(&self, line: &Line, source: Source) -> Candidate {
        Candidate {
            source,
            place: self.places.of(line.span),
            written: self.places.excerpt(line.span),
            value: Some(line.value.clone()),
            outcome: Outcome::Wins,
            reason: String::new(),
            by: None,
            via: Vec::new(),
            made: Vec::new(),
            variables: Vec::new(),
        }
    }

    /// One candidate for each file, for a mapping as a whole.
    fn whole_files(&self, lines: &[Line], own: &[Candidate], source: Source) -> Vec<Candidate> {
        let mut files: Vec<(crate::diagnostic::FileId, usize)> = Vec::new();
        for line in lines {
            match files.iter_mut().find(|(file, _)| *file == line.span.file) {
                Some((_, count)) => *count += 1,
                None => files.push((line.span.file, 1)),
            }
        }
        let first = |file| lines.iter().find(|line| line.span.file == file);
        files
            .into_iter()
            .filter_map(|(file, count)| {
                let line = first(file)?;
                let plural = if count == 1 { "" } else { "s" };
                Some(Candidate {
                    written: format!("{count} variable{plural}"),
                    value: None,
                    outcome: Outcome::Kept,
                    reason: if own.is_empty() {
                        String::new()
                    } else {
                        "what is not said elsewhere".to_owned()
                    },
                    ..self.line(line, source)
                })
            })
            .collect()
    }

    /// The project's name has sources of its own.
    fn name(&self, candidates: &mut Vec<Candidate>) {
        let Some(named) = &self.record.named else { return };
        candidates.retain(|candidate| candidate.source == Source::File);
        let other = |source, written: String, value: &str| Candidate {
            source,
            place: None,
            written,
            value: Some(value.to_owned()),
            outcome: Outcome::Overridden,
            reason: String::new(),
            by: None,
            via: Vec::new(),
            made: Vec::new(),
            variables: Vec::new(),
        };
        let mut stronger = Vec::new();
        if let Some(flag) = self.request.project_name.as_deref().filter(|it| !it.is_empty()) {
            stronger.push(other(Source::Flag, format!("-p {flag}"), flag));
        }
        let variables = Variables { with_name: false, ..self.variables };
        let variable = variables.candidates("COMPOSE_PROJECT_NAME", 0);
        stronger.extend(variable.into_iter().filter(|it| it.value.as_deref() != Some("")));
        let directory = self.project.and_then(|project| project.working_dir.file_name());
        let directory = directory.map(|name| name.to_string_lossy().into_owned());
        let weaker = directory.map(|name| other(Source::Directory, format!("{name}/"), &name));
        let (source, reason) = match named.source {
            NameSource::Flag => (Source::Flag, "`-p` comes before everything"),
            NameSource::Environment => {
                (Source::Shell, "COMPOSE_PROJECT_NAME comes before `name:` and the directory")
            }
            NameSource::Files => (Source::File, "the last file that has `name:`"),
            NameSource::Directory => {
                (Source::Directory, "nothing names the project, so its directory does")
            }
        };
        let mut all: Vec<Candidate> =
            stronger.into_iter().chain(std::mem::take(candidates)).chain(weaker).collect();
        let is_winner = |candidate: &Candidate| {
            candidate.source == source
                || (source == Source::Shell && candidate.source == Source::EnvFile)
        };
        let winner = all.iter().position(is_winner);
        for (index, candidate) in all.iter_mut().enumerate() {
            if Some(index) == winner {
                candidate.outcome = Outcome::Wins;
                reason.clone_into(&mut candidate.reason);
                if candidate.value.as_ref() != Some(&named.name) {
                    candidate.made.push(format!("in the form of project names: {:?}", named.name));
                }
            } else {
                candidate.outcome = Outcome::Overridden;
                candidate.made.clear();
                "something stronger names the project".clone_into(&mut candidate.reason);
            }
        }
        all.sort_by_key(|candidate| candidate.outcome != Outcome::Wins);
        *candidates = all;
    }

    /// What else there is to know about a path.
    fn notes(&self, steps: &[Step], printed: Option<&Tree>, shown: Option<&Tree>) -> Vec<String> {
        let mut notes = Vec::new();
        let [Step::Key(section), Step::Key(name), rest @ ..] = steps else { return notes };
        if let Some(project) = self.project
            && section == "services"
        {
            if let Some(service) = project.disabled_services.get(name) {
                notes.push(format!(
                    "service `{name}` is disabled: none of its profiles ({}) is active",
                    service.profiles.join(", ")
                ));
            }
            if let [Step::Key(attribute), ..] = rest
                && attribute == "environment"
            {
                notes.push("variables that the image sets itself are known to the engine alone; what is said here wins over them".to_owned());
            }
            if let [Step::Key(attribute), ..] = rest
                && matches!(attribute.as_str(), "env_file" | "label_file")
                && printed.is_none()
            {
                let into = if attribute == "env_file" { "environment" } else { "labels" };
                notes.push(format!("`config` prints what is in these files, under `{into}`"));
                return notes;
            }
        }
        match (printed, shown) {
            (None, None) => notes.push("it is not set in the end".to_owned()),
            (None, Some(_)) if self.project.is_some() && section != "services" => {
                notes.push("`config` leaves it out, since no enabled service uses it (--all-resources shows it)".to_owned());
            }
            _ => {}
        }
        notes
    }
}

/// The variable that `$NAME` and `${NAME}` ask for.
fn as_variable(asked: &str) -> Option<&str> {
    let rest = asked.strip_prefix('$')?;
    match rest.strip_prefix('{') {
        Some(inner) => {
            let end = inner.find([':', '-', '+', '?', '}']).unwrap_or(inner.len());
            Some(&inner[..end])
        }
        None => Some(rest),
    }
}

/// Whether a text can be the name of a variable. Env files have names that no use can have.
fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.contains(['[', ']', ' '])
}

fn loses(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Overridden | Outcome::Ignored | Outcome::Removed)
}

/// Adds a step to the winner if `config` prints its value otherwise than it is written.
fn say_how_it_is_printed(candidates: &mut [Candidate], printed: &Tree) {
    let printed = match printed {
        Tree::Text(text) => text.clone(),
        other => json::compact(other),
    };
    let winner = candidates.iter_mut().find(|it| it.outcome == Outcome::Wins);
    let Some(winner) = winner else { return };
    let Some(value) = winner.value.as_ref().filter(|value| **value != printed) else { return };
    winner.made.push(format!("printed in one form: {value:?} → {printed:?}"));
}

fn is_collection(tree: &Tree) -> bool {
    match tree {
        Tree::List(items) => !items.is_empty(),
        Tree::Map(entries) => !entries.is_empty(),
        Tree::Record(_) => true,
        _ => false,
    }
}

fn as_json(tree: &Tree) -> serde_json::Value {
    // What was printed as JSON can be read as JSON.
    serde_json::from_str(&json::compact(tree)).unwrap_or_default()
}
