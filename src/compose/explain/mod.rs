//! Where a value came from: what every file, env file and shell said about it, what won, and why
//! the others did not.
//!
//! The project is loaded as always, and a [`trace::Trace`](super::trace::Trace) keeps the trees
//! between the stages. [`history`] follows every value through them by its place, so that what is
//! explained is what the loader did and not a second idea of its rules. Only the names of the rules
//! stand here ([`reasons`]), and they come from the tables that the loader works with.

mod builder;
mod explanation;
mod find;
mod history;
mod name;
mod path;
mod places;
mod reasons;
mod record;
mod service_files;
mod statement;
mod suggest;
mod unmerged;
mod value;
mod variables;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

pub use self::explanation::{
    Candidate, Entry, Explanation, Kind, Outcome, Place, Source, Step, VariableUse,
};
use self::places::Places;
use self::record::Record;
use self::value::Values;
use self::variables::Variables;
use super::assemble::{Selection, assemble_traced};
use super::environment::{Resolver, View};
use super::files::Files;
use super::load::{LoadOptions, Merged, merged_traced};
use super::model::Project;
use super::normalize::normalize;
use super::remote::Guard;
use super::source::Request;
use super::trace::{ModelStage, Trace};
use super::yaml::Node;
use crate::diagnostic::{Diagnostic, SourceMap, arrange, has_errors};

/// What is asked for.
#[derive(Debug)]
pub struct Question<'q> {
    /// A path such as `services.web.image`, the name of a variable, or a variable as it is used
    /// (`${TAG}`).
    pub asked: &'q str,
    /// The project.
    pub request: &'q Request,
    /// Variables of the request that are from env files, and not from the process.
    pub completed: &'q BTreeSet<String>,
    /// The stages to leave out.
    pub options: &'q LoadOptions,
    /// Keep networks, volumes, configs, secrets and models that no service uses.
    pub all_resources: bool,
}

/// The answer, and what is wrong with the project.
#[derive(Debug)]
pub struct Answer {
    /// The explanation, if there is anything to explain.
    pub explanation: Result<Explanation, NotFound>,
    /// What is wrong with the project.
    pub diagnostics: Vec<Diagnostic>,
    /// The texts that the diagnostics point into.
    pub sources: SourceMap,
}

impl Answer {
    /// Whether the project has errors.
    pub fn has_errors(&self) -> bool {
        has_errors(&self.diagnostics)
    }
}

/// Nothing is called so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("nothing in the project is called {asked:?}")]
pub struct NotFound {
    /// What was asked for.
    pub asked: String,
    /// What may have been meant, the nearest first.
    pub suggestions: Vec<String>,
}

/// Loads a project and explains a value or a variable of it.
pub fn explain(question: &Question<'_>, files: &dyn Files) -> Answer {
    let mut record = Record::new();
    let loaded = load(question, files, &mut record);
    let Loaded { project, tree, diagnostics, sources } = loaded;
    record.read_unmerged(&sources);
    record.process.retain(|name, _| !question.completed.contains(name));
    let values = Values {
        record: &record,
        variables: Variables {
            record: &record,
            places: Places { sources: &sources },
            with_name: true,
        },
        places: Places { sources: &sources },
        printed: value::printed(project.as_ref(), tree.as_ref()),
        project: project.as_ref(),
        tree: tree.as_ref(),
        request: question.request,
        failed: has_errors(&diagnostics),
    };
    let explanation = values.explain(question.asked);
    Answer { explanation, diagnostics: arrange(diagnostics), sources }
}

/// What a load came to.
struct Loaded {
    /// The project, unless its files do not get that far.
    project: Option<Project>,
    /// The tree after every stage.
    tree: Option<Node>,
    diagnostics: Vec<Diagnostic>,
    sources: SourceMap,
}

fn load(question: &Question<'_>, files: &dyn Files, record: &mut Record) -> Loaded {
    let Question { request, options, all_resources, .. } = *question;
    let merged = match merged_traced(request, options, files, record) {
        Ok(merged) => merged,
        Err(failure) => {
            let (diagnostics, sources) = (failure.diagnostics, failure.sources);
            return Loaded { project: None, tree: None, diagnostics, sources };
        }
    };
    if options.no_interpolate {
        // A tree with variables in it cannot be typed.
        let Merged { mut tree, name, sources, diagnostics, .. } = merged;
        if !options.no_normalize {
            normalize(&mut tree, &name, &BTreeMap::new());
            record.model(ModelStage::Normalized, &tree);
        }
        return Loaded { project: None, tree: Some(tree), diagnostics, sources };
    }
    let selection = Selection { all_resources, ..Selection::default() };
    let (mut project, diagnostics) =
        match assemble_traced(merged, options, &selection, files, record) {
            Ok(assembled) => assembled,
            Err(failure) => {
                let (diagnostics, sources) = (failure.diagnostics, failure.sources);
                return Loaded { project: None, tree: None, diagnostics, sources };
            }
        };
    read_files_of_disabled_services(&mut project, question, files, record);
    let sources = std::mem::take(&mut project.sources);
    let tree = Some(project.tree.clone());
    Loaded { project: Some(project), tree, diagnostics, sources }
}

/// A load leaves the env files of disabled services alone; whoever asks for one wants to know. What
/// is wrong with these files is not wrong with the project.
fn read_files_of_disabled_services(
    project: &mut Project,
    question: &Question<'_>,
    files: &dyn Files,
    record: &mut Record,
) {
    if question.options.no_env_resolution {
        return;
    }
    let mut services = std::mem::take(&mut project.disabled_services);
    let mut sources = std::mem::take(&mut project.sources);
    for (name, service) in &mut services {
        if !question.asked.contains(name.as_str()) {
            continue;
        }
        // What these files may read was asked for with the rest of the project.
        let view = View {
            files,
            guard: &mut Guard::default(),
            given: &BTreeSet::new(),
            is_outside_known: true,
        };
        let mut unheard = Vec::new();
        let mut resolver =
            Resolver::new(view, &project.environment, &mut sources, &mut unheard, record);
        resolver.environment(service, |_| None);
        resolver.labels(service, |_| None);
    }
    project.disabled_services = services;
    project.sources = sources;
}
