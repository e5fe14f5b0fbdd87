//! Which containers there are, by the engine's events, and the counters of each, by a stream of its
//! own.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use indexmap::IndexMap;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

use super::row::Row;
use super::sample::Sample;
use crate::cli::failure::{Failure, Result};
use crate::engine::api::{ContainerFilter, EventFilter, EventMessage};
use crate::engine::{self, DockerEngine, Engine};
use crate::stack::query::ProjectContainer;
use crate::stack::{StackError, labels};

/// How long a container may say nothing until it is not known what it uses.
const SILENCE: Duration = Duration::from_secs(2);

/// Containers and what they use.
pub(super) struct Watch {
    engine: Arc<DockerEngine>,
    labels: Vec<String>,
    /// Whether containers that do not run are watched.
    all: bool,
    /// By id.
    containers: IndexMap<String, Watched>,
    events: Option<engine::Stream<EventMessage>>,
    samples: UnboundedReceiver<(String, Option<Sample>)>,
    sender: UnboundedSender<(String, Option<Sample>)>,
}

/// A container that is watched.
struct Watched {
    row: Row,
    /// Whether it has said something, or was silent for too long.
    heard: bool,
    reader: JoinHandle<()>,
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

impl Watch {
    /// Nothing is watched yet.
    pub(super) fn new(
        engine: Arc<DockerEngine>,
        project: &str,
        service: Option<&str>,
        all: bool,
    ) -> Self {
        let mut wanted = vec![format!("{}={project}", labels::PROJECT)];
        wanted.extend(service.map(|service| format!("{}={service}", labels::SERVICE)));
        let (sender, samples) = unbounded_channel();
        let containers = IndexMap::new();
        Self { engine, labels: wanted, all, containers, events: None, samples, sender }
    }

    /// The containers there are, in the engine's order.
    pub(super) async fn list(&self) -> Result<Vec<Row>> {
        let filter = ContainerFilter {
            labels: self.labels.clone(),
            all: self.all,
            ..ContainerFilter::default()
        };
        let rows = self.engine.list_containers(&filter).await.map_err(StackError::from)?;
        Ok(rows
            .into_iter()
            .map(ProjectContainer::new)
            .map(|container| Row { id: container.id, name: container.name, sample: None })
            .collect())
    }

    /// Begins to listen, first to events: a container that starts between the calls is seen.
    pub(super) async fn begin(&mut self) -> Result {
        let filter = EventFilter {
            types: vec!["container".to_owned()],
            labels: self.labels.clone(),
            ..EventFilter::default()
        };
        self.events = Some(self.engine.events(&filter).await.map_err(StackError::from)?);
        for row in self.list().await? {
            self.add(row);
        }
        Ok(())
    }

    /// Takes note of what happens until it is dropped. Returns only when the engine has gone.
    pub(super) async fn follow(&mut self) -> Result {
        loop {
            let Some(events) = &mut self.events else { return Ok(()) };
            tokio::select! {
                Some((id, sample)) = self.samples.recv() => {
                    if let Some(container) = self.containers.get_mut(&id) {
                        container.row.sample = sample;
                        container.heard = true;
                    }
                }
                event = events.next() => match event {
                    Some(Ok(event)) => self.take(&event),
                    // An engine that is shut down ends the stream.
                    None => return Ok(()),
                    Some(Err(error)) => return Err(Failure::from(StackError::from(error))),
                },
            }
        }
    }

    /// Whether every container has said something.
    pub(super) fn is_ready(&self) -> bool {
        self.containers.values().all(|container| container.heard)
    }

    /// The containers and what they use.
    pub(super) fn rows(&self) -> Vec<Row> {
        self.containers.values().map(|container| container.row.clone()).collect()
    }

    fn take(&mut self, event: &EventMessage) {
        let id = &event.actor.id;
        let name = event.actor.attributes.get("name").cloned().unwrap_or_default();
        let row = || Row { id: id.clone(), name: name.clone(), sample: None };
        match event.action.as_str() {
            "create" if self.all => self.add(row()),
            "start" => {
                // The counters of a container that did not run have ended.
                self.containers.shift_remove(id);
                self.add(row());
            }
            "die" if !self.all => {
                self.containers.shift_remove(id);
            }
            "destroy" => {
                self.containers.shift_remove(id);
            }
            _ => {}
        }
    }

    fn add(&mut self, row: Row) {
        let reader = read(Arc::clone(&self.engine), row.id.clone(), self.sender.clone());
        let watched = Watched { row: row.clone(), heard: false, reader: tokio::spawn(reader) };
        self.containers.insert(row.id, watched);
    }
}

/// Carries a container's counters over until they end.
async fn read(
    engine: Arc<DockerEngine>,
    id: String,
    samples: UnboundedSender<(String, Option<Sample>)>,
) {
    let mut deadline = Instant::now() + SILENCE;
    let Ok(mut usage) = engine.usage(&id, true).await else {
        // It has gone; an event tells so, too.
        let _ = samples.send((id, None));
        return;
    };
    loop {
        let sample = match timeout_at(deadline, usage.next()).await {
            Ok(Some(Ok(usage))) => Some(Sample::of(&usage)),
            Ok(None | Some(Err(_))) => break,
            Err(_) => None,
        };
        deadline = Instant::now() + SILENCE;
        if samples.send((id.clone(), sample)).is_err() {
            break;
        }
    }
}
