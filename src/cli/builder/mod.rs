//! Builds for the stack: a service becomes a request, the build's events become lines of progress,
//! its failure a text that says where and why.

mod choice;
mod credentials;
mod failure;
mod lines;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::{BoxFuture, try_join_all};
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use super::context::Context;
use crate::build::request::build_cycle;
use crate::build::{
    self, BuildError, BuildEvent, BuildOptions, BuildRequest, BuilderKind, Checked,
};
use crate::compose::model::Project;
use crate::engine::{DockerEngine, Engine};
use crate::stack::images::Builder;
use crate::stack::labels;
use crate::stack::progress::{Event, Report, Status, Subject};
use crate::ui::ProgressMode;
use choice::Choice;
pub(super) use choice::{Taken, elsewhere, found};
use credentials::UserCredentials;
use lines::{Lines, Numbers};

/// What became of a build, once it is over.
type Outcome = Arc<OnceCell<Result<(), String>>>;

/// Builds images, with the engine's own builder or the one of buildx that is chosen.
pub(super) struct ImageBuilder {
    /// Who builds, or why nobody does.
    place: Result<build::Builder, String>,
    options: BuildOptions,
    credentials: Arc<UserCredentials>,
    numbers: Arc<Mutex<Numbers>>,
    /// Images of this run by service: one that several builds need is built once.
    built: Mutex<BTreeMap<String, Outcome>>,
}

impl Context {
    /// A builder for images that are to be run here.
    pub(super) fn builder(&self, engine: &Arc<DockerEngine>) -> ImageBuilder {
        let options = BuildOptions { single_platform: true, ..BuildOptions::default() };
        self.builder_with(engine, options, None)
    }

    /// A builder with the flags of `build`; `name` is what they say of it.
    pub(super) fn builder_with(
        &self,
        engine: &Arc<DockerEngine>,
        options: BuildOptions,
        name: Option<&str>,
    ) -> ImageBuilder {
        let description = engine.describe();
        let chosen = self.choose_builder(engine, name);
        // Whoever has chosen another builder does not need the engine's.
        let buildkit = description.buildkit || chosen.as_ref().is_ok_and(Choice::is_another);
        let options = BuildOptions {
            builder: BuilderKind::choose(self.process.variable("DOCKER_BUILDKIT"), buildkit),
            version: labels::WRITTEN_VERSION.to_owned(),
            proxies: engine.config().proxy_variables(&description.endpoint),
            attest_by_default: chosen.as_ref().is_ok_and(|choice| choice.attests),
            records: self.ui.appearance().progress == ProgressMode::Json,
            ..options
        };
        if options.memory != 0 && options.builder == BuilderKind::BuildKit {
            let message = "WARNING: --memory is not supported by BuildKit and will be ignored";
            self.ui.status(message);
        }
        ImageBuilder {
            place: chosen.map(|choice| choice.builder),
            options,
            credentials: Arc::new(UserCredentials::new(DockerEngine::clone(engine))),
            numbers: Arc::default(),
            built: Mutex::default(),
        }
    }
}

impl ImageBuilder {
    fn place(&self) -> Result<&build::Builder, String> {
        self.place.as_ref().map_err(String::clone)
    }

    /// Tells of an event: by the builder's own message where those are asked for, else by lines.
    fn told(&self, event: &BuildEvent, lines: &Mutex<Lines>, mut tell: impl FnMut(&str)) {
        match event {
            BuildEvent::Record(record) => tell(record),
            _ if self.options.records && self.options.builder == BuilderKind::BuildKit => {}
            _ => {
                // The lock is held for a moment only, and by nobody who could panic.
                let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
                lines.take(event, tell);
            }
        }
    }

    /// What to do for a service.
    ///
    /// # Errors
    /// No builder of the name that is asked for, and what the file asks for and no builder can do, drawn for the user.
    pub(super) fn request(&self, project: &Project, service: &str) -> Result<BuildRequest, String> {
        self.place()?;
        let service = project.services.get(service).or(project.disabled_services.get(service));
        let service = service.ok_or("no such service")?;
        BuildRequest::new(project, service, &self.options).map_err(|diagnostic| {
            crate::diagnostic::render(
                &diagnostic,
                &project.sources,
                crate::diagnostic::Style::Plain,
            )
        })
    }

    /// Carries a request out and tells of it.
    pub(super) async fn carry_out(
        &self,
        request: &BuildRequest,
        report: &dyn Report,
        cancel: &CancellationToken,
    ) -> Result<(), String> {
        let subject = Subject::Build(request.service.clone());
        let lines = Mutex::new(Lines::new(&request.service, Arc::clone(&self.numbers)));
        let events = |event: BuildEvent| {
            if let BuildEvent::Progress { part, action, current, total, done, .. } = &event {
                let status = if *done { Status::Done } else { Status::Working };
                report.event(Event {
                    part: Some(part.clone()),
                    progress: Some((*current, *total)),
                    ..Event::new(subject.clone(), status, action.clone())
                });
            }
            self.told(&event, &lines, |line| report.output(&subject, line));
        };
        let credentials: Arc<dyn build::CredentialSource> = Arc::clone(&self.credentials) as _;
        let build = build::build(self.place()?, request, credentials, events);
        let outcome = tokio::select! {
            outcome = build => outcome,
            () = cancel.cancelled() => {
                let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
                lines.cancel(|line| report.output(&subject, line));
                Err(BuildError::Canceled)
            }
        };
        outcome.map(|_| ()).map_err(|error| failure::told(&error))
    }
}

impl ImageBuilder {
    /// Has the builder check a Dockerfile.
    ///
    /// # Errors
    /// What keeps it from being checked, told.
    pub(super) async fn check(
        &self,
        request: &BuildRequest,
        report: &dyn Report,
        cancel: &CancellationToken,
    ) -> Result<Checked, String> {
        let subject = Subject::Build(request.service.clone());
        let lines = Mutex::new(Lines::new(&request.service, Arc::clone(&self.numbers)));
        let events = |event: BuildEvent| {
            self.told(&event, &lines, |line| report.output(&subject, line));
        };
        let credentials: Arc<dyn build::CredentialSource> = Arc::clone(&self.credentials) as _;
        let check = build::check(self.place()?, request, credentials, events);
        let outcome = tokio::select! {
            outcome = check => outcome,
            () = cancel.cancelled() => Err(BuildError::Canceled),
        };
        outcome.map_err(|error| failure::told(&error))
    }
}

impl Builder for ImageBuilder {
    fn needs(&self, project: &Project) -> BTreeMap<String, BTreeSet<String>> {
        build::needs(project)
    }

    async fn build(
        &self,
        project: &Project,
        service: &str,
        image: &str,
        report: &dyn Report,
        cancel: &CancellationToken,
    ) -> Result<(), String> {
        let mut request = self.request(project, service)?;
        if !request.tags.iter().any(|tag| tag == image) {
            request.tags.push(image.to_owned());
        }
        if let Some(cycle) = build_cycle(project, service) {
            return Err(format!("builds need each other's images: {}", cycle.join(" -> ")));
        }
        self.build_once(project, request, report, cancel).await
    }
}

impl ImageBuilder {
    /// Builds an image after those that it takes as contexts, each once. There is no cycle in them.
    fn build_once<'a>(
        &'a self,
        project: &'a Project,
        request: BuildRequest,
        report: &'a dyn Report,
        cancel: &'a CancellationToken,
    ) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            let cell = {
                let mut built = self.built.lock().unwrap_or_else(PoisonError::into_inner);
                Arc::clone(built.entry(request.service.clone()).or_default())
            };
            let outcome = cell.get_or_init(|| async {
                let needed = request.needs().map(|needed| async move {
                    let request = self.request(project, needed)?;
                    self.build_once(project, request, report, cancel).await
                });
                try_join_all(needed).await?;
                self.carry_out(&request, report, cancel).await
            });
            outcome.await.clone()
        })
    }
}

/// `--build-arg`: `KEY=VALUE`, or `KEY` for the project's environment.
pub(super) fn build_arguments(words: &[String]) -> BTreeMap<String, Option<String>> {
    words
        .iter()
        .map(|word| match word.split_once('=') {
            Some((key, value)) => (key.to_owned(), Some(value.to_owned())),
            None => (word.clone(), None),
        })
        .collect()
}
