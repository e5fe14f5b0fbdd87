//! Services that wait for what cannot come.

use crate::compose::model::{DependencyCondition, Project, Service};
use crate::diagnostic::{Diagnostic, codes};

/// Services that are to become healthy and have their healthcheck switched off. Where a file has
/// none the image may, so nothing is said.
pub(super) fn check(project: &Project) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    for service in project.services.values() {
        for (name, dependency) in &service.depends_on {
            if dependency.condition != DependencyCondition::ServiceHealthy {
                continue;
            }
            let Some(off) = project.services.get(name).and_then(switched_off) else { continue };
            let waits = format!("services.{}.depends_on.{name}", service.name);
            let off = project.origin(&format!("services.{name}.healthcheck.{off}"));
            warnings.push(
                Diagnostic::warning(
                    codes::HEALTH_NEVER_KNOWN,
                    format!(
                        "{waits}: service {name} is never healthy, since it has no healthcheck"
                    ),
                )
                .at(project.origin(&format!("{waits}.condition")), "waits for its health")
                .with_context(off, "switched off here")
                .help("wait for `service_started`, or give it a healthcheck"),
            );
        }
    }
    warnings
}

/// The key that switches off the healthcheck of a service.
fn switched_off(service: &Service) -> Option<&'static str> {
    let healthcheck = service.healthcheck.as_ref()?;
    if healthcheck.disable {
        return Some("disable");
    }
    healthcheck.test.first().is_some_and(|first| first == "NONE").then_some("test")
}
