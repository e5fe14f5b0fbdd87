//! The critical chain: from the step that ended last, back through the one that each had to wait
//! for longest.

use serde::Serialize;

use super::advice;
use super::{Kind, TimedStep, Timeline};

/// The steps that a run could not have been faster without.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Chain {
    /// One sentence: how long, and what most of it was spent on.
    pub summary: String,
    /// The steps, the last first.
    pub links: Vec<Link>,
    /// Other containers that took all the time they were given to stop, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
}

/// One step of the chain.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Link {
    /// Index of the step.
    pub step: usize,
    /// Service, or what it was done with.
    pub name: String,
    /// What had become of it: `started`, `healthy`.
    pub state: &'static str,
    /// When, in milliseconds since the run began.
    pub at: u64,
    /// Milliseconds since the link before.
    pub took: u64,
    /// Why it took so long, and what to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
}

impl Timeline {
    /// The critical chain; no links if nothing was done.
    pub fn chain(&self) -> Chain {
        let links = self.links();
        // The containers of a service end alike, so one word for each service is enough.
        let mut told: Vec<&str> = links
            .iter()
            .filter(|link| link.remark.is_some())
            .map(|link| self.steps[link.step].name())
            .collect();
        let mut remarks = Vec::new();
        for step in &self.steps {
            if let Some(remark) = advice::slow_stop(step)
                && !told.contains(&step.name())
            {
                told.push(step.name());
                remarks.push(remark);
            }
        }
        Chain { summary: advice::summary(self, &links), links, remarks }
    }

    fn links(&self) -> Vec<Link> {
        let mut links = Vec::new();
        let numbers = 0..self.steps.len();
        // Among steps that ended together, the later one is the result.
        let mut next = numbers.max_by_key(|number| (self.steps[*number].ended, *number));
        while let Some(number) = next {
            let step = &self.steps[number];
            // A step waits for earlier ones only, so this comes to an end.
            let before = step.after.iter().copied().filter(|before| *before < number);
            let before = before.max_by_key(|before| (self.steps[*before].ended, *before));
            let since = before.map_or(0, |before| self.steps[before].ended);
            links.push(Link {
                step: number,
                name: step.name().to_owned(),
                state: state(step),
                at: step.ended,
                took: step.ended.saturating_sub(since),
                remark: advice::remark(step),
            });
            next = before;
        }
        links
    }
}

/// What has become of what a step was done with.
fn state(step: &TimedStep) -> &'static str {
    match (step.failed, step.kind) {
        (true, _) => "failed",
        (_, Kind::Pull) => "pulled",
        (_, Kind::Build) => "built",
        (_, Kind::Transfer) => "transferred",
        (_, Kind::Create) => "created",
        (_, Kind::Start) => "started",
        (_, Kind::Health) => "healthy",
        (_, Kind::Completion) => "completed",
        (_, Kind::Stop) => "stopped",
        (_, Kind::Remove) => "removed",
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Health, Stopped};
    use super::*;

    fn step(service: &str, kind: Kind, after: &[usize], began: u64, ended: u64) -> TimedStep {
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

    fn timeline(command: &str, steps: Vec<TimedStep>) -> Timeline {
        Timeline { project: "shop".into(), command: command.into(), began: 0, steps }
    }

    fn told(timeline: &Timeline) -> (String, Vec<String>) {
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
    fn the_chain_goes_back_through_what_was_waited_for_longest() {
        let healthy = TimedStep {
            health: Some(Health { unobserved: 4_900, start_interval: false, old_engine: false }),
            ..step("db", Kind::Health, &[1], 600, 5_700)
        };
        let timeline = timeline(
            "up",
            vec![
                step("db", Kind::Create, &[], 100, 300),
                step("db", Kind::Start, &[0], 300, 600),
                healthy,
                step("cache", Kind::Start, &[], 100, 900),
                step("api", Kind::Start, &[2], 5_700, 6_100),
                step("api", Kind::Completion, &[4], 6_100, 7_500),
                step("web", Kind::Start, &[5, 3], 7_500, 7_900),
            ],
        );
        let (summary, links) = told(&timeline);
        assert_eq!(
            summary,
            "web ready @7.9 s, 4.9 s of it waiting for db's next health interval: set start_interval"
        );
        assert_eq!(
            links,
            [
                "web started @7900 +400",
                "api completed @7500 +1400",
                "api started @6100 +400",
                "db healthy @5700 +5100 4.9 s of it nobody looked: set healthcheck.start_interval",
                "db started @600 +300",
                "db created @300 +300",
            ]
        );
    }

    #[test]
    fn the_summary_names_what_most_of_the_time_was_spent_on() {
        let shorter = TimedStep {
            health: Some(Health { unobserved: 3_000, start_interval: true, old_engine: false }),
            ..step("db", Kind::Health, &[], 0, 3_200)
        };
        let old = TimedStep {
            health: Some(Health { unobserved: 3_000, start_interval: false, old_engine: true }),
            ..step("db", Kind::Health, &[], 0, 3_200)
        };
        let quick = TimedStep {
            health: Some(Health { unobserved: 100, start_interval: false, old_engine: false }),
            ..step("db", Kind::Health, &[], 0, 3_200)
        };
        for (steps, expected) in [
            (vec![], "nothing was done"),
            (
                vec![step("web", Kind::Start, &[], 0, 400)],
                "web ready @0.4 s, 0.4 s of it starting web",
            ),
            (
                vec![shorter],
                "db ready @3.2 s, 3.0 s of it waiting for db's next health interval: shorten start_interval",
            ),
            (
                vec![old],
                "db ready @3.2 s, 3.0 s of it waiting for db's next health interval: shorten interval \
                 (start_interval needs Docker 25)",
            ),
            (vec![quick], "db ready @3.2 s, 3.2 s of it waiting for db to be healthy"),
            (
                vec![
                    step("web", Kind::Pull, &[], 0, 9_000),
                    step("web", Kind::Start, &[0], 9_000, 9_500),
                ],
                "web ready @9.5 s, 9.0 s of it pulling container shop-web-1",
            ),
            (
                vec![TimedStep { failed: true, ..step("web", Kind::Build, &[], 0, 9_000) }],
                "web failed @9.0 s, 9.0 s of it building web",
            ),
        ] {
            assert_eq!(timeline("up", steps).chain().summary, expected);
        }
    }

    #[test]
    fn who_burns_its_grace_period_is_named_with_the_remedy() {
        let killed = |service: &str, words: &[&str], init: bool, signal: &str| TimedStep {
            stopped: Some(Stopped {
                exit_code: 137,
                grace: 10,
                command: words.iter().map(|word| (*word).to_owned()).collect(),
                init,
                signal: signal.to_owned(),
            }),
            ..step(service, Kind::Stop, &[], 0, 10_100)
        };
        for (stopped, expected) in [
            (
                killed("web", &["/bin/sh", "-c", "python app.py"], false, "SIGTERM"),
                "process 1 is a shell, `/bin/sh -c python app.py`, that passes no SIGTERM on: \
                 write the command as a list (exec form), begin it with `exec`, or set `init: true`",
            ),
            (
                killed("web", &["sh", "/entrypoint.sh"], false, "SIGTERM"),
                "process 1 is a shell script, `sh /entrypoint.sh`, that passes no SIGTERM on: \
                 let it end with `exec \"$@\"`, or set `init: true`",
            ),
            (
                killed("web", &["sleep", "1000"], false, "SIGTERM"),
                "process 1, `sleep 1000`, has no handler for SIGTERM: set `init: true`, or \
                 `stop_signal` to one that it handles",
            ),
            (
                killed("web", &["app"], true, "SIGUSR1"),
                "`app` does not end at SIGUSR1 within 10 s: set `stop_signal` to one that it \
                 handles, or a longer `stop_grace_period`",
            ),
        ] {
            let timeline =
                timeline("down", vec![stopped, step("web", Kind::Remove, &[0], 10_100, 10_200)]);
            let (summary, links) = told(&timeline);
            assert_eq!(
                summary,
                "down took 10.2 s, 10.1 s of it web's grace period, at whose end it was killed"
            );
            assert_eq!(
                links[1],
                format!("web stopped @10100 +10100 killed after 10 s (137): {expected}")
            );
        }
        let slow = TimedStep {
            stopped: Some(Stopped { exit_code: 0, grace: 30, ..Stopped::default() }),
            ..step("db", Kind::Stop, &[], 0, 4_000)
        };
        let (summary, links) = told(&timeline("stop", vec![slow]));
        assert_eq!(summary, "stop took 4.0 s, 4.0 s of it stopping db");
        assert_eq!(links, ["db stopped @4000 +4000 ended by itself, of 30 s that it was given"]);
    }

    #[test]
    fn a_broken_record_does_no_harm() {
        let circle =
            vec![step("a", Kind::Start, &[1, 0, 9], 0, 5), step("b", Kind::Start, &[0], 0, 5)];
        assert_eq!(timeline("up", circle).chain().links.len(), 2);
    }
}
