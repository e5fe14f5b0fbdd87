//! The loop of a watch.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use tokio::task::{AbortHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use super::HotReload;
use super::asking::{Ascent, Held};
use super::builds::Builds;
use super::containers::Appearances;
use super::ends::Ends;
use super::feedback::Failing;
use super::follow_up::Underway;
use super::health::Health;
use super::jobs::Jobs;
use super::links::{Known, Links};
use super::loops::{self, Loops};
use super::words;
use crate::cli::failure::Result;
use crate::engine::DockerEngine;
use crate::watch::{Above, Action, Batch, Files, Landed, Rule, Sync};

/// The first pause before what failed is tried again.
const PAUSE: Duration = Duration::from_millis(100);
/// The longest one.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Between two turns of what goes on: whatever was saved meanwhile has its own first.
const BREATH: Duration = Duration::from_millis(5);

/// What is told when all is watched.
const ENABLED: &str = "Watch enabled";
/// What a watch is called whose files are elsewhere.
const WATCH: &str = "watch";
/// What the sync of files is called among what fails.
const SYNC: &str = "sync";
/// What containers are that do not stay up, or not healthy.
pub(super) const HEALTH: &str = "health";

/// Whether restarts and commands wait for what could not be brought at the first attempt. After another one
/// they do not: what fails may be something that they do not need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Patience {
    /// They wait.
    Waits,
    /// They go on.
    Over,
}

/// Rules whose restarts and commands are to follow, and the files that are why.
pub(super) type Due = BTreeMap<usize, Vec<PathBuf>>;

/// A watch under way.
pub(super) struct Session<'a> {
    pub(super) reload: &'a HotReload<'a>,
    pub(super) rules: Arc<[Rule]>,
    pub(super) sync: Sync<DockerEngine>,
    pub(super) failing: Failing,
    /// What waits for what is being brought.
    pub(super) due: Due,
    /// What waits for the stack to be up.
    pub(super) held: Held,
    /// What of that is going on.
    pub(super) underway: Underway,
    /// What is being built.
    pub(super) builds: Builds,
    /// What goes on beside the loop for that.
    pub(super) jobs: Jobs,
    /// From each change to its landing.
    times: Vec<Duration>,
    /// What containers hold of what they have mounted.
    pub(super) links: Links,
    /// Which services would start themselves anew.
    pub(super) loops: Loops,
    /// What has ended by itself.
    pub(super) ends: Ends,
    /// Services that only end when they are killed.
    pub(super) stubborn: BTreeSet<String>,
    /// Who waits for services to be healthy.
    pub(super) waits: JoinSet<(String, Option<Health>)>,
    /// By service.
    pub(super) waiting: BTreeMap<String, AbortHandle>,
}

/// What a watch leaves to the next one of the same project.
pub(super) struct Left {
    /// What was brought into containers.
    pub(super) sync: Sync<DockerEngine>,
    /// Services that should have been built.
    pub(super) unbuilt: BTreeSet<String>,
    /// Restarts and commands that could not follow yet, and the files that are why.
    due: Vec<(Rule, Vec<PathBuf>)>,
    /// What containers hold of what they have mounted.
    links: Known,
    /// From each change to its landing, for the summary at the end.
    times: Vec<Duration>,
}

impl<'a> Session<'a> {
    /// Nothing has happened yet, but perhaps in a watch before.
    /// With an `ascent` the stack is being brought up beside it.
    pub(super) fn new(
        reload: &'a HotReload<'a>,
        rules: Arc<[Rule]>,
        before: Option<Left>,
        ascent: Option<&Ascent>,
    ) -> Self {
        let HotReload { engine, project, .. } = reload;
        let anew = ascent.map(|ascent| &*ascent.services).unwrap_or_default();
        let links = Links::new(&rules);
        let (mut sync, due, links, times) = if let Some(left) = before {
            let sync = left.sync.under(&project.name, Arc::clone(&rules));
            let links = links.knowing(&rules, left.links, anew);
            (sync, under(&rules, left.due), links, left.times)
        } else {
            let sync = Sync::new(Arc::clone(engine), &project.name, Arc::clone(&rules));
            (sync, Due::new(), links, Vec::new())
        };
        sync.pause(anew);
        Self {
            reload,
            held: Held::until(ascent),
            sync,
            links,
            loops: Loops::new(loops::writable(project)),
            rules,
            ends: Ends::default(),
            stubborn: BTreeSet::new(),
            failing: Failing::default(),
            due,
            underway: Underway::default(),
            builds: Builds::default(),
            jobs: Jobs::new(reload),
            times,
            waits: JoinSet::new(),
            waiting: BTreeMap::new(),
        }
    }

    /// Watches until it is told to stop, or, once what is known by then is done, to make way for another watch. Files are
    /// listened to `since` a moment.
    pub(super) async fn run(
        mut self,
        mut files: Files,
        since: SystemTime,
        stop: &CancellationToken,
        make_way: &CancellationToken,
    ) -> Result<Left> {
        let HotReload { engine, project, feedback, .. } = self.reload;
        let mut appearances = Appearances::and_ends(engine, &project.name).await?;
        let mut above = Above::of(&project.working_dir);
        self.tell_note(&mut files);
        let initial = files.initial();
        if initial.iter().any(|changes| !changes.is_empty()) {
            tokio::select! {
                () = stop.cancelled() => return Ok(self.left()),
                landed = self.sync.initial(&initial) => self.take(&landed, "at the start"),
            }
        }
        if !self.held.is_on() {
            feedback.tell(ENABLED);
        }
        self.look_for_ends(since).await;
        self.restore_links(stop).await;
        if !self.due.is_empty() {
            self.follow_up(Patience::Over, stop);
        }
        let mut pause = PAUSE;
        loop {
            let (held, refused) = (self.loops.due(), self.sync.retry_at());
            tokio::select! {
                () = stop.cancelled() => break,
                () = make_way.cancelled() => {
                    if let Some(batch) = files.last().await {
                        self.carry_out(&batch, stop).await;
                    }
                    // Containers half replaced are nothing to begin with; images half built are built anew.
                    while self.is_between() {
                        tokio::select! {
                            // What is given up tells nothing.
                            () = stop.cancelled() => break,
                            told = self.jobs.next() => self.proceed(told, stop).await,
                        }
                    }
                    stop.cancel();
                    break;
                }
                batch = files.next() => {
                    self.tell_note(&mut files);
                    self.carry_out(&batch, stop).await;
                    pause = PAUSE;
                }
                told = self.jobs.next() => self.proceed(told, stop).await,
                event = appearances.next() => self.hear(event, stop).await,
                Some(waited) = self.waits.join_next() => {
                    if let Ok((service, Some(health))) = waited {
                        self.take_health(&service, health);
                    }
                }
                () = self.held.over() => {
                    self.go_free(stop).await;
                    feedback.tell(ENABLED);
                }
                () = left(&mut above) => {
                    above = None;
                    self.tell_failure(&project.name, WATCH, &words::moved(&project.working_dir));
                }
                () = until(held) => self.release(stop),
                () = until(refused) => self.retry(stop).await,
                () = tokio::time::sleep(BREATH), if self.sync.goes_on() => self.retry(stop).await,
                () = tokio::time::sleep(pause), if self.sync.lags() => {
                    pause = (pause * 2).min(LONGEST_PAUSE);
                    self.retry(stop).await;
                }
            }
        }
        self.jobs.end().await;
        // Another watch goes on from here.
        if !make_way.is_cancelled() {
            feedback.tell("Watch disabled");
            if let Some(summary) = words::summary(std::mem::take(&mut self.times)) {
                feedback.tell(&summary);
            }
        }
        Ok(self.left())
    }

    /// Whether containers are on their way from one state to another.
    fn is_between(&self) -> bool {
        self.builds.is_replacing() || self.underway.is_restarting()
    }

    fn left(mut self) -> Left {
        let rules = &self.rules;
        add(&mut self.due, self.underway.unfinished());
        let mut unbuilt = self.builds.unfinished();
        for (index, paths) in self.held.left() {
            match rules.get(index) {
                Some(rule) if rule.action == Action::Rebuild => {
                    unbuilt.insert(rule.service.clone());
                }
                _ => self.due.entry(index).or_default().extend(paths),
            }
        }
        let due = self.due.into_iter();
        let due = due.filter_map(|(index, paths)| Some((rules.get(index)?.clone(), paths)));
        let links = self.links.known(&self.rules);
        Left { unbuilt, due: due.collect(), links, times: self.times, sync: self.sync }
    }

    /// Does what a batch asks for: builds, which go on beside, then what is brought into containers, then restarts,
    /// then commands.
    async fn carry_out(&mut self, batch: &Batch, stop: &CancellationToken) {
        self.failing.age();
        self.ends.saved(&self.rules, batch);
        let asked = self.asked(batch);
        let rebuilding = self.begin(asked, stop);
        let landed = tokio::select! {
            // Taken note of in any case.
            biased;
            landed = self.sync.land(batch) => landed,
            () = stop.cancelled() => return,
        };
        for landed in &landed {
            if landed.failures.is_empty() && landed.containers > 0 {
                self.times.push(landed.took);
            }
            let changes = self.changes(batch, &landed.service);
            match words::synced(landed, changes) {
                Some(line) => self.tell_landed(landed, &line),
                None => self.judge(landed),
            }
        }
        self.follow_up(Patience::Waits, stop);
        if rebuilding.is_empty() {
            self.reload.feedback.complete(batch.noticed, batch.changes.len());
        }
        if let Some(reminder) = self.failing.reminder(Instant::now()) {
            self.reload.feedback.tell(&reminder);
        }
    }

    /// Brings again what is owed, to containers that may be new.
    pub(super) async fn again(&mut self, stop: &CancellationToken) {
        let landed = tokio::select! {
            () = stop.cancelled() => return,
            landed = self.sync.again() => landed,
        };
        self.take(&landed, "once more");
        self.follow_up(Patience::Over, stop);
    }

    /// Brings again what has waited for long enough.
    async fn retry(&mut self, stop: &CancellationToken) {
        let landed = tokio::select! {
            () = stop.cancelled() => return,
            landed = self.sync.retry() => landed,
        };
        self.take(&landed, "once more");
        self.follow_up(Patience::Over, stop);
    }

    /// Tells what landed that nobody changed just now.
    fn take(&mut self, landed: &[Landed], when: &str) {
        for landed in landed {
            let line =
                format!("Syncing service {:?} {when}: {}", landed.service, words::figures(landed));
            if landed.containers > 0 {
                self.tell_landed(landed, &line);
            } else {
                self.judge(landed);
            }
        }
    }

    fn tell_landed(&mut self, landed: &Landed, line: &str) {
        self.reload.feedback.landed(landed, line);
        self.judge(landed);
    }

    /// Tells what is missing, each once.
    fn judge(&mut self, Landed { service, failures, .. }: &Landed) {
        if failures.is_empty() {
            self.failing.mended(service, SYNC);
            return;
        }
        // Containers answer in any order.
        let mut failures: Vec<&str> = failures.iter().map(String::as_str).collect();
        failures.sort_unstable();
        let is_new = |failure: &&&str| !self.failing.says(service, SYNC, failure);
        let new: Vec<&str> = failures.iter().filter(is_new).copied().collect();
        self.failing.note(service, SYNC, &failures.join("; "));
        if !new.is_empty() {
            self.reload.feedback.failed(service, &words::failures(&new));
        }
    }

    /// Tells of a failure and remembers it.
    pub(super) fn tell_failure(&mut self, service: &str, what: &'static str, message: &str) {
        if self.failing.note(service, what, message) {
            self.reload.feedback.failed(service, message);
        }
    }

    /// Whether everything has landed that was brought to a service, and can be.
    pub(super) fn has_landed(&self, service: &str) -> bool {
        !self.sync.may_catch_up(service)
    }

    /// Restarts what has held something else than was mounted since before the watch began.
    async fn restore_links(&mut self, stop: &CancellationToken) {
        let HotReload { engine, project, .. } = self.reload;
        let mut stale = self.links.stale_before(&self.rules, &**engine, &project.name).await;
        stale.extend(self.links.stale(&self.rules));
        if stale.is_empty() {
            return;
        }
        for index in stale {
            if let Some(rule) = self.rules.get(index) {
                self.due.entry(index).or_default().push(rule.path.clone());
                self.links.doubt(index);
            }
        }
        self.follow_up(Patience::Over, stop);
    }

    /// How many changes are brought to a service.
    fn changes(&self, batch: &Batch, service: &str) -> usize {
        let is_its = |rule: &Rule| rule.service == service && rule.action.syncs();
        let rules: BTreeSet<usize> = (0..self.rules.len())
            .filter(|index| self.rules.get(*index).is_some_and(is_its))
            .collect();
        let concerns =
            |change: &&crate::watch::Change| change.rules.iter().any(|index| rules.contains(index));
        batch.changes.iter().filter(concerns).count()
    }

    fn tell_note(&self, files: &mut Files) {
        if let Some(note) = files.note() {
            self.reload.feedback.warn(&note);
        }
    }
}

/// What is still to follow under other rules.
fn under(rules: &[Rule], due: Vec<(Rule, Vec<PathBuf>)>) -> Due {
    let index = |former: &Rule| rules.iter().position(|rule| rule.asks_the_same_as(former));
    due.into_iter().filter_map(|(rule, paths)| Some((index(&rule)?, paths))).collect()
}

/// Adds what is to follow.
pub(super) fn add(due: &mut Due, more: Due) {
    for (rule, paths) in more {
        due.entry(rule).or_default().extend(paths);
    }
}

/// Waits until the project is not where it was, where that can be told.
async fn left(above: &mut Option<Above>) {
    match above {
        Some(above) => above.left().await,
        None => std::future::pending().await,
    }
}

/// Waits for a moment, if there is one.
async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment.into()).await,
        None => std::future::pending().await,
    }
}
