//! What is done to containers when changes have landed, beside the loop: restarts, signals, commands. It tells the loop what
//! came of it.

use std::collections::{BTreeMap, BTreeSet};
use std::future::pending;
use std::slice::from_ref;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio_util::sync::CancellationToken;

use super::builds::told;
use super::containers::is_away;
use super::jobs::{Jobs, Site, Told};
use crate::cli::failure::Failure;
use crate::compose::model::Hook;
use crate::engine::Engine;
use crate::engine::api::WaitCondition;
use crate::stack::query::{self, Filter, ProjectContainer};
use crate::stack::{self, StackError, execute, restart};

/// How many seconds an engine waits for a container that is known not to end by itself.
pub(super) const SHORT_GRACE: i64 = 1;

/// How long after its container a command is waited for.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// What is done in every container of a service that runs.
#[derive(Debug, Clone)]
pub(super) enum Deed {
    /// It gets a signal.
    Signal(&'static str),
    /// It runs a command.
    Command(Hook),
}

/// What came of restarts.
pub(super) struct Restarted {
    /// By service, why it failed if it did.
    pub(super) outcomes: BTreeMap<String, Option<String>>,
    /// Those that have no container.
    pub(super) absent: BTreeSet<String>,
    /// When they began.
    pub(super) begun: Instant,
    /// How long they took.
    pub(super) took: Duration,
    /// Whether one failed since no engine is there to do it.
    pub(super) is_put_off: bool,
}

/// What came of a deed.
pub(super) struct Done {
    /// The service.
    pub(super) service: String,
    /// In how many containers it was done, and what went wrong in them, one sentence each; or why it could be done in none.
    pub(super) outcome: Result<(usize, Vec<String>), String>,
    /// How long it took.
    pub(super) took: Duration,
    /// Whether no engine is there to do it.
    pub(super) is_put_off: bool,
}

impl Jobs {
    /// Restarts services, and those that ask to be restarted with them. Those that are stubborn get less time to end.
    pub(super) fn restart(
        &mut self,
        services: Vec<String>,
        stubborn: BTreeSet<String>,
        stop: CancellationToken,
    ) {
        let site = self.site();
        self.spawn(async move {
            let restarting = Box::pin(site.restart(&services, &stubborn, &stop));
            if let Some(restarted) = stop.run_until_cancelled(restarting).await {
                site.tell(Told::Restarted(restarted));
            }
        });
    }

    /// Does something in every container of a service that runs.
    pub(super) fn act(&mut self, service: &str, deed: Deed, stop: CancellationToken) {
        let (site, service) = (self.site(), service.to_owned());
        self.spawn(async move {
            let acting = Box::pin(site.act(service, &deed));
            if let Some(done) = stop.run_until_cancelled(acting).await {
                site.tell(Told::Done(done));
            }
        });
    }
}

impl Site {
    async fn restart(
        &self,
        names: &[String],
        stubborn: &BTreeSet<String>,
        stop: &CancellationToken,
    ) -> Restarted {
        let begun = Instant::now();
        let (mut outcomes, mut absent) = (BTreeMap::new(), BTreeSet::new());
        let mut take = |names: &[String], outcome: Result<BTreeSet<String>, StackError>| {
            let text = match outcome {
                Ok(without) => {
                    absent.extend(without);
                    None
                }
                Err(error) => Some(told(&Failure::from(error))),
            };
            outcomes.extend(names.iter().map(|name| (name.clone(), text.clone())));
        };
        let together = self.restart_plan(names, stubborn, stop).await;
        if names.len() == 1 || together.is_ok() {
            take(names, together);
        } else {
            // One of them keeps the others from it: each by itself.
            for name in names {
                take(from_ref(name), self.restart_plan(from_ref(name), stubborn, stop).await);
            }
        }
        let took = begun.elapsed();
        let has_failed = outcomes.values().any(Option::is_some);
        let is_put_off = has_failed && is_away(&self.engine).await;
        Restarted { outcomes, absent, begun, took, is_put_off }
    }

    /// Restarts services; those that have no container.
    async fn restart_plan(
        &self,
        names: &[String],
        stubborn: &BTreeSet<String>,
        stop: &CancellationToken,
    ) -> Result<BTreeSet<String>, StackError> {
        let timeout = names.iter().all(|name| stubborn.contains(name)).then_some(SHORT_GRACE);
        let services = names.to_vec();
        let options = restart::Options { services, timeout, ..restart::Options::default() };
        let plan = restart::plan(&self.project, &options, &*self.engine).await?;
        stack::run(&plan, &*self.engine, &self.report(), stop).await?;
        let mut absent: BTreeSet<String> = names.iter().cloned().collect();
        for (_, step) in plan.steps() {
            step.service.as_ref().map(|service| absent.remove(service));
        }
        Ok(absent)
    }

    async fn act(&self, service: String, deed: &Deed) -> Done {
        let begun = Instant::now();
        let outcome = self.in_containers(&service, deed).await.map_err(|error| error.to_string());
        let took = begun.elapsed();
        let is_put_off = outcome.is_err() && is_away(&self.engine).await;
        Done { service, outcome, took, is_put_off }
    }

    async fn in_containers(
        &self,
        service: &str,
        deed: &Deed,
    ) -> Result<(usize, Vec<String>), StackError> {
        let filter = Filter { services: vec![service.to_owned()], ..Filter::default() };
        let containers = query::containers(&*self.engine, &self.project.name, &filter).await?;
        let acts = containers.iter().map(|container| self.in_container(container, deed));
        let failures = join_all(acts).await.into_iter().flatten().collect();
        Ok((containers.len(), failures))
    }

    /// Until a container has ended, and a moment longer: of a command that begins just then, engines may say nothing more.
    async fn end(&self, container: &str) {
        match self.engine.wait_container(container, WaitCondition::NotRunning).await {
            Err(error) if !error.is_not_found() => pending().await,
            Ok(_) | Err(_) => tokio::time::sleep(LAST_WORDS).await,
        }
    }

    /// What went wrong.
    async fn in_container(&self, container: &ProjectContainer, deed: &Deed) -> Option<String> {
        let error = match deed {
            Deed::Signal(signal) => {
                let outcome = self.engine.kill_container(&container.id, Some(signal)).await;
                // It has ended meanwhile: what starts next reads what is there.
                outcome.err().filter(|error| !error.is_not_found() && !error.is_conflict())?
            }
            Deed::Command(hook) => {
                let service = self.project.services.get(&container.service);
                let tty = service.is_some_and(|service| service.tty);
                let feedback = self.feedback.clone();
                let mut tell = move |line: &str| feedback.output(line);
                let command = execute::command(&*self.engine, &container.id, hook, tty, &mut tell);
                let outcome = tokio::select! {
                    outcome = command => outcome,
                    () = self.end(&container.id) => {
                        return Some(format!("{} ended while the command ran", container.name));
                    }
                };
                match outcome {
                    Ok(0) => return None,
                    Ok(code) => {
                        return Some(format!("command exited with {code} in {}", container.name));
                    }
                    Err(error) => error,
                }
            }
        };
        Some(format!("{}: {error}", container.name))
    }
}
