//! What follows when changes have landed: restarts, signals, commands. They go on beside the loop, restarts first, those that
//! are due together in one go, then one thing at a time for each service. What is asked for meanwhile is due until then.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::deeds::{Deed, Done, Restarted, SHORT_GRACE};
use super::session::{Due, HEALTH, Patience, Session, add};
use super::words;
use crate::compose::model::Service;
use crate::watch::{Action, Rule};

/// What restarts are called among what fails.
const RESTART: &str = "restart";
/// What signals and commands are by which programs read their configuration again.
const RELOAD: &str = "reload";
/// What commands of the user's are.
const COMMAND: &str = "command";

/// How long an engine waits for a container to end, where nothing else is said.
const GRACE: Duration = Duration::from_secs(10);

/// What is under way.
#[derive(Debug, Default)]
pub(super) struct Underway {
    restarts: Vec<Restarts>,
    /// By service, the rule that asks for it and the files that are why.
    deeds: BTreeMap<String, (usize, Vec<PathBuf>)>,
}

impl Underway {
    /// Whether services are being restarted.
    pub(super) fn is_restarting(&self) -> bool {
        !self.restarts.is_empty()
    }

    /// Whether a restart under way concerns one of these services.
    fn concerns(&self, services: &BTreeSet<String>) -> bool {
        self.restarts.iter().any(|restarts| !restarts.reach.is_disjoint(services))
    }

    /// The restarts of a service, which have come to their end.
    fn take_restarts(&mut self, service: &str) -> Option<Restarts> {
        let index = self.restarts.iter().position(|restarts| restarts.has(service))?;
        Some(self.restarts.swap_remove(index))
    }

    /// Whether something is done in the containers of a service.
    fn has_deed(&self, service: &str) -> bool {
        self.deeds.contains_key(service)
    }

    /// What has not come to its end.
    pub(super) fn unfinished(self) -> Due {
        let mut due = Due::new();
        for restarts in self.restarts {
            add(&mut due, restarts.due);
        }
        add(&mut due, self.deeds.into_values().collect());
        due
    }
}

/// Services to be restarted.
#[derive(Debug, Default)]
struct Restarts {
    services: Vec<String>,
    /// They, and whoever depends on them: some of these restart with them.
    reach: BTreeSet<String>,
    causes: Vec<PathBuf>,
    /// Those that hold something else than is mounted by now.
    stale: BTreeSet<String>,
    /// What asks for it.
    due: Due,
}

impl Restarts {
    fn add(&mut self, service: &str, reach: BTreeSet<String>, causes: Vec<PathBuf>) {
        self.reach.extend(reach);
        for cause in causes {
            if !self.causes.contains(&cause) {
                self.causes.push(cause);
            }
        }
        if !self.has(service) {
            self.services.push(service.to_owned());
        }
    }

    fn has(&self, service: &str) -> bool {
        self.services.iter().any(|known| known == service)
    }
}

impl Session<'_> {
    /// Begins to restart services, to send signals and to run commands, where all has landed that they wait for, and
    /// nothing of the kind is under way for them. Commands wait for all restarts.
    pub(super) fn follow_up(&mut self, patience: Patience, stop: &CancellationToken) {
        if stop.is_cancelled() || self.held.is_on() {
            return;
        }
        let restarts = self.due_restarts(patience);
        if !restarts.services.is_empty() {
            self.restart(restarts, stop);
        }
        if self.underway.is_restarting() {
            return;
        }
        let rules = Arc::clone(&self.rules);
        for (index, rule) in rules.iter().enumerate() {
            let is_free = !self.underway.has_deed(&rule.service);
            if !rule.action.restarts()
                && !rule.revives()
                && is_free
                && self.can_follow(rule, patience)
            {
                self.act(index, rule, stop);
            }
        }
    }

    /// Whether what a rule asks for need not wait.
    fn can_follow(&self, rule: &Rule, patience: Patience) -> bool {
        let waits = patience == Patience::Waits && !self.has_landed(&rule.service);
        let has_landed = !rule.action.syncs() || !(waits || self.sync.goes_on_in(&rule.service));
        has_landed && !self.builds.keep_back(&rule.service, &rule.action)
    }

    /// Which services are to be restarted now.
    fn due_restarts(&mut self, patience: Patience) -> Restarts {
        let rules = Arc::clone(&self.rules);
        let mut restarts = Restarts::default();
        for (index, rule) in rules.iter().enumerate() {
            if !(rule.action.restarts() || rule.revives())
                || !self.due.contains_key(&index)
                || self.underway.has_deed(&rule.service)
                || !self.can_follow(rule, patience)
            {
                continue;
            }
            let reach = self.jobs.site().reach(&rule.service);
            if self.underway.concerns(&reach) {
                continue;
            }
            let Some(paths) = self.due.remove(&index) else { continue };
            // Somebody else has started it meanwhile.
            if !self.is_asked(rule) {
                continue;
            }
            let (is_stale, causes) = match rule.action {
                Action::Relink if self.links.are_stale(index, rule) => (true, paths.clone()),
                Action::Relink => {
                    if rule.path.is_symlink() && !self.has_mounts(&rule.service) {
                        self.due.insert(index, paths);
                        // It may lead to where nobody listens.
                        self.reload.outdated.notify_one();
                    }
                    continue;
                }
                Action::Renew => (true, self.links.replaced(&rule.service, paths.clone())),
                _ => (false, paths.clone()),
            };
            if causes.is_empty() {
                continue;
            }
            if !self.has_mounts(&rule.service) {
                self.due.insert(index, paths);
                continue;
            }
            if is_stale {
                restarts.stale.insert(rule.service.clone());
            }
            restarts.add(&rule.service, reach, causes);
            restarts.due.insert(index, paths);
        }
        restarts
    }

    /// Whether all is there that the containers of a service have mounted. In the place of a file that is not, the engine
    /// would make a directory.
    fn has_mounts(&mut self, service: &str) -> bool {
        let Some(missing) = self.links.missing(&self.rules, service) else { return true };
        let name = super::beside(&missing, &self.reload.project.working_dir);
        let message = format!("{name} is mounted and not there: the restart waits for it");
        self.tell_failure(service, RESTART, &message);
        false
    }

    /// Begins to restart services, and those that ask to be restarted with them.
    fn restart(&mut self, restarts: Restarts, stop: &CancellationToken) {
        self.forgo_health(&restarts.services);
        for service in &restarts.services {
            self.failing.attempt(service, RESTART);
            self.failing.attempt(service, HEALTH);
            self.ends.forget(service);
            self.links.starts(&self.rules, service);
        }
        // A program that starts again reads its configuration anyway.
        let rules = Arc::clone(&self.rules);
        let is_needed = |index: &usize| {
            let is_reload = |rule: &&Rule| matches!(rule.action, Action::Signal(_) | Action::Exec);
            !rules.get(*index).filter(is_reload).is_some_and(|rule| restarts.has(&rule.service))
        };
        self.due.retain(|index, _| is_needed(index));
        self.jobs.restart(restarts.services.clone(), self.stubborn.clone(), stop.clone());
        self.underway.restarts.push(restarts);
    }

    /// A link that was switched while a service started may have led elsewhere for an instant, the one that counts.
    fn doubt_links(&mut self, service: &str) {
        for (index, rule) in self.rules.iter().enumerate() {
            let is_link = rule.action == Action::Relink && rule.path.is_symlink();
            if is_link && rule.service == service && self.due.contains_key(&index) {
                self.links.doubt(index);
            }
        }
    }

    /// Services were restarted, or could not be.
    pub(super) fn take_restarted(&mut self, told: Restarted, stop: &CancellationToken) {
        let Restarted { outcomes, absent, begun, took, is_put_off } = told;
        let mut names = outcomes.keys();
        let Some(restarts) = names.find_map(|name| self.underway.take_restarts(name)) else {
            return;
        };
        let mut restarted = Vec::new();
        for (name, failure) in outcomes {
            match failure {
                None if absent.contains(&name) => {
                    self.links.has_not_started(&name);
                    let (names, because) = ([name], self.because(&restarts.causes));
                    let services = words::services(&names);
                    let line =
                        format!("{services}: there is no container, so nothing was done{because}");
                    self.reload.feedback.state(&names, "Skipped", &line);
                }
                None => {
                    self.started_anew(&name);
                    self.links.has_started(&name);
                    self.doubt_links(&name);
                    restarted.push(name);
                }
                Some(_) if stop.is_cancelled() => {}
                Some(message) => {
                    self.links.has_not_started(&name);
                    self.tell_failure(&name, RESTART, &message);
                    // It is done when the engine is back: that is heard of, and then follows what is due.
                    if is_put_off {
                        self.put_off(&name, &restarts.due);
                    }
                }
            }
        }
        if restarted.iter().any(|name| restarts.stale.contains(name)) {
            self.reload.outdated.notify_one();
        }
        if !restarted.is_empty() {
            let (services, because) = (words::services(&restarted), self.because(&restarts.causes));
            let stale = restarted.iter().any(|name| restarts.stale.contains(name));
            let stale = if stale { ", which another file has replaced," } else { "" };
            let line = format!("{services} restarted{because}{stale} in {}", words::time(took));
            self.reload.feedback.state(&restarted, "Restarted", &line);
            if let [name] = restarted.as_slice() {
                self.note_stubbornness(name, took);
            }
            self.await_health(&restarted, begun);
        }
        self.go_on(is_put_off, stop);
    }

    /// What a service was to be restarted for stays due.
    fn put_off(&mut self, service: &str, due: &Due) {
        for (index, paths) in due {
            if self.rules.get(*index).is_some_and(|rule| rule.service == service) {
                self.due.entry(*index).or_default().extend_from_slice(paths);
            }
        }
    }

    /// Begins what has waited for something that has come to its end, unless no engine is there.
    fn go_on(&mut self, is_put_off: bool, stop: &CancellationToken) {
        self.replace(stop);
        if !is_put_off {
            self.follow_up(Patience::Waits, stop);
        }
    }

    /// What starts again has been restarted, and reads its configuration anyway.
    pub(super) fn started_anew(&mut self, service: &str) {
        for what in [RESTART, RELOAD] {
            self.failing.mended(service, what);
        }
        self.loops.started(service, Instant::now());
    }

    /// A program that is the first process of its container and has no handler for the signal to stop gets none:
    /// each restart would take as long as the engine is ready to wait.
    fn note_stubbornness(&mut self, name: &str, took: Duration) {
        let service = self.reload.project.services.get(name);
        let grace = |service: &Service| {
            let period = service.stop_grace_period?;
            Some(Duration::from_nanos(period.0.try_into().ok()?))
        };
        let grace = service.and_then(grace).unwrap_or(GRACE);
        if took >= grace && grace > Duration::ZERO && self.stubborn.insert(name.to_owned()) {
            self.reload.feedback.warn(&format!(
                "{name} does not end when it is told to, so that a restart takes {}: from now on it is killed \
                 after {SHORT_GRACE} s (`init: true`, or a handler for its stop signal, mends that)",
                words::time(grace)
            ));
        }
    }

    /// Begins what a rule asks for, if that is due: to send a signal, or to run a command, in every container of its
    /// service that runs.
    fn act(&mut self, index: usize, rule: &Rule, stop: &CancellationToken) {
        let Some(paths) = self.due.remove(&index) else { return };
        let deed = match rule.action {
            Action::Signal(signal) => Deed::Signal(signal),
            Action::Exec | Action::SyncExec => Deed::Command(rule.exec.clone()),
            _ => return,
        };
        self.failing.attempt(&rule.service, kind(rule));
        self.jobs.act(&rule.service, deed, stop.clone());
        self.underway.deeds.insert(rule.service.clone(), (index, paths));
    }

    /// It was done, or could not be.
    pub(super) fn take_done(&mut self, done: &Done, stop: &CancellationToken) {
        let Some((index, paths)) = self.underway.deeds.remove(&done.service) else { return };
        let rules = Arc::clone(&self.rules);
        let Some(rule) = rules.get(index) else { return };
        let has_failed = !matches!(&done.outcome, Ok((_, failures)) if failures.is_empty());
        // What was cut off by a replacement is done in the new containers.
        let is_cut_off = has_failed && self.builds.keep_back(&rule.service, &rule.action);
        if done.is_put_off || is_cut_off {
            self.due.entry(index).or_default().extend_from_slice(&paths);
        }
        if !is_cut_off {
            self.conclude(rule, done, &paths);
        }
        self.go_on(done.is_put_off, stop);
    }

    /// Tells what came of it.
    fn conclude(&mut self, rule: &Rule, done: &Done, causes: &[PathBuf]) {
        let what = kind(rule);
        // Told again, as it is an answer to a change; unless it is put off once more.
        if !done.is_put_off {
            self.failing.mended(&rule.service, what);
        }
        let names = [rule.service.clone()];
        let (services, because) = (words::services(&names), self.because(causes));
        let feedback = &self.reload.feedback;
        match &done.outcome {
            Ok((0, _)) => {
                let line = format!("{services}: no container runs, so nothing was done{because}");
                feedback.state(&names, "Skipped", &line);
            }
            Ok((_, failures)) if failures.is_empty() => {
                let (state, words) = deed(rule);
                let line = format!("{services} {words}{because} in {}", words::time(done.took));
                feedback.state(&names, state, &line);
            }
            Ok((_, failures)) => self.tell_failure(&rule.service, what, &failures.join("; ")),
            Err(message) => self.tell_failure(&rule.service, what, message),
        }
    }
}

/// What the deed of a rule is called among what fails.
fn kind(rule: &Rule) -> &'static str {
    if rule.action == Action::SyncExec { COMMAND } else { RELOAD }
}

/// What a service is after the deed of a rule, for programs and for people.
fn deed(rule: &Rule) -> (&'static str, String) {
    match rule.action {
        Action::Signal(signal) => ("Told", format!("told by {signal}")),
        Action::Exec => {
            let command = rule.exec.command.as_deref().unwrap_or_default().join(" ");
            ("Told", format!("told by `{command}`"))
        }
        // What it is stands in the rule, and may be a whole script.
        _ => ("Ran", "ran its command".to_owned()),
    }
}
