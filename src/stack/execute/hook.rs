//! Hooks of a container's life, which run inside it.

use super::perform::{LOG_LINES, failed, failure};
use super::{Executor, Failure, exec};
use crate::compose::model::Hook;
use crate::engine::Engine;
use crate::stack::StackError;
use crate::stack::error::engine_words;
use crate::stack::images::Builder;
use crate::stack::plan::{ContainerRef, HookKind, Step};

impl<E: Engine, B: Builder> Executor<'_, E, B> {
    /// Runs a hook in a container and shows what it says.
    pub(super) async fn run_hook(
        &self,
        step: &Step,
        container: &ContainerRef,
        hook: &Hook,
        kind: HookKind,
        tty: bool,
    ) -> Result<(), Failure> {
        let id = self.id(container)?;
        let subject = step.action.subject();
        let tell = |line: &str| self.run.report.output(&subject, line);
        let mut last = Vec::new();
        let code = exec::hook(self.run.engine, &id, hook, tty, &mut |line| {
            tell(line);
            if last.len() == LOG_LINES {
                last.remove(0);
            }
            last.push(line.to_owned());
        })
        .await;
        let service = step.service.as_deref().unwrap_or_default();
        match code {
            Ok(0) => Ok(()),
            Ok(code) => {
                let mut error = failed(step, format!("{service} hook exited with status {code}"));
                error.log = last;
                error.container = Some("the hook".to_owned());
                Err(StackError::Step(Box::new(error)).into())
            }
            // The container is gone or has ended by itself: nothing is left to prepare.
            Err(error)
                if kind == HookKind::PreStop && (error.is_conflict() || error.is_not_found()) =>
            {
                Ok(())
            }
            Err(error) => Err(failure(step, engine_words(&error)).into()),
        }
    }
}
