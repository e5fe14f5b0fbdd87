//! What is said of platforms when a stack is brought up: the survey goes on beside the command, which waits for it
//! only before containers are made, and not for long. What is known when the time is over is said then, and the rest
//! when it comes.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{Either, LocalBoxFuture, select};
use tokio::time::{Instant, timeout_at};

use super::{of, settings};
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Result};
use crate::compose::model::{Project, Service};
use crate::engine::DockerEngine;
use crate::platform::notice::{Notice, notices, of_former_containers, risks};
use crate::platform::verdict::{Code, Judgement, Verdict};
use crate::stack::progress::Report;
use crate::stack::up::{Build, Options};
use crate::survey::{Interim, Settings};

/// How long containers wait for verdicts.
const BUDGET: Duration = Duration::from_secs(2);
/// How long a survey takes to say what it knows by now.
const MOMENT: Duration = Duration::from_millis(50);
/// How long a command that has ended waits for verdicts that are still to come.
const AFTERWARDS: Duration = Duration::from_secs(1);

/// A survey under way.
pub(in crate::cli) struct Notices<'a> {
    context: &'a Context,
    survey: Option<LocalBoxFuture<'a, Vec<Judgement>>>,
    interim: Rc<Interim>,
    /// When containers are made, whatever is known.
    deadline: Instant,
    /// The services of which everything has been said.
    told: BTreeSet<String>,
    /// The lines that were said.
    said: BTreeSet<String>,
    /// The services that are spoken of, where it is not all of them.
    only: Option<&'a BTreeSet<String>>,
    /// Whether nothing is said but what cannot run.
    grave_alone: bool,
    /// Whether containers are replaced whose data may be at stake.
    replaces: bool,
    /// Whether containers are still to be made, so that they can be refused.
    refuses: bool,
    /// What is to be refused, and not said before.
    hopeless: Vec<Judgement>,
    /// The services whose containers go on as they are, once that is decided.
    kept: Option<BTreeSet<String>>,
    /// What is native but for its containers: to be said if they go on.
    former: Vec<Judgement>,
}

impl<'a> Notices<'a> {
    /// Begins the survey of a project that `up` or `create` brings up.
    pub(in crate::cli) fn of_up(
        context: &'a Context,
        project: &'a Project,
        engine: &'a DockerEngine,
        options: &Options,
    ) -> Self {
        let notices = Self::new(context, project, engine, options.build, options.pull.clone());
        // Of these nothing runs.
        let is_without = |(name, service): &(&String, &Service)| {
            options.scale.get(*name).copied().unwrap_or_else(|| service.replicas()) == 0
        };
        let told = project.services.iter().filter(is_without).map(|(name, _)| name.clone());
        Self { replaces: true, refuses: true, told: told.collect(), ..notices }
    }

    /// Begins the survey of a project of which `run` makes a container, and brings up what that needs. Only what cannot run
    /// is said: it is one of many runs. `None` where nothing asks for a platform.
    pub(in crate::cli) fn of_run(
        context: &'a Context,
        project: &'a Project,
        engine: &'a DockerEngine,
        build: Build,
        pull: Option<String>,
    ) -> Option<Self> {
        let mut services = project.services.values();
        let is_asked = project.environment.contains_key("DOCKER_DEFAULT_PLATFORM")
            || services.any(|service| !service.platform.is_empty());
        is_asked.then(|| {
            let notices = Self::new(context, project, engine, build, pull);
            Self { grave_alone: true, refuses: true, ..notices }
        })
    }

    /// Begins the survey of a project whose images are built to be kept, for all platforms that they are told to be for.
    pub(in crate::cli) fn of_build(
        context: &'a Context,
        project: &'a Project,
        engine: &'a DockerEngine,
    ) -> Self {
        let settings = Settings { build: Build::Always, all_platforms: true, ..settings(context) };
        Self::with(context, project, engine, settings)
    }

    /// Begins the survey of a project whose images are built or pulled. What a command does with images is
    /// what `build` and `pull` say.
    pub(in crate::cli) fn new(
        context: &'a Context,
        project: &'a Project,
        engine: &'a DockerEngine,
        build: Build,
        pull: Option<String>,
    ) -> Self {
        let settings = Settings { build, pull, ..settings(context) };
        Self::with(context, project, engine, settings)
    }

    fn with(
        context: &'a Context,
        project: &'a Project,
        engine: &'a DockerEngine,
        mut settings: Settings,
    ) -> Self {
        settings.offers.budget = BUDGET + AFTERWARDS;
        let interim = Rc::new(Interim::default());
        let asked = Rc::clone(&interim);
        let survey = async move {
            // Who cannot be asked has told the command so, too.
            let survey = of(context, project, engine, &settings, &asked).await;
            survey.map(|survey| survey.judgements).unwrap_or_default()
        };
        let deadline = Instant::now() + BUDGET;
        Self {
            context,
            survey: Some(survey.boxed_local()),
            interim,
            deadline,
            told: BTreeSet::new(),
            said: BTreeSet::new(),
            only: None,
            grave_alone: false,
            replaces: false,
            refuses: false,
            hopeless: Vec::new(),
            kept: None,
            former: Vec::new(),
        }
    }

    /// The same, speaking of some services alone.
    pub(in crate::cli) fn only(self, services: &'a BTreeSet<String>) -> Self {
        Self { only: Some(services), ..self }
    }

    /// Says nothing of what is at stake in data: it has been said, and agreed to.
    pub(in crate::cli) const fn leave_out_data(&mut self) {
        self.replaces = false;
    }

    /// Notes which services go on with the containers that they have.
    pub(in crate::cli) fn keep(&mut self, services: BTreeSet<String>) {
        self.kept = Some(services);
        self.say_former();
    }

    /// Does some work of the command; what becomes known meanwhile is said.
    pub(in crate::cli) fn meanwhile<'s, T: 's>(
        &'s mut self,
        work: impl Future<Output = T> + 's,
    ) -> LocalBoxFuture<'s, T> {
        let mut work = Box::pin(work);
        let both = async move {
            if let Some(survey) = &mut self.survey {
                match select(work.as_mut(), survey).await {
                    Either::Left((done, _)) => return done,
                    Either::Right((judgements, _)) => {
                        self.survey = None;
                        self.say(judgements);
                    }
                }
            }
            work.await
        };
        both.boxed_local()
    }

    /// Waits for the verdicts, as long as containers may wait for them.
    ///
    /// # Errors
    /// A service that cannot run because nothing here runs its platform.
    pub(in crate::cli) async fn before_containers(&mut self) -> Result {
        let judgements = self.until(self.deadline).await;
        self.say(judgements);
        self.refuses = false;
        let hopeless = std::mem::take(&mut self.hopeless);
        let told: Vec<String> = notices(&hopeless).iter().map(Notice::line).collect();
        if told.is_empty() {
            return Ok(());
        }
        Err(Failure::new(told.join("\n")).help(
            "nothing was created; to try nevertheless, write `x-bireme: {emulation: accepted}` on the \
             service",
        ))
    }

    /// Says what came too late, after waiting a moment for it.
    pub(in crate::cli) async fn finish(mut self) {
        let mut judgements = self.until(Instant::now() + AFTERWARDS).await;
        // A command that makes no containers has refused nothing.
        self.refuses = false;
        judgements.append(&mut self.hopeless);
        self.say(judgements);
    }

    /// The verdicts that are not said yet: all if they come until then, else those that are known.
    async fn until(&mut self, end: Instant) -> Vec<Judgement> {
        let Some(survey) = &mut self.survey else { return Vec::new() };
        if let Ok(judgements) = timeout_at(end - MOMENT, &mut *survey).await {
            self.survey = None;
            return judgements;
        }
        let known = pin!(self.interim.judgements());
        match timeout_at(end, select(survey, known)).await {
            Ok(Either::Left((judgements, _))) => {
                self.survey = None;
                judgements
            }
            Ok(Either::Right((judgements, _))) => judgements,
            // It is still looking at the engine.
            Err(_) => Vec::new(),
        }
    }

    /// Says what is not said yet; what is hopeless only once it cannot be refused any more.
    fn say(&mut self, mut judgements: Vec<Judgement>) {
        judgements.retain(|it| {
            !self.told.contains(&it.service)
                && (!self.grave_alone || it.verdict == Verdict::CannotRun)
                && self.only.is_none_or(|services| services.contains(&it.service))
        });
        if self.refuses {
            let hopeless = judgements.extract_if(.., |judgement| is_hopeless(judgement));
            self.hopeless.extend(hopeless);
        }
        for notice in notices(&judgements) {
            // What concerns several services comes again with the last of them.
            if self.said.insert(notice.line()) {
                Report::warning(&self.context.ui, &notice.line());
            }
        }
        for risk in self.replaces.then(|| risks(&judgements)).into_iter().flatten() {
            Report::warning(&self.context.ui, &risk);
        }
        let known =
            judgements.into_iter().filter(|judgement| judgement.verdict != Verdict::Unknown);
        for judgement in known {
            self.told.insert(judgement.service.clone());
            self.former.push(judgement);
        }
        self.say_former();
    }

    /// Says which containers go on under an emulator, once it is known which go on.
    fn say_former(&mut self) {
        let Some(kept) = &self.kept else { return };
        self.former.retain(|judgement| kept.contains(&judgement.service));
        for line in of_former_containers(&std::mem::take(&mut self.former)) {
            Report::warning(&self.context.ui, &line);
        }
    }
}

/// Whether a service is certain to die at its start, or in its build.
fn is_hopeless(judgement: &Judgement) -> bool {
    judgement.verdict == Verdict::CannotRun
        && (judgement.is_to_be_built || !judgement.is_of_stages)
        && !judgement.accepted
        && judgement.causes.iter().any(|cause| cause.code == Code::NoEmulator)
}
