//! Where the time of a run went. A [`Timeline`] is what was recorded of it: the steps with their
//! times. [`chain`](Timeline::chain) finds the steps that it could not have been faster without,
//! [`summary`] names what most of their time went to, [`advice`] says what to do about the slow ones.
//! Pure.

mod advice;
mod chain;
mod process;
mod summary;

use serde::{Deserialize, Serialize};

pub use chain::{Chain, Link};
pub use process::{Form, Process};

/// A run that has ended.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Timeline {
    /// Name of the project.
    pub project: String,
    /// The command: `up`, `start`, `stop`, `down`.
    pub command: String,
    /// When it began, in milliseconds since 1970.
    pub began: i64,
    /// Whether it came to no end although no step failed: somebody put an end to it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub interrupted: bool,
    /// The steps that were begun, in the order of the plans; a step comes behind those it waited
    /// for.
    pub steps: Vec<TimedStep>,
}

/// A step with its times, in milliseconds since the run began.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TimedStep {
    /// The service it was done for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// What it was done with: `container shop-web-1`, `image nginx`.
    pub subject: String,
    /// What was done.
    pub kind: Kind,
    /// Indexes of the steps that it waited for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<usize>,
    /// When it began.
    pub began: u64,
    /// When it ended.
    pub ended: u64,
    /// What became of it. Records of earlier versions, which held command lines, have none: they
    /// cannot be read any more.
    pub outcome: Outcome,
    /// How its container became healthy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health: Option<Health>,
    /// How its container ended, if that took long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Stopped>,
}

/// What became of a step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It ended well.
    #[default]
    Done,
    /// It failed.
    Failed,
    /// It was given up, because another failed or the run was interrupted.
    Cancelled,
}

/// What a step did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Pulled an image.
    Pull,
    /// Built an image.
    Build,
    /// Sent or fetched something: files, an image that is pushed.
    Transfer,
    /// Made a network, a volume, a container.
    #[default]
    Create,
    /// Gave a container its own name.
    Rename,
    /// Wrote configs and secrets into a container.
    Files,
    /// Ran a hook of a service before the start of its container.
    PreStart,
    /// Started a container.
    Start,
    /// Ran a hook in a container that had started.
    PostStart,
    /// Waited for a service to be healthy, or to run where it has no healthcheck.
    Health,
    /// Waited for a service to complete.
    Completion,
    /// Ran a hook in a container that was to stop.
    PreStop,
    /// Stopped a container.
    Stop,
    /// Removed something.
    Remove,
}

/// How a container became healthy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// Milliseconds for which nobody looked before the test that passed.
    pub unobserved: u64,
    /// Whether the healthcheck sets `start_interval`.
    pub start_interval: bool,
    /// Whether the engine is too old for `start_interval`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub old_engine: bool,
}

/// A container that took long to stop.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stopped {
    /// Exit code; 137 when it was killed.
    pub exit_code: i64,
    /// Seconds it was given.
    pub grace: i64,
    /// Its first process.
    pub process: Process,
    /// Whether an init process passes signals on.
    pub init: bool,
    /// The signal that asks it to stop.
    pub signal: String,
}

impl Timeline {
    /// How long the run took, in milliseconds.
    pub fn duration(&self) -> u64 {
        self.steps.iter().map(|step| step.ended).max().unwrap_or(0)
    }

    /// Whether it took containers down.
    pub fn is_teardown(&self) -> bool {
        matches!(self.command.as_str(), "stop" | "down")
    }

    /// Milliseconds that steps of these kinds took, where those that ran side by side count once.
    pub fn spent(&self, kinds: &[Kind]) -> u64 {
        let steps = self.steps.iter().filter(|step| kinds.contains(&step.kind));
        let mut spans: Vec<(u64, u64)> = steps.map(|step| (step.began, step.ended)).collect();
        spans.sort_unstable();
        let (mut spent, mut until) = (0, 0);
        for (began, ended) in spans {
            spent += ended.saturating_sub(began.max(until));
            until = until.max(ended);
        }
        spent
    }
}

impl TimedStep {
    /// How long it took, in milliseconds.
    pub fn took(&self) -> u64 {
        self.ended.saturating_sub(self.began)
    }

    /// What it is called after: its service, or what it was done with.
    pub fn name(&self) -> &str {
        self.service.as_deref().unwrap_or(&self.subject)
    }

    /// Name of the container that it was done with, if it was one of the service's own.
    pub fn container(&self) -> Option<&str> {
        match self.kind {
            // It runs in a container that is made for it.
            Kind::PreStart => None,
            _ => self.subject.strip_prefix("container "),
        }
    }
}

/// `7.9 s`.
fn seconds(milliseconds: u64) -> String {
    // Tenths, rounded; a run has no 2^53 milliseconds.
    let tenths = (milliseconds + 50) / 100;
    format!("{}.{} s", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    //! What the tests of the parts share.

    use super::*;

    pub(super) fn step(
        service: &str,
        kind: Kind,
        after: &[usize],
        began: u64,
        ended: u64,
    ) -> TimedStep {
        TimedStep {
            service: (!service.is_empty()).then(|| service.to_owned()),
            subject: format!("container shop-{service}-1"),
            kind,
            after: after.to_vec(),
            began,
            ended,
            ..TimedStep::default()
        }
    }

    pub(super) fn timeline(command: &str, steps: Vec<TimedStep>) -> Timeline {
        Timeline { project: "shop".into(), command: command.into(), steps, ..Timeline::default() }
    }

    pub(super) fn told(timeline: &Timeline) -> (String, Vec<String>) {
        let chain = timeline.chain();
        let links = chain.links.iter().map(|link| {
            let remark = link.remark.as_deref().unwrap_or_default();
            format!("{} {} @{} +{} {remark}", link.name, link.state, link.at, link.took)
                .trim_end()
                .to_owned()
        });
        (chain.summary.clone(), links.chain(chain.remarks.clone()).collect())
    }

    #[test]
    fn a_record_that_says_not_how_its_steps_ended_is_none() {
        let step = r#"{"subject": "container shop-web-1", "kind": "stop", "began": 0, "ended": 9"#;
        assert!(serde_json::from_str::<TimedStep>(&format!("{step}}}")).is_err());
        let step = format!(r#"{step}, "outcome": "failed"}}"#);
        let step = serde_json::from_str::<TimedStep>(&step).expect("a step");
        assert_eq!(step.outcome, Outcome::Failed);
    }
}
