//! What is said of containers that have died, where their platform was the matter.

use futures_util::future::join_all;

use super::context::Context;
use crate::engine::Engine;
use crate::stack::fault;
use crate::stack::progress::Report;
use crate::stack::query::ProjectContainer;

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

/// Says so.
pub(super) fn tell(context: &Context, faults: &[String]) {
    for fault in faults {
        Report::warning(&context.ui, fault);
    }
}
