//! `pre_start` hooks: a container that runs to its end before the service starts.

use super::output::each_line;
use super::perform::{LOG_LINES, failed, failure};
use super::{Executor, Failure};
use crate::engine::api::{AttachOptions, RemoveContainer, WaitCondition};
use crate::engine::{Engine, EngineError};
use crate::stack::StackError;
use crate::stack::desired::PreStart;
use crate::stack::error::engine_words;
use crate::stack::images::Builder;
use crate::stack::labels;
use crate::stack::plan::{ContainerRef, Step};

impl<E: Engine, B: Builder> Executor<'_, E, B> {
    /// Runs a hook. Its container goes when it ended well, and stays to be looked at when not.
    pub(super) async fn pre_start(
        &self,
        step: &Step,
        hook: &PreStart,
        replica: &ContainerRef,
        references: &[(String, ContainerRef)],
    ) -> Result<(), Failure> {
        let engine = self.run.engine;
        let refused = |error: EngineError| failure(step, engine_words(&error));
        let id = self.create_runner(hook, replica, references).await?.map_err(refused)?;
        let options = RemoveContainer { force: true, volumes: true };
        let (code, output) = match self.run_hook_container(step, &id).await {
            Ok(ended) => ended,
            Err(error) => {
                // It did not even start, and is of no use to anybody.
                let _ = engine.remove_container(&id, options).await;
                return Err(refused(error).into());
            }
        };
        if code == 0 {
            // What it did is done; a container that stays is removed by the next run.
            let _ = engine.remove_container(&id, options).await;
            return Ok(());
        }
        let service = step.service.as_deref().unwrap_or_default();
        let short = id.get(..12).unwrap_or(&id);
        let tail = output.join("\n");
        let tail = if tail.is_empty() { tail } else { format!(": {tail}") };
        let message = format!(
            "service {service:?} pre_start[{}] exited with code {code}{tail} (hook container {short} \
             retained for inspection)",
            hook.index
        );
        Err(StackError::Step(Box::new(failed(step, message))).into())
    }

    async fn create_runner(
        &self,
        hook: &PreStart,
        replica: &ContainerRef,
        references: &[(String, ContainerRef)],
    ) -> Result<Result<String, EngineError>, Failure> {
        let mut ids = Vec::with_capacity(references.len());
        for (service, container) in references {
            ids.push((service.as_str(), self.id(container)?));
        }
        let mut body = hook.blueprint.body(&|service| {
            ids.iter().find(|(name, _)| *name == service).map(|(_, id)| id.clone())
        });
        body.host_config.volumes_from.push(self.id(replica)?);
        body.labels.clone_from(&hook.labels);
        body.labels.remove(labels::CONFIG_HASH);
        let engine = self.run.engine;
        let platform = hook.blueprint.platform.as_deref();
        let created = match engine.create_container(&hook.blueprint.name, platform, &body).await {
            Ok(created) => created,
            Err(error) => return Ok(Err(error)),
        };
        for (network, endpoint) in &hook.blueprint.later_endpoints {
            if let Err(error) = engine.connect_network(network, &created.id, endpoint).await {
                let options = RemoveContainer { force: true, volumes: true };
                let _ = engine.remove_container(&created.id, options).await;
                return Ok(Err(error));
            }
        }
        Ok(Ok(created.id))
    }

    /// Starts the container of a hook and listens until it ends: its code, and its last lines.
    async fn run_hook_container(
        &self,
        step: &Step,
        id: &str,
    ) -> Result<(i64, Vec<String>), EngineError> {
        let engine = self.run.engine;
        let options = AttachOptions { stdout: true, stderr: true, ..AttachOptions::default() };
        let mut attached = engine.attach(id, &options).await?;
        engine.start_container(id).await?;
        let subject = step.action.subject();
        let mut last: Vec<String> = Vec::new();
        let mut line = |line: &str| {
            self.run.report.output(&subject, line);
            if last.len() == LOG_LINES {
                last.remove(0);
            }
            last.push(line.to_owned());
        };
        each_line(&mut attached.output, &mut line).await?;
        Ok((engine.wait_container(id, WaitCondition::NotRunning).await?, last))
    }
}
