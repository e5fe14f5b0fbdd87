//! Those who are asked: some questions at a time, and none while there is reason to leave one alone.

use std::collections::HashMap;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::Settings;
use super::cache::{Cache, Seconds};
use super::source::Refusal;
use crate::platform::Gap;

/// Requests to one registry side by side.
const SIDE_BY_SIDE: usize = 8;
/// How long a registry that limits is left alone where it does not say, and at most.
const LIMITED: Seconds = 15 * 60;
const LONGEST: Seconds = 6 * 60 * 60;
/// How long one that cannot be reached is left alone.
const UNREACHABLE: Seconds = 60;

/// All of whom is asked in a run.
pub(super) struct Doors<'a> {
    settings: &'a Settings,
    cache: &'a Cache,
    known: Mutex<HashMap<String, Arc<Door>>>,
}

/// One of whom is asked.
pub(super) struct Door {
    permits: Semaphore,
    /// Whether it has answered anything.
    heard: AtomicBool,
}

impl Door {
    /// Takes note that an answer came, whatever it is.
    pub(super) fn has_answered(&self) {
        self.heard.store(true, Ordering::Relaxed);
    }

    /// Whether an answer came.
    pub(super) fn is_heard(&self) -> bool {
        self.heard.load(Ordering::Relaxed)
    }
}

impl<'a> Doors<'a> {
    pub(super) fn new(settings: &'a Settings, cache: &'a Cache) -> Self {
        Self { settings, cache, known: Mutex::default() }
    }

    /// Asks somebody, unless there is reason not to, and takes note of such reasons.
    pub(super) async fn through<T>(
        &self,
        who: &str,
        work: impl Future<Output = Result<T, Refusal>>,
    ) -> Result<T, Gap> {
        let door = self.door(who);
        // It is closed by nobody.
        let _permit = door.permits.acquire().await;
        if let Some(gap) = self.trouble(who) {
            return Err(gap);
        }
        let since = Instant::now();
        let mut silence = Silence { cache: self.cache, who, door: &door, since, is_over: false };
        let outcome = work.await;
        silence.is_over = true;
        let refusal = match outcome {
            Ok(told) => return Ok(told),
            Err(refusal) => refusal,
        };
        let wait = match refusal.gap {
            Gap::RateLimited => Some(refusal.wait.unwrap_or(LIMITED).min(LONGEST)),
            Gap::Unreachable(_) if !door.is_heard() => Some(UNREACHABLE),
            _ => None,
        };
        if let Some(wait) = wait {
            self.cache.learn_trouble(who, &refusal.gap, wait);
        }
        Err(refusal.gap)
    }

    /// Why somebody is left alone. Who asks anew means it, but for limits.
    fn trouble(&self, who: &str) -> Option<Gap> {
        let gap = self.cache.trouble(who, self.settings.budget)?;
        (gap == Gap::RateLimited || !self.settings.refresh).then_some(gap)
    }

    pub(super) fn door(&self, who: &str) -> Arc<Door> {
        let mut doors = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let door = doors.entry(who.to_owned()).or_insert_with(|| {
            Arc::new(Door { permits: Semaphore::new(SIDE_BY_SIDE), heard: AtomicBool::new(false) })
        });
        Arc::clone(door)
    }
}

/// Takes note, where nobody waits any more, that somebody said nothing until then: the next run does
/// not wait as long.
struct Silence<'a> {
    cache: &'a Cache,
    who: &'a str,
    door: &'a Door,
    since: Instant,
    is_over: bool,
}

impl Drop for Silence<'_> {
    fn drop(&mut self) {
        if !self.is_over && !self.door.is_heard() {
            self.cache.learn_silence(self.who, self.since.elapsed(), UNREACHABLE);
        }
    }
}
