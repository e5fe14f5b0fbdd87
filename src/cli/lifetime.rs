//! The end of a container that is attended to, and the signals that it is sent until then: `run`,
//! `attach` and `bridge convert`.

use std::time::Duration;

use futures_util::StreamExt;
use tokio::signal::unix::{SignalKind, signal};

use super::failure::Failure;
use crate::engine::api::{EventFilter, EventMessage, WaitCondition};
use crate::engine::{Engine, EngineError, Stream};

/// Signals that are passed on to the container when it has no terminal to pass keys through.
const FORWARDED: [(&str, SignalKind); 6] = [
    ("SIGINT", SignalKind::interrupt()),
    ("SIGTERM", SignalKind::terminate()),
    ("SIGHUP", SignalKind::hangup()),
    ("SIGQUIT", SignalKind::quit()),
    ("SIGUSR1", SignalKind::user_defined1()),
    ("SIGUSR2", SignalKind::user_defined2()),
];

/// How long the removal of a container that has ended is waited for.
const REMOVAL: Duration = Duration::from_secs(2);

/// How the attendance of a container ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// The container ended with this code.
    Exited(i64),
    /// The user has detached from it by keys; it goes on.
    Detached,
}

/// Tells when a container ends.
pub(super) struct End<'a> {
    container: &'a str,
    events: Stream<EventMessage>,
}

impl<'a> End<'a> {
    /// Listens from now on. `labels` that the container has spare us the events of others.
    ///
    /// # Errors
    /// An engine that does not answer.
    pub(super) async fn listen<E: Engine>(
        engine: &E,
        labels: Vec<String>,
        container: &'a str,
    ) -> Result<Self, EngineError> {
        let filter = EventFilter {
            types: vec!["container".to_owned()],
            labels,
            actions: vec!["die".to_owned(), "detach".to_owned()],
            ..EventFilter::default()
        };
        Ok(Self { container, events: engine.events(&filter).await? })
    }

    /// Waits for the end.
    ///
    /// # Errors
    /// An engine that stops telling.
    pub(super) async fn come(mut self) -> Result<Ended, EngineError> {
        while let Some(event) = self.events.next().await {
            let event = event?;
            if event.actor.id != self.container {
                continue;
            }
            if event.action == "detach" {
                return Ok(Ended::Detached);
            }
            let code = event.actor.attributes.get("exitCode");
            return Ok(Ended::Exited(code.and_then(|code| code.parse().ok()).unwrap_or(0)));
        }
        Err(EngineError::Broken {
            context: "GET /events".to_owned(),
            reason: "the engine ended the stream".to_owned(),
        })
    }
}

/// Waits until a container that has ended and is removed by the engine is gone, so that it is when we
/// are. Not for ever: an engine that is asked in the moment between removing a container and
/// forgetting it never answers.
pub(super) async fn gone<E: Engine>(engine: &E, container: &str) {
    let removed = engine.wait_container(container, WaitCondition::Removed);
    // It has ended, whatever the answer.
    let _ = tokio::time::timeout(REMOVAL, removed).await;
}

/// Passes signals on to a container; ends only when they cannot be listened to.
pub(super) async fn forward_signals<E: Engine>(engine: &E, container: &str) -> Failure {
    let (sender, mut signals) = tokio::sync::mpsc::unbounded_channel();
    for (name, kind) in FORWARDED {
        let mut listener = match signal(kind) {
            Ok(listener) => listener,
            Err(error) => return Failure::new(format!("cannot listen to {name}: {error}")),
        };
        let sender = sender.clone();
        tokio::spawn(async move {
            while listener.recv().await.is_some() && sender.send(name).is_ok() {}
        });
    }
    while let Some(name) = signals.recv().await {
        // A container that has just ended needs no signal any more.
        let _ = engine.kill_container(container, Some(name)).await;
    }
    std::future::pending().await
}
