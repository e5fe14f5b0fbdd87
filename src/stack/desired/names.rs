//! Names of containers and images.

use crate::compose::model::{Project, Service};

/// The name of a service's container: `container_name`, or `<project>-<service>-<number>`.
pub fn container_name(
    project: &str,
    service: &Service,
    number: u32,
    compatibility: bool,
) -> String {
    if !service.container_name.is_empty() {
        return service.container_name.clone();
    }
    let separator = separator(compatibility);
    format!("{project}{separator}{}{separator}{number}", service.name)
}

/// What the `replace` label says of a container: its name without the project.
pub fn replaced_name(service: &Service, number: u32) -> String {
    if service.container_name.is_empty() {
        format!("{}-{number}", service.name)
    } else {
        service.container_name.clone()
    }
}

/// The name under which a container is created while the one it replaces still has its name.
pub fn temporary_name(replaced_id: &str, name: &str) -> String {
    let short: String = replaced_id.chars().take(12).collect();
    format!("{short}_{name}")
}

/// The name of a container of `run`; `slug` is its random label.
pub fn one_off_name(project: &str, service: &str, slug: &str, compatibility: bool) -> String {
    let separator = separator(compatibility);
    let short: String = slug.chars().take(12).collect();
    format!("{project}{separator}{service}{separator}run{separator}{short}")
}

/// The name of a service's image: `image`, or `<project>-<service>`.
pub fn image_name(project: &Project, service: &Service) -> String {
    if service.image.is_empty() {
        format!("{}-{}", project.name, service.name)
    } else {
        service.image.clone()
    }
}

/// The platform asked for: the service's, else the environment's default; empty for any.
pub fn platform<'a>(project: &'a Project, service: &'a Service) -> &'a str {
    if service.platform.is_empty() {
        project.environment.get("DOCKER_DEFAULT_PLATFORM").map_or("", String::as_str)
    } else {
        &service.platform
    }
}

fn separator(compatibility: bool) -> char {
    if compatibility { '_' } else { '-' }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_composes() {
        let mut service = Service { name: "db".into(), ..Service::default() };
        assert_eq!(container_name("refa", &service, 1, false), "refa-db-1");
        assert_eq!(container_name("refa", &service, 2, true), "refa_db_2");
        assert_eq!(replaced_name(&service, 1), "db-1");
        assert_eq!(temporary_name("2d5afdd8838b44", "refa-db-1"), "2d5afdd8838b_refa-db-1");
        assert_eq!(one_off_name("p", "db", "0123456789abcdef", false), "p-db-run-0123456789ab");
        service.container_name = "custom".into();
        assert_eq!(container_name("refa", &service, 1, false), "custom");
        assert_eq!(replaced_name(&service, 1), "custom");
    }
}
