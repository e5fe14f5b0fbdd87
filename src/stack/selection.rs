//! Which services a command concerns, in the order of their dependencies. Pure.

use std::collections::BTreeSet;

use super::StackError;
use crate::compose::model::{Project, Service};
use crate::graph::Dependencies;

/// Services of a project, dependencies first.
#[derive(Debug, Clone)]
pub(super) struct Selection<'project> {
    /// The services, each behind everything it depends on.
    pub(super) services: Vec<&'project Service>,
    /// Those that were asked for, as opposed to those that come along as dependencies.
    pub(super) named: BTreeSet<&'project str>,
}

impl Selection<'_> {
    /// Whether `service` is among them.
    pub(super) fn contains(&self, service: &str) -> bool {
        self.services.iter().any(|candidate| candidate.name == service)
    }
}

/// Which services come along with those that were named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Companions {
    /// None.
    None,
    /// All they depend on.
    Dependencies,
    /// All that depend on them.
    Dependents,
}

/// The services named, or all enabled ones, without companions. Of a project that only labels tell of,
/// services that have no container are passed over instead of refused: nobody can know of them.
///
/// # Errors
/// [`StackError::NoSuchService`] for a name that the project's files do not have.
pub(super) fn select_present<'project>(
    project: &'project Project,
    asked: &[String],
) -> Result<Selection<'project>, StackError> {
    if !is_rebuilt(project) || asked.is_empty() {
        return select(project, asked, Companions::None);
    }
    let known: Vec<String> =
        asked.iter().filter(|name| find(project, name).is_some()).cloned().collect();
    if known.is_empty() {
        return Ok(Selection { services: Vec::new(), named: BTreeSet::new() });
    }
    select(project, &known, Companions::None)
}

/// Whether only labels told of the project, so that everything with its label is its own.
pub(super) fn is_rebuilt(project: &Project) -> bool {
    project.compose_files.is_empty()
}

/// The services named, or all enabled ones if none is, with their companions.
///
/// A service that is disabled by its profiles is part of the selection when it is named.
///
/// # Errors
/// [`StackError::NoSuchService`] for a name that the project does not have.
pub(super) fn select<'project>(
    project: &'project Project,
    asked: &[String],
    companions: Companions,
) -> Result<Selection<'project>, StackError> {
    let mut named = BTreeSet::new();
    for name in asked {
        named.insert(
            find(project, name)
                .ok_or_else(|| StackError::NoSuchService(name.clone()))?
                .name
                .as_str(),
        );
    }
    if asked.is_empty() {
        named.extend(project.services.values().map(|service| service.name.as_str()));
    }
    let known = project.services.values().chain(
        project.disabled_services.values().filter(|service| named.contains(service.name.as_str())),
    );
    let relation = Dependencies::from_edges(
        known.clone().map(|service| service.name.clone()),
        known.flat_map(|service| {
            service.depends_on.keys().map(|needed| (service.name.clone(), needed.clone()))
        }),
    );
    let order = match companions {
        Companions::Dependencies => relation.closure(named.iter().copied()),
        Companions::Dependents => relation.dependents_closure(named.iter().copied()),
        Companions::None => {
            relation.order().into_iter().filter(|name| named.contains(name)).collect()
        }
    };
    let services = order.into_iter().filter_map(|name| find(project, name)).collect();
    Ok(Selection { services, named })
}

fn find<'project>(project: &'project Project, name: &str) -> Option<&'project Service> {
    project.services.get(name).or_else(|| project.disabled_services.get(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::testing::project;

    fn names(selection: &Selection<'_>) -> Vec<String> {
        selection.services.iter().map(|service| service.name.clone()).collect()
    }

    #[test]
    fn dependencies_come_first() {
        let project = project(&[("web", &["migrate", "db"]), ("migrate", &["db"]), ("db", &[])]);
        let all = select(&project, &[], Companions::Dependencies).expect("no names");
        assert_eq!(names(&all), ["db", "migrate", "web"]);
    }

    #[test]
    fn companions_of_a_named_service() {
        let project = project(&[("web", &["migrate"]), ("migrate", &["db"]), ("db", &[])]);
        for (name, companions, expected) in [
            ("migrate", Companions::None, &["migrate"][..]),
            ("migrate", Companions::Dependencies, &["db", "migrate"]),
            ("migrate", Companions::Dependents, &["migrate", "web"]),
            ("db", Companions::Dependents, &["db", "migrate", "web"]),
        ] {
            let selection =
                select(&project, &[name.to_owned()], companions).expect("the service exists");
            assert_eq!(names(&selection), expected, "{name} with {companions:?}");
            assert_eq!(selection.named.into_iter().collect::<Vec<_>>(), [name]);
        }
    }

    #[test]
    fn unknown_service() {
        let project = project(&[("web", &[])]);
        let error = select(&project, &["wbe".to_owned()], Companions::None).expect_err("a typo");
        assert_eq!(error.to_string(), "no such service: wbe");
    }
}
