//! Builds that need each other's images.

use crate::compose::model::{Project, Service};

/// A circle of services, from one back to itself, in which every image is needed to build the one
/// before; the first that is found from `service` on.
pub fn build_cycle(project: &Project, service: &str) -> Option<Vec<String>> {
    let mut path = Vec::new();
    search(project, service, &mut path, &mut Vec::new())
}

fn search(
    project: &Project,
    service: &str,
    path: &mut Vec<String>,
    done: &mut Vec<String>,
) -> Option<Vec<String>> {
    if let Some(start) = path.iter().position(|name| name == service) {
        let mut cycle = path.split_off(start);
        cycle.push(service.to_owned());
        return Some(cycle);
    }
    if done.iter().any(|name| name == service) {
        return None;
    }
    path.push(service.to_owned());
    let services = [&project.services, &project.disabled_services];
    let found = services.iter().find_map(|services| services.get(service));
    for needed in found.into_iter().flat_map(needs) {
        if let Some(cycle) = search(project, needed, path, done) {
            return Some(cycle);
        }
    }
    path.pop();
    done.push(service.to_owned());
    None
}

fn needs(service: &Service) -> impl Iterator<Item = &str> {
    let contexts = service.build.iter().flat_map(|build| build.additional_contexts.values());
    contexts.filter_map(|context| context.strip_prefix("service:"))
}
