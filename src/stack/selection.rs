//! Which services a command concerns, in the order of their dependencies. Pure.

use std::collections::BTreeSet;

use super::StackError;
use crate::compose::model::{Project, Service};

/// Services of a project, dependencies first.
#[derive(Debug, Clone)]
pub struct Selection<'project> {
    /// The services, each behind everything it depends on.
    pub services: Vec<&'project Service>,
    /// Those that were asked for, as opposed to those that come along as dependencies.
    pub named: BTreeSet<&'project str>,
}

impl Selection<'_> {
    /// Whether `service` is among them.
    pub fn contains(&self, service: &str) -> bool {
        self.services.iter().any(|candidate| candidate.name == service)
    }
}

/// Which services come along with those that were named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Companions {
    /// None.
    None,
    /// All they depend on.
    Dependencies,
    /// All that depend on them.
    Dependents,
}

/// The services named, or all enabled ones if none is, with their companions.
///
/// A service that is disabled by its profiles is part of the selection when it is named or a named
/// one requires it.
///
/// # Errors
/// [`StackError::NoSuchService`] for a name that the project does not have.
pub fn select<'project>(
    project: &'project Project,
    names: &[String],
    companions: Companions,
) -> Result<Selection<'project>, StackError> {
    let mut chosen = BTreeSet::new();
    for name in names {
        chosen.insert(
            find(project, name)
                .ok_or_else(|| StackError::NoSuchService(name.clone()))?
                .name
                .as_str(),
        );
    }
    if names.is_empty() {
        chosen.extend(project.services.values().map(|service| service.name.as_str()));
    }
    let named = chosen.clone();
    if companions == Companions::Dependents {
        add_dependents(project, &mut chosen);
    }
    let mut walk = Walk {
        project,
        chosen: &chosen,
        follow: companions == Companions::Dependencies,
        seen: BTreeSet::new(),
        order: Vec::new(),
    };
    for name in &chosen {
        walk.visit(name);
    }
    Ok(Selection { services: walk.order, named })
}

fn find<'project>(project: &'project Project, name: &str) -> Option<&'project Service> {
    project.services.get(name).or_else(|| project.disabled_services.get(name))
}

fn add_dependents<'project>(project: &'project Project, chosen: &mut BTreeSet<&'project str>) {
    loop {
        let before = chosen.len();
        for service in project.services.values() {
            if service.depends_on.keys().any(|name| chosen.contains(name.as_str())) {
                chosen.insert(&service.name);
            }
        }
        if chosen.len() == before {
            return;
        }
    }
}

/// A walk in depth that puts a service behind its dependencies. A cycle, which loading refuses,
/// would be cut where it closes.
struct Walk<'project, 'chosen> {
    project: &'project Project,
    chosen: &'chosen BTreeSet<&'project str>,
    follow: bool,
    seen: BTreeSet<&'project str>,
    order: Vec<&'project Service>,
}

impl<'project> Walk<'project, '_> {
    fn visit(&mut self, name: &str) {
        let Some(service) = find(self.project, name) else { return };
        if !self.seen.insert(&service.name) {
            return;
        }
        for (dependency, how) in &service.depends_on {
            let enabled = self.project.services.contains_key(dependency);
            if self.chosen.contains(dependency.as_str())
                || (self.follow && (enabled || how.required))
            {
                self.visit(dependency);
            }
        }
        self.order.push(service);
    }
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
