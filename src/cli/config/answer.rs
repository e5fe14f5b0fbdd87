//! What `config` prints, as a text: the project as a whole, or one list out of it.

use std::collections::BTreeMap;

use super::{Args, variables};
use crate::compose::assemble::{Selection, assemble};
use crate::compose::files::Files;
use crate::compose::hash::{self, Dialect};
use crate::compose::load::{self, Failure, LoadOptions, Merged};
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
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum Refusal {
    /// The files have mistakes.
    #[error(transparent)]
    Files(#[from] Failure),
    /// What was asked for does not exist.
    #[error("{0}")]
    Request(String),
}

/// Reads a project as the flags say and answers what they ask. Of several questions the first in
/// Docker Compose's order is answered.
pub(in crate::cli) fn answer(
    args: &Args,
    request: &Request,
    all_resources: bool,
    files: &dyn Files,
) -> Result<Answer, Refusal> {
    if args.resolve_image_digests || args.lock_image_digests {
        let flag = if args.lock_image_digests {
            "--lock-image-digests"
        } else {
            "--resolve-image-digests"
        };
        return Err(Refusal::Request(format!("{flag} is not supported yet")));
    }
    let options = LoadOptions {
        no_interpolate: args.no_interpolate || args.variables,
        no_normalize: args.no_normalize,
        no_path_resolution: args.no_path_resolution,
        no_consistency: args.no_consistency,
        no_env_resolution: args.no_env_resolution || !args.wants_environment(),
        // Who asks for a list in a script does not ask for advice.
        advice: args.wants_environment() && !args.environment && !args.no_consistency,
    };
    let merged = load::merged(request, &options, files)?;
    if options.no_interpolate {
        return of_tree(args, &options, merged.valid()?);
    }
    let services = if args.wants_selection() { args.names.clone() } else { Vec::new() };
    let selection = Selection { services, all_resources, ..Selection::default() };
    let (project, mut warnings) = assemble(merged, &options, &selection, files)?;
    let text = if let Some(list) = args.list(&project) {
        lines(list)
    } else if let Some(wanted) = &args.hash {
        hashes(&project, wanted)?
    } else if args.profiles {
        lines(profiles::names(&project))
    } else if args.images {
        lines(project.services.values().map(|service| image(&project, service)))
    } else if args.environment {
        lines(project.environment.iter().map(|(name, value)| format!("{name}={value}")))
    } else {
        if !args.no_consistency {
            let problems = check::container_names(&project);
            if !problems.is_empty() {
                warnings.extend(problems);
                return Err(Failure::new(warnings, project.sources).into());
            }
        }
        match args.format.as_deref() {
            None | Some("" | "yaml") => render::project_yaml(&project),
            Some("json") => render::project_json(&project),
            Some(format) => return Err(unsupported(format)),
        }
    };
    Ok(Answer { text, warnings, sources: project.sources })
}

/// The answer out of a tree whose variables are as they were written; it cannot be typed.
fn of_tree(args: &Args, options: &LoadOptions, merged: Merged) -> Result<Answer, Refusal> {
    let Merged { mut tree, name, sources, diagnostics: warnings, .. } = merged;
    if !options.no_normalize {
        normalize(&mut tree, &name, &BTreeMap::new());
    }
    let keys = |section| {
        let section = tree.get(section).and_then(|node| node.as_mapping());
        lines(section.into_iter().flat_map(Mapping::keys))
    };
    let text = if args.services {
        keys("services")
    } else if args.volumes {
        keys("volumes")
    } else if args.networks {
        keys("networks")
    } else if args.models {
        keys("models")
    } else if args.variables {
        variables::print(interpolate::variables(&tree), args.format.as_deref())
            .map_err(Refusal::Request)?
    } else {
        match args.format.as_deref() {
            None | Some("" | "yaml") => render::tree_yaml(&tree),
            Some("json") => render::tree_json(&tree),
            Some(format) => return Err(unsupported(format)),
        }
    };
    Ok(Answer { text, warnings, sources })
}

impl Args {
    /// Whether the question is about the services that were named. The lists are about all.
    fn wants_selection(&self) -> bool {
        !(self.services || self.volumes || self.networks || self.models || self.hash.is_some())
    }

    /// Whether the answer shows the variables of services.
    fn wants_environment(&self) -> bool {
        self.wants_selection() && !(self.profiles || self.images)
    }

    /// The list of keys that is asked for.
    fn list<'a>(&self, project: &'a Project) -> Option<Vec<&'a str>> {
        fn keys<T>(section: &BTreeMap<String, T>) -> Vec<&str> {
            section.keys().map(String::as_str).collect()
        }
        if self.services {
            Some(in_order(project))
        } else if self.volumes {
            Some(keys(&project.volumes))
        } else if self.networks {
            Some(keys(&project.networks))
        } else if self.models {
            Some(keys(&project.models))
        } else {
            None
        }
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

/// `service hash` for the services in a list with commas, or all for `*`, sorted.
fn hashes(project: &Project, wanted: &str) -> Result<String, Refusal> {
    let mut names: Vec<&str> = match wanted {
        "*" => project.services.keys().map(String::as_str).collect(),
        list => list.split(',').collect(),
    };
    names.sort_unstable();
    let mut text = String::new();
    for name in names {
        let Some(service) = project.services.get(name) else {
            let reason =
                if project.disabled_services.contains_key(name) { ": disabled" } else { "" };
            return Err(Refusal::Request(format!("no such service: {name}{reason}")));
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
    Ok(text)
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
    Refusal::Request(format!("unsupported format {format:?}"))
}
