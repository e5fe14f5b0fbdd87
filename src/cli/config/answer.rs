//! What `config` prints, as a text: the project as a whole, or one list out of it.

use super::{Args, variables};
use crate::cli::afar::MayAsk;
use crate::cli::failure::Failure;
use crate::compose::assemble::{Selection, assemble};
use crate::compose::digests::{Known, Pins, Wanted, lock_project, lock_tree};
use crate::compose::files::Files;
use crate::compose::hash::{self, Dialect};
use crate::compose::load::{self, LoadOptions, Merged};
use crate::compose::model::{Project, Service};
use crate::compose::normalize::normalize;
use crate::compose::source::Request;
use crate::compose::yaml::Mapping;
use crate::compose::{check, interpolate, profiles, render};
use crate::diagnostic::{Diagnostic, SourceMap};
use crate::graph::Dependencies;

/// What was asked for.
#[derive(Debug)]
pub(in crate::cli) struct Answer {
    /// For standard output, or the file that `--output` names.
    pub(in crate::cli) text: String,
    /// What may not mean what its author thinks.
    pub(in crate::cli) warnings: Vec<Diagnostic>,
    /// The texts that the warnings point into.
    pub(in crate::cli) sources: SourceMap,
    /// Why the text is not all that was asked for.
    pub(in crate::cli) failure: Option<Failure>,
}

/// Why there is no answer.
#[derive(Debug)]
pub(in crate::cli) enum Refusal {
    /// The files have mistakes.
    Files(load::Failure),
    /// What was asked for does not exist, or nobody knows it.
    Request(Failure),
}

impl From<load::Failure> for Refusal {
    fn from(failure: load::Failure) -> Self {
        Self::Files(failure)
    }
}

impl MayAsk for Refusal {
    fn question(&self) -> Option<&load::Failure> {
        match self {
            Self::Files(failure) => failure.question(),
            Self::Request(_) => None,
        }
    }
}

/// Knows the digests of images. Asked only by the flags that want them.
pub(in crate::cli) type AskDigests<'a> = &'a dyn Fn(&Wanted) -> Result<Known, Failure>;

/// Reads a project as the flags say and answers what they ask. Of several questions the first in
/// Docker Compose's order is answered.
pub(in crate::cli) fn answer(
    args: &Args,
    request: &Request,
    all_resources: bool,
    files: &dyn Files,
    digests: AskDigests<'_>,
) -> Result<Answer, Refusal> {
    let question = Question::of(args);
    let tree = question.is_about_the_tree(args.no_interpolate);
    let options = LoadOptions {
        no_interpolate: args.no_interpolate || question == Question::Variables,
        no_environment: tree,
        no_normalize: args.no_normalize,
        no_path_resolution: args.no_path_resolution,
        no_consistency: args.no_consistency,
        no_env_resolution: args.no_env_resolution || !question.shows_environments(),
        // Who asks for a list in a script does not ask for advice.
        advice: question == Question::Project && !args.no_consistency,
        to_run: false,
    };
    let merged = load::merged(request, &options, files)?;
    if tree {
        return of_tree(args, question, &options, merged.valid()?, digests);
    }
    let services = if question.is_about_named_services() { args.names.clone() } else { Vec::new() };
    let selection = Selection { services, all_resources, ..Selection::default() };
    let (mut project, mut warnings) = assemble(merged, &options, &selection, files)?;
    let mut failure = None;
    let text = match question {
        Question::Services => lines(in_order(&project)),
        Question::Volumes => lines(project.volumes.keys()),
        Question::Networks => lines(project.networks.keys()),
        Question::Models => {
            lines(project.models.values().map(|model| &model.model).filter(|name| !name.is_empty()))
        }
        Question::Hashes => {
            let (text, missing) = hashes(&project, args.hash.as_deref().unwrap_or_default());
            failure = missing;
            text
        }
        Question::Profiles => lines(profiles::names(&project)),
        Question::Images => {
            lines(project.services.values().map(|service| image(&project, service)))
        }
        Question::Environment => {
            lines(project.environment.iter().map(|(name, value)| format!("{name}={value}")))
        }
        Question::Variables | Question::Project => {
            let pins = if args.wants_digests() { Some(Pins::of_project(&project)) } else { None };
            let mut problems = Vec::new();
            match pins {
                Some(Ok(pins)) => {
                    let known = digests(&pins.wanted()).map_err(Refusal::Request)?;
                    pins.pin_project(&mut project, &known);
                }
                Some(Err(names)) => problems.extend(names),
                None => {}
            }
            if !args.no_consistency {
                problems.extend(check::container_names(&project));
            }
            if !problems.is_empty() {
                warnings.extend(problems);
                return Err(load::Failure::new(warnings, project.sources).into());
            }
            if args.lock_image_digests {
                lock_project(&mut project);
            }
            match args.format.as_deref() {
                None | Some("" | "yaml") => render::project_yaml(&project),
                Some("json") => render::project_json(&project),
                Some(format) => return Err(unsupported(format)),
            }
        }
    };
    Ok(Answer { text, warnings, sources: project.sources, failure })
}

/// The answer out of a tree whose variables are as they were written; it cannot be typed.
fn of_tree(
    args: &Args,
    question: Question,
    options: &LoadOptions,
    merged: Merged,
    digests: AskDigests<'_>,
) -> Result<Answer, Refusal> {
    let Merged { mut tree, name, located, sources, diagnostics: warnings, .. } = merged;
    if !options.no_normalize {
        normalize(&mut tree, &name, &located.environment);
    }
    let text = match question {
        Question::Services => {
            let services = tree.get("services").and_then(|node| node.as_mapping());
            lines(services.into_iter().flat_map(Mapping::keys))
        }
        Question::Variables => {
            variables::print(interpolate::variables(&tree), args.format.as_deref())
                .map_err(|message| Refusal::Request(Failure::new(message)))?
        }
        _ => {
            if args.wants_digests() {
                let pins = match Pins::of_tree(&tree) {
                    Ok(pins) => pins,
                    Err(problems) => return Err(load::Failure::new(problems, sources).into()),
                };
                let known = digests(&pins.wanted()).map_err(Refusal::Request)?;
                pins.pin_tree(&mut tree, &known);
            }
            if args.lock_image_digests {
                lock_tree(&mut tree);
            }
            match args.format.as_deref() {
                None | Some("" | "yaml") => render::tree_yaml(&tree),
                Some("json") => render::tree_json(&tree),
                Some(format) => return Err(unsupported(format)),
            }
        }
    };
    Ok(Answer { text, warnings, sources, failure: None })
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    Services,
    Volumes,
    Networks,
    Models,
    Hashes,
    Profiles,
    Images,
    Variables,
    Environment,
    /// No flag asks anything else.
    Project,
}

impl Question {
    /// The first question that the flags ask, in Docker Compose's order.
    fn of(args: &Args) -> Self {
        let asked = [
            (args.services, Self::Services),
            (args.volumes, Self::Volumes),
            (args.networks, Self::Networks),
            (args.models, Self::Models),
            (args.hash.as_deref().is_some_and(|services| !services.is_empty()), Self::Hashes),
            (args.profiles, Self::Profiles),
            (args.images, Self::Images),
            (args.variables, Self::Variables),
            (args.environment, Self::Environment),
        ];
        asked.iter().find(|(flag, _)| *flag).map_or(Self::Project, |(_, question)| *question)
    }

    /// Whether the answer is what the files say, however little sense it makes with variables in it;
    /// the others need a typed project.
    fn is_about_the_tree(self, no_interpolate: bool) -> bool {
        match self {
            Self::Variables => true,
            Self::Services | Self::Project => no_interpolate,
            _ => false,
        }
    }

    /// Whether the question is about the services that were named. The lists are about all.
    fn is_about_named_services(self) -> bool {
        matches!(self, Self::Profiles | Self::Images | Self::Environment | Self::Project)
    }

    /// Whether the answer shows the variables of services.
    fn shows_environments(self) -> bool {
        matches!(self, Self::Environment | Self::Project)
    }
}

impl Args {
    fn wants_digests(&self) -> bool {
        self.resolve_image_digests || self.lock_image_digests
    }

    /// Whether a list is asked for, which `--quiet` does not silence.
    pub(super) fn ask_for_a_list(&self) -> bool {
        Question::of(self) != Question::Project
    }
}

/// The enabled services, each behind those that it depends on.
fn in_order(project: &Project) -> Vec<&str> {
    let dependencies = Dependencies::of(&project.services);
    let order = dependencies.order();
    order
        .into_iter()
        .filter_map(|name| Some(project.services.get_key_value(name)?.0.as_str()))
        .collect()
}

fn lines<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().flat_map(|item| [item.as_ref().to_owned(), "\n".to_owned()]).collect()
}

/// `service hash` for the services in a list with commas, or all for `*`, sorted; up to the first that there is not.
fn hashes(project: &Project, wanted: &str) -> (String, Option<Failure>) {
    let mut names: Vec<&str> = match wanted {
        "*" => project.services.keys().map(String::as_str).collect(),
        list => list.split(',').collect(),
    };
    names.sort_unstable();
    let mut text = String::new();
    for name in names {
        let Some(service) = project.services.get(name) else {
            let reason =
                if project.disabled_services.contains_key(name) { "disabled" } else { "not found" };
            let message = format!("no such service: {name}: {reason}");
            return (text, Some(Failure::new(message)));
        };
        let mut service = service.clone();
        if service.build.is_some()
            && service.platform.is_empty()
            && let Some(platform) = project.environment.get("DOCKER_DEFAULT_PLATFORM")
        {
            service.platform.clone_from(platform);
        }
        text += name;
        text.push(' ');
        text += &hash::service(&service, Dialect::V2);
        text.push('\n');
    }
    (text, None)
}

/// The image that a service runs, or that is built for it.
fn image(project: &Project, service: &Service) -> String {
    if service.image.is_empty() {
        format!("{}-{}", project.name, service.name)
    } else {
        service.image.clone()
    }
}

fn unsupported(format: &str) -> Refusal {
    Refusal::Request(Failure::new(format!("unsupported format {format:?}")))
}
