//! Containers that carry the project's label but belong to no service of it.

use super::Input;
use crate::compose::model::Project;
use crate::stack::plan::{Cause, Plan};
use crate::stack::query::ProjectContainer;

/// Whether a container is an orphan: of a service that is neither enabled nor disabled, or a
/// one-off that has ended. A one-off that runs never is.
pub(in crate::stack) fn is_orphan(project: &Project, container: &ProjectContainer) -> bool {
    if container.one_off {
        return matches!(container.summary.state.as_str(), "exited" | "dead");
    }
    !project.services.contains_key(&container.service)
        && !project.disabled_services.contains_key(&container.service)
}

/// The orphans that go, each with its cause. When they stay, a warning names them.
pub(super) fn removed<'a>(
    input: &Input<'a>,
    plan: &mut Plan,
) -> Vec<(&'a ProjectContainer, Cause)> {
    let project = input.setting.project;
    let orphans: Vec<&ProjectContainer> = input
        .observed
        .containers
        .iter()
        .filter(|container| is_orphan(project, container))
        .collect();
    if input.options.remove_orphans {
        return orphans
            .into_iter()
            .map(|orphan| {
                let reason = if orphan.one_off {
                    "one-off container that has ended".to_owned()
                } else {
                    format!("service {:?} is not in the files", orphan.service)
                };
                (orphan, Cause::new(reason))
            })
            .collect();
    }
    if !orphans.is_empty() && !input.options.ignore_orphans {
        let names: Vec<&str> = orphans.iter().map(|orphan| orphan.name.as_str()).collect();
        plan.warn(format!(
            "Found orphan containers ([{}]) for this project. If you removed or renamed this \
             service in your compose file, you can run this command with the --remove-orphans \
             flag to clean it up.",
            names.join(" ")
        ));
    }
    Vec::new()
}
