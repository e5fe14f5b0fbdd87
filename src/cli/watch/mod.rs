//! `watch`: files of this machine are followed into containers. [`Args`] are its flags, [`lock`] keeps a
//! second watch away, [`listening`] hears of files, [`session`] is the loop, [`asking`] what it is asked for, [`builds`] and [`follow_up`] what follows from a
//! change beside its landing, [`jobs`] and [`deeds`] what of that goes on beside the loop, [`links`] what containers hold of what they have
//! mounted, [`loops`] which services would start themselves anew without end, [`containers`] what the engine tells meanwhile, [`ends`] what has ended by itself, [`feedback`] and [`words`] what is said of it. Beside it,
//! [`replay`] repeats changes where containers do not hear of them, and [`deaf`] says which never do. [`dev`] watches without
//! rules in the files, and [`following`] follows the files that a project is loaded from, too.

mod asking;
mod builds;
mod containers;
mod deaf;
mod deeds;
pub(super) mod dev;
mod ends;
mod feedback;
mod follow_up;
mod following;
mod health;
mod jobs;
mod links;
mod listening;
mod lock;
mod loops;
mod replay;
mod session;
mod words;
mod writing;

use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::context::{Context, proxies};
use super::failure::{Failure, Result};
use super::report::Filtered;
use super::runtime::Signals;
use super::up;
use crate::compose::model::{Project, Service};
use crate::compose::trace::Untraced;
use crate::engine::DockerEngine;
use crate::stack::progress::Report;
use crate::stack::up::Options;
use crate::watch::{Rule, WatchError, rule};
use asking::Ascent;
use feedback::Feedback;
use listening::Listening;
use lock::Lock;
use replay::Replaying;
use session::{Left, Session};

/// The flags of `watch`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Args {
    /// Do not create and start the services first
    #[arg(long)]
    pub(super) no_up: bool,
    /// Remove images that a rebuild leaves without a name (--prune=false to keep them)
    #[arg(long)]
    pub(super) prune: Option<bool>,
    /// Hide the output of builds
    #[arg(long)]
    pub(super) quiet: bool,
    /// Services; all if none
    #[arg(value_name = "SERVICE")]
    pub(super) services: Vec<String>,
}

/// Who asks for a watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asker {
    /// `watch`.
    Watch,
    /// `up --watch`.
    Up,
}

/// A watch that can begin.
pub(super) struct HotReload<'a> {
    /// What every command is given.
    context: &'a Context,
    /// The project, cut to the services concerned.
    project: &'a Project,
    engine: Arc<DockerEngine>,
    /// Empty until they are read.
    rules: OnceLock<Arc<[Rule]>>,
    feedback: Feedback,
    /// What there is before the watch begins.
    before: Mutex<Before>,
    /// Whether images without a name are removed.
    prune: bool,
    /// Whether the output of builds is left out.
    quiet: bool,
    /// Told when other things may have to be watched: containers are of a new image, or a link leads elsewhere.
    outdated: Notify,
}

/// What is told when other files are listened to than before.
const FOUND_AGAIN: &str = "what is watched is found out again";

/// What there is before a watch begins.
#[derive(Default)]
struct Before {
    /// Files that are listened to already.
    listening: Option<Listening>,
    /// What another watch of the project left.
    left: Option<Left>,
    /// A stack that comes up meanwhile.
    ascent: Option<Ascent>,
}

impl Before {
    /// Files that are listened to while the stack comes up.
    fn up(listening: Listening) -> Mutex<Self> {
        Mutex::new(Self { listening: Some(listening), ..Self::default() })
    }
}

/// Watches.
pub(super) fn run(args: Args, context: &Context) -> Result {
    let Args { no_up, prune, quiet, services } = args;
    let project = context.load_to_create(&services, false, false, &mut Untraced)?;
    let rules = rules(&project, Asker::Watch, context)?;
    if context.global.dry_run {
        return foresee(&project, &rules, no_up, services, context);
    }
    let _lock = Lock::take(&context.process, &project.name)?;
    context.with_engine(Signals::Cancel, async |engine, interrupt| {
        let listening = Listening::begin(&project, &rules);
        if !no_up {
            let options = options(services, context, &engine);
            let built = with_builds(&project, |service| service.develop.is_some());
            let Some(mut plan) = up::plan(context, &built, &options, &engine).await?.plan else {
                return Ok(());
            };
            let builder = context.builder(&engine);
            let report = Filtered::new(&context.ui, quiet, quiet);
            up::detached(context, &mut plan, &engine, &builder, &report, &interrupt).await?;
        }
        let reload = HotReload {
            context,
            project: &project,
            engine,
            rules: OnceLock::from(rules),
            feedback: Feedback::new(context, false),
            before: Before::up(listening),
            prune: prune.unwrap_or(true),
            quiet,
            outdated: Notify::new(),
        };
        reload.run_on(&interrupt.graceful).await?;
        Err(Failure::Interrupted)
    })
}

impl<'a> HotReload<'a> {
    /// The watch of an `up` in the foreground, among its logs; `None` where no service has rules and nobody
    /// asks for it.
    ///
    /// # Errors
    /// With `asked`, what is to be watched and cannot be.
    pub(super) fn of_up(
        asked: bool,
        quiet: bool,
        (context, project): (&'a Context, &'a Project),
        engine: &Arc<DockerEngine>,
    ) -> Result<Option<Self>> {
        let is_watched = |service: &Service| {
            service.develop.as_ref().is_some_and(|develop| !develop.watch.is_empty())
        };
        if !asked && !project.services.values().any(is_watched) {
            return Ok(None);
        }
        let (rules, mut before) = (OnceLock::new(), Before::default());
        if asked {
            let found = self::rules(project, Asker::Up, context)?;
            before.listening = Some(Listening::begin(project, &found));
            let _ = rules.set(found);
        }
        Ok(Some(Self {
            context,
            project,
            engine: Arc::clone(engine),
            rules,
            feedback: Feedback::new(context, true),
            before: Mutex::new(before),
            prune: true,
            quiet,
            outdated: Notify::new(),
        }))
    }

    /// Watches until it is told to stop, unless another watch has the project.
    ///
    /// # Errors
    /// That other watch, rules that cannot be followed, and a system or an engine that tells of no events.
    pub(super) async fn run(&self, stop: CancellationToken) -> Result {
        let _lock = Lock::take(&self.context.process, &self.project.name)?;
        self.run_on(&stop).await
    }

    /// The same with the lock in hand. Where a link leads elsewhere, another watch goes on with what is behind it.
    async fn run_on(&self, stop: &CancellationToken) -> Result {
        let rules = self.rules()?;
        loop {
            let listened = {
                let mut before = self.before.lock().unwrap_or_else(PoisonError::into_inner);
                let begin = || Listening::begin(self.project, &rules);
                Arc::clone(&before.listening.get_or_insert_with(begin).rules)
            };
            let make_way = CancellationToken::new();
            let mut session = pin!(self.run_locked(stop, &make_way));
            tokio::select! {
                ended = &mut session => return ended.map(drop),
                () = self.until_outdated(&listened, &rules) => {}
            }
            self.feedback.tell(FOUND_AGAIN);
            let listening = Listening::begin(self.project, &rules);
            let Some((listening, left)) = hand_over(session, listening, &make_way).await? else {
                return Ok(());
            };
            let (listening, left) = (Some(listening), Some(left));
            let mut before = self.before.lock().unwrap_or_else(PoisonError::into_inner);
            *before = Before { listening, left, ascent: None };
        }
    }

    /// Waits until links lead elsewhere than where is listened to.
    async fn until_outdated(&self, listened: &[Rule], rules: &[Rule]) {
        loop {
            self.outdated.notified().await;
            if Listening::is_outdated(listened, self.project, rules) {
                return;
            }
        }
    }

    /// What is to be watched.
    fn rules(&self) -> Result<Arc<[Rule]>> {
        if let Some(rules) = self.rules.get() {
            return Ok(Arc::clone(rules));
        }
        let found = rules(self.project, Asker::Up, self.context)?;
        Ok(Arc::clone(self.rules.get_or_init(|| found)))
    }

    /// The same with the lock in hand, until it is told to stop, or to make way for another watch.
    async fn run_locked(
        &self,
        stop: &CancellationToken,
        make_way: &CancellationToken,
    ) -> Result<Left> {
        let rules = self.rules()?;
        // What is whole even if a holder panicked.
        let before =
            std::mem::take(&mut *self.before.lock().unwrap_or_else(PoisonError::into_inner));
        let listening = before.listening.unwrap_or_else(|| Listening::begin(self.project, &rules));
        let replaying = Replaying::new(self, &rules, listening.echoes.clone());
        let over = stop.child_token();
        let session = async {
            let session = Session::new(
                self,
                Arc::clone(&listening.rules),
                before.left,
                before.ascent.as_ref(),
            );
            let since = listening.since;
            let outcome = match listening.files().await {
                Ok(files) => Box::pin(session.run(files, since, &over, make_way)).await,
                Err(failure) => Err(failure),
            };
            over.cancel();
            outcome
        };
        let (watched, replayed) = tokio::join!(session, Box::pin(replaying.run(&over)));
        replayed.and(watched)
    }
}

/// Lets a watch make way for one that listens to other files. Those are listened to before it looks for the last time.
/// Nothing where it ends by itself first.
///
/// # Errors
/// Those of the watch; files that cannot be listened to.
async fn hand_over(
    mut watch: Pin<&mut impl Future<Output = Result<Left>>>,
    listening: Listening,
    make_way: &CancellationToken,
) -> Result<Option<(Listening, Left)>> {
    let listening = tokio::select! {
        ended = &mut watch => return ended.map(|_| None),
        listening = listening.begun() => listening?,
    };
    make_way.cancel();
    Ok(Some((listening, watch.await?)))
}

/// What is watched, decided in this one place.
///
/// # Errors
/// Rules that cannot be followed; that there are none, in the words of Docker Compose.
fn rules(project: &Project, asker: Asker, context: &Context) -> Result<Arc<[Rule]>> {
    let found =
        rule::rules(project, &[]).map_err(|error: WatchError| Failure::new(error.to_string()))?;
    for warning in &found.warnings {
        context.ui.warning(warning);
    }
    if !found.rules.is_empty() {
        return Ok(found.rules.into());
    }
    if asker == Asker::Up {
        let (rules, derived) = dev::with_derived(project, context)?;
        if !rules.is_empty() || dev::is_mounted_alone(project, context) {
            dev::tell(&derived, context);
            return Ok(rules);
        }
    }
    let what = "none of the selected services is configured for watch";
    Err(Failure::new(match asker {
        Asker::Watch => format!("{what}, consider setting a 'develop' section"),
        Asker::Up => format!("{what}, see https://docs.docker.com/compose/how-tos/file-watch/"),
    }))
}

/// `--dry-run`: what would be done at first, and what would be watched.
fn foresee(
    project: &Project,
    rules: &[Rule],
    no_up: bool,
    services: Vec<String>,
    context: &Context,
) -> Result {
    if !no_up {
        context.with_engine(Signals::Cancel, async |engine, _| {
            let options = options(services, context, &engine);
            let watched = |service: &Service| rules.iter().any(|rule| rule.service == service.name);
            up::plan(context, &with_builds(project, watched), &options, &engine).await?;
            Ok(())
        })?;
    }
    for rule in rules {
        let path = beside(&rule.path, &project.working_dir);
        let target =
            if rule.target.is_empty() { String::new() } else { format!(" to {}", rule.target) };
        context.ui.print(&format!("watch {path}: {} {}{target}", rule.action.name(), rule.service));
    }
    Ok(())
}

/// What the `up` of a watch is asked for.
fn options(services: Vec<String>, context: &Context, engine: &DockerEngine) -> Options {
    Options {
        services,
        compatibility: context.global.compatibility,
        proxy_environment: proxies(engine),
        ..Options::default()
    }
}

/// The project, with the images of services that are developed here built in any case.
fn with_builds(project: &Project, is_developed: impl Fn(&Service) -> bool) -> Project {
    let mut project = project.clone();
    for service in project.services.values_mut() {
        if service.build.is_some() && is_developed(service) {
            "build".clone_into(&mut service.pull_policy);
        }
    }
    project
}

/// A path as it is called from a directory.
fn beside(path: &std::path::Path, directory: &std::path::Path) -> String {
    match path.strip_prefix(directory) {
        Ok(inside) if inside.as_os_str().is_empty() => ".".to_owned(),
        Ok(inside) => inside.display().to_string(),
        Err(_) => path.display().to_string(),
    }
}
