//! How much an engine is asked at once. Work beyond what it has processors for is not done sooner:
//! calls then wait for each other, and for the engine's locks.

use std::convert::Infallible;
use std::future::{Future, pending};
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

/// A call that takes longer waits for something else, and leaves its place to another one.
const WORK: Duration = Duration::from_millis(500);

/// So does a stop when nothing has come to an end for this long: then the engine does not work, but
/// waits for containers that take their time. Stacks of such must not end one after another.
const QUIET: Duration = Duration::from_millis(200);

/// Room for calls that make an engine work.
pub(super) struct Pace {
    room: Semaphore,
    /// When a call came to an end last.
    ended: Mutex<Instant>,
}

impl Pace {
    pub(super) fn new() -> Self {
        Self { room: Semaphore::new(AT_FIRST), ended: Mutex::new(Instant::now()) }
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
                let lease = lease(action, begun, *self.ended());
                if lease <= Instant::now() {
                    break;
                }
                if let Ok(done) = timeout_at(lease, &mut work).await {
                    *self.ended() = Instant::now();
                    return done;
                }
            }
            drop(place);
        }
        work.await
    }

    fn ended(&self) -> MutexGuard<'_, Instant> {
        // It is written in one piece.
        self.ended.lock().unwrap_or_else(PoisonError::into_inner)
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

/// Until when a call that has `begun` keeps its place, by when another one has `ended` last.
fn lease(action: &Action, begun: Instant, ended: Instant) -> Instant {
    let longest = begun + WORK;
    match action {
        Action::StopContainer { .. } | Action::RestartContainer { .. } => {
            longest.min(begun.max(ended) + QUIET)
        }
        _ => longest,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::future::join_all;
    use tokio::sync::Barrier;

    use super::*;
    use crate::stack::plan::ContainerRef;

    fn start() -> Action {
        Action::KillContainer { container: ContainerRef::created("shop-web-1"), signal: None }
    }

    #[test]
    fn stops_make_room_sooner_where_an_engine_only_waits() {
        let container = ContainerRef::created("shop-web-1");
        let stop = Action::StopContainer { container, timeout: None };
        let begun = Instant::now();
        let at = |millis| begun + Duration::from_millis(millis);
        assert_eq!(lease(&stop, begun, begun), at(200));
        assert_eq!(lease(&stop, at(100), begun), at(300), "the call before is no measure");
        assert_eq!(lease(&stop, begun, at(150)), at(350), "it works");
        assert_eq!(lease(&stop, begun, at(450)), at(500), "but not on this one");
        assert_eq!(lease(&start(), begun, begun), at(500));
    }

    #[tokio::test]
    async fn no_more_is_under_way_than_there_is_room_for() {
        let (pace, now, most) = (Pace::new(), AtomicUsize::new(0), AtomicUsize::new(0));
        let action = start();
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
        let action = start();
        // Each goes on only when all are under way.
        join_all((0..3 * AT_FIRST).map(|_| pace.keep(&action, all.wait()))).await;
    }
}
