//! Programs of others: what they are asked, and what is told of them.

use super::perform::failure;
use super::{Executor, Failure};
use crate::engine::Engine;
use crate::stack::images::Builder;
use crate::stack::plan::Step;
use crate::stack::programs::models::{Models, Progress};
use crate::stack::programs::provider::{Call, Told, Verb};
use crate::stack::progress::{Event, Status, Subject};

impl<E: Engine, B: Builder> Executor<'_, E, B> {
    /// Calls a provider and keeps the variables that it gives.
    pub(super) async fn call_provider(&self, step: &Step, call: &Call) -> Result<(), Failure> {
        let subject = || Subject::Service(call.service.clone());
        let (begin, end) = match call.verb {
            Verb::Up => ("Creating", "Created"),
            Verb::Down => ("Removing", "Removed"),
            Verb::Stop => ("Stopping", "Stopped"),
        };
        let report = self.run.report;
        let called = call
            .run(&|| self.tell(subject(), Status::Working, begin), &|told| match told {
                Told::Info(text) => self.tell(subject(), Status::Working, &text),
                Told::Error(text) => report.event(Event::new(subject(), Status::Error, text)),
                Told::Debug(text) => report.debug(&format!("{}: {text}", call.service)),
            })
            .await;
        let Some(variables) = called.map_err(|message| failure(step, message))? else {
            return Ok(());
        };
        self.tell(subject(), Status::Done, end);
        self.known(|known| known.brought.variables.insert(call.service.clone(), variables));
        Ok(())
    }

    /// Makes models ready and keeps the endpoint where they are served.
    pub(super) async fn prepare_models(&self, step: &Step, models: &Models) -> Result<(), Failure> {
        let report = self.run.report;
        let tell = |name: &str, progress: Progress, words: &str| {
            let (status, text) = match progress {
                Progress::Pulling => (Status::Working, "Pulling"),
                Progress::Pulled => (Status::Working, "Pulled"),
                Progress::Configuring => (Status::Working, "Configuring"),
                Progress::Configured => (Status::Done, "Configured"),
                Progress::Failed => (Status::Error, "Error"),
            };
            let subject = Subject::Model(name.to_owned());
            report.event(Event::new(subject, status, text).details(words));
        };
        let endpoint = models.prepare(&tell).await.map_err(|message| failure(step, message))?;
        self.known(|known| known.brought.model_endpoint = Some(endpoint));
        Ok(())
    }
}
