//! Builds that changes ask for, and the replacement of containers by what was built, as the loop has them: they are
//! [jobs](super::jobs) beside it, so saves land meanwhile.
//!
//! A change that asks for a build that is under way ends it and begins another: what it would have made is outdated.
//! Where that has gone on for as long as a build takes, the next one is let run to its end, so that a service that is
//! saved faster than it builds gets new containers, too; what changed meanwhile is built right after it.
//! Restarts and commands that came with the change wait for the build. New containers get what was brought to the
//! service before they start, and so need no restart.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::jobs::Told;
use super::session::{Due, Patience, Session, add};
use super::words;
use crate::cli::failure::Failure;
use crate::watch::Action;

/// What builds are called among what fails.
const BUILD: &str = "build";
/// What the replacement of containers is.
const START: &str = "start";

/// For how long builds are ended for newer ones where none has shown yet how long they take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is being built, by service.
#[derive(Debug, Default)]
pub(super) struct Builds {
    building: BTreeMap<String, Build>,
    /// What is built, and waits until the replacement before it has ended.
    built: BTreeMap<String, Build>,
    /// Whose containers are being replaced.
    replacing: BTreeMap<String, Build>,
    /// How long the last one took.
    took: BTreeMap<String, Duration>,
}

/// One of them.
#[derive(Debug)]
struct Build {
    begun: Instant,
    /// When the first was begun of those that have been ended, each for the next, up to this one.
    first: Instant,
    stop: CancellationToken,
    /// What it has.
    asked: Asked,
    /// What came too late for it.
    newer: Option<Asked>,
}

/// What asks for a build.
#[derive(Debug, Default)]
struct Asked {
    /// Number of changes.
    changes: usize,
    /// What follows from the changes that came with them if the build fails; commands also if it does not.
    held: Due,
    /// Commands that were run while it was under way: for the new containers once more.
    repeated: Due,
}

impl Asked {
    fn add(&mut self, more: Self) {
        self.changes += more.changes;
        add(&mut self.held, more.held);
        add(&mut self.repeated, more.repeated);
    }

    /// What is to follow when there are new containers.
    fn take_rest(&mut self) -> Due {
        let mut rest = std::mem::take(&mut self.held);
        add(&mut rest, std::mem::take(&mut self.repeated));
        rest
    }
}

impl Builds {
    /// Takes note of what follows from a rule when the build of its service fails; whether there is such a build.
    pub(super) fn hold(&mut self, service: &str, rule: usize, paths: &[PathBuf]) -> bool {
        let Some(build) = self.building.get_mut(service) else { return false };
        let asked = build.newer.as_mut().unwrap_or(&mut build.asked);
        asked.held.entry(rule).or_default().extend_from_slice(paths);
        true
    }

    /// Takes note of a command that is run while its service is being built.
    pub(super) fn repeat(&mut self, service: &str, rule: usize, paths: &[PathBuf]) {
        let build = self.building.get_mut(service).or_else(|| self.built.get_mut(service));
        if let Some(build) = build {
            build.asked.repeated.entry(rule).or_default().extend_from_slice(paths);
        }
    }

    /// Whether containers are being replaced.
    pub(super) fn is_replacing(&self) -> bool {
        !self.replacing.is_empty()
    }

    /// Services of which no container has what was to be built.
    pub(super) fn unfinished(&self) -> BTreeSet<String> {
        let all = [&self.building, &self.built, &self.replacing];
        all.into_iter().flat_map(BTreeMap::keys).cloned().collect()
    }

    /// Something came too late for the build that is under way, which is ended for it unless that has happened for
    /// long enough. Whether there is such a build, and whether it goes on.
    fn outdate(&mut self, service: &str, changes: usize) -> Option<bool> {
        let build = self.building.get_mut(service)?;
        build.newer.get_or_insert_default().changes += changes;
        let patience = self.took.get(service).copied().unwrap_or(PATIENCE);
        if build.first.elapsed() < patience {
            build.stop.cancel();
        }
        Some(!build.stop.is_cancelled())
    }

    /// Whether what an action does to a service has to wait for a replacement: a restart reaches others, too.
    pub(super) fn keep_back(&self, service: &str, action: &Action) -> bool {
        self.replacing.contains_key(service) || (action.restarts() && !self.replacing.is_empty())
    }
}

impl Session<'_> {
    /// Begins to build the images of services that are asked to be built: those services.
    pub(super) fn rebuild(&mut self, asked: &Due, stop: &CancellationToken) -> Vec<String> {
        let (mut names, mut causes) = (Vec::new(), Vec::new());
        for (index, paths) in asked {
            let Some(rule) = self.rules.get(*index) else { continue };
            if rule.action == Action::Rebuild {
                causes.extend(paths.iter().cloned());
                if !names.contains(&rule.service) {
                    names.push(rule.service.clone());
                }
            }
        }
        if names.is_empty() {
            return names;
        }
        let (mut now, mut later) = (Vec::new(), Vec::new());
        for service in &names {
            let waiting = self.builds.built.remove(service);
            match self.builds.outdate(service, causes.len()) {
                Some(true) => later.push(service.clone()),
                Some(false) => now.push(service.clone()),
                None => {
                    let mut asked = Asked { changes: causes.len(), ..Asked::default() };
                    asked.add(waiting.map(|build| build.asked).unwrap_or_default());
                    self.build(service, asked, Instant::now(), stop);
                    now.push(service.clone());
                }
            }
        }
        let because = self.because(&causes);
        for (names, when) in [(now, ""), (later, ", when the build under way has ended")] {
            if !names.is_empty() {
                let services = words::services(&names);
                let line =
                    format!("Rebuilding {services} after changes were detected...{because}{when}");
                self.reload.feedback.state(&names, "Rebuilding", &line);
            }
        }
        names
    }

    fn build(&mut self, service: &str, asked: Asked, first: Instant, stop: &CancellationToken) {
        let stop = stop.child_token();
        let builder = self.reload.context.builder(&self.reload.engine);
        self.failing.attempt(service, BUILD);
        self.jobs.build(service, builder, stop.clone());
        let build = Build { begun: Instant::now(), first, stop, asked, newer: None };
        self.builds.building.insert(service.to_owned(), build);
    }

    /// Goes on with what a job tells.
    pub(super) async fn proceed(&mut self, told: Told, stop: &CancellationToken) {
        match told {
            Told::Built(service, outcome) => self.take_built(&service, outcome, stop),
            Told::Created(answer) => self.take_created(answer, stop).await,
            Told::Replaced(outcome) => self.take_replaced(outcome, stop).await,
            Told::Restarted(restarted) => self.take_restarted(restarted, stop),
            Told::Done(done) => self.take_done(&done, stop),
            Told::Ended(service, end) => self.take_end(&service, end),
        }
    }

    /// A build has ended. If it failed, the service keeps what it has.
    fn take_built(&mut self, service: &str, outcome: Result<(), String>, stop: &CancellationToken) {
        let Some(mut build) = self.builds.building.remove(service) else { return };
        if stop.is_cancelled() {
            return;
        }
        let newer = build.newer.take();
        if build.stop.is_cancelled() {
            build.asked.add(newer.unwrap_or_default());
            self.build(service, build.asked, build.first, stop);
            return;
        }
        // What was told before this attempt is told again: it is an answer to a change.
        self.failing.mended(service, BUILD);
        match outcome {
            Ok(()) => {
                let names = [service.to_owned()];
                let (services, took) = (words::services(&names), build.begun.elapsed());
                let line = format!("{services} successfully built in {}", words::time(took));
                self.reload.feedback.state(&names, "Built", &line);
                self.builds.took.insert(service.to_owned(), took);
                self.builds.built.insert(service.to_owned(), build);
                self.replace(stop);
            }
            Err(message) => {
                self.tell_failure(service, BUILD, &message);
                self.fall_due(build.asked.held);
                self.follow_up(Patience::Waits, stop);
            }
        }
        if let Some(newer) = newer {
            self.build(service, newer, Instant::now(), stop);
        }
    }

    /// Begins to replace the containers of what is built, if no others are being replaced or restarted. Nothing is brought
    /// to them until the new ones are there.
    pub(super) fn replace(&mut self, stop: &CancellationToken) {
        if self.builds.built.is_empty()
            || !self.builds.replacing.is_empty()
            || self.underway.is_restarting()
        {
            return;
        }
        self.builds.replacing = std::mem::take(&mut self.builds.built);
        let services: Vec<String> = self.builds.replacing.keys().cloned().collect();
        self.sync.pause(&services);
        self.forgo_health(&services);
        self.jobs.replace(services, stop.clone());
    }

    /// There are new containers. They get everything, and start.
    async fn take_created(&mut self, answer: oneshot::Sender<()>, stop: &CancellationToken) {
        self.sync.resume();
        self.again(stop).await;
        let mut left = Due::new();
        for (service, build) in &mut self.builds.replacing {
            // These have what they mount only when they start.
            self.links.start(&self.rules, service);
            add(&mut left, build.asked.take_rest());
        }
        self.fall_due(left);
        let due = std::mem::take(&mut self.due);
        let is_needed = |(index, _): &(usize, _)| {
            let Some(rule) = self.rules.get(*index) else { return false };
            let is_new = self.builds.replacing.contains_key(&rule.service);
            // A command may be about more than its container.
            let is_done = is_new && rule.action != Action::SyncExec;
            !(is_done && self.has_landed(&rule.service))
        };
        self.due = due.into_iter().filter(is_needed).collect();
        // A job that has ended meanwhile needs no answer.
        let _ = answer.send(());
    }

    /// Containers were replaced, or could not be.
    async fn take_replaced(&mut self, outcome: Result<(), String>, stop: &CancellationToken) {
        self.sync.resume();
        let replaced = std::mem::take(&mut self.builds.replacing);
        if stop.is_cancelled() {
            return;
        }
        if let Some(begun) = replaced.values().map(|build| build.begun).min() {
            let changes =
                replaced.values().map(|build| build.asked.changes).max().unwrap_or_default();
            self.reload.feedback.complete(begun, changes);
        }
        for (service, build) in replaced {
            match &outcome {
                Ok(()) => {
                    self.failing.mended(&service, START);
                    self.reload.outdated.notify_one();
                    self.started_anew(&service);
                }
                Err(message) => self.tell_failure(&service, START, message),
            }
            self.fall_due(build.asked.held);
            self.await_health(&[service], build.begun);
        }
        // What is being built may be without a name for a moment.
        if self.reload.prune && self.builds.building.is_empty() {
            self.jobs.prune(stop.clone());
        }
        self.replace(stop);
        self.again(stop).await;
    }

    /// What was kept back follows as soon as it can.
    fn fall_due(&mut self, held: Due) {
        add(&mut self.due, held);
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
