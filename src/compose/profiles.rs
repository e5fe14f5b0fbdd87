//! Which services take part: those without profiles, and those with an active one (Compose
//! Specification, Profiles).

use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::model::{Project, Service};

/// The profile that activates all others.
const ALL: &str = "*";

/// Parts services into those that the active profiles enable and the rest.
pub fn part(
    mut services: IndexMap<String, Service>,
    active: &[String],
) -> (IndexMap<String, Service>, IndexMap<String, Service>) {
    let disabled = services.extract_if(.., |_, service| !enabled(service, active)).collect();
    (services, disabled)
}

fn enabled(service: &Service, active: &[String]) -> bool {
    service.profiles.is_empty()
        || active.iter().any(|active| active == ALL || service.profiles.contains(active))
}

/// All profiles that services name, active or not.
pub fn names(project: &Project) -> BTreeSet<&str> {
    project
        .services
        .values()
        .chain(project.disabled_services.values())
        .flat_map(|service| &service.profiles)
        .map(String::as_str)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_active_profile_is_enough() {
        let service = |name: &str, profiles: &[&str]| {
            let profiles = profiles.iter().map(|profile| (*profile).to_owned()).collect();
            (name.to_owned(), Service { name: name.to_owned(), profiles, ..Service::default() })
        };
        let services: IndexMap<_, _> =
            [service("plain", &[]), service("one", &["a"]), service("two", &["a", "b"])].into();
        let enabled = |active: &[&str]| {
            let active: Vec<String> = active.iter().map(|it| (*it).to_owned()).collect();
            part(services.clone(), &active).0.into_keys().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(enabled(&[]), "plain");
        assert_eq!(enabled(&["b"]), "plain two");
        assert_eq!(enabled(&["a"]), "plain one two");
        assert_eq!(enabled(&["*"]), "plain one two");
        assert_eq!(enabled(&["nosuch"]), "plain");
    }
}
