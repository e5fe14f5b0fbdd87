//! Containers that somebody else removes before they are started. That is their wish, and the others go on.

use super::Executor;
use crate::engine::{Engine, EngineError};
use crate::stack::images::Builder;
use crate::stack::plan::{Action, ContainerRef, Step};

impl<E: Engine, B: Builder> Executor<'_, E, B> {
    /// Starts a container, or tells that there is none to start.
    pub(super) async fn start(
        &self,
        container: &ContainerRef,
        id: &str,
    ) -> Result<(), EngineError> {
        match self.run.engine.start_container(id).await {
            Err(error)
                if (error.is_not_found() || error.is_conflict())
                    && self.is_being_removed(id).await =>
            {
                let name = &container.name;
                self.known(|known| known.vanished.insert(name.clone()));
                let text = format!("container {name} was removed before it could be started");
                self.run.report.warning(&text);
                Ok(())
            }
            done => done,
        }
    }

    /// Whether a container is there no more, or not for long. An engine that cannot tell is no proof.
    async fn is_being_removed(&self, id: &str) -> bool {
        match self.run.engine.inspect_container(id).await {
            Ok(details) => details.is_none_or(|details| details.state.status == "removing"),
            Err(_) => false,
        }
    }

    /// Whether a step was the start of a container that is not there any more.
    pub(super) fn has_vanished(&self, step: &Step) -> bool {
        let Action::StartContainer { container } = &step.action else { return false };
        self.known(|known| known.vanished.contains(&container.name))
    }
}
