//! What is said of containers that have died, where their platform was the matter.

use futures_util::future::join_all;

use super::context::Context;
use crate::engine::Engine;
use crate::stack::fault;
use crate::stack::progress::Report;
use crate::stack::query::{self, Filter, OneOff, ProjectContainer};

/// So many containers that failed are looked at.
const EXPLAINED: usize = 5;

/// What was the matter with containers that failed, where their platform was. Costs nothing where none
/// did.
pub(super) async fn faults<E: Engine>(engine: &E, containers: &[ProjectContainer]) -> Vec<String> {
    let died =
        containers.iter().filter(|container| container.exit_code().is_some_and(|it| it != 0));
    let faults = died.take(EXPLAINED).map(async |container| {
        let fault = fault::of_container(engine, &container.service, &container.id).await?;
        Some(format!("{}: {fault}", container.name))
    });
    join_all(faults).await.into_iter().flatten().collect()
}

/// The same of containers that were just started and have ended already, by their names. One list, and nothing where
/// none was started.
pub(super) async fn at_start<E: Engine>(
    engine: &E,
    project: &str,
    started: &[String],
) -> Vec<String> {
    if started.is_empty() {
        return Vec::new();
    }
    let filter = Filter { all: true, one_off: OneOff::Exclude, ..Filter::default() };
    // The containers are up; a list that fails takes nothing from that.
    let mut found = query::containers(engine, project, &filter).await.unwrap_or_default();
    found.retain(|container| started.contains(&container.name));
    faults(engine, &found).await
}

/// Says so.
pub(super) fn tell(context: &Context, faults: &[String]) {
    for fault in faults {
        Report::warning(&context.ui, fault);
    }
}
