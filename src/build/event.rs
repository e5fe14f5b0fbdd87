//! What a build tells of itself while it goes on. It never prints; `ui` decides how this is shown.

use std::time::Duration;

/// A step of one build, numbered from 1 in the order in which the builder began with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StepId(pub u32);

/// One thing that happened in a build.
#[derive(Debug, Clone, PartialEq)]
pub enum BuildEvent {
    /// A step began.
    Started {
        /// Which.
        step: StepId,
        /// As the builder names it: `[build 2/4] RUN make`, `[internal] load build context`.
        name: String,
    },
    /// A step ended well. It may still be heard of: a builder goes back to a step to fetch what it
    /// only looked at before.
    Completed {
        /// Which.
        step: StepId,
        /// Whether its result was there already.
        cached: bool,
        /// How long it took.
        duration: Duration,
    },
    /// A step failed. The build's error follows.
    Failed {
        /// Which.
        step: StepId,
        /// The builder's words.
        error: String,
    },
    /// Output of a step: bytes as they came, not whole lines.
    Log {
        /// Which step.
        step: StepId,
        /// Where it was written.
        stream: LogStream,
        /// Time since the step began.
        offset: Duration,
        /// What was written.
        bytes: Vec<u8>,
    },
    /// A part of a step went on: a layer that is fetched, a context that is sent.
    Progress {
        /// Which step.
        step: StepId,
        /// What goes on: a digest, or words such as `transferring context:`.
        part: String,
        /// What is done with it (`extracting`, `downloading`); may be empty.
        action: String,
        /// Bytes or items done.
        current: u64,
        /// Bytes or items in all; 0 when not known.
        total: u64,
        /// Whether it has ended.
        done: bool,
    },
    /// The Dockerfile could be better (a build check).
    Warning {
        /// One sentence.
        message: String,
        /// More sentences.
        details: Vec<String>,
        /// Where to read about it; may be empty.
        url: String,
        /// Lines of the Dockerfile, from 1.
        lines: Option<(u32, u32)>,
    },
    /// A message of the builder as a JSON object, as buildx writes it for programs. Told only where
    /// [`BuildRequest::records`](super::BuildRequest::records) asks for it.
    Record(String),
}

/// What a step of a service's build is called: `[build 2/4] RUN make` of service `web` is
/// `[web build 2/4] RUN make`.
pub fn title(service: &str, step: &str) -> String {
    match step.strip_prefix('[') {
        Some(rest) => format!("[{service} {rest}"),
        None => format!("[{service}] {step}"),
    }
}

impl BuildEvent {
    /// The same with `count` steps before those of the build.
    pub(super) fn behind(mut self, count: u32) -> Self {
        match &mut self {
            Self::Started { step, .. }
            | Self::Completed { step, .. }
            | Self::Failed { step, .. }
            | Self::Log { step, .. }
            | Self::Progress { step, .. } => step.0 = step.0.saturating_add(count),
            Self::Warning { .. } | Self::Record(_) => {}
        }
        self
    }
}

/// Where a step wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogStream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}
