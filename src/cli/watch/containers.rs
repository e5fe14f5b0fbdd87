//! What the engine tells of a project's containers while files are watched.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;

use crate::cli::failure::Result;
use crate::engine::api::{ContainerDetails, EventFilter, EventMessage};
use crate::engine::{DockerEngine, Engine, EngineError, Stream};
use crate::stack::fault::last_lines;
use crate::stack::health::{self, Verdict, verdict};
use crate::stack::labels;
use crate::stack::plan::WaitCondition;
use crate::stack::query::{self, Filter};

/// The first pause before a broken stream of events is opened again.
const PAUSE: Duration = Duration::from_millis(100);
/// The longest one.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// How long a container may take to end because of what it was started with; one that is tested has as long as its
/// test.
const SETTLED: Duration = Duration::from_secs(10);
/// The exit code of a program that SIGTERM has ended: somebody has stopped the container.
const TERMINATED: i64 = 128 + 15;
/// How many lines of the log of one that ended are told.
const LOG_LINES: usize = 5;

/// What is told of containers that appear.
const APPEAR: [&str; 3] = ["create", "start", "unpause"];
/// And of those that end.
const END: [&str; 2] = ["kill", "die"];

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
        Self::listen(engine, filter(project, &APPEAR)).await
    }

    /// Begins to listen to ends, too, and to signals that may bring them.
    pub(super) async fn and_ends(engine: &Arc<DockerEngine>, project: &str) -> Result<Self> {
        Self::listen(engine, filter(project, &[&APPEAR[..], &END].concat())).await
    }

    async fn listen(engine: &Arc<DockerEngine>, filter: EventFilter) -> Result<Self> {
        let events = match engine.events(&filter).await {
            Ok(events) => Some(events),
            // It starts again just now, as it may at any other time.
            Err(EngineError::Unreachable { .. } | EngineError::Broken { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        Ok(Self { engine: Arc::clone(engine), filter, events, pause: PAUSE })
    }

    /// Waits until something has happened to one, or may have: of that nothing is told. Nothing is lost when the call is
    /// dropped.
    pub(super) async fn next(&mut self) -> Option<EventMessage> {
        loop {
            if let Some(events) = &mut self.events {
                match events.next().await {
                    Some(Ok(event)) => {
                        self.pause = PAUSE;
                        return Some(event);
                    }
                    None | Some(Err(_)) => self.events = None,
                }
            }
            tokio::time::sleep(self.pause).await;
            self.pause = (self.pause * 2).min(LONGEST_PAUSE);
            if let Ok(events) = self.engine.events(&self.filter).await {
                self.events = Some(events);
                // Nobody told of what happened meanwhile.
                return None;
            }
        }
    }
}

/// Whether no engine answers just now: it starts again, or cannot be reached.
pub(super) async fn is_away(engine: &DockerEngine) -> bool {
    let answer = engine.server_version().await;
    matches!(answer, Err(EngineError::Unreachable { .. } | EngineError::Broken { .. }))
}

/// Waits until an engine answers.
pub(super) async fn until_back(engine: &DockerEngine) {
    let mut pause = PAUSE;
    while is_away(engine).await {
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

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

/// A container that has ended, not since it had done what it had to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct End {
    /// Its id.
    pub(super) id: String,
    /// `container web-1 exited (1)`.
    pub(super) words: String,
    /// The last lines of its log.
    pub(super) log: Vec<String>,
    /// Whether the engine starts it again, or has given up to.
    pub(super) is_restarted: bool,
}

/// Waits until the containers of a service are healthy, or, where nothing tests them, have not failed for a while; `None`
/// where that cannot be told.
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

/// How a container has ended, unless it runs or somebody has told it to end: with what exit code and which last words.
pub(super) async fn ended(engine: &DockerEngine, details: &ContainerDetails) -> Option<End> {
    let state = &details.state;
    let has_ended = matches!(state.status.as_str(), "exited" | "dead" | "restarting");
    if !has_ended || state.exit_code == TERMINATED {
        return None;
    }
    let name = details.name.trim_start_matches('/');
    let log = last_lines(engine, &details.id, details.config.tty, LOG_LINES).await;
    let log = log.unwrap_or_default().iter().map(|line| line.trim_end().to_owned()).collect();
    let policy = details.host_config.restart_policy.as_ref().map(|policy| policy.name.as_str());
    Some(End {
        id: details.id.clone(),
        words: format!("container {name} exited ({})", state.exit_code),
        log,
        is_restarted: !matches!(policy, None | Some("" | "no")),
    })
}

fn filter(project: &str, actions: &[&str]) -> EventFilter {
    EventFilter {
        types: vec!["container".to_owned()],
        labels: vec![format!("{}={project}", labels::PROJECT)],
        actions: actions.iter().map(|&action| action.to_owned()).collect(),
        ..EventFilter::default()
    }
}
