//! `cp`: files between this machine and the containers of a service, by the rules of `docker cp`.
//!
//! [`Transfer`] is what two words of the command line mean, [`plan`] gives a step for each container,
//! [`into`] and [`out_of`] carry one out. Archives go through in pieces, however large they are.

mod error;
mod into;
mod out_of;
mod pack;
mod place;
mod transfer;
mod unpack;

use std::sync::Arc;

use super::plan::{Action, Cause, ContainerRef, Plan, Step};
use super::query::{self, Filter, OneOff, ProjectContainer};
use super::{StackError, labels};
use crate::engine::Engine;

pub use error::CopyError;
pub(super) use into::into;
pub use into::{CopyIn, LocalSource};
pub(super) use out_of::out_of;
pub use out_of::{CopyOut, open};
pub use transfer::{Direction, Transfer};

/// Which containers of a service take part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Choice {
    /// `--index`; 0 for any.
    pub index: u32,
    /// `--all`: one-off containers too.
    pub one_offs: bool,
}

/// The containers that files are copied into, running or not; a copy out of a service is from the
/// first.
///
/// # Errors
/// A service without such a container, or an engine that does not answer.
pub async fn containers<E: Engine>(
    engine: &E,
    project: &str,
    service: &str,
    choice: Choice,
) -> Result<Vec<ProjectContainer>, StackError> {
    let one_off =
        if choice.one_offs && choice.index == 0 { OneOff::Include } else { OneOff::Exclude };
    let filter = Filter { services: vec![service.to_owned()], all: true, one_off };
    let mut found = query::containers(engine, project, &filter).await?;
    if choice.index != 0 {
        found.retain(|container| container.number == choice.index);
        if found.is_empty() {
            let service = service.to_owned();
            return Err(StackError::NotRunning { service, index: choice.index });
        }
    }
    if found.is_empty() {
        return Err(StackError::NoContainerFound(service.to_owned()));
    }
    Ok(found)
}

/// A step for each container that files are copied into.
pub fn plan_into(project: &str, containers: &[ProjectContainer], copy: &CopyIn) -> Plan {
    let copy = Arc::new(copy.clone());
    steps(project, containers, |container| Action::CopyInto { container, copy: Arc::clone(&copy) })
}

/// The step that copies files out of a container.
pub fn plan_out_of(project: &str, container: &ProjectContainer, copy: &CopyOut) -> Plan {
    let copy = Arc::new(copy.clone());
    steps(project, std::slice::from_ref(container), |container| Action::CopyOutOf {
        container,
        copy: Arc::clone(&copy),
    })
}

fn steps(
    project: &str,
    containers: &[ProjectContainer],
    action: impl Fn(ContainerRef) -> Action,
) -> Plan {
    let mut plan = Plan::new(project);
    for container in containers {
        let reference = ContainerRef::existing(&container.id, &container.name);
        let service = container.label(labels::SERVICE);
        plan.add(Step::new(action(reference), Cause::new("cp")).of(service), []);
    }
    plan
}
