//! The critical chain: from the step that a run came to its end with, back through the one that each
//! had to wait for longest.

use serde::Serialize;

use super::{Kind, Outcome, TimedStep, Timeline, advice, summary};

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
    /// Service, or its container (`web-2`), or what it was done with.
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
        Chain { summary: summary::summary(self, &links), links, remarks }
    }

    fn links(&self) -> Vec<Link> {
        let path = self.path();
        let before = path.iter().skip(1).map(|before| self.steps[*before].ended).chain([0]);
        let link = |(number, since): (&usize, u64)| {
            let step = &self.steps[*number];
            let took = step.ended.saturating_sub(since);
            Link {
                step: *number,
                name: self.name_on(&path, step).to_owned(),
                state: state(step),
                at: step.ended,
                took,
                remark: advice::remark(step, took),
            }
        };
        path.iter().zip(before).map(link).collect()
    }

    /// The numbers of the steps of the chain, the last first.
    fn path(&self) -> Vec<usize> {
        // A step waits for earlier ones only, so this comes to an end.
        let before = |number: &usize| {
            let before = self.steps[*number].after.iter().filter(|before| *before < number);
            before.copied().max_by_key(|before| self.end_of(*before))
        };
        std::iter::successors(self.last(), before).collect()
    }

    /// The step that a run came to its end with: the first that failed, since others ended later only
    /// because calls under way are finished; else the wait that an interruption put an end to; else
    /// what ended last.
    fn last(&self) -> Option<usize> {
        let all = 0..self.steps.len();
        let with = |outcome| all.clone().filter(move |it| self.steps[*it].outcome == outcome);
        let failed = with(Outcome::Failed).min_by_key(|number| self.end_of(*number));
        let longest = |number: &usize| self.steps[*number].took();
        let cancelled = || with(Outcome::Cancelled).max_by_key(longest);
        failed.or_else(cancelled).or_else(|| all.clone().max_by_key(|number| self.end_of(*number)))
    }

    /// When a step ended. Among steps that ended together, the later one is the result.
    fn end_of(&self, number: usize) -> (u64, usize) {
        (self.steps[number].ended, number)
    }

    /// What a step is called: its service, or the container, where the chain goes through several of
    /// that service.
    fn name_on<'a>(&'a self, path: &[usize], step: &'a TimedStep) -> &'a str {
        let Some(container) = step.container() else { return step.name() };
        let is_another = |other: &TimedStep| {
            other.name() == step.name() && other.container().is_some_and(|it| it != container)
        };
        if !path.iter().any(|number| is_another(&self.steps[*number])) {
            return step.name();
        }
        let short =
            container.strip_prefix(&self.project).and_then(|it| it.strip_prefix(['-', '_']));
        short.unwrap_or(container)
    }
}

/// What has become of what a step was done with.
fn state(step: &TimedStep) -> &'static str {
    match (step.outcome, step.kind) {
        (Outcome::Failed, _) => "failed",
        // A failed run has none of these in its chain.
        (Outcome::Cancelled, _) => "interrupted",
        (_, Kind::Pull) => "pulled",
        (_, Kind::Build) => "built",
        (_, Kind::Transfer) => "transferred",
        (_, Kind::Create) => "created",
        (_, Kind::Rename) => "renamed",
        (_, Kind::Files) => "got its files",
        (_, Kind::PreStart) => "ran pre_start",
        (_, Kind::Start) => "started",
        (_, Kind::PostStart) => "ran post_start",
        (_, Kind::Health) => "healthy",
        (_, Kind::Completion) => "completed",
        (_, Kind::PreStop) => "ran pre_stop",
        (_, Kind::Stop) => "stopped",
        (_, Kind::Remove) => "removed",
    }
}

#[cfg(test)]
mod tests {
    use super::super::Health;
    use super::super::tests::{step, timeline, told};
    use super::*;

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
    fn the_chain_of_a_failed_run_ends_at_what_failed_first() {
        let with = |outcome, step| TimedStep { outcome, ..step };
        let steps = vec![
            step("zz", Kind::Create, &[], 0, 100),
            with(Outcome::Failed, step("zz", Kind::Start, &[0], 100, 300)),
            step("slow", Kind::Start, &[], 100, 400),
            with(Outcome::Failed, step("late", Kind::Start, &[], 100, 450)),
            with(Outcome::Cancelled, step("hc", Kind::Health, &[], 100, 500)),
        ];
        let (summary, links) = told(&timeline("up", steps));
        assert_eq!(summary, "zz failed @0.3 s");
        assert_eq!(links, ["zz failed @300 +200", "zz created @100 +100"]);
    }

    #[test]
    fn the_chain_of_an_interrupted_run_ends_at_what_was_waited_for_longest() {
        let cancelled = |step| TimedStep { outcome: Outcome::Cancelled, ..step };
        let steps = vec![
            step("slow", Kind::Start, &[], 0, 300),
            cancelled(step("slow", Kind::Health, &[0], 300, 2_000)),
            cancelled(step("job", Kind::Completion, &[], 500, 2_000)),
        ];
        let (summary, links) = told(&Timeline { interrupted: true, ..timeline("up", steps) });
        assert_eq!(
            summary,
            "up was interrupted @2.0 s, 1.7 s of it waiting for slow to be healthy"
        );
        assert_eq!(links, ["slow interrupted @2000 +1700", "slow started @300 +300"]);
    }

    #[test]
    fn containers_of_one_service_are_told_apart_and_hooks_from_starts() {
        let of = |number: usize, kind, after: &[usize], began, ended| TimedStep {
            subject: format!("container shop-b-{number}"),
            ..step("b", kind, after, began, ended)
        };
        let steps = vec![
            step("a", Kind::Start, &[], 0, 200),
            step("b", Kind::PreStart, &[0], 200, 300),
            of(1, Kind::Start, &[1], 300, 500),
            of(1, Kind::PostStart, &[2], 500, 1_500),
            of(2, Kind::Start, &[3], 1_500, 1_700),
            of(2, Kind::PostStart, &[4], 1_700, 2_700),
        ];
        assert_eq!(
            told(&timeline("up", steps)).1,
            [
                "b-2 ran post_start @2700 +1000",
                "b-2 started @1700 +200",
                "b-1 ran post_start @1500 +1000",
                "b-1 started @500 +200",
                "b ran pre_start @300 +100",
                "a started @200 +200",
            ]
        );
    }

    #[test]
    fn a_broken_record_does_no_harm() {
        let circle =
            vec![step("a", Kind::Start, &[1, 0, 9], 0, 5), step("b", Kind::Start, &[0], 0, 5)];
        assert_eq!(timeline("up", circle).chain().links.len(), 2);
    }
}
