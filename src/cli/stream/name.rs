//! Containers as log lines name them.

use std::collections::BTreeMap;

use crate::engine::api::EventMessage;
use crate::stack::labels;
use crate::stack::query::ProjectContainer;

/// A container that is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct Watched {
    /// Id.
    pub(in crate::cli) id: String,
    /// Service.
    pub(in crate::cli) service: String,
    /// Number within the service.
    pub(in crate::cli) number: u32,
    /// Name before its lines.
    pub(in crate::cli) name: String,
}

impl Watched {
    /// A container of a list.
    pub(in crate::cli) fn of(container: &ProjectContainer, project: &str) -> Self {
        Self {
            id: container.id.clone(),
            service: container.service.clone(),
            number: container.number,
            name: log_name(
                &container.name,
                project,
                &container.service,
                &container.number.to_string(),
            ),
        }
    }

    /// The container that an event is about.
    pub(super) fn of_event(event: &EventMessage) -> Self {
        let attributes: &BTreeMap<String, String> = &event.actor.attributes;
        let label = |key: &str| attributes.get(key).map_or("", String::as_str);
        Self {
            id: event.actor.id.clone(),
            service: label(labels::SERVICE).to_owned(),
            number: label(labels::CONTAINER_NUMBER).parse().unwrap_or(0),
            name: log_name(
                label("name"),
                label(labels::PROJECT),
                label(labels::SERVICE),
                label(labels::CONTAINER_NUMBER),
            ),
        }
    }
}

/// The name without `<project>-`, when it is the one that Compose gives; else as it is.
pub(in crate::cli) fn log_name(name: &str, project: &str, service: &str, number: &str) -> String {
    let is_default = ['-', '_']
        .iter()
        .any(|separator| name == format!("{project}{separator}{service}{separator}{number}"));
    if is_default { name[project.len() + 1..].to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::log_name;

    #[test]
    fn only_default_names_lose_the_project() {
        for (name, expected) in [
            ("shop-web-1", "web-1"),
            ("shop_web_1", "web_1"),
            ("shop-web-2", "shop-web-2"),
            ("my-own-name", "my-own-name"),
        ] {
            assert_eq!(log_name(name, "shop", "web", "1"), expected);
        }
    }
}
