//! From the files of a project to one tree: merged, validated, canonical, with defaults and
//! absolute paths. The order of stages is Docker Compose 2.40.3's.
//!
//! Every stage reports all that it finds and breaks the values that are wrong
//! ([`Value::Broken`]); later stages run on the rest, so that one load tells all mistakes, and are
//! silent about what is broken. Files are read through [`Files`] alone.

mod afar;
mod extends;
mod include;
mod model;
mod scope;
mod texts;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use self::scope::Scope;
use self::texts::{STDIN, Texts};
use super::files::Files;
use super::hints::{self, Known};
use super::interpolate;
use super::model::Inclusions;
use super::remote::{Access, Guard, refusals};
use super::source::{
    self, ConfigFile, Located, NameCandidates, NameSource, Request, glimpsed_name, link_warning,
    project_name,
};
use super::trace::{Trace, Untraced};
use super::yaml::{Entry, Mapping, Node, Value};
use crate::diagnostic::{
    Diagnostic, FileId, Severity, SourceMap, Span, arrange, codes, has_errors, silence,
};

/// Which stages of a load to leave out or to add.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoadOptions {
    /// Leave variables in the files as they are written.
    pub no_interpolate: bool,
    /// Let keys without a value take nothing from the environment but the project's name.
    pub no_environment: bool,
    /// Leave out what follows from the project as a whole, such as names and the default network.
    pub no_normalize: bool,
    /// Leave relative paths relative.
    pub no_path_resolution: bool,
    /// Leave out the check that the parts of the project fit together.
    pub no_consistency: bool,
    /// Leave environment files unread.
    pub no_env_resolution: bool,
    /// Look for what loads and is probably not meant ([`advice`](super::advice)).
    pub advice: bool,
    /// The project will be built or run: ask for what files from afar give to containers and
    /// builds of this machine, too.
    pub to_run: bool,
}

/// The files of a project as one tree.
#[derive(Debug, Clone)]
pub struct Merged {
    /// The tree: canonical, with defaults and, unless left out, absolute paths. Valid if there are
    /// no errors.
    pub tree: Node,
    /// Name of the project, in its normal form.
    pub name: String,
    /// Where the project is. Its variables have `COMPOSE_PROJECT_NAME` too.
    pub located: Located,
    /// What included files have beside the project's own variables.
    pub inclusions: Inclusions,
    /// The texts that spans point into.
    pub sources: SourceMap,
    /// What is wrong, and what may not mean what its author thinks, as it was found.
    pub diagnostics: Vec<Diagnostic>,
    /// Which files came from elsewhere, and what they may have of this machine.
    pub guard: Guard,
    /// Variables that are no secret to those files.
    pub given: BTreeSet<String>,
}

impl Merged {
    /// Itself if there are no errors.
    pub fn valid(mut self) -> Result<Self, Failure> {
        if !has_errors(&self.diagnostics) {
            return Ok(self);
        }
        let known = Known {
            tree: &self.tree,
            sources: &self.sources,
            environment: &self.located.environment,
            env_files: &self.located.env_files,
        };
        hints::add(&mut self.diagnostics, &known);
        Err(Failure::new(self.diagnostics, self.sources))
    }
}

/// Why a project could not be loaded.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", self.first())]
pub struct Failure {
    /// What is wrong, and warnings, each once, in the order to show them. Has at least one error.
    pub diagnostics: Vec<Diagnostic>,
    /// The texts that spans point into.
    pub sources: SourceMap,
    /// What files from afar ask of this machine; with a yes to it, the next load goes further.
    pub asked: Vec<Access>,
}

impl Failure {
    /// A failure from diagnostics as they were found.
    pub fn new(diagnostics: Vec<Diagnostic>, sources: SourceMap) -> Self {
        Self { diagnostics: arrange(diagnostics), sources, asked: Vec::new() }
    }

    /// What to say of accesses to this machine that nobody has said yes to.
    pub fn of_access(guard: &Guard, sources: SourceMap) -> Self {
        let asked = guard.asked().to_vec();
        Self { diagnostics: refusals(&asked), sources, asked }
    }

    /// The first error's message.
    fn first(&self) -> &str {
        let mut errors = self.diagnostics.iter().filter(|it| it.severity == Severity::Error);
        errors.next().map_or("the project has errors", |error| &error.message)
    }
}

/// Finds a project's files and makes one tree of them. Fails only if there is nothing to look at;
/// other mistakes come with the tree.
pub fn merged(
    request: &Request,
    options: &LoadOptions,
    files: &dyn Files,
) -> Result<Merged, Failure> {
    merged_traced(request, options, files, &mut Untraced)
}

/// [`merged`], and tells what it does.
pub fn merged_traced(
    request: &Request,
    options: &LoadOptions,
    files: &dyn Files,
    trace: &mut dyn Trace,
) -> Result<Merged, Failure> {
    let mut sources = SourceMap::default();
    let located = match source::locate_traced(request, files, &mut sources, trace) {
        Ok(located) => located,
        Err(mut diagnostics) => {
            let known = Known {
                tree: &Node::new(Value::Null, Span::new(FileId(0), 0, 0)),
                sources: &sources,
                environment: &request.environment,
                env_files: &[],
            };
            hints::add(&mut diagnostics, &known);
            return Err(Failure::new(diagnostics, sources));
        }
    };
    let mut tally = interpolate::Tally::default();
    tally.are_all_known = located.mistakes.is_empty();
    let mut loader = Loader {
        files,
        options,
        home: request.home.clone(),
        current_directory: request.current_directory.clone(),
        texts: Texts::new(files, sources),
        tally,
        inclusions: 0,
        included: Inclusions::new(),
        laid_over: 0,
        extended: 0,
        diagnostics: located.warnings.iter().chain(&located.mistakes).cloned().collect(),
        guard: Guard::new(request.trust.clone(), &request.environment),
        trace,
    };
    let outcome = loader.project(request, located);
    let Loader { mut diagnostics, texts: Texts { sources, .. }, guard, included, .. } = loader;
    if !guard.asked().is_empty() {
        return Err(Failure::of_access(&guard, sources));
    }
    silence(&mut diagnostics, &sources);
    match outcome {
        Some(Outcome { tree, name, located, given }) => {
            let inclusions = included;
            Ok(Merged { tree, name, located, inclusions, sources, diagnostics, guard, given })
        }
        None => Err(Failure::new(diagnostics, sources)),
    }
}

/// The main project as it was loaded.
struct Outcome {
    tree: Node,
    name: String,
    located: Located,
    given: BTreeSet<String>,
}

/// Reads and remembers texts, and collects what is wrong with them.
struct Loader<'a> {
    files: &'a dyn Files,
    options: &'a LoadOptions,
    /// What `~` stands for.
    home: Option<PathBuf>,
    /// Where the process is; absolute.
    current_directory: PathBuf,
    texts: Texts<'a>,
    /// What was substituted so far.
    tally: interpolate::Tally,
    /// Projects that were included so far.
    inclusions: usize,
    /// The files that they brought.
    included: Inclusions,
    /// Values that documents were laid over so far.
    laid_over: usize,
    /// Values that services took over from those that they extend.
    extended: usize,
    diagnostics: Vec<Diagnostic>,
    guard: Guard,
    trace: &'a mut dyn Trace,
}

impl Loader<'_> {
    /// The tree of the main project, its name, and where it is. `None` if it has no files.
    fn project(&mut self, request: &Request, mut located: Located) -> Option<Outcome> {
        if located.files.is_empty() {
            self.report(source::no_file());
            return None;
        }
        let files = self.local_files(&located.files);
        let name = self.name(request, &files, &located);
        if self.options.no_environment {
            located.environment.clear();
        }
        let given = given_by_flags(request, &located);
        // As in Docker Compose, a file from afar takes the project to where its copy is, whatever
        // other files and flags say; only the name is still that of the directory here.
        if let Some(directory) = self.guard.copies().first().and_then(|copy| copy.file.parent()) {
            directory.clone_into(&mut located.working_directory);
        }
        located.environment.insert("COMPOSE_PROJECT_NAME".to_owned(), name.clone());

        let directory = located.working_directory.clone();
        let base = if self.options.no_path_resolution { PathBuf::new() } else { directory.clone() };
        let mut scope = Scope::new(directory, base, located.environment.clone());
        scope.given.clone_from(&given);
        let all_local = files.len() == located.files.len();
        let files: Vec<_> = files.into_iter().map(|file| (file, None)).collect();
        let mut tree = self.model(&files, &mut scope);
        if !all_local {
            tree.mark_incomplete();
        }
        if tree.as_mapping().is_none_or(Mapping::is_empty) && !has_errors(&self.diagnostics) {
            let names: Vec<String> =
                files.iter().map(|(file, _)| file.display().to_string()).collect();
            self.report(Diagnostic::error(codes::FILE_EMPTY, "empty compose file").help(format!(
                "nothing stands in {}: a project needs at least one service, under `services:`",
                names.join(" and ")
            )));
        }
        Some(Outcome { tree, name, located, given })
    }

    fn local_files(&mut self, files: &[ConfigFile]) -> Vec<PathBuf> {
        let mut paths = Vec::with_capacity(files.len());
        for file in files {
            match file {
                ConfigFile::Stdin => paths.push(PathBuf::from(STDIN)),
                ConfigFile::Path(path) => paths.push(path.clone()),
                ConfigFile::Remote(reference) => {
                    paths.extend(self.fetch(reference, None).map(|copy| copy.file));
                }
            }
        }
        paths
    }

    /// The project's name: as it was asked for, as a file says, or after the directory. Empty if
    /// it cannot be used, which is reported.
    fn name(&mut self, request: &Request, files: &[PathBuf], located: &Located) -> String {
        let candidates = NameCandidates {
            flag: request.project_name.as_deref(),
            environment: located.environment.get("COMPOSE_PROJECT_NAME").map(String::as_str),
            files: None,
            directory: Some(&located.working_directory),
        };
        self.presume_name(files, candidates);
        let in_files = self.name_in_files(files, &located.environment);
        match project_name(&NameCandidates { files: in_files.as_deref(), ..candidates }) {
            Ok(named) => {
                self.trace.named(&named);
                if named.source == NameSource::Directory {
                    self.diagnostics.extend(link_warning(&located.working_directory, self.files));
                }
                named.name
            }
            Err(error) => {
                self.report(*error);
                String::new()
            }
        }
    }

    /// Tells the name that the texts show at a glance. Wrong only where their YAML is unusual.
    fn presume_name(&mut self, files: &[PathBuf], candidates: NameCandidates<'_>) {
        let texts: Vec<_> = files.iter().filter_map(|file| self.texts.glance(file)).collect();
        let Some(in_files) = glimpsed_name(&texts) else { return };
        if let Ok(name) = project_name(&NameCandidates { files: in_files, ..candidates }) {
            self.trace.presumed(&name.name);
        }
    }

    /// The last `name:` of all documents, with its variables substituted.
    fn name_in_files(
        &mut self,
        files: &[PathBuf],
        environment: &BTreeMap<String, String>,
    ) -> Option<String> {
        let mut name: Option<Entry> = None;
        for file in files {
            let documents = self.texts.peek(file, None, &mut self.diagnostics);
            for document in documents.into_iter().flatten() {
                let entry = document.as_mapping().and_then(|mapping| mapping.get("name"));
                let text = entry.and_then(|entry| entry.node.as_str());
                if text.is_some_and(|text| !text.is_empty()) {
                    name = entry.cloned();
                }
            }
        }
        let entry = name?;
        let span = entry.node.span;
        let mut document =
            Node::new(Value::Mapping(Mapping::from_iter([("name".to_owned(), entry)])), span);
        if !self.options.no_interpolate {
            let lookup = |name: &str| environment.get(name).cloned();
            interpolate::tree(&mut document, &lookup, &mut self.tally, &mut self.diagnostics);
        }
        document.get("name").and_then(Node::as_str).map(str::to_owned)
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    fn documents(&mut self, file: &Path, place: Option<Span>) -> Option<Vec<Node>> {
        self.texts.documents(file, place, &mut self.diagnostics)
    }
}

/// Variables of env files that were asked for by a flag beside a file from afar. They are meant for
/// it; those of a `.env` that merely lies here are not.
fn given_by_flags(request: &Request, located: &Located) -> BTreeSet<String> {
    if located.env_files.is_empty() {
        return BTreeSet::new();
    }
    let own = |name: &&String| !request.environment.contains_key(*name) && *name != "PWD";
    located.environment.keys().filter(own).cloned().collect()
}
