//! `--dry-run`: what would be done and what a run would tell of it. Registries are asked whether they
//! have what would be pulled, as by Docker Compose; nothing else leaves the machine.

use std::collections::BTreeMap;

use futures_util::future::join_all;

use super::context::Context;
use super::failure::{Failure, Result};
use crate::engine::{DockerEngine, EngineError};
use crate::stack::plan::{Plan, Rehearsal};

/// Prints what would be done, and what a run would tell.
///
/// # Errors
/// What the run would end with.
pub(super) fn show(context: &Context, described: &str, rehearsal: Rehearsal) -> Result {
    context.print_plan(described, &rehearsal.events);
    rehearsal.failure.map_or(Ok(()), |failure| Err(Failure::new(failure)))
}

/// The images that `plan` would pull and that no registry gives, each with the reason.
pub(super) async fn refused(plan: &Plan, engine: &DockerEngine) -> BTreeMap<String, String> {
    let asked = plan.pulled_images().into_iter().map(async |image| {
        let reason = match engine.distribution(image).await {
            Ok(_) => return None,
            Err(EngineError::NotFound(_)) => "not found".to_owned(),
            Err(error) => error.to_string(),
        };
        Some((image.to_owned(), reason))
    });
    join_all(asked).await.into_iter().flatten().collect()
}
