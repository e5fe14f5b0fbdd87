//! A watch that follows Compose files and env files, too: when they have changed, the project is loaded again, the stack is made
//! what they say, and another watch takes over from where the one before was. Until they can be loaded, that one goes on.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::{Arc, Mutex, OnceLock};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::asking::Ascent;
use super::containers::{is_away, until_back};
use super::feedback::Feedback;
use super::listening::Listening;
use super::session::Left;
use super::{Before, FOUND_AGAIN, HotReload, beside, dev, hand_over, options, with_builds};
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Result};
use crate::cli::report::Filtered;
use crate::cli::runtime::Interrupt;
use crate::cli::up;
use crate::compose::model::{Project, Service};
use crate::compose::trace::Untraced;
use crate::engine::DockerEngine;
use crate::stack;
use crate::stack::preview::Fate;
use crate::watch::derive::Derived;
use crate::watch::{Batch, Files, Rule};

/// What the files say.
pub(super) struct Current {
    pub(super) project: Project,
    pub(super) rules: Arc<[Rule]>,
    pub(super) derived: Derived,
}

impl Current {
    /// Loads it.
    ///
    /// # Errors
    /// Files with mistakes.
    pub(super) fn load(services: &[String], context: &Context) -> Result<Self> {
        let project = context.load_to_create(services, false, false, &mut Untraced)?;
        let (rules, derived) = dev::with_derived(&project, context)?;
        Ok(Self { project, rules, derived })
    }

    /// Begins to listen to the files that it is loaded from.
    fn sources(&self) -> Result<Files> {
        let read = self.derived.reconcile.iter().map(|file| &file.path);
        let files = read.chain(&self.derived.awaited);
        let rules: Vec<Rule> = files.map(|path| Rule::of_file(path)).collect();
        Ok(Files::new(rules.into())?)
    }

    fn has_rules(&self, service: &Service) -> bool {
        self.rules.iter().any(|rule| rule.service == service.name)
    }
}

/// Follows files until a signal ends it.
pub(super) struct Following<'a> {
    pub(super) context: &'a Context,
    pub(super) args: &'a dev::Args,
    pub(super) engine: Arc<DockerEngine>,
    pub(super) interrupt: &'a Interrupt,
}

/// What a watch leaves when files say something else.
struct Successor {
    current: Current,
    /// Whether files were edited that a project is loaded from, not only such as rules are derived from.
    is_edited: bool,
    sources: Files,
    listening: Listening,
    left: Left,
}

/// What a stack is to be made of what it was before.
struct Former {
    current: Current,
    /// Services that should have been built.
    unbuilt: BTreeSet<String>,
}

impl Following<'_> {
    /// Brings the stack up, unless it is not to be, and watches.
    ///
    /// # Errors
    /// A stack that does not come up at first; a signal.
    pub(super) async fn run(&self, mut current: Current) -> Result {
        let mut sources = current.sources()?;
        let listening = Listening::begin(&current.project, &current.rules);
        let mut before = Before { listening: Some(listening), ..Before::default() };
        if !self.args.no_up {
            let is_built = |service: &Service| current.has_rules(service);
            self.bring_up(&current.project, is_built, &self.engine, false).await?;
        }
        let mut former: Option<Former> = None;
        loop {
            let over = CancellationToken::new();
            if let Some(former) = &former {
                let services = self.concerned(former, &current).await;
                before.ascent = Some(Ascent { services, over: over.clone() });
            }
            let climbing = async {
                let climbed = match &former {
                    Some(former) => self.climb(former, &current).await,
                    None => Ok(()),
                };
                over.cancel();
                climbed
            };
            let next = Box::pin(self.follow(&current, sources, before, climbing)).await?;
            let Some(next) = next else { return Err(Failure::Interrupted) };
            dev::tell_beyond(&current.derived, &next.current.derived, self.context);
            let unbuilt = next.left.unbuilt.clone();
            // Where nothing was edited, what somebody has stopped meanwhile stays so.
            let climbs = next.is_edited || !unbuilt.is_empty();
            former = climbs.then_some(Former { current, unbuilt });
            let (listening, left) = (Some(next.listening), Some(next.left));
            before = Before { listening, left, ..Before::default() };
            (current, sources) = (next.current, next.sources);
        }
    }

    /// Makes the stack what the files say, as soon as the engine answers. What fails otherwise is told: it can be mended
    /// elsewhere than in the files.
    ///
    /// # Errors
    /// A signal.
    async fn climb(&self, former: &Former, now: &Current) -> Result {
        while let Err(failure) = self.reconcile(former, now).await {
            if self.interrupt.graceful.is_cancelled() {
                return Err(Failure::Interrupted);
            }
            crate::cli::show(&failure, &self.context.ui);
            if !is_away(&self.engine).await {
                break;
            }
            self.context.ui.information("this goes on when the engine answers again");
            tokio::select! {
                () = self.interrupt.graceful.cancelled() => return Err(Failure::Interrupted),
                () = until_back(&self.engine) => {}
            }
        }
        Ok(())
    }

    /// Watches until the files say something else; nothing when a signal ends it. The stack climbs beside it at first.
    async fn follow(
        &self,
        current: &Current,
        mut sources: Files,
        before: Before,
        climbing: impl Future<Output = Result>,
    ) -> Result<Option<Successor>> {
        let context = self.context;
        let listened = before.listening.as_ref().map(|listening| Arc::clone(&listening.rules));
        let reload = HotReload {
            context,
            project: &current.project,
            engine: Arc::clone(&self.engine),
            rules: OnceLock::from(Arc::clone(&current.rules)),
            feedback: Feedback::new(context, false),
            before: Mutex::new(before),
            prune: self.args.prune.unwrap_or(true),
            quiet: self.args.quiet,
            outdated: Notify::new(),
        };
        let make_way = CancellationToken::new();
        let mut session = pin!(reload.run_locked(&self.interrupt.graceful, &make_way));
        let mut climbing = pin!(climbing);
        // What is edited meanwhile is brought up next.
        tokio::select! {
            ended = &mut session => {
                climbing.await?;
                return ended.map(|_| None);
            }
            climbed = &mut climbing => if let Err(failure) = climbed {
                session.await?;
                return Err(failure);
            },
        }
        let mut again = None;
        loop {
            let edited = if let Some(batch) = again.take() {
                Some(batch)
            } else {
                tokio::select! {
                    ended = &mut session => return ended.map(|_| None),
                    batch = sources.next() => Some(batch),
                    () = reload.outdated.notified() => None,
                }
            };
            let is_edited = edited.is_some();
            let next = match edited {
                Some(batch) => self.load(&batch, current, &reload.feedback),
                None => derive_again(current, listened.as_deref(), &reload.feedback),
            };
            let next = match next {
                Ok(Some(next)) => next,
                Ok(None) => continue,
                Err(failure) => {
                    crate::cli::show(&failure, &context.ui);
                    context.ui.information("the stack stays as it is until the files are right");
                    continue;
                }
            };
            // They may have changed while they were loaded.
            again = std::mem::replace(&mut sources, next.sources()?).last().await;
            if again.is_some() {
                continue;
            }
            let listening = Listening::begin(&next.project, &next.rules);
            let handed = hand_over(session, listening, &make_way).await?;
            return Ok(handed.map(|(listening, left)| Successor {
                current: next,
                is_edited,
                sources,
                listening,
                left,
            }));
        }
    }

    /// Loads what has been edited.
    fn load(
        &self,
        batch: &Batch,
        current: &Current,
        feedback: &Feedback,
    ) -> Result<Option<Current>> {
        let directory = &current.project.working_dir;
        let names: Vec<String> =
            batch.changes.iter().map(|change| beside(&change.path, directory)).collect();
        let names = names.join(", ");
        feedback.tell(&format!("{names} changed: loading the project again"));
        Current::load(&self.args.services, self.context).map(Some)
    }

    /// Which services an ascent makes anew: all, where nobody knows.
    async fn concerned(&self, former: &Former, now: &Current) -> Vec<String> {
        let services = now.project.services.values();
        match self.outlook(now, &self.engine).await {
            Ok(fates) => {
                let is_concerned = |service: &&Service| {
                    fates.get(&service.name).is_some_and(|fate| *fate != Fate::Keep)
                        || is_built(former, now, &fates, service)
                };
                services.filter(is_concerned).map(|service| service.name.clone()).collect()
            }
            Err(_) => services.map(|service| service.name.clone()).collect(),
        }
    }

    /// What becomes of services that become something.
    async fn outlook(
        &self,
        now: &Current,
        looking: &DockerEngine,
    ) -> Result<BTreeMap<String, Fate>> {
        let options = options(self.args.services.clone(), self.context, &self.engine);
        let outlook = stack::up::plan(&now.project, &options, looking).await?.preview();
        let mut fates: BTreeMap<String, Fate> = BTreeMap::new();
        for it in &outlook.services {
            let fate = fates.entry(it.service.clone()).or_insert(it.fate);
            // One that is made or replaced among several containers counts.
            if is_new(it.fate) || *fate == Fate::Keep {
                *fate = it.fate;
            }
        }
        Ok(fates)
    }

    /// Makes the stack what the files say now. Only what has to be replaced anyway is built, and what says now how it is to
    /// be built otherwise.
    async fn reconcile(&self, former: &Former, now: &Current) -> Result {
        // Nothing is changed between the two looks.
        let looking = self.engine.remembering();
        let fates = self.outlook(now, &looking).await?;
        self.bring_up(
            &now.project,
            |service| is_built(former, now, &fates, service),
            &looking,
            true,
        )
        .await
    }

    /// Brings the stack up, with images of these services built in any case. The plan is made from what `looking` tells;
    /// `shown` is whether it is.
    async fn bring_up(
        &self,
        project: &Project,
        is_built: impl Fn(&Service) -> bool,
        looking: &DockerEngine,
        shown: bool,
    ) -> Result {
        let Self { context, args, engine, interrupt } = self;
        let options = options(args.services.clone(), context, engine);
        let built = with_builds(project, is_built);
        let Some(mut plan) = up::plan(context, &built, &options, looking).await?.plan else {
            return Ok(());
        };
        if shown && !plan.is_empty() {
            let mut preview = plan.preview();
            preview.conceal(false);
            let colour = context.ui.appearance().colour_stdout;
            let text = crate::ui::preview(&preview, context.columns(), colour);
            context.ui.print(text.trim_end());
        }
        let builder = context.builder(engine);
        let report = Filtered::new(&context.ui, args.quiet, args.quiet);
        up::detached(context, &mut plan, engine, &builder, &report, interrupt).await
    }
}

/// What follows from files that a build has read, or from what links lead to, if that is something else than what is
/// `listened` to.
fn derive_again(
    current: &Current,
    listened: Option<&[Rule]>,
    feedback: &Feedback,
) -> Result<Option<Current>> {
    let project = &current.project;
    let (rules, derived, _) = dev::read(project)?;
    let is_outdated = |listened| Listening::is_outdated(listened, project, &rules);
    if rules == current.rules && derived == current.derived && !listened.is_some_and(is_outdated) {
        return Ok(None);
    }
    feedback.tell(FOUND_AGAIN);
    Ok(Some(Current { project: current.project.clone(), rules, derived }))
}

/// Whether an ascent builds the image of a service.
fn is_built(
    former: &Former,
    now: &Current,
    fates: &BTreeMap<String, Fate>,
    service: &Service,
) -> bool {
    let before = former.current.project.services.get(&service.name);
    let is_same = before.is_some_and(|before| before.build == service.build);
    let is_due = fates.get(&service.name).is_some_and(|fate| is_new(*fate))
        || former.unbuilt.contains(&service.name);
    now.has_rules(service) && (is_due || !is_same)
}

fn is_new(fate: Fate) -> bool {
    matches!(fate, Fate::Create | Fate::Replace)
}
