//! Containers that end by themselves while they are watched, as a program does that loads its own files anew and finds a
//! mistake there. That is told once, with the save that may be why; saves are brought there all the same. Where the
//! program would have noticed the next save, had it lived, that save starts it again. A container that somebody has
//! stopped is left alone, and one that has a restart policy is the engine's.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use chrono::DateTime;
use tokio_util::sync::CancellationToken;

use super::containers::{End, ended};
use super::jobs::{Jobs, Told};
use super::links::CLOCKS;
use super::session::{HEALTH, Session};
use crate::engine::api::EventMessage;
use crate::engine::{DockerEngine, Engine};
use crate::stack::labels;
use crate::stack::query::{self, Filter};
use crate::watch::{Action, Batch, Rule};

/// After which time an end is not laid to a save any more.
const LIKELY: Duration = Duration::from_secs(30);

/// Signals by which programs are told something else than to end, unless a container says so; as Linux counts them.
const OTHERS: [(&str, i64); 5] =
    [("HUP", 1), ("USR1", 10), ("USR2", 12), ("CONT", 18), ("WINCH", 28)];

/// What is known of ends.
#[derive(Debug, Default)]
pub(super) struct Ends {
    /// By id, the signals that a container got since it was started.
    signals: BTreeMap<String, BTreeSet<i64>>,
    /// Ids of those that have ended by themselves, and their services.
    ended: BTreeMap<String, String>,
    /// By service, what was saved last, and when.
    saves: BTreeMap<String, (Vec<PathBuf>, Instant)>,
}

/// A container of which it is to be known how it ended.
pub(super) struct Suspect {
    id: String,
    service: String,
    /// The signals that it got.
    signals: BTreeSet<i64>,
    /// Whether it is an end also with success: its program goes on for ever.
    never_ends: bool,
    /// Before which moment it is none of this watch's.
    since: Option<SystemTime>,
}

impl Ends {
    /// Whether a container of a service has ended by itself.
    pub(super) fn has(&self, service: &str) -> bool {
        self.ended.values().any(|known| known == service)
    }

    /// The containers of a service are started again.
    pub(super) fn forget(&mut self, service: &str) {
        self.ended.retain(|_, known| known != service);
    }

    /// Takes note of what is saved.
    pub(super) fn saved(&mut self, rules: &[Rule], batch: &Batch) {
        let mut saves: BTreeMap<&str, Vec<PathBuf>> = BTreeMap::new();
        for change in &batch.changes {
            let rules = change.rules.iter().filter_map(|index| rules.get(*index));
            for rule in rules.filter(|rule| rule.action.syncs() || rule.revives()) {
                let paths = saves.entry(&rule.service).or_default();
                if paths.last() != Some(&change.path) {
                    paths.push(change.path.clone());
                }
            }
        }
        let now = Instant::now();
        self.saves.extend(saves.into_iter().map(|(service, it)| (service.to_owned(), (it, now))));
    }

    /// What was saved in a service so lately that an end may come of it.
    fn cause(&self, service: &str) -> &[PathBuf] {
        match self.saves.get(service) {
            Some((paths, at)) if at.elapsed() < LIKELY => paths,
            _ => &[],
        }
    }
}

impl Session<'_> {
    /// Goes on with what the engine tells of a container; without a word of it, something may have happened.
    pub(super) async fn hear(&mut self, event: Option<EventMessage>, stop: &CancellationToken) {
        let Some(EventMessage { action, actor, .. }) = event else { return self.again(stop).await };
        match action.as_str() {
            "kill" => {
                let signal = actor.attributes.get("signal").and_then(|it| it.parse::<i64>().ok());
                self.ends.signals.entry(actor.id).or_default().extend(signal);
            }
            "die" => {
                let signals = self.ends.signals.remove(&actor.id).unwrap_or_default();
                let label = |key| actor.attributes.get(key).map_or("", String::as_str);
                if label(labels::ONE_OFF) != "True" {
                    let service = label(labels::SERVICE).to_owned();
                    self.examine(actor.id, service, signals, None);
                }
            }
            "start" => {
                self.ends.signals.remove(&actor.id);
                if let Some(service) = self.ends.ended.remove(&actor.id) {
                    self.failing.mended(&service, HEALTH);
                }
                self.again(stop).await;
            }
            _ => self.again(stop).await,
        }
    }

    /// Looks at containers that ended since files are listened to: the first save may have come before anybody heard of
    /// ends.
    pub(super) async fn look_for_ends(&mut self, since: SystemTime) {
        let filter = Filter { all: true, ..Filter::default() };
        let project = &self.reload.project.name;
        let Ok(found) = query::containers(&*self.reload.engine, project, &filter).await else {
            return;
        };
        for container in found.into_iter().filter(|container| container.summary.state == "exited") {
            self.examine(container.id, container.service, BTreeSet::new(), Some(since));
        }
    }

    /// Has it found out how a container ended, if that matters.
    fn examine(
        &mut self,
        id: String,
        service: String,
        signals: BTreeSet<i64>,
        since: Option<SystemTime>,
    ) {
        let never_ends = self.revives(&service);
        let mut its = self.rules.iter().filter(|rule| rule.service == service);
        if never_ends || its.any(|rule| rule.action.syncs()) {
            self.jobs.examine(Suspect { id, service, signals, never_ends, since });
        }
    }

    /// Whether a save of a service starts it again.
    fn revives(&self, service: &str) -> bool {
        self.rules.iter().any(|rule| rule.service == service && rule.revives())
    }

    /// Whether what a rule asks for beside that changes land is to follow now.
    pub(super) fn is_asked(&self, rule: &Rule) -> bool {
        match rule.action {
            Action::Sync | Action::Revive => rule.revives() && self.ends.has(&rule.service),
            _ => true,
        }
    }

    /// Tells how a container has ended, and what follows from the next save.
    pub(super) fn take_end(&mut self, service: &str, end: End) {
        let End { id, words, log, is_restarted } = end;
        // Nobody need wait for it to be healthy.
        self.forgo_health(&[service.to_owned()]);
        let mut message = words;
        let because = self.because(self.ends.cause(service));
        if !because.is_empty() {
            message.push_str(", perhaps");
            message.push_str(&because);
        }
        if is_restarted {
            message.push_str("; the engine restarts it");
        } else {
            message.push_str(self.outlook(service));
            self.ends.ended.insert(id, service.to_owned());
        }
        for line in log {
            message.push_str("\n  ");
            message.push_str(&line);
        }
        self.tell_failure(service, HEALTH, &message);
    }

    /// What the next save of a service means to a container that has ended.
    fn outlook(&self, service: &str) -> &'static str {
        let its = || self.rules.iter().filter(|rule| rule.service == service);
        let is_started = |rule: &Rule| rule.revives() || rule.action == Action::SyncRestart;
        if its().any(is_started) {
            "; the next save starts it again"
        } else if its().any(|rule| rule.action.syncs()) {
            "; saves land there, and count when it is started"
        } else {
            ""
        }
    }
}

impl Jobs {
    /// Finds out how a container ended.
    fn examine(&mut self, suspect: Suspect) {
        let site = self.site();
        self.spawn(async move {
            if let Some(end) = own_end(&site.engine, &suspect).await {
                site.tell(Told::Ended(suspect.service, end));
            }
        });
    }
}

/// How a container has ended by itself, if it has and stays so.
async fn own_end(engine: &DockerEngine, suspect: &Suspect) -> Option<End> {
    let details = engine.inspect_container(&suspect.id).await.ok()??;
    let is_done = details.state.exit_code == 0 && !suspect.never_ends;
    if is_done || is_told_to_end(&details.config.stop_signal, &suspect.signals) {
        return None;
    }
    if let Some(since) = suspect.since {
        let at = DateTime::parse_from_rfc3339(&details.state.finished_at).ok()?;
        if SystemTime::from(at) + CLOCKS < since {
            return None;
        }
    }
    ended(engine, &details).await.filter(|end| !end.is_restarted)
}

/// Whether one of the signals is to end a container: its own, or any that is not known to mean something else.
fn is_told_to_end(own: &str, signals: &BTreeSet<i64>) -> bool {
    signals.iter().any(|signal| {
        let other = OTHERS.iter().find(|(_, number)| number == signal);
        other.is_none_or(|(name, number)| {
            own.trim_start_matches("SIG") == *name || own == number.to_string()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_that_tell_programs_something_end_nothing_unless_a_container_says_so() {
        let told = |own: &str, signals: &[i64]| {
            is_told_to_end(own, &signals.iter().copied().collect::<BTreeSet<_>>())
        };
        assert!(!told("", &[]));
        assert!(told("", &[15]) && told("", &[9]) && told("SIGTERM", &[2]));
        assert!(!told("", &[1, 10, 12, 28]));
        assert!(told("SIGHUP", &[1]) && told("WINCH", &[28]) && told("1", &[1]));
        assert!(told("SIGUSR1", &[1, 10]) && !told("SIGUSR1", &[1]));
    }
}
