//! What goes: what is gone already has gone, and what is used may stay.

use super::{Executor, Failure};
use crate::engine::api::{RemoveContainer, WaitCondition};
use crate::engine::{Engine, EngineError};
use crate::stack::error::engine_words;
use crate::stack::images::Builder;
use crate::stack::plan::Step;
use crate::stack::progress::{Event, Status};

impl<E: Engine, B: Builder> Executor<'_, E, B> {
    /// Removes a container.
    pub(super) async fn remove_container(
        &self,
        id: &str,
        options: RemoveContainer,
    ) -> Result<(), EngineError> {
        let engine = self.run.engine;
        match engine.remove_container(id, options).await {
            // Somebody else removes it already. Its name is free once that is done.
            Err(error) if error.is_conflict() && options.force => {
                let gone = engine.wait_container(id, WaitCondition::Removed).await;
                gone_is_done(gone.map(drop))
            }
            other => gone_is_done(other),
        }
    }

    /// Removes an image, unless it is used.
    pub(super) async fn remove_image(
        &self,
        step: &Step,
        image: &str,
    ) -> Result<Result<(), EngineError>, Failure> {
        let text = match self.run.engine.remove_image(image, false).await {
            Err(error) if error.is_conflict() => IN_USE,
            Err(error) if error.is_not_found() => "Warning: No resource found to remove",
            other => return Ok(other),
        };
        self.run.report.event(Event::new(step.action.subject(), Status::Warning, text));
        Err(Failure::Left)
    }

    /// Lets a removal pass that found its thing gone, and one that found it in use if it may.
    pub(super) fn unless_used(
        &self,
        step: &Step,
        done: Result<(), EngineError>,
        leave_used: bool,
    ) -> Result<Result<(), EngineError>, Failure> {
        match done {
            Err(error) if leave_used && is_in_use(&error) => {
                let event = Event::new(step.action.subject(), Status::Warning, IN_USE);
                self.run.report.event(event.details(engine_words(&error)));
                Err(Failure::Left)
            }
            other => Ok(gone_is_done(other)),
        }
    }
}

/// What is said of something that could not be removed because it is used.
const IN_USE: &str = "Resource is still in use";

/// Engines say "in use" with different statuses: 409 for volumes, 403 for networks.
fn is_in_use(error: &EngineError) -> bool {
    error.is_conflict() || matches!(error, EngineError::Refused { status: 403, .. })
}

/// What is to be gone and is, is done.
pub(super) fn gone_is_done(done: Result<(), EngineError>) -> Result<(), EngineError> {
    match done {
        Err(error) if error.is_not_found() => Ok(()),
        other => other,
    }
}
