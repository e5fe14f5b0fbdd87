//! How a run ended, how long it took, and what most of that was spent on, in one sentence.

use super::advice::{self, NOTABLE};
use super::{Kind, Link, Outcome, TimedStep, Timeline, seconds};

/// What the links of a chain that are of one kind did with one service.
struct Part<'a> {
    /// One of them.
    step: &'a TimedStep,
    /// Milliseconds that they took.
    took: u64,
    /// Milliseconds of them for which nobody looked whether the service was healthy.
    unobserved: u64,
}

/// The sentence.
pub(super) fn summary(timeline: &Timeline, links: &[Link]) -> String {
    let Some(last) = links.first() else { return "nothing was done".to_owned() };
    let ending = ending(timeline, last);
    match parts(timeline, links).into_iter().max_by_key(|part| part.took) {
        Some(part) if part.took >= NOTABLE => {
            let (took, reason) = reason(&part);
            format!("{ending}, {} of it {reason}", seconds(took))
        }
        _ => ending,
    }
}

/// How a run ended, and when.
fn ending(timeline: &Timeline, last: &Link) -> String {
    let step = &timeline.steps[last.step];
    let total = seconds(timeline.duration());
    match step.outcome {
        // What went on beside it may have ended later.
        Outcome::Failed => format!("{} failed @{}", last.name, seconds(last.at)),
        _ if timeline.interrupted => format!("{} was interrupted @{total}", timeline.command),
        _ if timeline.is_teardown() => format!("{} took {total}", timeline.command),
        _ => format!("{} ready @{total}", step.name()),
    }
}

/// What a chain was spent on.
fn parts<'a>(timeline: &'a Timeline, links: &[Link]) -> Vec<Part<'a>> {
    let mut parts: Vec<Part<'_>> = Vec::new();
    for link in links {
        let step = &timeline.steps[link.step];
        let unobserved = advice::unobserved(step, link.took);
        let is_alike =
            |part: &&mut Part<'_>| part.step.kind == step.kind && part.step.name() == step.name();
        match parts.iter_mut().find(is_alike) {
            Some(part) => {
                part.took += link.took;
                part.unobserved += unobserved;
            }
            None => parts.push(Part { step, took: link.took, unobserved }),
        }
    }
    parts
}

/// What a part was spent on, and for how long.
fn reason(part: &Part<'_>) -> (u64, String) {
    let Part { step, took, unobserved } = part;
    let name = step.name();
    let is_killed = advice::burned_grace(step);
    let words = match (step.kind, &step.health) {
        // Else it took longer to become healthy than to be seen so.
        (Kind::Health, Some(health)) if *unobserved >= NOTABLE.max(took / 2) => {
            let remedy = advice::sooner(health, "");
            return (*unobserved, format!("waiting for {name}'s next health interval: {remedy}"));
        }
        (Kind::Health, _) => format!("waiting for {name} to be healthy"),
        (Kind::Completion, _) => format!("waiting for {name} to complete"),
        (Kind::Pull, _) => format!("pulling {}", step.subject),
        (Kind::Build, _) => format!("building {name}"),
        (Kind::Transfer, _) => format!("transferring {name}"),
        (Kind::Create, _) => format!("creating {name}"),
        (Kind::Rename, _) => format!("renaming {name}"),
        (Kind::Files, _) => format!("writing files into {name}"),
        (Kind::PreStart, _) => format!("running pre_start of {name}"),
        (Kind::Start, _) => format!("starting {name}"),
        (Kind::PostStart, _) => format!("running post_start of {name}"),
        (Kind::PreStop, _) => format!("running pre_stop of {name}"),
        (Kind::Stop, _) if is_killed => {
            format!("{name}'s grace period, at whose end it was killed")
        }
        (Kind::Stop, _) => format!("stopping {name}"),
        (Kind::Remove, _) => format!("removing {name}"),
    };
    (*took, words)
}

#[cfg(test)]
mod tests {
    use super::super::Health;
    use super::super::tests::{step, timeline};
    use super::*;

    fn awaited(unobserved: u64, start_interval: bool, old_engine: bool) -> TimedStep {
        TimedStep {
            health: Some(Health { unobserved, start_interval, old_engine }),
            ..step("db", Kind::Health, &[], 0, 3_200)
        }
    }

    #[test]
    fn the_summary_names_what_most_of_the_time_was_spent_on() {
        for (steps, expected) in [
            (vec![], "nothing was done"),
            (
                vec![step("web", Kind::Start, &[], 0, 400)],
                "web ready @0.4 s, 0.4 s of it starting web",
            ),
            (
                vec![awaited(3_000, true, false)],
                "db ready @3.2 s, 3.0 s of it waiting for db's next health interval: shorten start_interval",
            ),
            (
                vec![awaited(3_000, false, true)],
                "db ready @3.2 s, 3.0 s of it waiting for db's next health interval: shorten interval \
                 (start_interval needs Docker 25)",
            ),
            (
                vec![awaited(1_000, false, false)],
                "db ready @3.2 s, 3.2 s of it waiting for db to be healthy",
            ),
            (
                // It began to run while the call went on that started it.
                vec![awaited(4_000, true, false)],
                "db ready @3.2 s, 3.2 s of it waiting for db's next health interval: shorten start_interval",
            ),
            (
                vec![
                    step("web", Kind::Pull, &[], 0, 9_000),
                    step("web", Kind::Start, &[0], 9_000, 9_500),
                ],
                "web ready @9.5 s, 9.0 s of it pulling container shop-web-1",
            ),
        ] {
            assert_eq!(timeline("up", steps).chain().summary, expected);
        }
    }

    #[test]
    fn what_was_done_again_and_again_counts_together() {
        let steps = vec![
            awaited(3_000, false, false),
            step("web", Kind::Start, &[0], 3_200, 3_500),
            step("web", Kind::PostStart, &[1], 3_500, 5_500),
            step("web", Kind::Start, &[2], 5_500, 5_800),
            step("web", Kind::PostStart, &[3], 5_800, 7_800),
        ];
        assert_eq!(
            timeline("up", steps).chain().summary,
            "web ready @7.8 s, 4.0 s of it running post_start of web"
        );
    }

    #[test]
    fn a_run_without_a_good_end_is_not_said_to_be_ready() {
        let ended = |command, interrupted, last: TimedStep| {
            let steps = vec![step("db", Kind::Start, &[], 0, 400), last];
            Timeline { interrupted, ..timeline(command, steps) }.chain().summary
        };
        let with = |outcome, kind| TimedStep { outcome, ..step("web", kind, &[0], 400, 2_400) };
        assert_eq!(
            ended("up", false, with(Outcome::Failed, Kind::Build)),
            "web failed @2.4 s, 2.0 s of it building web"
        );
        assert_eq!(
            ended("down", false, with(Outcome::Failed, Kind::Stop)),
            "web failed @2.4 s, 2.0 s of it stopping web"
        );
        assert_eq!(
            ended("up", true, with(Outcome::Cancelled, Kind::Health)),
            "up was interrupted @2.4 s, 2.0 s of it waiting for web to be healthy"
        );
        assert_eq!(
            ended("stop", true, with(Outcome::Done, Kind::Stop)),
            "stop was interrupted @2.4 s, 2.0 s of it stopping web"
        );
    }
}
