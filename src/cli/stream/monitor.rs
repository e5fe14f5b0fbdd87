//! What becomes of a project's containers, by the engine's events.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::sync::Arc;

use futures_util::{FutureExt, StreamExt};
use tokio::time::{Instant, timeout_at};

use super::Watched;
use super::lives::{Lives, Rest};
use crate::engine::api::{EventFilter, EventMessage};
use crate::engine::{Engine, EngineError, Stream};
use crate::stack::StackError;
use crate::stack::labels;
use crate::stack::query::{self, Filter, OneOff, ProjectContainer};

/// Something that happened to a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) enum Happening {
    /// It runs, anew or for the first time.
    Started {
        /// Which.
        container: Watched,
        /// Whether it is its first run.
        first: bool,
    },
    /// Its process ended.
    Exited {
        /// Which.
        container: Watched,
        /// Exit code.
        code: i64,
        /// When the engine told so, in nanoseconds since 1970: later than anything that the
        /// process wrote.
        at: i64,
        /// Whether it starts again by itself.
        restarting: bool,
    },
    /// Another container took its place.
    Recreated {
        /// Name of the one that is replaced.
        name: String,
    },
}

/// Follows containers until none of them is left.
pub(in crate::cli) struct Monitor<E> {
    engine: Arc<E>,
    project: String,
    filter: EventFilter,
    events: Stream<EventMessage>,
    /// `None` for all of the project.
    services: Option<BTreeSet<String>>,
    lives: Lives,
    /// An event that has arrived and was not worked through: the caller may drop a call of
    /// [`Self::next`] while it waits for the engine.
    pending: Option<EventMessage>,
    /// What was found out without an event, and is told first.
    found: VecDeque<Happening>,
    /// Containers that were found to have ended: an event of that end is no news.
    told: HashSet<String>,
}

impl<E: Engine> Monitor<E> {
    /// Begins to listen: what happens after this call is told. Containers that are there already
    /// are looked up afterwards and [added](Self::add), so that none can end unseen in between.
    pub(in crate::cli) async fn new(
        engine: Arc<E>,
        project: &str,
        services: Option<BTreeSet<String>>,
    ) -> Result<Self, EngineError> {
        let filter = EventFilter {
            types: vec!["container".to_owned()],
            labels: vec![
                format!("{}={project}", labels::PROJECT),
                format!("{}=False", labels::ONE_OFF),
            ],
            ..EventFilter::default()
        };
        let events = engine.events(&filter).await?;
        Ok(Self {
            engine,
            project: project.to_owned(),
            filter,
            events,
            services,
            lives: Lives::default(),
            pending: None,
            found: VecDeque::new(),
            told: HashSet::new(),
        })
    }

    /// Adds containers that are there already.
    pub(in crate::cli) fn add(&mut self, containers: &[ProjectContainer]) {
        for container in containers {
            if self.follows(&container.service) {
                self.lives.found(&container.id, &container.summary.state);
            }
        }
    }

    /// Tells that a container, which was [added](Self::add), had ended for good when it was looked at:
    /// whether the engine told of that before this listened or tells of it still.
    pub(in crate::cli) fn found_ended(&mut self, container: Watched, code: i64, at: i64) {
        if self.follows(&container.service) {
            self.lives.ended(&container.id, false, Instant::now());
            self.told.insert(container.id.clone());
            self.found.push_back(Happening::Exited { container, code, at, restarting: false });
        }
    }

    fn follows(&self, service: &str) -> bool {
        self.services.as_ref().is_none_or(|services| services.contains(service))
    }

    /// Everything has been stopped: does not wait any more for containers to begin, nor to begin
    /// again, and not for ever for them to end.
    pub(in crate::cli) fn expect_no_start(&mut self) {
        self.lives.expect_no_start(Instant::now());
    }

    /// What happens next; `None` once every container has ended for good. Nothing is lost when the
    /// call is dropped before it has answered.
    pub(in crate::cli) async fn next(&mut self) -> Result<Option<Happening>, StackError> {
        if let Some(found) = self.found.pop_front() {
            return Ok(Some(found));
        }
        loop {
            if let Some(event) = self.pending.clone() {
                let happening = self.take(&event).await?;
                self.pending = None;
                if happening.is_some() {
                    return Ok(happening);
                }
            }
            let event = match self.lives.rest(Instant::now()) {
                Some(Rest::Open) => self.events.next().await,
                Some(Rest::Until(deadline)) => {
                    match timeout_at(deadline, self.events.next()).await {
                        Ok(event) => event,
                        Err(_) => continue,
                    }
                }
                None if self.finds_more().await? => continue,
                // What began and ended before that look has been told by now.
                None => match self.events.next().now_or_never() {
                    Some(event) => event,
                    None => return Ok(None),
                },
            };
            match event {
                Some(Ok(event)) => {
                    self.filter.since = unix_time(event.time_nano + 1);
                    self.pending = Some(event);
                }
                // The connection broke: listen again from where it ended.
                None | Some(Err(_)) => self.events = self.engine.events(&self.filter).await?,
            }
        }
    }

    /// Looks for containers that run or are about to, and adds them: where much happens, events are worked
    /// through late, and that all have ended by some of them says nothing of what the next ones tell.
    async fn finds_more(&mut self) -> Result<bool, StackError> {
        if !self.lives.expects_starts() {
            return Ok(false);
        }
        let all = Filter { all: true, one_off: OneOff::Exclude, ..Filter::default() };
        let mut present = query::containers(&*self.engine, &self.project, &all).await?;
        present.retain(|container| {
            let state = container.summary.state.as_str();
            matches!(state, "created" | "running" | "restarting" | "paused")
        });
        self.add(&present);
        Ok(self.lives.rest(Instant::now()).is_some())
    }

    async fn take(&mut self, event: &EventMessage) -> Result<Option<Happening>, EngineError> {
        let container = Watched::of_event(event);
        if !self.follows(&container.service) {
            return Ok(None);
        }
        Ok(match event.action.as_str() {
            "create" => {
                self.lives.created(&container.id);
                let replaced = event.actor.attributes.get(labels::REPLACE);
                replaced.map(|name| Happening::Recreated { name: name.clone() })
            }
            "start" => {
                let first = self.lives.started(&container.id);
                self.told.remove(&container.id);
                Some(Happening::Started { container, first })
            }
            "kill" => {
                self.lives.signalled(&container.id);
                None
            }
            "stop" => {
                self.lives.stopped(&container.id, Instant::now());
                None
            }
            "destroy" => {
                self.lives.destroyed(&container.id);
                None
            }
            "die" if self.told.contains(&container.id) => None,
            "die" => {
                let restarting = self
                    .engine
                    .inspect_container(&container.id)
                    .await?
                    .is_some_and(|details| details.state.restarting || details.state.running);
                self.lives.ended(&container.id, restarting, Instant::now());
                let code = event.actor.attributes.get("exitCode");
                let code = code.and_then(|code| code.parse().ok()).unwrap_or(0);
                Some(Happening::Exited { container, code, at: event.time_nano, restarting })
            }
            _ => None,
        })
    }
}

/// Nanoseconds since 1970 as the engine takes times.
pub(super) fn unix_time(nanoseconds: i64) -> String {
    const SECOND: i64 = 1_000_000_000;
    format!("{}.{:09}", nanoseconds.div_euclid(SECOND), nanoseconds.rem_euclid(SECOND))
}

#[cfg(test)]
mod tests {
    use super::unix_time;

    #[test]
    fn times_have_nine_decimals() {
        assert_eq!(unix_time(1_700_000_000_000_000_042), "1700000000.000000042");
        assert_eq!(unix_time(5), "0.000000005");
    }
}
