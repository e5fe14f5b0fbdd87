//! What a container does not have yet, and when that is to be brought. Pure but for the time, which it is told.
//!
//! What a container does not take is tried again after a pause, longer each time: it keeps nothing else from being brought,
//! and nobody busy. A change of it, and a start of the container, let it be tried at once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// The first pause before something that failed is tried again.
const PAUSE: Duration = Duration::from_secs(1);
/// The longest one.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// Places that are owed.
#[derive(Debug, Default)]
pub(super) struct Debt {
    /// Not tried yet, or to be tried as soon as possible.
    open: BTreeSet<PathBuf>,
    /// Tried, and refused.
    stuck: BTreeMap<PathBuf, Stuck>,
}

/// Why a place cannot be brought, and when it is tried again.
#[derive(Debug)]
struct Stuck {
    reason: String,
    pause: Duration,
    again: Instant,
}

impl Debt {
    /// These places, none of which was tried.
    pub(super) fn of(open: BTreeSet<PathBuf>) -> Self {
        Self { open, stuck: BTreeMap::new() }
    }

    /// A place has changed. What could not be brought below it may have failed because of it.
    pub(super) fn owe(&mut self, place: PathBuf) {
        let below: Vec<PathBuf> =
            self.stuck.keys().filter(|stuck| stuck.starts_with(&place)).cloned().collect();
        for stuck in below {
            self.stuck.remove(&stuck);
            self.open.insert(stuck);
        }
        self.open.insert(place);
    }

    /// Everything is to be tried again.
    pub(super) fn hasten(&mut self, now: Instant) {
        for stuck in self.stuck.values_mut() {
            stuck.again = now;
        }
    }

    /// What is to be tried.
    pub(super) fn due(&self, now: Instant) -> BTreeSet<PathBuf> {
        let over = self.stuck.iter().filter(|(_, stuck)| stuck.again <= now);
        self.open.iter().chain(over.map(|(place, _)| place)).cloned().collect()
    }

    /// What came of what was due: places that could not be tried, and others that failed, with the reasons.
    pub(super) fn pay(
        &mut self,
        due: &BTreeSet<PathBuf>,
        left: Vec<PathBuf>,
        failed: Vec<(PathBuf, String)>,
        now: Instant,
    ) {
        self.open.retain(|place| !due.contains(place));
        for (place, reason) in failed {
            let former = self.stuck.get(&place).map(|stuck| stuck.pause * 2);
            let pause = former.unwrap_or(PAUSE).min(LONGEST_PAUSE);
            self.stuck.insert(place, Stuck { reason, pause, again: now + pause });
        }
        self.stuck.retain(|place, stuck| stuck.again > now || !due.contains(place));
        self.open.extend(left);
    }

    /// Nothing is known of what was due: neither could it be tried.
    pub(super) fn reopen(&mut self, due: BTreeSet<PathBuf>) {
        self.stuck.retain(|place, _| !due.contains(place));
        self.open.extend(due);
    }

    /// Whether nothing is owed.
    pub(super) fn is_none(&self) -> bool {
        self.open.is_empty() && self.stuck.is_empty()
    }

    /// Whether something is to be tried as soon as possible.
    pub(super) fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// Whether something was tried once at most, so that another attempt may be enough.
    pub(super) fn is_fresh(&self) -> bool {
        self.is_open() || self.stuck.values().any(|stuck| stuck.pause == PAUSE)
    }

    /// When something is to be tried that failed.
    pub(super) fn again(&self) -> Option<Instant> {
        self.stuck.values().map(|stuck| stuck.again).min()
    }

    /// Why something fails, each reason once.
    pub(super) fn reasons(&self) -> BTreeSet<&str> {
        self.stuck.values().map(|stuck| stuck.reason.as_str()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(names: &[&str]) -> BTreeSet<PathBuf> {
        names.iter().map(PathBuf::from).collect()
    }

    fn fail(debt: &mut Debt, name: &str, now: Instant) {
        debt.pay(&debt.due(now), Vec::new(), vec![(name.into(), format!("{name}: no"))], now);
    }

    #[test]
    fn what_fails_is_tried_after_a_pause_that_grows_and_the_rest_is_paid() {
        let mut now = Instant::now();
        let mut debt = Debt::of(places(&["/app/a", "/app/b"]));
        assert_eq!(debt.due(now), places(&["/app/a", "/app/b"]));
        for seconds in [1, 2, 4, 8, 16, 32, 60, 60] {
            fail(&mut debt, "/app/b", now);
            assert!(debt.due(now).is_empty());
            let again = now + Duration::from_secs(seconds);
            assert_eq!(debt.again(), Some(again));
            assert_eq!(debt.is_fresh(), seconds == 1);
            now = again;
            assert_eq!(debt.due(now), places(&["/app/b"]));
        }
        debt.pay(&debt.due(now), Vec::new(), Vec::new(), now);
        assert!(debt.is_none());
    }

    #[test]
    fn a_change_and_a_start_let_it_be_tried_at_once() {
        let now = Instant::now();
        let mut debt = Debt::of(places(&["/app/a/b"]));
        fail(&mut debt, "/app/a/b", now);
        debt.owe("/app/c".into());
        assert_eq!(debt.due(now), places(&["/app/c"]));
        debt.owe("/app/a".into());
        assert_eq!(debt.due(now), places(&["/app/a", "/app/a/b", "/app/c"]));
        fail(&mut debt, "/app/a", now);
        assert!(!debt.is_open() && !debt.is_none());
        debt.hasten(now);
        assert_eq!(debt.due(now), places(&["/app/a"]));
        debt.reopen(debt.due(now));
        assert!(debt.is_open() && debt.again().is_none(), "there is no engine to refuse it");
    }

    #[test]
    fn each_reason_is_told_once() {
        let now = Instant::now();
        let mut debt = Debt::of(places(&["/a"]));
        let failed = |(place, reason): (&str, &str)| (place.into(), reason.to_owned());
        let failed = [("/a", "no"), ("/a/b", "no"), ("/c", "never")].map(failed).into();
        debt.pay(&debt.due(now), Vec::new(), failed, now);
        assert_eq!(debt.reasons().into_iter().collect::<Vec<_>>(), ["never", "no"]);
    }
}
