//! The end of a container that is attended to, and the signals that it is sent until then: `run`,
//! `attach` and `bridge convert`.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::unbounded_channel;

use super::failure::Failure;
use super::terminations::Front;
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

/// So many signals that ask for the end are enough, whatever the container makes of them, as by the
/// docker command: the first and the second may each mean something to what runs in it.
const ENOUGH: usize = 3;

/// How far a signal that reaches us and the docker command before us may be behind in one of both.
const BOTH: Duration = Duration::from_millis(100);

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
            actions: ["die", "detach", "destroy"].map(str::to_owned).to_vec(),
            ..EventFilter::default()
        };
        Ok(Self { container, events: engine.events(&filter).await? })
    }

    /// Waits for the end.
    ///
    /// # Errors
    /// An engine that stops telling.
    pub(super) async fn come(&mut self) -> Result<Ended, EngineError> {
        while let Some(event) = self.next().await {
            let event = event?;
            match event.action.as_str() {
                "detach" => return Ok(Ended::Detached),
                "die" => {
                    let code = event.actor.attributes.get("exitCode");
                    return Ok(Ended::Exited(code.and_then(|code| code.parse().ok()).unwrap_or(0)));
                }
                _ => {}
            }
        }
        Err(EngineError::Broken {
            context: "GET /events".to_owned(),
            reason: "the engine ended the stream".to_owned(),
        })
    }

    /// Until everybody sees what the event has told: an engine tells the end of a container before it is
    /// done with it, and whoever lists containers then finds it running.
    pub(super) async fn settled<E: Engine>(&self, engine: &E) {
        // It has ended, whatever the answer.
        let _ = engine.inspect_container(self.container).await;
    }

    /// Waits until a container that has ended, and that the engine removes at its end, is gone or
    /// cannot be removed.
    ///
    /// The engine answers both, but Docker 20.10 never does when it is asked in the middle of a removal.
    /// One that succeeds it tells by an event.
    pub(super) async fn gone<E: Engine>(&mut self, engine: &E) {
        let answered = engine.wait_container(self.container, WaitCondition::Removed);
        let told = async {
            while let Some(Ok(event)) = self.next().await {
                if event.action == "destroy" {
                    break;
                }
            }
        };
        tokio::select! {
            // It has ended, whatever the answer.
            _ = answered => {}
            () = told => {}
        }
    }

    /// The container's next event.
    async fn next(&mut self) -> Option<Result<EventMessage, EngineError>> {
        loop {
            match self.events.next().await? {
                Ok(event) if event.actor.id != self.container => {}
                event => return Some(event),
            }
        }
    }
}

/// Passes signals on to a container, all while `attended` goes on. Ends with what that gives, and
/// whether one of the signals asked for the end; or when the user asks for the end and the container does not come to it. `front` is the socket of the
/// docker command that runs us.
///
/// # Errors
/// What `attended` gives; signals that cannot be listened to; [`Failure::Interrupted`] when the
/// container cannot take a signal, and another one asks for the end, or when the docker command is
/// told to end and we are not; [`ENOUGH`] signals that ask for the end.
pub(super) async fn forward_signals<E: Engine, T>(
    engine: &E,
    container: &str,
    front: Option<&str>,
    attended: impl Future<Output = Result<T, Failure>>,
) -> Result<(T, bool), Failure> {
    let (sender, mut signals) = unbounded_channel();
    for (name, kind) in FORWARDED {
        let mut listener = signal(kind)
            .map_err(|error| Failure::new(format!("cannot listen to {name}: {error}")))?;
        let sender = sender.clone();
        tokio::spawn(async move {
            while listener.recv().await.is_some() && sender.send(name).is_ok() {}
        });
    }
    let (refused, wishes) = (AtomicBool::new(false), AtomicUsize::new(0));
    let (forward, mut forwarded) = unbounded_channel();
    let send = async {
        while let Some(name) = forwarded.recv().await {
            // A container that has just ended needs no signal any more.
            if engine.kill_container(container, Some(name)).await.is_err() {
                refused.store(true, Ordering::Relaxed);
            }
        }
        std::future::pending::<()>().await;
    };
    // Beside the sending: an engine that does not answer must not hold up the end.
    let count = async {
        while let Some(name) = signals.recv().await {
            if matches!(name, "SIGINT" | "SIGTERM") {
                let number = wishes.fetch_add(1, Ordering::Relaxed) + 1;
                if refused.load(Ordering::Relaxed) {
                    return Failure::Interrupted;
                }
                if number == ENOUGH {
                    return Failure::new(format!(
                        "got {ENOUGH} SIGTERM/SIGINTs, forcefully exiting"
                    ));
                }
            }
            // Whoever receives it lives as long as we do.
            let _ = forward.send(name);
        }
        std::future::pending().await
    };
    let abandoned = async {
        Front::new(front).closed().await;
        tokio::time::sleep(BOTH).await;
        if wishes.load(Ordering::Relaxed) > 0 {
            // The container was told, too, and may come to its end.
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        outcome = attended => outcome.map(|it| (it, wishes.load(Ordering::Relaxed) > 0)),
        () = abandoned => Err(Failure::Interrupted),
        failure = count => Err(failure),
        () = send => std::future::pending().await,
    }
}
