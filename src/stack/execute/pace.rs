//! How much an engine is asked at once. Work beyond what it has processors for is not done sooner:
//! calls then wait for each other, and for the engine's locks.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::{Future, pending};
use std::mem::{Discriminant, discriminant};
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

use crate::engine::Engine;
use crate::stack::plan::Action;

/// Calls under way at once for each processor of the engine; measured with stacks of 100 services.
const FOR_A_PROCESSOR: usize = 4;

/// Calls under way at once as long as the engine has not said how many processors it has.
const AT_FIRST: usize = 8;

/// A call that takes longer, though others of its kind are quicker, waits for something else and leaves its place to another one.
const WORK: Duration = Duration::from_millis(500);

/// So does a stop when nothing has come to an end for this long, or for as long as a stop takes here: then the engine does not
/// work, but waits for containers that take their time. Stacks of such must not end one after another.
const QUIET: Duration = Duration::from_millis(200);

/// The same as long as no call of a kind has come to an end, so that nobody knows how long they take here. An engine that is
/// given more while it works on the first ones is slower for all: 100 stops then took a fifth longer.
const AT_THE_START: Duration = Duration::from_secs(1);

/// How many times as long as others of its kind a call may take before it is taken for one that waits.
const STRAGGLING: u32 = 3;

/// Room for calls that make an engine work.
pub(super) struct Pace {
    room: Semaphore,
    seen: Mutex<Seen>,
}

/// What is known of how fast an engine works.
#[derive(Debug, Clone)]
struct Seen {
    /// When a call came to an end last.
    ended: Instant,
    calls: HashMap<Discriminant<Action>, Calls>,
}

/// What is known of calls of one kind.
#[derive(Debug, Clone, Copy, Default)]
struct Calls {
    /// How long one takes that comes to an end in its place; a mean to which later ones count more.
    take: Option<Duration>,
    /// Whether one has left its place.
    have_waited: bool,
}

impl Pace {
    pub(super) fn new() -> Self {
        let seen = Seen { ended: Instant::now(), calls: HashMap::new() };
        Self { room: Semaphore::new(AT_FIRST), seen: Mutex::new(seen) }
    }

    /// Makes as much room as suits the engine, which is asked only where actions are many.
    pub(super) async fn suit<E: Engine>(
        &self,
        engine: &E,
        actions: impl Iterator<Item = &Action>,
    ) -> Infallible {
        if actions.filter(|action| is_work(action)).count() > AT_FIRST
            && let Ok(info) = engine.info().await
        {
            let processors = usize::try_from(info.cpus).unwrap_or_default();
            let room = processors.saturating_mul(FOR_A_PROCESSOR).min(Semaphore::MAX_PERMITS);
            self.room.add_permits(room.saturating_sub(AT_FIRST));
        }
        pending().await
    }

    /// Does what an action says as soon as there is room for it.
    pub(super) async fn keep<T>(&self, action: &Action, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        if is_work(action) {
            // Never closed.
            let place = self.room.acquire().await;
            let begun = Instant::now();
            loop {
                let lease = self.seen().lease(action, begun);
                if lease <= Instant::now() {
                    break;
                }
                if let Ok(done) = timeout_at(lease, &mut work).await {
                    self.seen().end(action, begun);
                    return done;
                }
            }
            self.seen().like(action).have_waited = true;
            drop(place);
        }
        work.await
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        // Each of its parts is right by itself.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    fn like(&mut self, action: &Action) -> &mut Calls {
        self.calls.entry(discriminant(action)).or_default()
    }

    /// A call that has `begun` has come to an end just now.
    fn end(&mut self, action: &Action, begun: Instant) {
        self.ended = Instant::now();
        let took = begun.elapsed();
        let take = &mut self.like(action).take;
        *take = Some(take.map_or(took, |mean| (mean * 3 + took) / 4));
    }

    /// Until when a call that has `begun` keeps its place.
    fn lease(&self, action: &Action, begun: Instant) -> Instant {
        let quiet = if is_stop(action) { QUIET } else { WORK };
        let calls = self.calls.get(&discriminant(action)).copied().unwrap_or_default();
        let Some(mean) = calls.take else {
            return begun + if calls.have_waited { quiet } else { AT_THE_START };
        };
        let longest = begun + WORK.max(mean * STRAGGLING);
        longest.min(begun.max(self.ended) + quiet.max(mean))
    }
}

/// Whether an action is one of those of which a stack has many, and for which the engine itself has to
/// work.
fn is_work(action: &Action) -> bool {
    matches!(
        action,
        Action::CreateContainer { .. }
            | Action::StartContainer { .. }
            | Action::StopContainer { .. }
            | Action::KillContainer { .. }
            | Action::RestartContainer { .. }
            | Action::RemoveContainer { .. }
    )
}

/// Whether an action waits for a container to end.
fn is_stop(action: &Action) -> bool {
    matches!(action, Action::StopContainer { .. } | Action::RestartContainer { .. })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::future::join_all;
    use tokio::sync::Barrier;

    use super::*;
    use crate::stack::plan::ContainerRef;

    fn kill() -> Action {
        Action::KillContainer { container: ContainerRef::created("shop-web-1"), signal: None }
    }

    fn stop() -> Action {
        Action::StopContainer { container: ContainerRef::created("shop-web-1"), timeout: None }
    }

    /// What is known when the last call ended then, and calls like this one take so many milliseconds.
    fn seen(ended: Instant, action: &Action, take: u64) -> Seen {
        let calls = Calls { take: Some(Duration::from_millis(take)), have_waited: false };
        Seen { ended, calls: HashMap::from([(discriminant(action), calls)]) }
    }

    #[test]
    fn stops_make_room_sooner_where_an_engine_only_waits() {
        let stop = stop();
        let begun = Instant::now();
        let at = |millis| begun + Duration::from_millis(millis);
        let lease = |seen: Seen, begun| (seen.lease(&stop, begun) - at(0)).as_millis();
        let first = Seen { ended: begun, calls: HashMap::new() };
        assert_eq!(lease(first.clone(), begun), 1000, "nobody knows how long they take");
        let mut waited = first;
        waited.like(&stop).have_waited = true;
        assert_eq!(lease(waited, at(1000)), 1200);
        assert_eq!(lease(seen(begun, &stop, 50), begun), 200);
        assert_eq!(lease(seen(begun, &stop, 50), at(100)), 300, "the call before is no measure");
        assert_eq!(lease(seen(at(150), &stop, 50), begun), 350, "it works");
        assert_eq!(lease(seen(at(450), &stop, 50), begun), 500, "but not on this one");
        assert_eq!(lease(seen(begun, &stop, 600), begun), 600, "it works slowly");
        assert_eq!(lease(seen(at(1500), &stop, 600), begun), 1800);
    }

    #[test]
    fn a_slow_engine_is_not_taken_for_one_that_waits() {
        let kill = kill();
        let begun = Instant::now();
        let at = |millis| begun + Duration::from_millis(millis);
        let lease = |seen: Seen| (seen.lease(&kill, begun) - begun).as_millis();
        let first = Seen { ended: begun, calls: HashMap::new() };
        assert_eq!(lease(first), 1000, "nobody knows how long they take");
        assert_eq!(lease(seen(at(400), &kill, 100)), 500);
        assert_eq!(lease(seen(at(800), &kill, 900)), 1700, "it works slowly");
        assert_eq!(lease(seen(at(2600), &kill, 900)), 2700, "but not on this one");
        assert_eq!(lease(seen(at(800), &stop(), 900)), 1000, "stops are no measure");
    }

    #[test]
    fn how_long_calls_take_follows_the_last_ones() {
        let mut seen = Seen { ended: Instant::now(), calls: HashMap::new() };
        let now = Instant::now();
        let Some(long_ago) = now.checked_sub(Duration::from_secs(4)) else { return };
        let stop = stop();
        seen.end(&kill(), long_ago);
        assert_eq!(seen.like(&stop).take, None);
        seen.end(&stop, long_ago);
        let first = seen.like(&stop).take.unwrap();
        assert!(first >= Duration::from_secs(4));
        seen.end(&stop, now);
        assert!(seen.like(&stop).take.unwrap() < first * 4 / 5);
        assert!(seen.ended >= now);
    }

    #[tokio::test]
    async fn no_more_is_under_way_than_there_is_room_for() {
        let (pace, now, most) = (Pace::new(), AtomicUsize::new(0), AtomicUsize::new(0));
        let action = kill();
        let calls = (0..100).map(|_| {
            pace.keep(&action, async {
                most.fetch_max(now.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
                tokio::task::yield_now().await;
                now.fetch_sub(1, Ordering::Relaxed);
            })
        });
        join_all(calls).await;
        assert_eq!(most.into_inner(), AT_FIRST);
    }

    #[tokio::test]
    async fn calls_that_wait_keep_nobody_waiting() {
        let (pace, all) = (Pace::new(), Barrier::new(3 * AT_FIRST));
        let action = kill();
        // Each goes on only when all are under way.
        join_all((0..3 * AT_FIRST).map(|_| pace.keep(&action, all.wait()))).await;
    }
}
