//! Which containers have not ended for good, judged by what engines tell and in which order.
//!
//! Engines tell a stop in one of two orders: `kill`, `die`, `stop` (up to 20.10, and some after it) or `kill`,
//! `stop`, `die` (28). A container that waits for its next start has no process to end, and its stop is only
//! `stop`. A restart by hand is a stop of either kind and then `start`; nothing tells beforehand that it
//! follows.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use tokio::time::Instant;

/// How long an engine may take from one half of a stop to the other, and from there to the start of a
/// container that is restarted.
const PAUSE: Duration = Duration::from_secs(3);
/// How long an engine may take to tell of the end of what it has stopped or killed for us.
const END: Duration = Duration::from_secs(10);

/// What is known of containers.
#[derive(Debug, Default)]
pub(super) struct Lives {
    /// Those that have not ended for good.
    alive: HashSet<String>,
    /// Those that were made and have not run yet.
    fresh: HashSet<String>,
    /// Those that are known to run or to have run.
    started: HashSet<String>,
    /// Those whose process runs: its end is still to be told.
    running: HashSet<String>,
    /// Those that somebody sent a signal to since they started.
    signalled: HashSet<String>,
    /// Those whose stop was told before their end, and until when that is waited for.
    stopped: HashMap<String, Instant>,
    /// Those that ended after a signal, or were stopped between two runs, and until when a new start is
    /// waited for.
    lingering: HashMap<String, Instant>,
    /// Whether no container is expected to start any more.
    ending: bool,
}

/// How long there is something to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    /// As long as it takes.
    Open,
    /// Until then, unless it has come before.
    Until(Instant),
}

impl Lives {
    /// A container that is there already, in a state as the engine lists it.
    pub(super) fn found(&mut self, id: &str, state: &str) {
        self.alive.insert(id.to_owned());
        if state == "created" {
            self.fresh.insert(id.to_owned());
        }
        if matches!(state, "running" | "restarting" | "paused") {
            self.started.insert(id.to_owned());
        }
        if matches!(state, "running" | "paused") {
            self.running.insert(id.to_owned());
        }
    }

    /// `create`.
    pub(super) fn created(&mut self, id: &str) {
        self.alive.insert(id.to_owned());
        self.fresh.insert(id.to_owned());
    }

    /// `start`; true when this is the first run.
    pub(super) fn started(&mut self, id: &str) -> bool {
        self.alive.insert(id.to_owned());
        self.started.insert(id.to_owned());
        self.running.insert(id.to_owned());
        self.signalled.remove(id);
        self.stopped.remove(id);
        self.lingering.remove(id);
        self.fresh.remove(id)
    }

    /// `kill`: the container got a signal, whatever it makes of it.
    pub(super) fn signalled(&mut self, id: &str) {
        self.signalled.insert(id.to_owned());
    }

    /// `stop`.
    pub(super) fn stopped(&mut self, id: &str, now: Instant) {
        self.alive.remove(id);
        if self.running.contains(id) {
            // Not for ever: its end may have been told before anybody listened.
            self.stopped.insert(id.to_owned(), now + PAUSE);
        } else {
            self.stopped.remove(id);
            self.linger(id, now);
        }
    }

    /// `die`; `restarting` is whether the container starts again by itself, or has done so.
    pub(super) fn ended(&mut self, id: &str, restarting: bool, now: Instant) {
        self.running.remove(id);
        self.stopped.remove(id);
        let signalled = self.signalled.contains(id);
        if !restarting {
            self.alive.remove(id);
            self.signalled.remove(id);
        }
        // Also where it runs again by now: its stop may be told after that, and takes it for ended.
        if signalled {
            self.linger(id, now);
        }
    }

    /// Waits a while for a new start, unless none is expected.
    fn linger(&mut self, id: &str, now: Instant) {
        if !self.ending {
            self.lingering.insert(id.to_owned(), now + PAUSE);
        }
    }

    /// `destroy`.
    pub(super) fn destroyed(&mut self, id: &str) {
        self.alive.remove(id);
        self.running.remove(id);
        self.stopped.remove(id);
        self.lingering.remove(id);
        self.fresh.remove(id);
    }

    /// Everything has been stopped: nothing begins any more, or begins again, and what has not been told to
    /// have ended will be soon.
    pub(super) fn expect_no_start(&mut self, now: Instant) {
        for id in self.alive.drain().filter(|id| self.started.contains(id)) {
            self.stopped.entry(id).or_insert(now + END);
        }
        self.lingering.clear();
        self.ending = true;
    }

    /// Whether containers may still begin, or begin again.
    pub(super) fn expects_starts(&self) -> bool {
        !self.ending
    }

    /// How long something can still be told; `None` once every container has ended for good.
    pub(super) fn rest(&self, now: Instant) -> Option<Rest> {
        if !self.alive.is_empty() {
            return Some(Rest::Open);
        }
        let last = self.stopped.values().chain(self.lingering.values()).max();
        last.filter(|until| **until > now).map(|until| Rest::Until(*until))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What one container's events come to. Each is a word; `die!` is the end of one that runs again by
    /// the time it is asked.
    fn after(state: &str, events: &str) -> (Lives, Instant) {
        let (mut lives, now) = (Lives::default(), Instant::now());
        lives.found("one", state);
        tell(&mut lives, events, now);
        (lives, now)
    }

    fn tell(lives: &mut Lives, events: &str, now: Instant) {
        for event in events.split_whitespace() {
            match event {
                "create" => lives.created("one"),
                "start" => drop(lives.started("one")),
                "kill" => lives.signalled("one"),
                "stop" => lives.stopped("one", now),
                "die" => lives.ended("one", false, now),
                "die!" => lives.ended("one", true, now),
                "destroy" => lives.destroyed("one"),
                "restart" => {}
                other => panic!("no event: {other}"),
            }
        }
    }

    fn rest(state: &str, events: &str) -> Option<Rest> {
        let (lives, now) = after(state, events);
        lives.rest(now).map(|rest| match rest {
            Rest::Until(until) => {
                assert_eq!(until, now + PAUSE);
                assert_eq!(lives.rest(until), None, "{events}: the pause ends");
                rest
            }
            Rest::Open => rest,
        })
    }

    fn waits_a_while(state: &str, events: &str) -> bool {
        matches!(rest(state, events), Some(Rest::Until(_)))
    }

    #[test]
    fn a_process_that_ends_by_itself_is_the_end_unless_it_starts_again() {
        assert_eq!(rest("running", ""), Some(Rest::Open));
        assert_eq!(rest("running", "die"), None);
        assert_eq!(rest("running", "die!"), Some(Rest::Open));
        assert_eq!(rest("running", "die! start"), Some(Rest::Open));
        assert_eq!(rest("created", "start die"), None);
    }

    #[test]
    fn a_stop_is_told_in_two_orders_and_may_be_the_first_half_of_a_restart() {
        for events in ["kill die stop", "kill stop die", "kill kill die stop", "kill kill stop die"]
        {
            assert!(waits_a_while("running", events), "{events}");
            assert_eq!(rest("running", &format!("{events} start restart")), Some(Rest::Open));
            assert_eq!(rest("running", &format!("{events} start restart die")), None);
            assert_eq!(rest("running", &format!("{events} destroy")), None);
        }
    }

    #[test]
    fn a_restart_may_be_over_before_its_first_half_is_asked_after() {
        for events in ["kill die! stop", "kill stop die!"] {
            assert!(waits_a_while("running", events), "{events}");
            assert_eq!(rest("running", &format!("{events} start")), Some(Rest::Open), "{events}");
        }
    }

    #[test]
    fn the_end_is_waited_for_where_the_stop_is_told_first() {
        for events in ["kill stop", "stop"] {
            let (mut lives, now) = after("running", events);
            lives.expect_no_start(now);
            assert_eq!(lives.rest(now), Some(Rest::Until(now + PAUSE)), "{events}");
            tell(&mut lives, "die", now);
            assert_eq!(lives.rest(now), None, "{events}");
        }
        // Here neither has been told yet.
        let (mut lives, now) = after("running", "kill");
        lives.expect_no_start(now);
        assert_eq!(lives.rest(now), Some(Rest::Until(now + END)));
        tell(&mut lives, "stop die", now);
        assert_eq!(lives.rest(now), None);
    }

    #[test]
    fn a_stop_between_two_runs_may_be_the_first_half_of_a_restart_too() {
        for (state, events) in
            [("restarting", "stop"), ("running", "die! stop"), ("restarting", "start die! stop")]
        {
            assert!(waits_a_while(state, events), "{events}");
            assert_eq!(rest(state, &format!("{events} start restart")), Some(Rest::Open));
            assert_eq!(rest(state, &format!("{events} destroy")), None, "{events}");
            let (mut lives, now) = after(state, events);
            lives.expect_no_start(now);
            assert_eq!(lives.rest(now), None, "{events}");
        }
        let (mut lives, now) = after("restarting", "");
        lives.expect_no_start(now);
        tell(&mut lives, "stop", now);
        assert_eq!(lives.rest(now), None);
    }

    #[test]
    fn the_first_run_is_told_from_later_ones() {
        for (state, events) in [("created", ""), ("exited", "create"), ("created", "create")] {
            let (mut lives, now) = after(state, events);
            assert!(lives.started("one"), "{state} {events}");
            tell(&mut lives, "die!", now);
            assert!(!lives.started("one"), "{state} {events}");
        }
        for state in ["exited", "running", "restarting", "paused"] {
            assert!(!after(state, "").0.started("one"), "{state}");
        }
    }

    #[test]
    fn once_all_is_stopped_nothing_is_waited_for_that_never_ran() {
        let (mut lives, now) = after("created", "");
        assert_eq!(lives.rest(now), Some(Rest::Open));
        lives.expect_no_start(now);
        assert_eq!(lives.rest(now), None);
        let (mut lives, now) = after("running", "kill die stop");
        lives.expect_no_start(now);
        assert_eq!(lives.rest(now), None);
    }
}
