//! What follows from changes beside their landing: builds, restarts, commands.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use futures_util::future::join_all;
use tokio_util::sync::CancellationToken;

use super::containers::{Health, health};
use super::feedback::Aside;
use super::session::{Patience, Session, paths};
use super::words;
use crate::cli::context::proxies;
use crate::cli::failure::{Failure, Result};
use crate::engine::Engine;
use crate::stack::images::{Builder as _, image_name};
use crate::stack::progress::Report;
use crate::stack::query::{self, Filter};
use crate::stack::up::{Build, Options, Recreate};
use crate::stack::{self, StackError, execute, labels, restart, start, up};
use crate::watch::{Action, Batch};

/// What builds are called among what fails.
const BUILD: &str = "build";
/// What the replacement of containers is.
const START: &str = "start";
/// What restarts are.
const RESTART: &str = "restart";
/// What commands are.
const COMMAND: &str = "command";

impl Session<'_> {
    /// Builds the images of services that a batch asks to be built, and replaces their containers. Gives the
    /// services whose containers are new.
    pub(super) async fn rebuild(&mut self, batch: &Batch, stop: &CancellationToken) -> Vec<String> {
        let (mut names, mut causes) = (Vec::new(), Vec::new());
        for index in batch.rules() {
            let Some(rule) = self.rules.get(index) else { continue };
            if rule.action == Action::Rebuild {
                causes.extend(paths(batch, index));
                if !names.contains(&rule.service) {
                    names.push(rule.service.clone());
                }
            }
        }
        if names.is_empty() {
            return names;
        }
        let because = self.because(&causes);
        let services = words::services(&names);
        let line = format!("Rebuilding {services} after changes were detected...{because}");
        self.reload.feedback.state(&names, "Rebuilding", &line);
        let begun = Instant::now();
        let built = self.build(&names, stop).await;
        if built.is_empty() {
            return built;
        }
        let services = words::services(&built);
        let line = format!("{services} successfully built in {}", words::time(begun.elapsed()));
        self.reload.feedback.state(&built, "Built", &line);
        match self.replace(&built, stop).await {
            Ok(()) => {
                for service in &built {
                    self.failing.mended(service, START);
                }
            }
            Err(_) if stop.is_cancelled() => {}
            Err(failure) => {
                let message = told(&failure);
                for service in &built {
                    self.tell_failure(service, START, &message);
                }
            }
        }
        if self.reload.prune {
            self.prune().await;
        }
        self.await_health(&built, begun);
        built
    }

    /// Builds images side by side; those services whose builds went well. The others keep what they have.
    async fn build(&mut self, names: &[String], stop: &CancellationToken) -> Vec<String> {
        let reload = self.reload;
        let builder = reload.context.builder(&reload.engine);
        let report = Aside { feedback: &reload.feedback, quiet: reload.quiet };
        let builds = names.iter().map(async |name| {
            let Some(service) = reload.project.services.get(name) else {
                return Err(format!("no such service: {name}"));
            };
            let image = image_name(reload.project, service);
            builder.build(reload.project, name, &image, &report, stop).await
        });
        let mut built = Vec::new();
        for (name, outcome) in names.iter().zip(join_all(builds).await) {
            match outcome {
                Ok(()) => {
                    self.failing.mended(name, BUILD);
                    built.push(name.clone());
                }
                Err(_) if stop.is_cancelled() => {}
                Err(message) => {
                    // What was told before this attempt is told again: it is an answer to a change.
                    self.failing.mended(name, BUILD);
                    self.tell_failure(name, BUILD, &message);
                }
            }
        }
        built
    }

    /// Replaces the containers of services, as many as there are, and starts what depends on them.
    async fn replace(&self, names: &[String], stop: &CancellationToken) -> Result {
        let reload = self.reload;
        let (engine, project) = (&*reload.engine, reload.project);
        let report = Aside { feedback: &reload.feedback, quiet: reload.quiet };
        let filter = Filter { all: true, ..Filter::default() };
        let containers = query::containers(engine, &project.name, &filter).await?;
        let mut scale: BTreeMap<String, i64> = BTreeMap::new();
        for container in containers.iter().filter(|container| names.contains(&container.service)) {
            *scale.entry(container.service.clone()).or_default() += 1;
        }
        let options = Options {
            services: names.to_vec(),
            no_deps: true,
            recreate: Recreate::Force,
            scale,
            ignore_orphans: true,
            // They were built just now.
            build: Build::Never,
            pull: Some("never".to_owned()),
            assume_yes: true,
            compatibility: reload.context.global.compatibility,
            proxy_environment: proxies(&reload.engine),
            ..Options::default()
        };
        let plan = up::plan(project, &options, engine).await?;
        for warning in plan.warnings() {
            report.warning(warning);
        }
        up::run(plan, engine, &stack::images::NoBuilder, &report, stop).await?;

        let mut dependents = self.dependents(names);
        dependents.retain(|name| containers.iter().any(|container| container.service == *name));
        if !dependents.is_empty() {
            let options = start::Options { services: dependents, ..start::Options::default() };
            let plan = start::plan(project, &options, engine).await?;
            stack::run(&plan, engine, &report, stop).await?;
        }
        Ok(())
    }

    /// Whoever depends on one of these services, also by way of others.
    fn dependents(&self, names: &[String]) -> Vec<String> {
        let mut reached: BTreeSet<&str> = names.iter().map(String::as_str).collect();
        loop {
            let more: Vec<&str> = self
                .reload
                .project
                .services
                .values()
                .filter(|service| !reached.contains(service.name.as_str()))
                .filter(|service| {
                    service.depends_on.keys().any(|name| reached.contains(name.as_str()))
                })
                .map(|service| service.name.as_str())
                .collect();
            if more.is_empty() {
                break;
            }
            reached.extend(more);
        }
        let is_other = |name: &&str| !names.iter().any(|given| given == name);
        reached.into_iter().filter(is_other).map(str::to_owned).collect()
    }

    /// Removes the images of the project that have lost their names. One that something still uses stays.
    async fn prune(&self) {
        let label = format!("{}={}", labels::PROJECT, self.reload.project.name);
        let Ok(images) = self.reload.engine.list_images(&[label]).await else { return };
        for image in images {
            if image.repo_tags.iter().all(|name| name == "<none>:<none>") {
                let _ = self.reload.engine.remove_image(&image.id, false).await;
            }
        }
    }

    /// Restarts services and runs commands, where all has landed that they wait for. `fresh` gets the
    /// services of which something was told.
    pub(super) async fn follow_up(
        &mut self,
        patience: Patience,
        fresh: &mut Vec<String>,
        stop: &CancellationToken,
    ) {
        let rules = Arc::clone(&self.rules);
        let (mut restarts, mut causes, mut commands) = (Vec::new(), Vec::new(), Vec::new());
        for (index, rule) in rules.iter().enumerate() {
            let waits = patience == Patience::Waits && rule.action.syncs();
            if waits && !self.has_landed(&rule.service) {
                continue;
            }
            let Some(paths) = self.due.remove(&index) else { continue };
            if rule.action == Action::SyncExec {
                commands.push(rule);
                continue;
            }
            causes.extend(paths);
            if !restarts.contains(&rule.service) {
                restarts.push(rule.service.clone());
            }
        }
        if !restarts.is_empty() && !stop.is_cancelled() {
            self.restart(&restarts, &causes, stop).await;
        }
        for rule in &commands {
            if stop.is_cancelled() {
                return;
            }
            self.run_command(rule).await;
        }
        fresh.extend(restarts);
        fresh.extend(commands.into_iter().map(|rule| rule.service.clone()));
    }

    /// Restarts services, and those that ask to be restarted with them.
    async fn restart(&mut self, names: &[String], causes: &[PathBuf], stop: &CancellationToken) {
        let begun = Instant::now();
        let together = self.restart_plan(names, stop).await;
        let outcomes = match (together, names) {
            (outcome, [_]) | (outcome @ Ok(()), _) => {
                let text = outcome.err().map(|error| told(&Failure::from(error)));
                names.iter().map(|name| (name.clone(), text.clone())).collect()
            }
            // One of them keeps the others from it: each by itself.
            (Err(_), _) => {
                let mut outcomes = Vec::new();
                for name in names {
                    let outcome = self.restart_plan(std::slice::from_ref(name), stop).await;
                    let text = outcome.err().map(|error| told(&Failure::from(error)));
                    outcomes.push((name.clone(), text));
                }
                outcomes
            }
        };
        let mut restarted = Vec::new();
        for (name, failure) in outcomes {
            match failure {
                None => {
                    self.failing.mended(&name, RESTART);
                    restarted.push(name);
                }
                Some(_) if stop.is_cancelled() => {}
                Some(message) => self.tell_failure(&name, RESTART, &message),
            }
        }
        if restarted.is_empty() {
            return;
        }
        let (services, because) = (words::services(&restarted), self.because(causes));
        let line = format!("{services} restarted{because} in {}", words::time(begun.elapsed()));
        self.reload.feedback.state(&restarted, "Restarted", &line);
        self.await_health(&restarted, begun);
    }

    async fn restart_plan(
        &self,
        names: &[String],
        stop: &CancellationToken,
    ) -> std::result::Result<(), StackError> {
        let reload = self.reload;
        let options = restart::Options { services: names.to_vec(), ..restart::Options::default() };
        let plan = restart::plan(reload.project, &options, &*reload.engine).await?;
        let report = Aside { feedback: &reload.feedback, quiet: reload.quiet };
        stack::run(&plan, &*reload.engine, &report, stop).await
    }

    /// Runs the command of a rule in every container of its service that runs.
    async fn run_command(&mut self, rule: &crate::watch::Rule) {
        let reload = self.reload;
        let engine = &*reload.engine;
        let filter = Filter { services: vec![rule.service.clone()], ..Filter::default() };
        let containers = match query::containers(engine, &reload.project.name, &filter).await {
            Ok(containers) => containers,
            Err(error) => return self.tell_failure(&rule.service, COMMAND, &error.to_string()),
        };
        let tty = reload.project.services.get(&rule.service).is_some_and(|service| service.tty);
        let runs = containers.iter().map(async |container| {
            let mut tell = |line: &str| reload.feedback.output(line);
            match execute::command(engine, &container.id, &rule.exec, tty, &mut tell).await {
                Ok(0) => None,
                Ok(code) => Some(format!("command exited with {code} in {}", container.name)),
                Err(error) => Some(format!("{}: {error}", container.name)),
            }
        });
        let failures: Vec<String> = join_all(runs).await.into_iter().flatten().collect();
        self.failing.mended(&rule.service, COMMAND);
        if !failures.is_empty() {
            self.tell_failure(&rule.service, COMMAND, &failures.join("; "));
        }
    }

    /// Tells, once it is known, how long services took to be healthy.
    fn await_health(&mut self, names: &[String], since: Instant) {
        while self.waits.try_join_next().is_some() {}
        for service in names {
            let (engine, project) =
                (Arc::clone(&self.reload.engine), self.reload.project.name.clone());
            let (feedback, name) = (self.reload.feedback.clone(), service.clone());
            let wait = self.waits.spawn(async move {
                match health(engine, project, name.clone(), since).await {
                    None => {}
                    Some(Health::Healthy(took)) => {
                        let line = format!("service {name:?} healthy after {}", words::time(took));
                        feedback.state(&[name], "Healthy", &line);
                    }
                    Some(Health::Failed(message)) => feedback.failed(&name, &message),
                }
            });
            if let Some(former) = self.waiting.insert(service.clone(), wait) {
                former.abort();
            }
        }
    }

    fn because(&self, paths: &[PathBuf]) -> String {
        let paths: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
        words::because(&paths, &self.reload.project.working_dir)
    }
}

/// What a failure says.
fn told(failure: &Failure) -> String {
    match failure {
        Failure::Message { message, .. } => message.clone(),
        Failure::Diagnostics { diagnostics, .. } => diagnostics
            .iter()
            .map(|diagnostic| diagnostic.message.clone())
            .collect::<Vec<_>>()
            .join("; "),
        Failure::Status(code) => format!("exit code {code}"),
        Failure::Interrupted => "interrupted".to_owned(),
    }
}
