//! What is said of containers that have died, where their platform was the matter.

use futures_util::future::join_all;

use super::context::Context;
use crate::engine::Engine;
use crate::stack::fault;
use crate::stack::progress::Report;
use crate::stack::query::{self, Filter, OneOff, ProjectContainer};

/// So many containers that failed are looked at: each is some calls.
const EXPLAINED: usize = 16;
/// Exit codes that a fault of the platform gives: a program that cannot be started, and signals of instructions and
/// memory.
const TELLING: [i64; 8] = [126, 127, 255, 132, 133, 134, 135, 139];

/// What was the matter with containers that failed, where their platform was, and how many were not looked at. Costs
/// nothing where none failed.
pub(super) async fn faults<E: Engine>(engine: &E, containers: &[ProjectContainer]) -> Vec<String> {
    let failed = |container: &&ProjectContainer| container.exit_code().is_some_and(|it| it != 0);
    let mut died: Vec<&ProjectContainer> = containers.iter().filter(failed).collect();
    // Those first that tell most.
    died.sort_by_key(|container| !container.exit_code().is_some_and(|it| TELLING.contains(&it)));
    let unseen = died.split_off(died.len().min(EXPLAINED)).len();
    let faults = died.into_iter().map(async |container| {
        let fault = fault::of_container(engine, &container.service, &container.id).await?;
        Some(format!("{}: {fault}", container.name))
    });
    let mut told: Vec<String> = join_all(faults).await.into_iter().flatten().collect();
    if unseen > 0 {
        told.push(format!("{unseen} more containers have failed, which were not looked at"));
    }
    told
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
