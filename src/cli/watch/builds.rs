//! Builds that changes ask for, and the replacement of containers by what was built.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

use futures_util::future::join_all;
use tokio_util::sync::CancellationToken;

use super::feedback::Aside;
use super::session::{Session, paths};
use super::words;
use crate::cli::context::proxies;
use crate::cli::failure::{Failure, Result};
use crate::engine::Engine;
use crate::stack::images::{Builder as _, image_name};
use crate::stack::progress::Report;
use crate::stack::query::{self, Filter};
use crate::stack::up::{Build, Options, Recreate};
use crate::stack::{self, labels, start, up};
use crate::watch::{Action, Batch};

/// What builds are called among what fails.
const BUILD: &str = "build";
/// What the replacement of containers is.
const START: &str = "start";

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
                    self.links.renew(&self.rules, service);
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

    /// ` because of …`: what paths a change was about.
    pub(super) fn because(&self, paths: &[PathBuf]) -> String {
        let paths: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
        words::because(&paths, &self.reload.project.working_dir)
    }
}

/// What a failure says.
pub(super) fn told(failure: &Failure) -> String {
    match failure {
        Failure::Message { message, .. } => message.clone(),
        Failure::Diagnostics { diagnostics, .. } => diagnostics
            .iter()
            .map(|diagnostic| diagnostic.message.clone())
            .collect::<Vec<_>>()
            .join("; "),
        Failure::Status(code) | Failure::Container(code) => format!("exit code {code}"),
        Failure::Interrupted => "interrupted".to_owned(),
    }
}
