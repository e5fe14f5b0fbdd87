//! The explanation of a path or a variable of a load.

use std::collections::BTreeSet;

use super::NotFound;
use super::builder::{Builder, text};
use super::explanation::{Candidate, Entry, Explanation, Kind, Outcome, Source, VariableUse};
use super::find::Target;
use super::history::History;
use super::path::{self, Step};
use super::places::Places;
use super::reasons;
use super::record::{Event, Record, long};
use super::statement::Statement;
use super::suggest;
use super::unmerged::united;
use super::variables::{Sight, Variables};
use crate::compose::model::Project;
use crate::compose::render::{self, json, tree::Tree};
use crate::compose::source::Request;
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
    /// Whether the project has errors.
    pub(super) failed: bool,
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
        let dropped = self.record.unmerged.values().map(|it| Tree::of_node(&long(united(it))));
        let mut trees = trees.map(Tree::of_node).chain(dropped);
        path::resolve(&self.printed, asked)
            .or_else(|| trees.find_map(|tree| path::resolve(&tree, asked)))
    }

    /// Explains a variable; `None` if nobody sets or uses it.
    fn variable(&self, name: &str) -> Option<Explanation> {
        let candidates = self.variables.candidates(name, Sight::of_part(0));
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
        let target = Target::new(&self.as_held(steps), self.tree);
        let keys = target.keys();
        let value = path::at(&self.printed, steps).cloned();
        let in_tree = || path::at(&Tree::of_node(self.tree?), steps).cloned();
        let shown = value.clone().or_else(in_tree).map(|shown| without_key(shown, steps));
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
        let nothing_came = matches!(shown, None | Some(Tree::Null));
        if self.failed && nothing_came && candidates.iter().any(|it| says_something(it, steps)) {
            call_mistaken(&mut candidates, steps);
        } else if let Some(shown) = shown.as_ref().filter(|_| !collection) {
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

    /// The steps in the trees of the load to what is printed at others: what is held by key may be
    /// printed as a list.
    fn as_held(&self, steps: &[Step]) -> Vec<Step> {
        let mut held = steps.to_vec();
        if let [parents @ .., Step::Key(list), Step::Index(_)] = steps
            && matches!(list.as_str(), "extra_hosts" | "ssh")
            && !parents.is_empty()
            && let Some(Tree::Text(text)) = path::at(&self.printed, steps)
            && let (Some(last), Some((key, _))) = (held.last_mut(), text.split_once('='))
        {
            *last = Step::Key(key.to_owned());
        }
        held
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
        let history = History::of(self.record, &Target::new(&self.as_held(&steps), self.tree));
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
            candidates: self.variables.candidates(name, Sight::of_part(part)),
            within: Vec::new(),
        }];
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

/// What was asked for by its key, without that key.
fn without_key(tree: Tree, steps: &[Step]) -> Tree {
    let (Tree::Text(text), Some(Step::Key(key))) = (&tree, steps.last()) else { return tree };
    let value = text.strip_prefix(key.as_str()).and_then(|rest| rest.strip_prefix('='));
    match value {
        Some(value) if steps.len() == 4 => Tree::Text(value.to_owned()),
        _ => tree,
    }
}

fn loses(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Overridden | Outcome::Ignored | Outcome::Removed)
}

/// Whether a file says something there, and not nothing.
fn says_something(candidate: &Candidate, steps: &[Step]) -> bool {
    let written = candidate.written.as_str();
    let value = match steps.last() {
        Some(Step::Key(key)) => written.strip_prefix(key.as_str()).unwrap_or(written),
        _ => written,
    };
    let value = value.trim_start_matches(':').trim();
    candidate.source == Source::File && !matches!(value, "" | "~" | "null")
}

/// Of what is wrong nothing comes, so that nothing won and nothing was made of it.
fn call_mistaken(candidates: &mut Vec<Candidate>, steps: &[Step]) {
    candidates.retain(|candidate| candidate.source != Source::Compose);
    for candidate in candidates.iter_mut().filter(|it| says_something(it, steps)) {
        candidate.outcome = Outcome::Ignored;
        candidate.by = None;
        candidate.made.clear();
        "it does not pass the checks: the error says why".clone_into(&mut candidate.reason);
    }
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
