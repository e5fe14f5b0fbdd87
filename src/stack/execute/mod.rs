//! Walks a plan with as much concurrency as its graph allows. Decides nothing.

use tokio_util::sync::CancellationToken;

use super::progress::Report;
use super::{Plan, StackError};
use crate::engine::Engine;

/// Carries a plan out. The first step that fails ends the run: steps that run are finished, no
/// further one begins, and what came up stays up.
///
/// # Errors
/// The first step that failed, or [`StackError::Cancelled`].
pub async fn run<E: Engine>(
    plan: &Plan,
    engine: &E,
    report: &dyn Report,
    cancel: &CancellationToken,
) -> Result<(), StackError> {
    let _ = (plan, engine, report, cancel);
    todo!()
}
