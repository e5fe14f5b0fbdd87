//! From the merged tree to the project that commands work on: normalised, typed, checked,
//! restricted to the services that were asked for, with variables and labels from files.

use std::path::PathBuf;

use super::decode::{Sections, decode};
use super::environment::{Resolver, View};
use super::files::Files;
use super::hints::{self, Known};
use super::load::{Failure, LoadOptions, Merged};
use super::model::Project;
use super::normalize::normalize;
use super::profiles;
use super::remote::Guard;
use super::select::{self, NoSuchService};
use super::source::ConfigFile;
use super::trace::{ModelStage, Trace, Untraced};
use super::{advice, check};
use crate::diagnostic::{Diagnostic, codes, error_places, has_errors, silence};

/// Which services and resources of a project a command is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Services that were named; none for all that are enabled.
    pub services: Vec<String>,
    /// Leave out what the named services depend on.
    pub without_dependencies: bool,
    /// Keep networks, volumes, configs, secrets and models that no service uses.
    pub all_resources: bool,
}

/// Makes the project of a merged tree. Its warnings, those of the merge included, come with it.
///
/// A tree with mistakes is looked through to the end, so that all are told.
pub fn assemble(
    merged: Merged,
    options: &LoadOptions,
    selection: &Selection,
    files: &dyn Files,
) -> Result<(Project, Vec<Diagnostic>), Failure> {
    let (project, mut diagnostics) =
        assemble_traced(merged, options, selection, files, &mut Untraced)?;
    if has_errors(&diagnostics) {
        let known = Known {
            tree: &project.tree,
            sources: &project.sources,
            environment: &project.environment,
            env_files: &project.env_files,
        };
        hints::add(&mut diagnostics, &known);
        return Err(Failure::new(diagnostics, project.sources));
    }
    Ok((project, diagnostics))
}

/// [`assemble`], and tells what it does. Errors come with the project, unless the user must be asked
/// first ([`Failure::asked`]).
pub fn assemble_traced(
    merged: Merged,
    options: &LoadOptions,
    selection: &Selection,
    files: &dyn Files,
    trace: &mut dyn Trace,
) -> Result<(Project, Vec<Diagnostic>), Failure> {
    let Merged { mut tree, name, located, inclusions, sources, mut diagnostics, mut guard, given } =
        merged;
    let is_outside_known = located.mistakes.is_empty();
    if !options.no_normalize {
        normalize(&mut tree, &name, &located.environment);
        trace.model(ModelStage::Normalized, &tree);
    }
    let (sections, problems) = decode(&tree);
    if !problems.is_empty() {
        tree.mark_broken_at(&error_places(&problems));
        diagnostics.extend(problems);
    }
    let Sections { services, networks, volumes, secrets, configs, models, extensions } = sections;
    let (services, disabled_services) = profiles::part(services, &located.profiles);
    let mut project = Project {
        name,
        working_dir: located.working_directory,
        compose_files: located.files.iter().map(|file| path(file, &guard)).collect(),
        env_files: located.env_files,
        inclusions,
        environment: located.environment,
        profiles: located.profiles,
        services,
        disabled_services,
        networks,
        volumes,
        secrets,
        configs,
        models,
        extensions,
        tree,
        sources,
    };
    if !options.no_consistency {
        diagnostics.extend(check::check(&project));
        unite_replicas(&mut project);
    }
    let advised = options.advice && !has_errors(&diagnostics);
    if advised && !selection.all_resources {
        diagnostics.extend(advice::unused(&project));
    }
    if let Err(NoSuchService(service)) =
        select::select(&mut project, &selection.services, selection.without_dependencies)
        && !project.tree.is_incomplete()
        // One that nobody named is named by a mistake that is told already.
        && (selection.services.contains(&service) || !has_errors(&diagnostics))
    {
        let near = select::nearest_service(&project, &service);
        let help = near.map(|near| format!("did you mean `{near}`?"));
        let message = NoSuchService(service).to_string();
        diagnostics.push(Diagnostic { help, ..Diagnostic::error(codes::NO_SUCH_SERVICE, message) });
    }
    if advised {
        diagnostics.extend(advice::of_services(&project, files));
    }
    if !selection.all_resources {
        select::drop_unused_resources(&mut project);
    }
    let view = View { files, guard: &mut guard, given: &given, is_outside_known };
    read_files_of_services(&mut project, options, view, &mut diagnostics, trace);
    if !guard.asked().is_empty() {
        return Err(Failure::of_access(&guard, project.sources));
    }
    silence(&mut diagnostics, &project.sources);
    Ok((project, diagnostics))
}

/// Where a Compose file is; one from afar, where its copy is, as in Docker Compose.
fn path(file: &ConfigFile, guard: &Guard) -> PathBuf {
    match file {
        ConfigFile::Stdin => PathBuf::from("-"),
        ConfigFile::Path(path) => path.clone(),
        ConfigFile::Remote(reference) => guard
            .copies()
            .iter()
            .find(|copy| copy.reference == *reference)
            .map_or_else(|| PathBuf::from(reference), |copy| copy.file.clone()),
    }
}

/// `scale` and `deploy.replicas` mean the same and were seen to agree: both say so.
fn unite_replicas(project: &mut Project) {
    for service in project.services.values_mut() {
        if let (Some(scale), Some(deploy)) = (service.scale, &mut service.deploy) {
            deploy.replicas = Some(scale);
        }
    }
}

fn read_files_of_services(
    project: &mut Project,
    options: &LoadOptions,
    view: View<'_>,
    diagnostics: &mut Vec<Diagnostic>,
    trace: &mut dyn Trace,
) {
    let mut services = std::mem::take(&mut project.services);
    let mut sources = std::mem::take(&mut project.sources);
    let mut resolver = Resolver::new(view, &project.environment, &mut sources, diagnostics, trace);
    for (name, service) in &mut services {
        let place =
            |key: &str, index: usize| project.origin(&format!("services.{name}.{key}[{index}]"));
        if !options.no_env_resolution {
            resolver.environment(service, |index| place("env_file", index));
        }
        resolver.labels(service, |index| place("label_file", index));
        if !options.to_run {
            // Docker Compose hashes their paths into the label of a container, and does not print them.
            service.label_file.clear();
        }
    }
    project.services = services;
    project.sources = sources;
}
