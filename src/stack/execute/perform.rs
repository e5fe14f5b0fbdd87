//! What each kind of step does. One call of the engine each, or one wait.

use std::time::{Duration, Instant};

use super::inject::inject;
use super::remove::gone_is_done;
use super::watch::Watch;
use super::{Executor, Failure, Run, wait};
use crate::engine::api::{Commit, ContainerDetails, RemoveContainer};
use crate::engine::{Engine, EngineError};
use crate::stack::StackError;
use crate::stack::copy::{self, CopyError};
use crate::stack::course::{Observation, Stopped};
use crate::stack::error::{StepError, engine_words};
use crate::stack::fault::{self, last_lines};
use crate::stack::health;
use crate::stack::images::{self, Builder};
use crate::stack::owner;
use crate::stack::plan::{Action, ContainerRef, OnFailure, Step};
use crate::stack::progress::{Event, Status};
use crate::stack::timeline::Process;

/// Whether a signal, as users write it, ends any process.
fn is_fatal(signal: &str) -> bool {
    matches!(signal.to_ascii_uppercase().as_str(), "SIGKILL" | "KILL" | "9")
}

/// What a builder says of a build that was broken off.
const CANCELED: &str = "canceled";

/// How many lines of a failed container's log are shown.
pub(super) const LOG_LINES: usize = 10;

impl<E: Engine, B: Builder> Executor<'_, E, B> {
    /// Does what a step says.
    pub(super) async fn perform(
        &self,
        number: usize,
        step: &Step,
        watch: Option<&Watch<'_, E>>,
    ) -> Result<(), Failure> {
        let engine = self.run.engine;
        let done = match &step.action {
            Action::PullImage { .. } => return self.pull(step).await,
            Action::PushImage { image, optional } => {
                self.push(step, image, *optional).await?;
                Ok(())
            }
            Action::BuildImage { service, image, unless_pulled } => {
                self.build(step, service, image, *unless_pulled).await?;
                Ok(())
            }
            Action::CallProvider { call } => {
                self.call_provider(step, call).await?;
                Ok(())
            }
            Action::PrepareModels { models } => {
                self.prepare_models(step, models).await?;
                Ok(())
            }
            Action::RemoveImage { image } => self.remove_image(step, image).await?,
            Action::CreateNetwork { body } => match engine.create_network(body).await {
                // Another run was faster.
                Err(error) if error.is_conflict() => Ok(()),
                other => other.map(drop),
            },
            Action::RemoveNetwork { id, leave_used, .. } => {
                let done = engine.remove_network(id).await;
                self.unless_used(step, done, *leave_used)?
            }
            Action::ConnectNetwork { network, container, endpoint } => {
                engine.connect_network(network, &self.id(container)?, endpoint).await
            }
            Action::DisconnectNetwork { id, container, .. } => {
                let container = self.id(container)?;
                gone_is_done(engine.disconnect_network(id, &container, true).await)
            }
            Action::CreateVolume { body } => engine.create_volume(body).await.map(drop),
            Action::RemoveVolume { name, leave_used } => {
                let done = engine.remove_volume(name, true).await;
                self.unless_used(step, done, *leave_used)?
            }
            Action::CreateContainer { .. } => self.create_container(step).await?,
            Action::RenameContainer { container, to } => {
                engine.rename_container(&self.id(container)?, to).await
            }
            Action::StopContainer { container, timeout } => {
                let id = self.id(container)?;
                let begun = Instant::now();
                let done = gone_is_done(engine.stop_container(&id, *timeout).await);
                if begun.elapsed() >= SLOW_STOP {
                    self.observe_stop(number, &id, *timeout).await;
                }
                done
            }
            Action::RemoveContainer { container, volumes, force } => {
                let options = RemoveContainer { force: *force, volumes: *volumes };
                self.remove_container(&self.id(container)?, options).await
            }
            Action::KillContainer { container, signal } => {
                let id = self.id(container)?;
                let done = match engine.kill_container(&id, signal.as_deref()).await {
                    // It has ended by itself.
                    Err(error) if error.is_conflict() => Ok(()),
                    other => gone_is_done(other),
                };
                if done.is_ok() && signal.as_deref().is_none_or(is_fatal) {
                    // An engine answers once the process has ended, but lists the container as running until that is
                    // written down: an `up` right after this would keep it. An inspection waits for that.
                    let _ = engine.inspect_container(&id).await;
                }
                done
            }
            Action::RestartContainer { container, timeout } => {
                let done = engine.restart_container(&self.id(container)?, *timeout).await;
                match done {
                    Err(error) if is_going(&error) => Ok(()),
                    other => gone_is_done(other),
                }
            }
            Action::PauseContainer { container } => {
                gone_is_done(engine.pause_container(&self.id(container)?).await)
            }
            Action::UnpauseContainer { container } => {
                gone_is_done(engine.unpause_container(&self.id(container)?).await)
            }
            Action::CommitContainer { container, commit } => {
                self.commit(step, container, commit).await?
            }
            Action::CopyInto { container, copy } => {
                let id = self.id(container)?;
                return copied(step, copy::into(engine, &id, copy).await);
            }
            Action::CopyOutOf { container, copy } => {
                let id = self.id(container)?;
                return copied(step, copy::out_of(engine, &id, copy).await);
            }
            Action::InjectFiles { container, files } => {
                inject(engine, &self.id(container)?, files).await
            }
            Action::StartContainer { container } => {
                self.start(container, &self.id(container)?).await
            }
            Action::RunPreStart { hook, replica, references } => {
                self.pre_start(step, hook, replica, references).await?;
                Ok(())
            }
            Action::RunHook { container, hook, kind, tty } => {
                self.run_hook(step, container, hook, *kind, *tty).await?;
                Ok(())
            }
            Action::WaitFor { .. } => {
                if let Some(watch) = watch {
                    wait::wait(self, watch, number, step).await?;
                }
                Ok(())
            }
        };
        match done {
            Ok(()) => Ok(()),
            Err(error) => {
                let mut failed = failed(step, engine_words(&error));
                failed.hints.extend(owner::of_refusal(engine, &failed.message).await);
                failed.hints.extend(self.fault_of_start(step, &failed.message).await);
                Err(StackError::Step(Box::new(failed)).into())
            }
        }
    }

    /// Why a container could not be started, where its platform is the reason.
    async fn fault_of_start(&self, step: &Step, message: &str) -> Option<String> {
        let Action::StartContainer { container } = &step.action else { return None };
        if !message.to_lowercase().contains("exec format error") {
            return None;
        }
        let service = step.service.as_deref().unwrap_or_default();
        let id = self.id(container).ok()?;
        fault::of_container(self.run.engine, service, &id).await.map(|fault| fault.to_string())
    }

    /// Tells how a container ended that took long to stop. What cannot be seen is not told: this
    /// only explains.
    async fn observe_stop(&self, number: usize, id: &str, timeout: Option<i64>) {
        if let Ok(Some(details)) = self.run.engine.inspect_container(id).await {
            let stopped = Box::new(stopped(&details, timeout));
            self.run.report.observed(number, Observation::Stop(stopped));
        }
    }

    async fn create_container(&self, step: &Step) -> Result<Result<(), EngineError>, Failure> {
        let Action::CreateContainer { name, blueprint, references } = &step.action else {
            return Ok(Ok(()));
        };
        let mut ids = Vec::with_capacity(references.len());
        for (service, container) in references {
            ids.push((service.as_str(), self.id(container)?));
        }
        let body = blueprint.body(&|service| {
            ids.iter().find(|(name, _)| *name == service).map(|(_, id)| id.clone())
        });
        let created = match self.create_named(name, blueprint, &body).await {
            Ok(created) => created,
            Err(error) => return Ok(Err(error)),
        };
        for warning in &created.warnings {
            self.run.report.warning(warning);
        }
        self.known(|known| known.created.insert(blueprint.name.clone(), created.id));
        Ok(Ok(()))
    }

    async fn pull(&self, step: &Step) -> Result<(), Failure> {
        let Action::PullImage { service, image, platform, on_failure, .. } = &step.action else {
            return Ok(());
        };
        let Run { engine, report, .. } = &self.run;
        let subject = step.action.subject();
        let tell = |status, text: &str, details: &str| {
            for subject in step.action.subjects() {
                report.event(Event::new(subject, status, text).details(details));
            }
        };
        let Err(error) = images::pull(*engine, image, platform.as_deref(), &subject, *report).await
        else {
            self.known(|known| known.pulled.insert(image.clone()));
            tell(Status::Done, "Pulled", "");
            return Ok(());
        };
        let words = engine_words(&error);
        match on_failure {
            OnFailure::Fail => return Err(failure(step, words).into()),
            OnFailure::Build => {
                tell(Status::Warning, "Warning", &error.to_string());
                self.known(|known| known.to_build.insert(service.clone(), words));
            }
            OnFailure::GoOn => tell(Status::Error, "Error", &error.to_string()),
        }
        Ok(())
    }

    async fn push(&self, step: &Step, image: &str, optional: bool) -> Result<(), Failure> {
        match images::push(self.run.engine, image, self.run.report).await {
            Ok(()) => Ok(()),
            Err(error) if optional => {
                let event = Event::new(step.action.subject(), Status::Warning, "Warning");
                let words = engine_words(&error);
                self.run.report.event(event.details(&words));
                let service = step.service.as_deref().unwrap_or_default();
                self.run.report.warning(&format!("Pushing {service}: {words}"));
                Ok(())
            }
            Err(error) => Err(failure(step, engine_words(&error)).into()),
        }
    }

    async fn commit(
        &self,
        step: &Step,
        container: &ContainerRef,
        commit: &Commit,
    ) -> Result<Result<(), EngineError>, Failure> {
        match self.run.engine.commit_container(&self.id(container)?, commit).await {
            Ok(id) => {
                self.tell_of(step, Status::Done, &format!("Committed as {id}"));
                Ok(Ok(()))
            }
            Err(error) => Ok(Err(error)),
        }
    }

    async fn build(
        &self,
        step: &Step,
        service: &str,
        image: &str,
        unless_pulled: bool,
    ) -> Result<(), Failure> {
        let pulled = self.known(|known| known.pulled.contains(image));
        let (Some(project), false) = (self.run.project, unless_pulled && pulled) else {
            return Ok(());
        };
        let Run { builder, report, .. } = &self.run;
        let built = builder.build(project, service, image, *report, &self.give_up).await;
        built.map_err(|message| {
            // What was broken off is no error of its own.
            let is_broken_off = self.give_up.is_cancelled() && message == CANCELED;
            if is_broken_off { Failure::GivenUp } else { failure(step, message).into() }
        })
    }

    /// An error of a step that is a container's fault, with the end of its log.
    pub(super) async fn container_failure(
        &self,
        step: &Step,
        container: &str,
        id: &str,
        message: String,
    ) -> StackError {
        let mut error = failed(step, message);
        error.container = Some(container.to_owned());
        // All of this only helps; the failure itself is told in any case.
        if let Ok(Some(details)) = self.run.engine.inspect_container(id).await {
            let engine = self.run.engine;
            let log = last_lines(engine, id, details.config.tty, LOG_LINES).await;
            error.log = log.unwrap_or_default();
            let service = step.service.as_deref().unwrap_or_default();
            let fault = fault::of(engine, service, &details, error.log.clone()).await;
            error.hints.extend(fault.map(|fault| fault.to_string()));
            error.hints.extend(probe_of_unhealthy(&details));
        }
        StackError::Step(Box::new(error))
    }
}

/// What the last test of a container that is called unhealthy said.
fn probe_of_unhealthy(details: &ContainerDetails) -> Option<String> {
    let health = details.state.health.as_ref();
    health.filter(|health| health.status == "unhealthy")?;
    let last = health::failed_probe(&details.state)?.lines().next_back()?;
    Some(format!("its last health probe failed: {}", last.trim()))
}

/// What is known of a container that has stopped.
fn stopped(details: &ContainerDetails, timeout: Option<i64>) -> Stopped {
    let command = [&details.path].into_iter().chain(&details.args).map(String::as_str);
    let signal = match details.config.stop_signal.as_str() {
        "" => "SIGTERM",
        signal => signal,
    };
    Stopped {
        container: details.name.trim_start_matches('/').to_owned(),
        exit_code: details.state.exit_code,
        grace: timeout.or(details.config.stop_timeout).unwrap_or(DEFAULT_GRACE),
        process: Process::of(command),
        init: details.host_config.init.unwrap_or(false),
        signal: signal.to_owned(),
    }
}

/// How a copy ended; a container that has gone needs none.
fn copied(step: &Step, done: Result<(), CopyError>) -> Result<(), Failure> {
    match done {
        Err(error) if error.is_container_gone() => Ok(()),
        other => other.map_err(|error| failure(step, error.to_string()).into()),
    }
}

/// An error of a step.
pub(super) fn failure(step: &Step, message: String) -> StackError {
    StackError::Step(Box::new(failed(step, message)))
}

pub(super) fn failed(step: &Step, message: String) -> StepError {
    StepError {
        service: step.service.clone(),
        step: step.action.sentence(),
        message,
        ..StepError::default()
    }
}

/// A stop that took so long is looked at: the shortest time that a container can be given.
const SLOW_STOP: Duration = Duration::from_millis(900);
/// Seconds that the engine gives a container that says nothing.
const DEFAULT_GRACE: i64 = 10;

/// Whether somebody removes the container just now.
fn is_going(error: &EngineError) -> bool {
    error.to_string().contains("is marked for removal")
}
