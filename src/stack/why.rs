//! The history of a service's containers: why each was made, what it replaced, and what became of
//! it since. Read from the containers themselves and from the events that the engine still has.

use std::collections::BTreeMap;

use futures_util::StreamExt;
use futures_util::future::{join_all, try_join_all};
use serde::Serialize;

use super::StackError;
use super::fault;
use super::health;
use super::labels;
use super::query::{self, Filter, OneOff, ProjectContainer};
use super::record::{self, Record};
use crate::engine::Engine;
use crate::engine::api::{ContainerDetails, EventFilter, EventMessage};

/// Events that are told of a container.
const MOST_EVENTS: usize = 12;

/// What a container's history tells.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct History {
    /// Its name.
    pub container: String,
    /// Its id.
    pub id: String,
    /// Its service.
    pub service: String,
    /// What made it: `Bireme 0.1.0`, `Docker Compose 2.40.3`.
    pub made_by: String,
    /// When, RFC 3339.
    pub created: String,
    /// The image, as it is called.
    pub image: String,
    /// Id of the image.
    pub image_id: String,
    /// What it remembers of its making; nothing where Docker Compose made it.
    pub record: Option<Record>,
    /// The name of the container that it replaced, without the project, where that is all that is
    /// known.
    pub replaced: Option<String>,
    /// `running`, `exited` and so on.
    pub state: String,
    /// `healthy` and so on, where it is probed.
    pub health: Option<String>,
    /// What its last health probe printed, if that failed.
    pub probe: Option<String>,
    /// When it was started last, RFC 3339; empty if never.
    pub started: String,
    /// When it ended last, RFC 3339; empty if never.
    pub finished: String,
    /// Exit code of its last run, once it ended.
    pub exit_code: Option<i64>,
    /// Why it could not start.
    pub error: String,
    /// What was the matter where its platform was, and what mends that.
    pub fault: Option<String>,
    /// Whether it ran out of memory.
    pub out_of_memory: bool,
    /// How often its restart policy started it.
    pub restarts: i64,
    /// What happened to it, as far as the engine remembers; the last one last.
    pub events: Vec<Happening>,
}

/// Something that happened to a container.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Happening {
    /// Nanoseconds since 1970.
    pub time_nano: i64,
    /// `start`, `die`, `kill`, `oom` and so on.
    pub action: String,
    /// Signal or exit code.
    pub detail: String,
}

/// The histories of the containers of some services, by service and number; of all services if none
/// is named. `now` is the time, as the engine's filters take it.
///
/// # Errors
/// An engine that does not answer.
pub async fn histories<E: Engine>(
    engine: &E,
    project: &str,
    services: &[String],
    now: &str,
) -> Result<Vec<History>, StackError> {
    let filter = Filter { services: services.to_vec(), all: true, one_off: OneOff::Exclude };
    let containers = query::containers(engine, project, &filter).await?;
    let Some(first) = containers.iter().map(|one| one.summary.created).min() else {
        return Ok(Vec::new());
    };
    let details = try_join_all(containers.iter().map(|one| engine.inspect_container(&one.id)));
    let filter = EventFilter {
        types: vec!["container".into()],
        labels: vec![format!("{}={project}", labels::PROJECT)],
        since: format!("{first}.000000000"),
        until: now.to_owned(),
        ..EventFilter::default()
    };
    let events = async {
        let mut stream = engine.events(&filter).await?;
        let mut events = Vec::new();
        while let Some(event) = stream.next().await {
            events.push(event?);
        }
        Ok(events)
    };
    let (details, events) = futures_util::future::try_join(details, events).await?;
    let found = containers.iter().zip(details);
    let found = found.filter_map(|(container, details)| Some((container, details?)));
    let histories = found.map(async |(container, details)| {
        let failed = container.exit_code().is_some_and(|code| code != 0);
        let fault = if failed {
            fault::of_container(engine, &container.service, &container.id).await
        } else {
            None
        };
        let fault = fault.map(|fault| fault.to_string());
        History { fault, ..history(container, &details, &events) }
    });
    Ok(join_all(histories).await)
}

fn history(
    container: &ProjectContainer,
    details: &ContainerDetails,
    events: &[EventMessage],
) -> History {
    let state = &details.state;
    let known: &BTreeMap<String, String> = &container.summary.labels;
    let ended = matches!(state.status.as_str(), "exited" | "dead" | "restarting");
    History {
        container: container.name.clone(),
        id: container.id.clone(),
        service: container.service.clone(),
        made_by: record::made_by(known),
        created: details.created.clone(),
        image: details.config.image.clone(),
        image_id: details.image.clone(),
        record: record::read(known),
        replaced: known.get(labels::REPLACE).cloned(),
        state: state.status.clone(),
        health: state.health.as_ref().map(|health| health.status.clone()),
        probe: health::failed_probe(state).map(str::to_owned),
        started: moment(&state.started_at),
        finished: moment(&state.finished_at),
        exit_code: ended.then_some(state.exit_code),
        error: state.error.clone(),
        fault: None,
        out_of_memory: state.oom_killed,
        restarts: details.restart_count,
        events: happenings(&container.id, events),
    }
}

/// A moment, or nothing for the engine's "never".
fn moment(text: &str) -> String {
    if text.starts_with("0001-") { String::new() } else { text.to_owned() }
}

/// Whether an event says nothing of the course of a container: that somebody has looked at it, or brought something there.
/// Probes and hot reload come by the thousand.
fn changes_nothing(action: &str) -> bool {
    const LOOKS: [&str; 9] = [
        "archive-path",
        "attach",
        "commit",
        "copy",
        "detach",
        "export",
        "extract-to-dir",
        "resize",
        "top",
    ];
    action.starts_with("exec_") || LOOKS.contains(&action)
}

fn happenings(id: &str, events: &[EventMessage]) -> Vec<Happening> {
    let mut found: Vec<Happening> = events
        .iter()
        .filter(|event| event.actor.id == id)
        .filter(|event| !changes_nothing(&event.action))
        .map(|event| {
            let attribute = |key: &str| event.actor.attributes.get(key);
            let detail = match event.action.as_str() {
                "die" => attribute("exitCode").map(|code| format!("exit code {code}")),
                "kill" => attribute("signal").map(|signal| format!("signal {signal}")),
                "rename" => attribute("oldName")
                    .map(|name| format!("from {}", name.trim_start_matches('/'))),
                _ => None,
            };
            Happening {
                time_nano: event.time_nano,
                action: event.action.clone(),
                detail: detail.unwrap_or_default(),
            }
        })
        .collect();
    found.sort_by_key(|event| event.time_nano);
    found.drain(..found.len().saturating_sub(MOST_EVENTS));
    found
}
