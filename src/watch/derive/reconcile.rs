//! Files that a project is loaded from: no rule of a service can say what follows from them.

use std::path::{Path, PathBuf};

use super::Reconcile;
use crate::compose::files::absolute;
use crate::compose::model::Project;
use crate::compose::yaml::Node;

/// Compose files and env files with the services that they are about.
pub(super) fn files(project: &Project) -> Vec<Reconcile> {
    let of_services = files_of_services(project);
    let is_of_service = |path: &PathBuf| of_services.iter().any(|it| it.path == *path);
    // The load has also read what only services name.
    let read = project.sources.files().map(|file| file.name.clone());
    let of_all = project.compose_files.iter().cloned().chain(env_files(project));
    let mut found: Vec<Reconcile> = Vec::new();
    for path in of_all.chain(read.filter(|path| !is_of_service(path))) {
        // Standard input is no file, and what has no directory stands nowhere.
        if path.is_absolute() && !found.iter().any(|it| it.path == path) {
            found.push(Reconcile { path, services: Vec::new() });
        }
    }
    // What is about all is about single ones, too.
    let more = of_services.into_iter().filter(|it| found.iter().all(|known| known.path != it.path));
    let more: Vec<Reconcile> = more.collect();
    found.extend(more);
    found
}

fn files_of_services(project: &Project) -> Vec<Reconcile> {
    let mut found: Vec<Reconcile> = Vec::new();
    for service in project.services.keys() {
        for key in ["env_file", "label_file"] {
            for path in listed(project, service, key) {
                match found.iter_mut().find(|it| it.path == path) {
                    Some(known) if known.services.contains(service) => {}
                    Some(known) => known.services.push(service.clone()),
                    None => found.push(Reconcile { path, services: vec![service.clone()] }),
                }
            }
        }
    }
    found
}

/// The files that variables of the project come from.
fn env_files(project: &Project) -> Vec<PathBuf> {
    if project.env_files.is_empty() {
        vec![project.working_dir.join(".env")]
    } else {
        project.env_files.clone()
    }
}

/// The files under a key of a service, as they are written: they are resolved in the model.
fn listed(project: &Project, service: &str, key: &str) -> Vec<PathBuf> {
    let value = project.tree.get("services").and_then(|it| it.get(service)?.get(key));
    let items = match value {
        Some(node) => node.as_sequence().unwrap_or(std::slice::from_ref(node)),
        None => &[],
    };
    let path = |item: &Node| {
        let path = item.as_str().or_else(|| item.get("path")?.as_str())?;
        Some(absolute(&project.working_dir, Path::new(path)))
    };
    items.iter().filter_map(path).collect()
}
