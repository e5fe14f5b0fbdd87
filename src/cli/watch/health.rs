//! How services fare that were started anew: waited for beside the loop, and told.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;

use super::containers::{End, TERMINATED, ended, filter};
use super::session::{HEALTH, Session};
use super::words;
use crate::engine::{DockerEngine, Engine};
use crate::stack::health::{self, Verdict, verdict};
use crate::stack::plan::WaitCondition;
use crate::stack::query::{self, Filter};

/// How long a container may take to end because of what it was started with; one that is tested has as long as its
/// test.
const SETTLED: Duration = Duration::from_secs(10);

/// How a service fared that was started anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Health {
    /// It is healthy after this time.
    Healthy(Duration),
    /// It runs, and nothing tests it; or it has done what it had to do.
    Settled,
    /// It is not, and why.
    Failed(String),
    /// One of its containers has ended.
    Ended(End),
}

impl Session<'_> {
    /// Waits no more for services that are about to be stopped.
    pub(super) fn forgo_health(&mut self, names: &[String]) {
        for service in names {
            if let Some(wait) = self.waiting.remove(service) {
                wait.abort();
            }
        }
    }

    /// Waits beside the loop until it is known how services fare that were started anew.
    pub(super) fn await_health(&mut self, names: &[String], since: Instant) {
        for service in names {
            // What has ended again by now was told.
            if self.ends.has(service) {
                continue;
            }
            // What was told before is told again: it is another attempt.
            self.failing.mended(service, HEALTH);
            let (engine, project) =
                (Arc::clone(&self.reload.engine), self.reload.project.name.clone());
            let name = service.clone();
            let wait = self.waits.spawn(async move {
                let outcome = fare(engine, project, name.clone(), since).await;
                (name, outcome)
            });
            if let Some(former) = self.waiting.insert(service.clone(), wait) {
                former.abort();
            }
        }
    }

    /// Tells whether what was started anew is healthy.
    pub(super) fn take_health(&mut self, service: &str, health: Health) {
        match health {
            Health::Healthy(took) => {
                self.failing.mended(service, HEALTH);
                let line = format!("service {service:?} healthy after {}", words::time(took));
                self.reload.feedback.state(&[service.to_owned()], "Healthy", &line);
            }
            Health::Settled => {
                self.failing.mended(service, HEALTH);
            }
            Health::Failed(message) => self.tell_failure(service, HEALTH, &message),
            Health::Ended(end) => self.take_end(service, end),
        }
    }
}

/// Waits until the containers of a service are healthy, or, where nothing tests them, have not failed for a while; `None`
/// where that cannot be told.
async fn fare(
    engine: Arc<DockerEngine>,
    project: String,
    service: String,
    since: Instant,
) -> Option<Health> {
    let actions =
        ["health_status", "health_status: healthy", "health_status: unhealthy", "die", "start"];
    // Listening begins before the first look.
    let mut events = engine.events(&filter(&project, &actions)).await.ok()?;
    let end = tokio::time::Instant::from_std(since + SETTLED);
    loop {
        let wanted = Filter { services: vec![service.clone()], all: true, ..Filter::default() };
        let containers = query::containers(&*engine, &project, &wanted).await.ok()?;
        let (mut tested, mut pending) = (false, false);
        for container in &containers {
            let Some(details) = engine.inspect_container(&container.id).await.ok()? else {
                continue;
            };
            if !matches!(details.state.exit_code, 0 | TERMINATED)
                && let Some(end) = ended(&engine, &details).await
            {
                return Some(Health::Ended(end));
            }
            if health::test(&details).is_none() {
                continue;
            }
            tested = true;
            match verdict(&details, WaitCondition::Healthy) {
                Verdict::Met | Verdict::Runs => {}
                Verdict::Unprobed(message) | Verdict::Failed(message) => {
                    return Some(Health::Failed(message));
                }
                Verdict::Pending | Verdict::Ended(_) => pending = true,
            }
        }
        match (tested, pending) {
            (false, _) => match tokio::time::timeout_at(end, events.next()).await {
                Ok(event) => event?.ok()?,
                Err(_) => return Some(Health::Settled),
            },
            (true, false) => return Some(Health::Healthy(since.elapsed())),
            (true, true) => events.next().await?.ok()?,
        };
    }
}
