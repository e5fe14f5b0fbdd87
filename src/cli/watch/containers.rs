//! What the engine tells of a project's containers while files are watched.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;

use crate::cli::failure::Result;
use crate::engine::api::{ContainerDetails, EventFilter, EventMessage};
use crate::engine::{DockerEngine, Engine, EngineError, Stream};
use crate::stack::fault::last_lines;
use crate::stack::labels;

/// The first pause before a broken stream of events is opened again.
const PAUSE: Duration = Duration::from_millis(100);
/// The longest one.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// The exit code of a program that SIGTERM has ended: somebody has stopped the container.
pub(super) const TERMINATED: i64 = 128 + 15;
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

pub(super) fn filter(project: &str, actions: &[&str]) -> EventFilter {
    EventFilter {
        types: vec!["container".to_owned()],
        labels: vec![format!("{}={project}", labels::PROJECT)],
        actions: actions.iter().map(|&action| action.to_owned()).collect(),
        ..EventFilter::default()
    }
}
