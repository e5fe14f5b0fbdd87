//! Everything that one `up` has read and decided.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use futures_util::future::join;

use super::{Fingerprint, Options, ProjectContainer, preparation};
use crate::compose::files::Disk;
use crate::compose::model::{Project, Service};
use crate::engine::Engine;
use crate::engine::api::ApiVersion;
use crate::stack::desired::{
    Desired, DesiredService, Setting, desire, hook_image, image_mounts, injected_files, mounted_key,
};
use crate::stack::execute::Known;
use crate::stack::images::{self, Builder, Circumstances};
use crate::stack::observed::{self, ImageKey, Observed, Wanted};
use crate::stack::plan::{Action, Plan, Question, Rehearsal};
use crate::stack::preview::{Preview, Source};
use crate::stack::programs::{Brought, Programs};
use crate::stack::reconcile::{FinalContainer, Input, Reconciled, reconcile, with_other_hash};
use crate::stack::selection::{Companions, select};
use crate::stack::{StackError, api_socket};

/// Everything that one `up` will do.
pub struct UpPlan<'project> {
    project: Cow<'project, Project>,
    disk: Disk,
    options: Options,
    api_version: ApiVersion,
    swarm_active: bool,
    desired: Desired,
    observed: Observed,
    /// Containers of the services that were made of something else.
    other_hash: BTreeSet<String>,
    /// A service for which a container will be made by the caller (`run`).
    target: Option<Service>,
    /// What programs brought; before they have run, what they will probably bring.
    brought: Brought,
    programs: Arc<Programs>,
    /// Whether everything is here that decisions depend on.
    settled: bool,
    images: Plan,
    reconciled: Reconciled,
    answers: BTreeMap<String, bool>,
}

impl<'project> UpPlan<'project> {
    /// Reads the engine and decides. With a `target`, everything that a container of it needs is
    /// prepared too, but for the container.
    pub(in crate::stack) async fn prepare<E: Engine>(
        project: &'project Project,
        options: &Options,
        target: Option<&Service>,
        engine: &E,
    ) -> Result<Self, StackError> {
        let project = api_socket::expanded(project, engine).await?;
        let description = engine.describe();
        let programs = Arc::new(Programs::of(&project, description));
        let mut plan = Self {
            project,
            disk: Disk::default(),
            options: options.clone(),
            api_version: description.api_version,
            swarm_active: description.swarm_active,
            desired: Desired::default(),
            observed: Observed::default(),
            other_hash: BTreeSet::new(),
            target: target.cloned(),
            brought: Brought::default(),
            programs,
            settled: false,
            images: Plan::default(),
            reconciled: Reconciled::default(),
            answers: BTreeMap::new(),
        };
        plan.desire()?;
        let wanted = plan.wanted();
        let (observed, ()) = join(observed::observe(engine, &plan.project.name, &wanted), async {
            plan.desired.work_ahead();
        })
        .await;
        plan.observed = observed?;
        plan.images = plan.preparation();
        plan.decide(engine).await?;
        Ok(plan)
    }

    /// Works out what should exist, with what was brought.
    fn desire(&mut self) -> Result<(), StackError> {
        let Self { project, options, target, brought, .. } = &*self;
        let companions = if options.no_deps { Companions::None } else { Companions::Dependencies };
        let mut selection = select(project, &options.services, companions)?;
        if let Some(target) = target {
            selection.services.retain(|service| service.name != target.name);
            if options.no_deps {
                selection.services.clear();
            }
        }
        let target = target.as_ref();
        self.desired = desire(&self.setting(), &selection, target, &options.scale, brought)?;
        Ok(())
    }

    fn setting(&self) -> Setting<'_> {
        Setting {
            project: &self.project,
            api_version: self.api_version,
            files: &self.disk,
            compatibility: self.options.compatibility,
            proxy_environment: &self.options.proxy_environment,
        }
    }

    fn services(&self) -> impl Iterator<Item = &Service> + Clone {
        self.desired.services.iter().map(|desired| &*desired.service).chain(&self.target)
    }

    fn wanted(&self) -> Wanted {
        let mut wanted = Wanted::default();
        for service in self.services() {
            wanted.images.insert(images::key(&self.project, service));
            let image = images::image_name(&self.project, service);
            let of_hooks = service.pre_start.iter().map(|hook| hook_image(&image, hook));
            let platform = images::key(&self.project, service).1;
            wanted.images.extend(of_hooks.map(|image| (image.to_owned(), platform.clone())));
            wanted.hook_runners |= !service.pre_start.is_empty();
            wanted.images.extend(image_mounts(service).map(mounted_key));
        }
        for volume in &self.desired.volumes {
            let names =
                if volume.external { &mut wanted.external_volumes } else { &mut wanted.volumes };
            names.insert(volume.name.clone());
        }
        wanted
    }

    fn preparation(&self) -> Plan {
        let circumstances = Circumstances {
            project: &self.project,
            images: &self.observed.images,
            build: self.options.build,
            pull: self.options.pull.as_deref(),
            now: Utc::now(),
        };
        preparation::plan(&circumstances, self.services(), &self.desired.providers, &self.programs)
    }

    /// Decides over the stack with what is known now.
    async fn decide<E: Engine>(&mut self, engine: &E) -> Result<(), StackError> {
        self.other_hash = with_other_hash(&self.desired, &self.observed);
        let unknown = |id: &&String| !self.observed.details.contains_key(*id);
        let changed: Vec<String> = self.other_hash.iter().filter(unknown).cloned().collect();
        observed::inspect(engine, &mut self.observed, &changed).await?;
        observed::former_images(engine, &mut self.observed).await?;
        if !self.settled {
            let assumed = preparation::assumed(&self.project, &self.desired, &self.observed);
            if assumed != self.brought {
                self.brought = assumed;
                self.desire()?;
                self.other_hash = with_other_hash(&self.desired, &self.observed);
            }
        }
        self.reconciled = self.reconcile()?;
        Ok(())
    }

    fn reconcile(&self) -> Result<Reconciled, StackError> {
        reconcile(&Input {
            setting: self.setting(),
            desired: &self.desired,
            observed: &self.observed,
            other_hash: &self.other_hash,
            options: &self.options,
            swarm_active: self.swarm_active,
            answers: &self.answers,
            target: self.target.as_ref(),
        })
    }

    /// Makes builds come after those whose images they need.
    pub(in crate::stack) fn order_builds(&mut self, builder: &impl Builder) {
        let Self { images, project, .. } = self;
        images::order_builds(images, || builder.needs(project));
    }

    /// Looks at the images that were pulled and built, and decides over the stack again with them
    /// and with what programs brought.
    pub(in crate::stack) async fn settle<E: Engine>(
        &mut self,
        engine: &E,
        brought: Brought,
    ) -> Result<(), StackError> {
        self.settled = true;
        self.brought = brought;
        self.desire()?;
        let touched = self.touched_images();
        let keys: BTreeSet<ImageKey> = self.wanted().images;
        let keys = keys.iter().filter(|key| touched.contains(key.0.as_str()));
        let now = observed::images(engine, keys).await?;
        self.observed.images.extend(now);
        self.decide(engine).await?;
        for desired in &self.desired.services {
            let written = self.project.services.get(&desired.service.name);
            for warning in written.into_iter().flat_map(|service| self.brought.overrides(service)) {
                self.reconciled.plan.warn(warning);
            }
        }
        Ok(())
    }

    fn touched_images(&self) -> BTreeSet<String> {
        self.images
            .steps()
            .into_iter()
            .filter_map(|(_, step)| match &step.action {
                Action::PullImage { image, .. } | Action::BuildImage { image, .. } => {
                    Some(image.clone())
                }
                _ => None,
            })
            .collect()
    }

    /// What the user should be told before anything is done (orphans, foreign volumes).
    pub fn warnings(&self) -> &[String] {
        self.reconciled.plan.warnings()
    }

    /// What must be asked before: questions without an answer count as "no".
    pub fn questions(&self) -> &[Question] {
        &self.reconciled.questions
    }

    /// Answers a question; the plan changes accordingly.
    ///
    /// # Errors
    /// As [`super::plan`], but for the engine.
    pub fn answer(&mut self, question: &Question, yes: bool) -> Result<(), StackError> {
        self.answers.insert(question.volume.clone(), yes);
        self.reconciled = self.reconcile()?;
        Ok(())
    }

    /// Pulls and builds, which come first.
    pub fn images(&self) -> &Plan {
        &self.images
    }

    /// Everything else. Where [`Self::images`] is not empty, this is what is done if they bring
    /// nothing new; it is decided again, by the same rules, once they have run.
    pub fn stack(&self) -> &Plan {
        &self.reconciled.plan
    }

    /// The plan as text for `--dry-run`: one line for each step, with its subject and its cause.
    /// Empty when there is nothing to do.
    pub fn describe(&self) -> String {
        let mut text = self.images.describe();
        text.push_str(&self.reconciled.plan.describe());
        let touched = self.touched_images();
        for last in &self.reconciled.containers {
            let kept = last.reference.id.is_some();
            let desired = self.desired.service(&last.container.service).filter(|_| kept);
            let mut images = desired.into_iter().flat_map(DesiredService::images);
            if let Some(image) = images.find(|image| touched.contains(*image)) {
                let name = &last.reference.name;
                let _ = writeln!(
                    text,
                    "replace container {name} only if {image} turns out to be another image"
                );
            }
        }
        text
    }

    /// What carrying it out would tell where registries refuse these images, each with the reason.
    pub fn rehearsal(&self, refused: &BTreeMap<String, String>) -> Rehearsal {
        let mut rehearsal = self.images.rehearsal(refused);
        rehearsal.then(|| self.reconciled.plan.rehearsal(refused));
        rehearsal
    }

    /// What the plan comes to, for people and programs.
    pub fn preview(&self) -> Preview {
        let questions: Vec<String> =
            self.questions().iter().map(|question| question.text.clone()).collect();
        let files = self.desired.services.iter().filter_map(|desired| {
            let files = injected_files(&self.setting(), &desired.service).ok()?;
            Some((desired.service.name.clone(), files))
        });
        Preview::of(&Source {
            project: &self.project,
            desired: &self.desired,
            observed: &self.observed,
            options: &self.options,
            images: &self.images,
            plan: &self.reconciled.plan,
            containers: &self.reconciled.containers,
            questions: &questions,
            files: &files.collect(),
        })
    }

    /// What the plan depends on.
    ///
    /// # Errors
    /// A secret or config without its value.
    pub fn fingerprint(&self, salt: &str) -> Result<Fingerprint, StackError> {
        Fingerprint::new(&self.setting(), &self.desired, &self.observed, salt)
    }

    /// Goes on until every service runs, or is healthy where it has a healthcheck.
    ///
    /// # Errors
    /// As [`super::plan`], but for the engine.
    pub fn wait(&mut self, timeout: Option<Duration>) -> Result<(), StackError> {
        self.options.wait = true;
        self.options.wait_timeout = timeout;
        self.reconciled = self.reconcile()?;
        Ok(())
    }

    /// The project.
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// The services that are certain to go on with containers that they have: no image is pulled or built for them before.
    pub fn kept_services(&self) -> BTreeSet<String> {
        let renewed = self.touched_images();
        let is_renewed = |name: &str| {
            let mut desired = self.desired.services.iter();
            desired.any(|it| it.service.name == name && renewed.contains(&it.image))
        };
        let kept = self.reconciled.containers.iter().filter(|last| last.reference.id.is_some());
        let services = kept.map(|last| &last.container.service);
        services.filter(|service| !is_renewed(service)).cloned().collect()
    }

    /// The containers once the plan has run.
    pub(in crate::stack) fn finals(&self) -> &[FinalContainer] {
        &self.reconciled.containers
    }

    /// The containers, with the ids of those that were created.
    pub(in crate::stack) fn containers(&self, known: &Known) -> Vec<ProjectContainer> {
        self.reconciled
            .containers
            .iter()
            .map(|last| {
                let mut container = last.container.clone();
                container.name.clone_from(&last.reference.name);
                if let Some(id) = known.created.get(&container.name)
                    && last.reference.id.is_none()
                {
                    container.id.clone_from(id);
                    container.summary_mut().id.clone_from(id);
                }
                container
            })
            .collect()
    }

    /// What was read, and what programs brought.
    pub(in crate::stack) fn into_parts(self) -> (Observed, Brought) {
        (self.observed, self.brought)
    }

    /// Whether nothing at all is to be done.
    pub fn is_empty(&self) -> bool {
        self.images.is_empty() && self.reconciled.plan.is_empty()
    }
}
