//! The builder's status as events: it repeats everything it knows of a step whenever something of
//! that step changes, and we tell only the changes.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use bollard::moby::buildkit::v1::{StatusResponse, Vertex, VertexLog, VertexStatus, VertexWarning};

use crate::build::event::{BuildEvent, LogStream, StepId};

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
}

#[derive(Default)]
struct Step {
    id: u32,
    name: String,
    started: bool,
    ended: bool,
    parts: HashMap<String, (i64, i64, bool)>,
    log: VecDeque<String>,
    /// The line that has not ended yet.
    open_line: String,
}

impl Progress {
    /// Takes a status and tells what is new in it.
    pub(super) fn update(&mut self, status: StatusResponse, events: &(dyn Fn(BuildEvent) + Sync)) {
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

    /// The step that failed and the last lines it wrote.
    pub(super) fn failed_step(&self) -> Option<(String, Vec<String>)> {
        let step = self.steps.get(self.failed.as_ref()?)?;
        let mut log: Vec<String> = step.log.iter().cloned().collect();
        if !step.open_line.is_empty() {
            log.push(step.open_line.clone());
        }
        Some((step.name.clone(), log))
    }

    /// The step with this digest and the last lines it wrote.
    pub(super) fn step(&self, digest: &str) -> Option<&str> {
        self.steps.get(digest).map(|step| step.name.as_str())
    }

    fn vertex(&mut self, vertex: Vertex, events: &(dyn Fn(BuildEvent) + Sync)) {
        let next = u32::try_from(self.steps.len()).unwrap_or(u32::MAX);
        let began = vertex.started.is_some() || vertex.cached || !vertex.error.is_empty();
        if !began && !self.steps.contains_key(&vertex.digest) {
            return;
        }
        let step = self.steps.entry(vertex.digest.clone()).or_default();
        if !step.started {
            (step.started, step.id, step.name) = (true, next + 1, vertex.name.clone());
            events(BuildEvent::Started { step: StepId(step.id), name: vertex.name });
        }
        if step.ended || vertex.completed.is_none() {
            return;
        }
        step.ended = true;
        let id = StepId(step.id);
        if vertex.error.is_empty() {
            let duration = match (&vertex.started, &vertex.completed) {
                (Some(from), Some(to)) => {
                    between((from.seconds, from.nanos), (to.seconds, to.nanos))
                }
                _ => Duration::ZERO,
            };
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

/// The time between two instants, each in seconds and nanoseconds.
fn between(from: (i64, i32), to: (i64, i32)) -> Duration {
    let nanoseconds = |(seconds, nanos): (i64, i32)| {
        seconds.saturating_mul(1_000_000_000).saturating_add(i64::from(nanos))
    };
    let length = nanoseconds(to).saturating_sub(nanoseconds(from));
    Duration::from_nanos(u64::try_from(length).unwrap_or(0))
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
