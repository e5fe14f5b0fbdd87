//! How much an engine is asked at once. Work beyond what it has processors for is not done sooner:
//! calls then wait for each other, and for the engine's locks.

use std::convert::Infallible;
use std::future::{Future, pending};
use std::pin::pin;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::engine::Engine;
use crate::stack::plan::Action;

/// Calls under way at once for each processor of the engine; measured with stacks of 100 services.
const FOR_A_PROCESSOR: usize = 4;

/// Calls under way at once as long as the engine has not said how many processors it has.
const AT_FIRST: usize = 8;

/// A call that takes longer waits for something else, and leaves its place to another one.
const WORK: Duration = Duration::from_millis(500);

/// The same for calls that end a container, which often takes its time: stacks of such must not
/// end one after another.
const STOP: Duration = Duration::from_millis(100);

/// Room for calls that make an engine work.
pub(super) struct Pace(Semaphore);

impl Pace {
    pub(super) fn new() -> Self {
        Self(Semaphore::new(AT_FIRST))
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
            self.0.add_permits(room.saturating_sub(AT_FIRST));
        }
        pending().await
    }

    /// Does what an action says as soon as there is room for it.
    pub(super) async fn keep<T>(&self, action: &Action, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        if is_work(action) {
            // Never closed.
            let place = self.0.acquire().await;
            if let Ok(done) = timeout(longest(action), &mut work).await {
                return done;
            }
            drop(place);
        }
        work.await
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

fn longest(action: &Action) -> Duration {
    match action {
        Action::StopContainer { .. } | Action::RestartContainer { .. } => STOP,
        _ => WORK,
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
