//! A watch that follows Compose files and env files, too: when they have changed, the project is loaded again, the stack is made
//! what they say, and another watch takes over from where the one before was. Until they can be loaded, that one goes on.

use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::{Arc, Mutex, OnceLock};

use tokio_util::sync::CancellationToken;

use super::containers::{is_away, until_back};
use super::feedback::Feedback;
use super::listening::Listening;
use super::session::Left;
use super::{Before, HotReload, beside, dev, options, with_builds};
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
use crate::watch::{Files, Rule};

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
        let files = self.derived.reconcile.iter();
        let rules: Vec<Rule> = files.map(|file| Rule::of_file(&file.path)).collect();
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
    sources: Files,
    listening: Listening,
    left: Left,
}

impl Following<'_> {
    /// Brings the stack up, unless it is not to be, and watches.
    ///
    /// # Errors
    /// A stack that does not come up at first; a signal.
    pub(super) async fn run(&self, mut current: Current) -> Result {
        let mut sources = current.sources()?;
        let listening = Listening::begin(&current.project, &current.rules);
        let mut before = Before { listening: Some(listening), left: None };
        if !self.args.no_up {
            let is_built = |service: &Service| current.has_rules(service);
            self.bring_up(&current.project, is_built, &self.engine, false).await?;
        }
        loop {
            let next = self.follow(&current, sources, before).await?;
            let Some(next) = next else { return Err(Failure::Interrupted) };
            if next.current.derived != current.derived {
                dev::tell(&next.current.derived, self.context);
            }
            while let Err(failure) =
                self.reconcile(&current, &next.current, &next.left.unbuilt).await
            {
                if self.interrupt.graceful.is_cancelled() {
                    return Err(Failure::Interrupted);
                }
                crate::cli::show(&failure, &self.context.ui);
                // What can be mended elsewhere than in the files is watched.
                if !is_away(&self.engine).await {
                    break;
                }
                self.context.ui.information("this goes on when the engine answers again");
                tokio::select! {
                    () = self.interrupt.graceful.cancelled() => return Err(Failure::Interrupted),
                    () = until_back(&self.engine) => {}
                }
            }
            before = Before { listening: Some(next.listening), left: Some(next.left) };
            (current, sources) = (next.current, next.sources);
        }
    }

    /// Watches until the files say something else; nothing when a signal ends it.
    async fn follow(
        &self,
        current: &Current,
        mut sources: Files,
        before: Before,
    ) -> Result<Option<Successor>> {
        let context = self.context;
        let reload = HotReload {
            context,
            project: &current.project,
            engine: Arc::clone(&self.engine),
            rules: OnceLock::from(Arc::clone(&current.rules)),
            feedback: Feedback::new(context, false),
            before: Mutex::new(before),
            prune: self.args.prune.unwrap_or(true),
            quiet: self.args.quiet,
        };
        let make_way = CancellationToken::new();
        let mut session = pin!(reload.run_locked(&self.interrupt.graceful, &make_way));
        let mut again = None;
        loop {
            let batch = if let Some(batch) = again.take() {
                batch
            } else {
                tokio::select! {
                    ended = &mut session => return ended.map(|_| None),
                    batch = sources.next() => batch,
                }
            };
            let directory = &current.project.working_dir;
            let names: Vec<String> =
                batch.changes.iter().map(|change| beside(&change.path, directory)).collect();
            let names = names.join(", ");
            reload.feedback.tell(&format!("{names} changed: loading the project again"));
            let next = match Current::load(&self.args.services, context) {
                Ok(next) => next,
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
            // Others listen before this watch looks for the last time.
            let listening = tokio::select! {
                ended = &mut session => return ended.map(|_| None),
                listening = listening.begun() => listening?,
            };
            make_way.cancel();
            let left = session.await?;
            return Ok(Some(Successor { current: next, sources, listening, left }));
        }
    }

    /// Makes the stack what the files say now. Only what has to be replaced anyway is built, and what says now how it is to
    /// be built otherwise.
    async fn reconcile(
        &self,
        before: &Current,
        now: &Current,
        unbuilt: &BTreeSet<String>,
    ) -> Result {
        let options = options(self.args.services.clone(), self.context, &self.engine);
        // Nothing is changed between the two looks.
        let looking = self.engine.remembering();
        let outlook = stack::up::plan(&now.project, &options, &looking).await?.preview();
        let renewed = outlook.services.iter();
        let renewed = renewed.filter(|it| matches!(it.fate, Fate::Create | Fate::Replace));
        let renewed: BTreeSet<&str> = renewed.map(|it| it.service.as_str()).collect();
        let is_built = |service: &Service| {
            let former = before.project.services.get(&service.name);
            let is_same = former.is_some_and(|former| former.build == service.build);
            let is_due = renewed.contains(&*service.name) || unbuilt.contains(&service.name);
            now.has_rules(service) && (is_due || !is_same)
        };
        self.bring_up(&now.project, is_built, &looking, true).await
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
