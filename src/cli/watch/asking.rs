//! What changes ask for beside that they land: builds, restarts, commands. It goes on at once, or waits while the stack is
//! brought up to what edited files say: until then only saves land, in services that the edit does not concern.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use tokio_util::sync::CancellationToken;

use super::loops::Verdict;
use super::session::{Due, Patience, Session, add};
use super::words;
use crate::watch::{Action, Batch};

/// A stack that is being brought up beside a watch.
pub(super) struct Ascent {
    /// Services whose containers are made or replaced, or of which nobody knows: nothing is brought to them.
    pub(super) services: Vec<String>,
    /// Cancelled when it is over.
    pub(super) over: CancellationToken,
}

/// What waits for that.
#[derive(Default)]
pub(super) struct Held {
    /// What is under way.
    over: Option<CancellationToken>,
    /// What was asked for since.
    asked: Due,
}

impl Held {
    /// Waits for this.
    pub(super) fn until(ascent: Option<&Ascent>) -> Self {
        Self { over: ascent.map(|ascent| ascent.over.clone()), asked: Due::new() }
    }

    /// Whether something waits.
    pub(super) fn is_on(&self) -> bool {
        self.over.is_some()
    }

    /// Waits for the end.
    pub(super) async fn over(&self) {
        match &self.over {
            Some(over) => over.cancelled().await,
            None => std::future::pending().await,
        }
    }

    /// What has not followed yet.
    pub(super) fn left(self) -> Due {
        self.asked
    }
}

impl Session<'_> {
    /// Lets follow what was asked for; services that are built now.
    pub(super) fn begin(&mut self, asked: Due, stop: &CancellationToken) -> Vec<String> {
        if self.held.is_on() {
            add(&mut self.held.asked, asked);
            return Vec::new();
        }
        let rebuilding = self.rebuild(&asked, stop);
        self.plan_ahead(asked, &rebuilding);
        rebuilding
    }

    /// The stack is up: what has waited for that goes on.
    pub(super) async fn go_free(&mut self, stop: &CancellationToken) {
        let held = std::mem::take(&mut self.held);
        self.sync.resume();
        self.begin(held.asked, stop);
        self.again(stop).await;
        self.follow_up(Patience::Waits, stop);
    }

    /// What a batch asks for beside that it lands: builds, restarts, commands. What a service seems to bring about itself is
    /// not among it.
    pub(super) fn asked(&mut self, batch: &Batch) -> Due {
        let rules = Arc::clone(&self.rules);
        let mut asked = Due::new();
        for index in batch.rules() {
            let Some(rule) = rules.get(index).filter(|rule| self.is_asked(rule)) else {
                continue;
            };
            let causes = match rule.action {
                Action::Renew => self.links.replacing(batch, index, &rule.service),
                _ => paths(batch, index),
            };
            if causes.is_empty() {
                continue;
            }
            if !rule.action.starts_anew() {
                asked.entry(index).or_default().extend(causes);
                continue;
            }
            match self.loops.judge(&rule.service, index, causes, Instant::now()) {
                Verdict::Go(due) => add(&mut asked, due),
                Verdict::Wait(None) => {}
                Verdict::Wait(Some(path)) => self.reload.feedback.warn(&words::written_by_itself(
                    &rule.service,
                    &path,
                    &self.reload.project.working_dir,
                )),
            }
        }
        asked
    }

    /// Lets follow what has waited since a service seemed to bring it about itself.
    pub(super) fn release(&mut self, stop: &CancellationToken) {
        let asked = self.loops.take(Instant::now());
        self.begin(asked, stop);
        self.follow_up(Patience::Waits, stop);
    }

    /// Takes note of the restarts and commands that are asked for. Those of services that are built now wait for that: what is
    /// made anew needs none.
    fn plan_ahead(&mut self, asked: Due, rebuilding: &[String]) {
        for (index, causes) in asked {
            let Some(rule) = self.rules.get(index) else { continue };
            if rule.action == Action::Rebuild {
                continue;
            }
            let waits = rebuilding.contains(&rule.service)
                && self.builds.hold(&rule.service, index, &causes);
            if waits {
                continue;
            }
            if rule.action == Action::SyncExec {
                self.builds.repeat(&rule.service, index, &causes);
            }
            self.due.entry(index).or_default().extend(causes);
        }
    }
}

/// What a rule takes of a batch.
fn paths(batch: &Batch, rule: usize) -> Vec<PathBuf> {
    let taken = batch.changes.iter().filter(move |change| change.rules.contains(&rule));
    taken.map(|change| change.path.clone()).collect()
}
