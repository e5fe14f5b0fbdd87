//! The stages that turn the files of one project into one tree.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use indexmap::IndexMap;

use super::scope::Scope;
use super::{Loader, extends, include};
use crate::compose::paths::{self, Base};
use crate::compose::remote::Used;
use crate::compose::reset::Resets;
use crate::compose::trace::{DocumentStage, ModelStage, Part, Purpose};
use crate::compose::yaml::{Mapping, Node, Value};
use crate::compose::{
    advice, canonical, capture, defaults, dotenv, limits, merge, schema, unicity,
};
use crate::diagnostic::{Diagnostic, FileId, Span, codes, error_places};

impl Loader<'_> {
    /// The model of a project: its files in order, each later one laid over the earlier ones.
    ///
    /// Each file comes with the place that names it. What has mistakes is broken in the model.
    pub(super) fn model(&mut self, files: &[(PathBuf, Option<Span>)], scope: &mut Scope) -> Node {
        let mut model: Option<Node> = None;
        let mut complete = true;
        for (file, place) in files {
            self.note_included(file, scope);
            let Some(documents) = self.documents(file, *place) else {
                complete = false;
                continue;
            };
            for document in documents {
                match self.document(document, file, *place, &mut model, scope) {
                    Some(document) => self.add(&mut model, document, file),
                    None => complete = false,
                }
            }
        }
        let mut model = model.unwrap_or_else(empty);
        if !complete {
            model.mark_incomplete();
        }
        defaults::add(&mut model);
        self.stage(&mut model, |model, diagnostics| {
            schema::check_constraints(model, diagnostics);
        });
        self.trace.model(ModelStage::Defaults, &model);
        self.resolve_paths(&mut model, &scope.base);
        self.trace.model(ModelStage::Paths, &model);
        self.ask_for_named(&model, scope);
        capture::variables(&mut model, &scope.environment);
        self.trace.model(ModelStage::Captured, &model);
        model
    }

    /// Notes what inclusions have given to a file that they brought.
    fn note_included(&mut self, file: &Path, scope: &Scope) {
        let Some(given) = &scope.included else { return };
        match self.included.entry(file.to_owned()) {
            Entry::Vacant(entry) => {
                entry.insert(Arc::clone(given));
            }
            Entry::Occupied(mut entry) if entry.get() != given => {
                // Which of them a value of the file is made with, its place does not tell.
                entry.insert(Arc::default());
            }
            Entry::Occupied(_) => {}
        }
    }

    /// Makes one document ready to be laid over the model: variables substituted, services
    /// extended, other projects included. Takes out of the model what the document resets.
    fn document(
        &mut self,
        mut document: Node,
        file: &Path,
        place: Option<Span>,
        model: &mut Option<Node>,
        scope: &mut Scope,
    ) -> Option<Node> {
        let resets = self.prepare(&mut document, file, scope)?;
        if self.options.advice {
            self.diagnostics.extend(advice::of_document(&document, &self.texts.sources));
        }
        extends::apply(&mut document, file, &resets, self, scope);
        self.trace.document(DocumentStage::Extended, file, &document);
        if let Some(model) = model {
            resets.apply(model);
            self.trace.model(ModelStage::Reset, model);
        }
        scope.chain.push((file.to_owned(), place));
        include::apply(&mut document, self, scope);
        scope.chain.pop();
        self.trace.document(DocumentStage::Included, file, &document);
        Some(document)
    }

    /// Takes the directives off a document and substitutes its variables. `None` if the document
    /// is of no use at all.
    fn prepare(&mut self, document: &mut Node, file: &Path, scope: &Scope) -> Option<Resets> {
        if document.as_mapping().is_none() {
            if !document.is_broken() {
                self.report(not_a_mapping(document));
            }
            return None;
        }
        self.trace.document(DocumentStage::Parsed, file, document);
        let resets = Resets::take(document);
        if !self.options.no_interpolate {
            self.substitute(document, scope);
        }
        self.trace.document(DocumentStage::Interpolated, file, document);
        Some(resets)
    }

    /// Whether one more document may be laid over the model. With every document the whole model
    /// is looked at again.
    fn may_lay_over(&mut self, model: &Node, place: Span) -> bool {
        let before = self.laid_over;
        if before <= limits::LAID_OVER_NODES {
            self.laid_over += model.weight();
            if self.laid_over > limits::LAID_OVER_NODES {
                let message = "the documents of this project are too many for their size";
                self.report(
                    Diagnostic::error(codes::YAML_TOO_LARGE, message)
                        .at(place, "not read from here on")
                        .help("write what belongs together into one document"),
                );
            }
        }
        self.laid_over <= limits::LAID_OVER_NODES
    }

    /// Lays a document over the model and brings the outcome into canonical form.
    fn add(&mut self, model: &mut Option<Node>, document: Node, file: &Path) {
        let model = match model {
            Some(model) => {
                if !self.may_lay_over(model, document.span) {
                    return;
                }
                merge::merge(model, document, &mut self.diagnostics);
                model
            }
            None => model.insert(document),
        };
        self.trace.model(ModelStage::Merged, model);
        unicity::enforce(model);
        self.trace.model(ModelStage::Unique, model);
        schema::validate(model, file, &mut self.diagnostics);
        if let Some(version) = model.as_mapping_mut().and_then(|tree| tree.shift_remove("version"))
            && !version.node.is_broken()
        {
            self.report_version(version.key_span, version.node.span, file);
        }
        let lenient = self.options.no_interpolate;
        self.stage(model, |model, diagnostics| {
            canonical::transform(model, lenient, diagnostics);
        });
        self.trace.model(ModelStage::Canonical, model);
        unicity::enforce(model);
        self.trace.model(ModelStage::Unique, model);
    }

    /// Runs a stage that reports mistakes by their places, and breaks what is at these places.
    fn stage(&mut self, model: &mut Node, run: impl FnOnce(&mut Node, &mut Vec<Diagnostic>)) {
        let before = self.diagnostics.len();
        run(model, &mut self.diagnostics);
        if let Some(found) = self.diagnostics.get(before..).filter(|found| !found.is_empty()) {
            model.mark_broken_at(&error_places(found));
        }
    }

    /// The services of a file that one of them is extended from, in canonical form and with
    /// absolute paths, and what the file's directives reset.
    pub(super) fn extended_file(
        &mut self,
        file: &Path,
        place: Span,
        scope: &Scope,
    ) -> Option<(Node, Resets)> {
        self.note_included(file, scope);
        let documents = self.documents(file, Some(place))?;
        let mut model = empty();
        let mut all_resets = Resets::default();
        self.trace.enter(Part::Extended { file });
        for mut document in documents {
            let Some(resets) = self.prepare(&mut document, file, scope) else {
                model.mark_incomplete();
                continue;
            };
            resets.apply(&mut model);
            self.trace.model(ModelStage::Reset, &model);
            all_resets.extend(resets);
            merge::merge(&mut model, document, &mut self.diagnostics);
            self.trace.model(ModelStage::Merged, &model);
            unicity::enforce(&mut model);
            let lenient = self.options.no_interpolate;
            self.stage(&mut model, |model, diagnostics| {
                canonical::transform(model, lenient, diagnostics);
            });
            unicity::enforce(&mut model);
            self.trace.model(ModelStage::Unique, &model);
        }
        let directory = file.parent().unwrap_or(Path::new("/"));
        self.resolve_paths(&mut model, &scope.base_for(directory));
        self.trace.model(ModelStage::Paths, &model);
        self.trace.leave();
        Some((model, all_resets))
    }

    /// Adds to an environment what files set and it does not have yet, and the names of that to
    /// `given`. A later file wins over an earlier one and may use its variables. Whether all files
    /// could be read.
    pub(super) fn add_env_files(
        &mut self,
        files: &[(PathBuf, Option<Span>)],
        environment: &mut BTreeMap<String, String>,
        given: &mut BTreeSet<String>,
    ) -> bool {
        self.trace.env_files(Purpose::Include);
        let mut read = IndexMap::new();
        let mut complete = true;
        for (file, place) in files {
            match self.texts.plain(file, *place) {
                Ok((id, text)) => {
                    let scope = (&*environment, &*given);
                    let (variables, sound) =
                        self.read_env_file(file, *place, (id, &text), read, scope, complete);
                    read = variables;
                    complete &= sound;
                }
                Err(error) => {
                    self.report(*error);
                    complete = false;
                }
            }
        }
        for (name, value) in read {
            if let Entry::Vacant(entry) = environment.entry(name) {
                given.insert(entry.key().clone());
                entry.insert(value);
            }
        }
        complete
    }

    /// The variables of an environment file after those of earlier ones, and whether it is sound.
    fn read_env_file(
        &mut self,
        file: &Path,
        place: Option<Span>,
        (id, text): (FileId, &str),
        earlier: IndexMap<String, String>,
        (environment, given): (&BTreeMap<String, String>, &BTreeSet<String>),
        all_before: bool,
    ) -> (IndexMap<String, String>, bool) {
        let all_known = all_before && self.tally.are_all_known;
        let assigned =
            &mut |assignment: &dotenv::Assignment<'_>| self.trace.assigned(id, assignment);
        let used = Used::default();
        let lookup = |name: &str| used.lookup(name, environment);
        let parsed = dotenv::parse_observed(earlier, text, &lookup, assigned);
        for name in used.names() {
            self.guard.variable(file, &name, place, environment, given);
        }
        match parsed {
            Ok(parsed) => {
                self.diagnostics.extend(parsed.warnings(id).filter(|_| all_known));
                (parsed.variables, true)
            }
            Err(mut mistaken) => {
                mistaken.mistakes.retain(|it| all_known || !it.is_missing_variable());
                self.diagnostics.extend(mistaken.diagnostics(id, file));
                (mistaken.rest.variables, false)
            }
        }
    }

    fn report_version(&mut self, key: Span, value: Span, file: &Path) {
        let message = format!(
            "{}: the attribute `version` is obsolete, it will be ignored, please remove it to avoid potential confusion",
            file.display()
        );
        let known = self
            .diagnostics
            .iter()
            .any(|other| other.code == codes::OBSOLETE_VERSION && other.message == message);
        if known {
            return;
        }
        let warning = Diagnostic::warning(codes::OBSOLETE_VERSION, message)
            .at(key, "")
            .help("remove the line: every version of the format is read alike");
        self.report(match advice::without_lines(&self.texts.sources, key, value) {
            Some(line) => warning.edit(line, ""),
            None => warning,
        });
    }

    /// Bases relative paths on a directory; an empty one means to leave them.
    fn resolve_paths(&self, tree: &mut Node, directory: &Path) {
        if !directory.as_os_str().is_empty() {
            paths::resolve(tree, Base { directory, home: self.home.as_deref() }, self.files);
        }
    }
}

fn not_a_mapping(document: &Node) -> Diagnostic {
    let diagnostic =
        Diagnostic::error(codes::DOCUMENT_NOT_A_MAPPING, "top-level object must be a mapping");
    let first_word = document.as_str().and_then(|text| text.split_whitespace().next());
    match first_word {
        Some("FROM" | "ARG" | "#syntax" | "RUN") => {
            let span = Span { end: document.span.start + 4, ..document.span };
            diagnostic
                .at(span, "this looks like a Dockerfile")
                .help("name it with `build:` in a Compose file, or build it with `docker build`")
        }
        _ => diagnostic
            .at(document.span, "expected `services:` and the like")
            .help("a Compose file starts with `services:`, and the services below it"),
    }
}

fn empty() -> Node {
    Node::new(Value::Mapping(Mapping::new()), Span::new(FileId(0), 0, 0))
}
