//! What follows when changes have landed: restarts, signals, commands.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio_util::sync::CancellationToken;

use super::builds::told;
use super::containers::{health, is_away};
use super::feedback::Aside;
use super::session::{Due, HEALTH, Patience, Session};
use super::words;
use crate::cli::failure::Failure;
use crate::compose::model::Service;
use crate::engine::Engine;
use crate::stack::query::{self, Filter, ProjectContainer};
use crate::stack::{self, StackError, execute, restart};
use crate::watch::{Action, Rule};

/// What restarts are called among what fails.
const RESTART: &str = "restart";
/// What signals and commands are by which programs read their configuration again.
const RELOAD: &str = "reload";
/// What commands of the user's are.
const COMMAND: &str = "command";

/// How long an engine waits for a container to end, where nothing else is said.
const GRACE: Duration = Duration::from_secs(10);
/// How many seconds it waits for one that is known not to end by itself.
const SHORT_GRACE: i64 = 1;

/// Services to be restarted.
#[derive(Debug, Default)]
struct Restarts {
    services: Vec<String>,
    causes: Vec<PathBuf>,
    /// Those that hold something else than is mounted by now.
    stale: BTreeSet<String>,
    /// What asks for it.
    due: Due,
}

/// Something that was done in the containers of a service.
struct Deed {
    /// What the service is then, for programs.
    state: &'static str,
    /// The same, for people.
    words: String,
    /// When it began.
    begun: Instant,
}

impl Restarts {
    fn add(&mut self, service: &str, causes: Vec<PathBuf>) {
        for cause in causes {
            if !self.causes.contains(&cause) {
                self.causes.push(cause);
            }
        }
        if !self.services.iter().any(|known| known == service) {
            self.services.push(service.to_owned());
        }
    }

    fn has(&self, service: &str) -> bool {
        self.services.iter().any(|known| known == service)
    }
}

impl Session<'_> {
    /// Restarts services, sends signals and runs commands, where all has landed that they wait for.
    pub(super) async fn follow_up(&mut self, patience: Patience, stop: &CancellationToken) {
        let rules = Arc::clone(&self.rules);
        let mut restarts = Restarts::default();
        let mut others: Vec<(usize, Vec<PathBuf>)> = Vec::new();
        for (index, rule) in rules.iter().enumerate() {
            let waits = patience == Patience::Waits && rule.action.syncs();
            if waits && !self.has_landed(&rule.service)
                || self.builds.keep_back(&rule.service, &rule.action)
            {
                continue;
            }
            let Some(paths) = self.due.remove(&index) else { continue };
            if rule.action.restarts() {
                restarts.due.insert(index, paths.clone());
            }
            match rule.action {
                Action::Restart | Action::SyncRestart => restarts.add(&rule.service, paths),
                Action::Relink if self.links.are_stale(index, rule) => {
                    restarts.stale.insert(rule.service.clone());
                    restarts.add(&rule.service, paths);
                }
                Action::Renew => {
                    let replaced = self.links.replaced(&rule.service, paths);
                    if !replaced.is_empty() {
                        restarts.stale.insert(rule.service.clone());
                        restarts.add(&rule.service, replaced);
                    }
                }
                Action::Signal(_) | Action::Exec | Action::SyncExec => others.push((index, paths)),
                Action::Sync | Action::Rebuild | Action::Relink => {}
            }
        }
        if !restarts.services.is_empty() && !stop.is_cancelled() {
            self.restart(&restarts, stop).await;
        }
        for (index, paths) in others {
            let Some(rule) = rules.get(index) else { continue };
            // A program that starts again reads its configuration anyway.
            if rule.action != Action::SyncExec && restarts.has(&rule.service) {
                continue;
            }
            if stop.is_cancelled() {
                return;
            }
            let is_done = match rule.action {
                Action::Signal(signal) => self.signal(rule, signal, &paths).await,
                _ => self.run_command(rule, &paths).await,
            };
            if !is_done {
                self.due.entry(index).or_default().extend(paths);
            }
        }
    }

    /// Restarts services, and those that ask to be restarted with them.
    async fn restart(&mut self, restarts: &Restarts, stop: &CancellationToken) {
        let begun = Instant::now();
        let names = restarts.services.as_slice();
        self.forgo_health(names);
        let together = self.restart_plan(names, stop).await;
        let outcomes: BTreeMap<String, Option<String>> = match (together, names) {
            (outcome, [_]) | (outcome @ Ok(()), _) => {
                let text = outcome.err().map(|error| told(&Failure::from(error)));
                names.iter().map(|name| (name.clone(), text.clone())).collect()
            }
            // One of them keeps the others from it: each by itself.
            (Err(_), _) => {
                let mut outcomes = BTreeMap::new();
                for name in names {
                    let outcome = self.restart_plan(std::slice::from_ref(name), stop).await;
                    let text = outcome.err().map(|error| told(&Failure::from(error)));
                    outcomes.insert(name.clone(), text);
                }
                outcomes
            }
        };
        let took = begun.elapsed();
        let has_failed = outcomes.values().any(Option::is_some);
        // It is done when the engine is back: that is heard of, and then follows what is due.
        let is_put_off = has_failed && is_away(&self.reload.engine).await;
        let mut restarted = Vec::new();
        for (name, failure) in outcomes {
            match failure {
                None => {
                    self.started_anew(&name);
                    self.links.renew(&self.rules, &name);
                    restarted.push(name);
                }
                Some(_) if stop.is_cancelled() => {}
                Some(message) => {
                    self.tell_failure(&name, RESTART, &message);
                    if is_put_off {
                        self.put_off(&name, &restarts.due);
                    }
                }
            }
        }
        if restarted.is_empty() {
            return;
        }
        let (services, because) = (words::services(&restarted), self.because(&restarts.causes));
        let stale = restarted.iter().any(|name| restarts.stale.contains(name));
        let stale = if stale { ", which another file has replaced," } else { "" };
        let line = format!("{services} restarted{because}{stale} in {}", words::time(took));
        self.reload.feedback.state(&restarted, "Restarted", &line);
        if let [name] = restarted.as_slice() {
            self.note_stubbornness(name, took);
        }
        self.await_health(&restarted, begun);
    }

    /// What a service was to be restarted for stays due.
    fn put_off(&mut self, service: &str, due: &Due) {
        for (index, paths) in due {
            if self.rules.get(*index).is_some_and(|rule| rule.service == service) {
                self.due.entry(*index).or_default().extend_from_slice(paths);
            }
        }
    }

    /// What starts again has been restarted, and reads its configuration anyway.
    pub(super) fn started_anew(&mut self, service: &str) {
        for what in [RESTART, RELOAD] {
            self.failing.mended(service, what);
        }
        self.loops.started(service, Instant::now());
    }

    /// A program that is the first process of its container and has no handler for the signal to stop gets none:
    /// each restart would take as long as the engine is ready to wait.
    fn note_stubbornness(&mut self, name: &str, took: Duration) {
        let service = self.reload.project.services.get(name);
        let grace = |service: &Service| {
            let period = service.stop_grace_period?;
            Some(Duration::from_nanos(period.0.try_into().ok()?))
        };
        let grace = service.and_then(grace).unwrap_or(GRACE);
        if took >= grace && grace > Duration::ZERO && self.stubborn.insert(name.to_owned()) {
            self.reload.feedback.warn(&format!(
                "{name} does not end when it is told to, so that a restart takes {}: from now on it is killed \
                 after {SHORT_GRACE} s (`init: true`, or a handler for its stop signal, mends that)",
                words::time(grace)
            ));
        }
    }

    async fn restart_plan(
        &self,
        names: &[String],
        stop: &CancellationToken,
    ) -> std::result::Result<(), StackError> {
        let reload = self.reload;
        let timeout = names.iter().all(|name| self.stubborn.contains(name)).then_some(SHORT_GRACE);
        let services = names.to_vec();
        let options = restart::Options { services, timeout, ..restart::Options::default() };
        let plan = restart::plan(reload.project, &options, &*reload.engine).await?;
        let report = Aside { feedback: &reload.feedback, quiet: reload.quiet };
        stack::run(&plan, &*reload.engine, &report, stop).await
    }

    /// Sends a signal to every container of a service that runs; whether an engine was there to do it.
    async fn signal(&mut self, rule: &Rule, signal: &str, causes: &[PathBuf]) -> bool {
        let (begun, engine) = (Instant::now(), Arc::clone(&self.reload.engine));
        let outcome = self.in_containers(&rule.service, async |container| {
            match engine.kill_container(&container.id, Some(signal)).await {
                // It has ended meanwhile: what starts next reads what is there.
                Err(error) if !error.is_not_found() && !error.is_conflict() => {
                    Some(format!("{}: {error}", container.name))
                }
                _ => None,
            }
        });
        let deed = Deed { state: "Told", words: format!("told by {signal}"), begun };
        let outcome = outcome.await;
        self.conclude(rule, RELOAD, outcome, &deed, causes).await
    }

    /// Runs the command of a rule in every container of its service that runs; whether an engine was there to do it.
    async fn run_command(&mut self, rule: &Rule, causes: &[PathBuf]) -> bool {
        let begun = Instant::now();
        let reload = self.reload;
        let tty = reload.project.services.get(&rule.service).is_some_and(|service| service.tty);
        let outcome = self.in_containers(&rule.service, async |container| {
            let mut tell = |line: &str| reload.feedback.output(line);
            let engine = &*reload.engine;
            match execute::command(engine, &container.id, &rule.exec, tty, &mut tell).await {
                Ok(0) => None,
                Ok(code) => Some(format!("command exited with {code} in {}", container.name)),
                Err(error) => Some(format!("{}: {error}", container.name)),
            }
        });
        let outcome = outcome.await;
        let command = rule.exec.command.as_deref().unwrap_or_default().join(" ");
        let (what, state, words) = match rule.action {
            Action::Exec => (RELOAD, "Told", format!("told by `{command}`")),
            // What it is stands in the rule, and may be a whole script.
            _ => (COMMAND, "Ran", "ran its command".to_owned()),
        };
        self.conclude(rule, what, outcome, &Deed { state, words, begun }, causes).await
    }

    /// Does something in every container of a service that runs: what went wrong in them, one sentence each.
    async fn in_containers(
        &self,
        service: &str,
        act: impl AsyncFn(&ProjectContainer) -> Option<String>,
    ) -> Result<Vec<String>, StackError> {
        let reload = self.reload;
        let filter = Filter { services: vec![service.to_owned()], ..Filter::default() };
        let containers = query::containers(&*reload.engine, &reload.project.name, &filter).await?;
        let acts = containers.iter().map(|container| act(container));
        Ok(join_all(acts).await.into_iter().flatten().collect())
    }

    /// Tells what came of it; whether an engine was there to do it.
    async fn conclude(
        &mut self,
        rule: &Rule,
        what: &'static str,
        outcome: Result<Vec<String>, StackError>,
        deed: &Deed,
        causes: &[PathBuf],
    ) -> bool {
        let is_put_off = outcome.is_err() && is_away(&self.reload.engine).await;
        // Told again, as it is an answer to a change; unless it is put off once more.
        if !is_put_off {
            self.failing.mended(&rule.service, what);
        }
        let failure = match outcome {
            Ok(failures) if failures.is_empty() => None,
            Ok(failures) => Some(failures.join("; ")),
            Err(error) => Some(error.to_string()),
        };
        if let Some(message) = failure {
            self.tell_failure(&rule.service, what, &message);
        } else {
            let names = [rule.service.clone()];
            let (services, because) = (words::services(&names), self.because(causes));
            let (words, took) = (&deed.words, words::time(deed.begun.elapsed()));
            let line = format!("{services} {words}{because} in {took}");
            self.reload.feedback.state(&names, deed.state, &line);
        }
        !is_put_off
    }

    /// Waits no more for services that are about to be stopped.
    pub(super) fn forgo_health(&mut self, names: &[String]) {
        for service in names {
            if let Some(wait) = self.waiting.remove(service) {
                wait.abort();
            }
        }
    }

    /// Waits beside the loop until it is known how services fare that were started anew.
    pub(super) fn await_health(&mut self, names: &[String], since: Instant) {
        for service in names {
            // What was told before is told again: it is another attempt.
            self.failing.mended(service, HEALTH);
            let (engine, project) =
                (Arc::clone(&self.reload.engine), self.reload.project.name.clone());
            let name = service.clone();
            let wait = self.waits.spawn(async move {
                let outcome = health(engine, project, name.clone(), since).await;
                (name, outcome)
            });
            if let Some(former) = self.waiting.insert(service.clone(), wait) {
                former.abort();
            }
        }
    }
}
