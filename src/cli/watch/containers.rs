//! What the engine tells of a project's containers while files are watched.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;

use crate::cli::failure::Result;
use crate::engine::api::{EventFilter, EventMessage};
use crate::engine::{DockerEngine, Engine, Stream};
use crate::stack::health::{self, Verdict, verdict};
use crate::stack::labels;
use crate::stack::plan::WaitCondition;
use crate::stack::query::{self, Filter};

/// The first pause before a broken stream of events is opened again.
const PAUSE: Duration = Duration::from_millis(100);
/// The longest one.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Containers as they appear.
pub(super) struct Appearances {
    engine: Arc<DockerEngine>,
    filter: EventFilter,
    events: Option<Stream<EventMessage>>,
    pause: Duration,
}

impl Appearances {
    /// Begins to listen.
    pub(super) async fn new(engine: &Arc<DockerEngine>, project: &str) -> Result<Self> {
        let filter = filter(project, &["create", "start", "unpause"]);
        let events = Some(engine.events(&filter).await?);
        Ok(Self { engine: Arc::clone(engine), filter, events, pause: PAUSE })
    }

    /// Waits until one was created, started or unpaused, or may have been. Nothing is lost when the call is
    /// dropped.
    pub(super) async fn next(&mut self) {
        loop {
            if let Some(events) = &mut self.events {
                match events.next().await {
                    Some(Ok(_)) => {
                        self.pause = PAUSE;
                        return;
                    }
                    None | Some(Err(_)) => self.events = None,
                }
            }
            tokio::time::sleep(self.pause).await;
            self.pause = (self.pause * 2).min(LONGEST_PAUSE);
            if let Ok(events) = self.engine.events(&self.filter).await {
                self.events = Some(events);
                // Nobody told of what happened meanwhile.
                return;
            }
        }
    }
}

/// How a service fared that was started anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Health {
    /// It is healthy after this time.
    Healthy(Duration),
    /// It is not, and why.
    Failed(String),
}

/// Waits until the containers of a service are healthy; `None` where nothing tests them.
pub(super) async fn health(
    engine: Arc<DockerEngine>,
    project: String,
    service: String,
    since: Instant,
) -> Option<Health> {
    let actions =
        ["health_status", "health_status: healthy", "health_status: unhealthy", "die", "start"];
    // Listening begins before the first look.
    let mut events = engine.events(&filter(&project, &actions)).await.ok()?;
    loop {
        let wanted = Filter { services: vec![service.clone()], all: true, ..Filter::default() };
        let containers = query::containers(&*engine, &project, &wanted).await.ok()?;
        let (mut tested, mut pending) = (false, false);
        for container in &containers {
            let Some(details) = engine.inspect_container(&container.id).await.ok()? else {
                continue;
            };
            if health::test(&details).is_none() {
                continue;
            }
            tested = true;
            match verdict(&details, WaitCondition::Healthy) {
                Verdict::Met | Verdict::Runs => {}
                Verdict::Failed(message) => return Some(Health::Failed(message)),
                Verdict::Pending | Verdict::Ended(_) => pending = true,
            }
        }
        match (tested, pending) {
            (false, _) => return None,
            (true, false) => return Some(Health::Healthy(since.elapsed())),
            (true, true) => events.next().await?.ok()?,
        };
    }
}

fn filter(project: &str, actions: &[&str]) -> EventFilter {
    EventFilter {
        types: vec!["container".to_owned()],
        labels: vec![format!("{}={project}", labels::PROJECT)],
        actions: actions.iter().map(|&action| action.to_owned()).collect(),
        ..EventFilter::default()
    }
}
