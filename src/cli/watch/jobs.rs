//! What goes on beside the loop of a watch: builds, and the replacement of containers by what was built; [`deeds`](super::deeds)
//! has the rest. Each is a task that tells the loop how far it is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::HotReload;
use super::builds::told;
use super::containers::End;
use super::deeds::{Done, Restarted};
use super::feedback::{Aside, Feedback};
use crate::cli::builder::ImageBuilder;
use crate::cli::context::proxies;
use crate::cli::failure::Failure;
use crate::compose::model::Project;
use crate::engine::{DockerEngine, Engine};
use crate::stack::images::{Builder as _, NoBuilder, image_name};
use crate::stack::progress::Report;
use crate::stack::query::{self, Filter};
use crate::stack::up::{Build, Options, Recreate};
use crate::stack::{self, labels, start, stop, up};

/// What a job tells the loop.
pub(super) enum Told {
    /// The build of a service has ended.
    Built(String, Result<(), String>),
    /// New containers stand in the place of the old ones. They are started when this is answered.
    Created(oneshot::Sender<()>),
    /// The replacement has ended.
    Replaced(Result<(), String>),
    /// Services were restarted, or could not be.
    Restarted(Restarted),
    /// Something was done in the containers of a service, or could not be.
    Done(Done),
    /// A container of a service has ended by itself.
    Ended(String, End),
}

/// The jobs under way.
pub(super) struct Jobs {
    site: Arc<Site>,
    tasks: JoinSet<()>,
    inbox: UnboundedReceiver<Told>,
}

/// What every job works with.
pub(super) struct Site {
    pub(super) engine: Arc<DockerEngine>,
    pub(super) project: Project,
    pub(super) feedback: Feedback,
    quiet: bool,
    compatibility: bool,
    outbox: UnboundedSender<Told>,
}

impl Jobs {
    /// None is under way.
    pub(super) fn new(reload: &HotReload<'_>) -> Self {
        let (outbox, inbox) = unbounded_channel();
        let site = Site {
            engine: Arc::clone(&reload.engine),
            project: reload.project.clone(),
            feedback: reload.feedback.clone(),
            quiet: reload.quiet,
            compatibility: reload.context.global.compatibility,
            outbox,
        };
        Self { site: Arc::new(site), tasks: JoinSet::new(), inbox }
    }

    /// What is told next. Nothing is lost when the call is dropped.
    pub(super) async fn next(&mut self) -> Told {
        match self.inbox.recv().await {
            Some(told) => told,
            // There is a sender as long as this is there.
            None => std::future::pending().await,
        }
    }

    /// Builds the image of a service.
    pub(super) fn build(&mut self, service: &str, builder: ImageBuilder, stop: CancellationToken) {
        let (site, service) = (Arc::clone(&self.site), service.to_owned());
        self.spawn(async move {
            let outcome = site.build(&service, &builder, &stop).await;
            site.tell(Told::Built(service, outcome));
        });
    }

    /// Replaces the containers of services by such of their images, restarts what asks to be restarted with them, and
    /// starts what else depends on them.
    pub(super) fn replace(&mut self, services: Vec<String>, stop: CancellationToken) {
        let site = Arc::clone(&self.site);
        self.spawn(async move {
            let outcome = Box::pin(site.replace(services, &stop)).await;
            site.tell(Told::Replaced(outcome.map_err(|failure| told(&failure))));
        });
    }

    /// Removes the images of the project that have lost their names. What is not begun when the watch ends is left for the
    /// next time: engines may take seconds for one.
    pub(super) fn prune(&mut self, stop: CancellationToken) {
        let site = Arc::clone(&self.site);
        self.spawn(async move {
            stop.run_until_cancelled(site.prune()).await;
        });
    }

    /// Waits until all have ended that were told to stop. What they still tell is of no interest.
    pub(super) async fn end(&mut self) {
        self.inbox.close();
        while self.inbox.try_recv().is_ok() {}
        while self.tasks.join_next().await.is_some() {}
    }

    pub(super) fn site(&self) -> Arc<Site> {
        Arc::clone(&self.site)
    }

    pub(super) fn spawn(&mut self, job: impl Future<Output = ()> + Send + 'static) {
        // Those that have ended are of no interest either: they have told.
        while self.tasks.try_join_next().is_some() {}
        self.tasks.spawn(job);
    }
}

impl Site {
    pub(super) fn tell(&self, told: Told) {
        // After the end of the loop nobody listens.
        let _ = self.outbox.send(told);
    }

    pub(super) fn report(&self) -> Aside<'_> {
        Aside { feedback: &self.feedback, quiet: self.quiet }
    }

    async fn build(
        &self,
        name: &str,
        builder: &ImageBuilder,
        stop: &CancellationToken,
    ) -> Result<(), String> {
        let Some(service) = self.project.services.get(name) else {
            return Err(format!("no such service: {name}"));
        };
        let image = image_name(&self.project, service);
        builder.build(&self.project, name, &image, &self.report(), stop).await
    }

    /// As many containers as there are.
    async fn replace(&self, names: Vec<String>, stop: &CancellationToken) -> Result<(), Failure> {
        let (engine, project, report) = (&*self.engine, &self.project, self.report());
        let filter = Filter { all: true, ..Filter::default() };
        let containers = query::containers(engine, &project.name, &filter).await?;
        let mut scale: BTreeMap<String, i64> = BTreeMap::new();
        for container in containers.iter().filter(|container| names.contains(&container.service)) {
            *scale.entry(container.service.clone()).or_default() += 1;
        }
        let mut dependents = self.dependents(&names);
        dependents.retain(|name| containers.iter().any(|container| container.service == *name));
        let mut restarted = dependents.clone();
        restarted.retain(|name| self.restarts_with(name, &names));
        let options = Options {
            services: names,
            no_deps: true,
            recreate: Recreate::Force,
            scale,
            ignore_orphans: true,
            // They were built just now.
            build: Build::Never,
            pull: Some("never".to_owned()),
            assume_yes: true,
            compatibility: self.compatibility,
            proxy_environment: proxies(&self.engine),
            ..Options::default()
        };
        let plan = up::plan(project, &options, engine).await?;
        for warning in plan.warnings() {
            report.warning(warning);
        }
        let created = up::create(plan, engine, &NoBuilder, &report, stop).await?;
        let (answer, answered) = oneshot::channel();
        self.tell(Told::Created(answer));
        // Where the loop is over there is no answer, and what follows does nothing.
        let _ = answered.await;
        if !restarted.is_empty() {
            let options = stop::Options { services: restarted, ..stop::Options::default() };
            let plan = stop::plan(project, &options, engine).await?;
            stack::run(&plan, engine, &report, stop).await?;
        }
        up::start(created, engine, &report, stop).await?;
        if !dependents.is_empty() {
            let options = start::Options { services: dependents, ..start::Options::default() };
            let plan = start::plan(project, &options, engine).await?;
            stack::run(&plan, engine, &report, stop).await?;
        }
        Ok(())
    }

    /// Whether a service asks to be restarted with one of these (`depends_on` … `restart: true`).
    fn restarts_with(&self, name: &str, others: &[String]) -> bool {
        let service = self.project.services.get(name);
        service.is_some_and(|service| {
            others.iter().any(|other| service.depends_on.get(other).is_some_and(|how| how.restart))
        })
    }

    /// A service, and whoever depends on it.
    pub(super) fn reach(&self, name: &str) -> BTreeSet<String> {
        let name = [name.to_owned()];
        self.dependents(&name).into_iter().chain(name).collect()
    }

    /// Whoever depends on one of these services, also by way of others.
    fn dependents(&self, names: &[String]) -> Vec<String> {
        let mut reached: BTreeSet<&str> = names.iter().map(String::as_str).collect();
        loop {
            let more: Vec<&str> = self
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

    /// An image that something still uses stays.
    async fn prune(&self) {
        let label = format!("{}={}", labels::PROJECT, self.project.name);
        let Ok(images) = self.engine.list_images(&[label]).await else { return };
        for image in images {
            if image.repo_tags.iter().all(|name| name == "<none>:<none>") {
                let _ = self.engine.remove_image(&image.id, false).await;
            }
        }
    }
}
