//! One stream of the engine's events for a whole run, handed to everybody who waits. When it breaks
//! it is opened again from where it ended, and everybody looks for themselves what they missed.

use std::convert::Infallible;
use std::time::Duration;

use futures_util::StreamExt;
use tokio::sync::broadcast;

use crate::engine::api::{EventFilter, EventMessage};
use crate::engine::{Engine, EngineError, Stream};
use crate::stack::labels;

/// How many signals a slow waiter may be behind before it has to look for itself.
const BACKLOG: usize = 1024;
/// How often a broken stream is opened again before the engine counts as lost.
const ATTEMPTS: u32 = 6;

/// What those who wait are told.
#[derive(Debug, Clone)]
pub(super) enum Signal {
    /// Something happened to the container with this id.
    Container(String),
    /// Events may have been missed.
    Look,
    /// There will be no more, because the engine is gone.
    Lost(String),
}

/// The stream, and those who listen to it.
pub(super) struct Watch<'a, E> {
    engine: &'a E,
    filter: EventFilter,
    first: std::sync::Mutex<Option<Stream<EventMessage>>>,
    signals: broadcast::Sender<Signal>,
}

impl<'a, E: Engine> Watch<'a, E> {
    /// Opens the stream: what happens from now on will be told.
    pub(super) async fn open(engine: &'a E, project: &str) -> Result<Self, EngineError> {
        let actions = ["start", "die", "kill", "oom", "destroy", "pause", "health_status"];
        let filter = EventFilter {
            types: vec!["container".into()],
            labels: vec![format!("{}={project}", labels::PROJECT)],
            actions: actions.map(str::to_owned).to_vec(),
            ..EventFilter::default()
        };
        let first = engine.events(&filter).await?;
        let (signals, _) = broadcast::channel(BACKLOG);
        Ok(Self { engine, filter, first: std::sync::Mutex::new(Some(first)), signals })
    }

    /// What happens from now on.
    pub(super) fn listen(&self) -> broadcast::Receiver<Signal> {
        self.signals.subscribe()
    }

    /// Passes events on. Runs beside those who wait and never ends.
    pub(super) async fn follow(&self) -> Infallible {
        let mut stream = self.first.lock().ok().and_then(|mut first| first.take());
        let mut last_seen = 0;
        loop {
            if let Some(events) = &mut stream {
                while let Some(Ok(event)) = events.next().await {
                    last_seen = last_seen.max(event.time_nano);
                    self.tell(Signal::Container(event.actor.id));
                }
            }
            stream = self.reopen(last_seen).await;
            if stream.is_none() {
                return std::future::pending().await;
            }
            self.tell(Signal::Look);
        }
    }

    async fn reopen(&self, last_seen: i64) -> Option<Stream<EventMessage>> {
        let mut filter = self.filter.clone();
        if last_seen > 0 {
            let (seconds, nanoseconds) = (last_seen / 1_000_000_000, last_seen % 1_000_000_000);
            filter.since = format!("{seconds}.{nanoseconds:09}");
        }
        let mut pause = Duration::from_millis(50);
        let mut reason = String::new();
        for _ in 0..ATTEMPTS {
            match self.engine.events(&filter).await {
                Ok(stream) => return Some(stream),
                Err(error) => reason = error.to_string(),
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        self.tell(Signal::Lost(reason));
        None
    }

    fn tell(&self, signal: Signal) {
        // An error only says that nobody listens at the moment.
        let _ = self.signals.send(signal);
    }
}
