//! The builder's status as events: it repeats everything it knows of a step whenever something of
//! that step changes, and we tell only the changes.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use bollard::moby::buildkit::v1::{StatusResponse, Vertex, VertexLog, VertexStatus, VertexWarning};

use super::record::record;
use crate::build::event::{BuildEvent, LogStream, StepId, title};

/// Lines of a step's log that are kept for its error.
const KEPT_LINES: usize = 20;
/// Bytes of such a line that are kept.
const LONGEST_LINE: usize = 4096;

/// What is known of the steps so far.
#[derive(Default)]
pub(super) struct Progress {
    steps: HashMap<String, Step>,
    /// The first step that failed by itself.
    failed: Option<String>,
    /// The service whose build the builder's messages are recorded of.
    pub(super) recorded: Option<String>,
}

#[derive(Default)]
struct Step {
    id: u32,
    name: String,
    /// When it began, as the builder's clock says, in nanoseconds since 1970.
    began: i64,
    started: bool,
    /// The outcome that was told: whether it was a failure.
    ended: Option<bool>,
    parts: HashMap<String, (i64, i64, bool)>,
    log: VecDeque<String>,
    /// The line that has not ended yet.
    open_line: String,
}

impl Progress {
    /// Takes a status and tells what is new in it.
    pub(super) fn update(&mut self, status: StatusResponse, events: &(dyn Fn(BuildEvent) + Sync)) {
        if let Some(service) = &self.recorded {
            let record = record(&status, |step| title(service, step));
            events(BuildEvent::Record(record.to_string()));
        }
        for vertex in status.vertexes {
            self.vertex(vertex, events);
        }
        for part in status.statuses {
            self.part(part, events);
        }
        for log in status.logs {
            self.log(log, events);
        }
        for warning in status.warnings {
            events(translate(warning));
        }
    }

    /// The step that failed and the last lines it wrote: the one with this digest if the builder
    /// named it, else the first that failed.
    pub(super) fn failed_step(&self, digest: Option<&str>) -> Option<(String, Vec<String>)> {
        let step = digest
            .and_then(|digest| self.steps.get(digest))
            .or_else(|| self.steps.get(self.failed.as_ref()?))?;
        let mut log: Vec<String> = step.log.iter().cloned().collect();
        if !step.open_line.is_empty() {
            log.push(step.open_line.clone());
        }
        Some((step.name.clone(), log))
    }

    /// Tells of a step that was ours, once it is done.
    pub(super) fn add(
        &mut self,
        name: &str,
        duration: Duration,
        events: &(dyn Fn(BuildEvent) + Sync),
    ) {
        let id = u32::try_from(self.steps.len()).unwrap_or(u32::MAX).saturating_add(1);
        // No digest begins so.
        self.steps.insert(format!("own {id}"), Step { id, ..Step::default() });
        let step = StepId(id);
        events(BuildEvent::Started { step, name: name.to_owned() });
        events(BuildEvent::Completed { step, cached: false, duration });
    }

    fn vertex(&mut self, vertex: Vertex, events: &(dyn Fn(BuildEvent) + Sync)) {
        let next = u32::try_from(self.steps.len()).unwrap_or(u32::MAX);
        let began = vertex.started.is_some() || vertex.cached || !vertex.error.is_empty();
        if !began && !self.steps.contains_key(&vertex.digest) {
            return;
        }
        let step = self.steps.entry(vertex.digest.clone()).or_default();
        if step.id == 0 {
            (step.id, step.name) = (next + 1, vertex.name);
        }
        if let Some(time) = &vertex.started {
            step.began = nanoseconds(time.seconds, time.nanos);
        }
        let id = StepId(step.id);
        if !std::mem::replace(&mut step.started, true) {
            events(BuildEvent::Started { step: id, name: step.name.clone() });
        }
        let Some(completed) = vertex.completed else { return };
        // The builder may go on with a step that has ended, as it fetches what it only looked at
        // before; only a failure is news then.
        let failed = !vertex.error.is_empty();
        if step.ended.is_some_and(|before| before || !failed) {
            return;
        }
        step.ended = Some(failed);
        if vertex.error.is_empty() {
            let end = nanoseconds(completed.seconds, completed.nanos);
            let duration = between(step.began, end);
            events(BuildEvent::Completed { step: id, cached: vertex.cached, duration });
        } else {
            // Steps that were stopped because of another one are not the cause.
            if !vertex.error.ends_with("context canceled") && self.failed.is_none() {
                self.failed = Some(vertex.digest);
            }
            events(BuildEvent::Failed { step: id, error: vertex.error });
        }
    }

    fn part(&mut self, status: VertexStatus, events: &(dyn Fn(BuildEvent) + Sync)) {
        let Some(step) = self.steps.get_mut(&status.vertex) else { return };
        let done = status.completed.is_some();
        let state = (status.current, status.total, done);
        if step.parts.insert(status.id.clone(), state) == Some(state) {
            return;
        }
        let (part, action) = if status.name.is_empty() || status.name == status.id {
            (status.id, String::new())
        } else {
            (status.id, status.name)
        };
        events(BuildEvent::Progress {
            step: StepId(step.id),
            part,
            action,
            current: u64::try_from(status.current).unwrap_or(0),
            total: u64::try_from(status.total).unwrap_or(0),
            done,
        });
    }

    fn log(&mut self, log: VertexLog, events: &(dyn Fn(BuildEvent) + Sync)) {
        let Some(step) = self.steps.get_mut(&log.vertex) else { return };
        step.keep(&log.msg);
        events(BuildEvent::Log {
            step: StepId(step.id),
            stream: if log.stream == 2 { LogStream::Err } else { LogStream::Out },
            offset: log.timestamp.map_or(Duration::ZERO, |at| {
                between(step.began, nanoseconds(at.seconds, at.nanos))
            }),
            bytes: log.msg,
        });
    }
}

impl Step {
    /// Keeps the last lines of the log.
    fn keep(&mut self, bytes: &[u8]) {
        for piece in String::from_utf8_lossy(bytes).split_inclusive('\n') {
            if self.open_line.len() < LONGEST_LINE {
                self.open_line.push_str(piece);
            }
            if piece.ends_with('\n') {
                let line = std::mem::take(&mut self.open_line);
                self.log.push_back(line.trim_end_matches(['\n', '\r']).to_owned());
                if self.log.len() > KEPT_LINES {
                    self.log.pop_front();
                }
            }
        }
    }
}

/// An instant in nanoseconds since 1970.
fn nanoseconds(seconds: i64, nanos: i32) -> i64 {
    seconds.saturating_mul(1_000_000_000).saturating_add(i64::from(nanos))
}

/// The time between two instants; none where clocks went back.
fn between(from: i64, to: i64) -> Duration {
    Duration::from_nanos(u64::try_from(to.saturating_sub(from)).unwrap_or(0))
}

fn translate(warning: VertexWarning) -> BuildEvent {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let lines = warning.ranges.first().and_then(|range| {
        let start = u32::try_from(range.start.as_ref()?.line).ok()?;
        let end = range.end.as_ref().and_then(|end| u32::try_from(end.line).ok()).unwrap_or(start);
        Some((start, end.max(start)))
    });
    BuildEvent::Warning {
        message: text(&warning.short),
        details: warning.detail.iter().map(|bytes| text(bytes)).collect(),
        url: warning.url,
        lines,
    }
}
