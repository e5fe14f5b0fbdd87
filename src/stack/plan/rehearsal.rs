//! What a run of a plan would tell, if nothing went wrong.

use std::collections::{BTreeMap, BTreeSet};

use super::{Action, OnFailure, Phase, Plan, Shown, Step};
use crate::stack::progress::{Event, Status, Subject};

impl Step {
    /// The words of its progress, when it begins and when it has ended; `None` for what is not told.
    pub fn words(&self) -> (Option<&'static str>, Option<&'static str>) {
        match self.shown {
            Shown::Alone => self.action.words(),
            Shown::RecreateBegins => (Some("Recreate"), None),
            Shown::RecreateEnds => (None, Some("Recreated")),
            Shown::StopBegins => (Some("Stopping"), None),
            Shown::StartEnds => (None, Some("Started")),
            Shown::Begins => (self.action.words().0, None),
            Shown::Ends => (None, self.action.words().1),
            Shown::Untold | Shown::Hidden => (None, None),
        }
    }
}

/// What a run of a plan would tell, and how it would end.
#[derive(Debug, Clone, Default)]
pub struct Rehearsal {
    /// The progress, in an order in which the steps may run.
    pub events: Vec<Event>,
    /// What the run would end with instead of its later steps.
    pub failure: Option<String>,
}

impl Rehearsal {
    /// Goes on with what comes after, unless this would not be reached.
    pub fn then(&mut self, next: impl FnOnce() -> Self) {
        if self.failure.is_none() {
            let next = next();
            self.events.extend(next.events);
            self.failure = next.failure;
        }
    }
}

impl Plan {
    /// What a run would tell where registries refuse these images, each with the reason.
    pub fn rehearsal(&self, refused: &BTreeMap<String, String>) -> Rehearsal {
        let mut rehearsal = Rehearsal { events: self.passed_over(), failure: None };
        for phase in Phase::ALL {
            rehearsal.then(|| self.rehearsed(phase, refused));
        }
        rehearsal
    }

    /// What is told of services that it does nothing for.
    pub fn passed_over(&self) -> Vec<Event> {
        let event = |(service, reason): &(String, String)| {
            let text = match reason.as_str() {
                "" => "Skipped".to_owned(),
                reason => format!("Skipped - {reason}"),
            };
            Event::new(Subject::Service(service.clone()), Status::Done, text)
        };
        self.skipped.iter().map(event).collect()
    }

    /// The images that it pulls.
    pub fn pulled_images(&self) -> BTreeSet<&str> {
        let steps = self.steps().into_iter();
        let images = steps.filter_map(|(_, step)| match &step.action {
            Action::PullImage { image, .. } => Some(image.as_str()),
            _ => None,
        });
        images.collect()
    }

    fn rehearsed(&self, phase: Phase, refused: &BTreeMap<String, String>) -> Rehearsal {
        let mut rehearsal = Rehearsal { events: self.left_alone(phase), failure: None };
        let steps = self.steps().into_iter().map(|(_, step)| step);
        for step in steps.filter(|step| step.phase == phase) {
            match &step.action {
                Action::PullImage { image, on_failure, .. } if refused.contains_key(image) => {
                    let reason = &refused[image];
                    rehearsal.events.extend(refused_pull(step, *on_failure, reason));
                    if *on_failure == OnFailure::Fail {
                        rehearsal.failure.get_or_insert_with(|| format!("{image}: {reason}"));
                    }
                }
                _ => rehearsal.events.extend(rehearsed(step)),
            }
        }
        rehearsal
    }

    /// What is told at the beginning of a phase of containers that it leaves as they are.
    pub fn left_alone(&self, phase: Phase) -> Vec<Event> {
        let event = |container: &String, status, word| {
            Event::new(Subject::Container(container.clone()), status, word)
        };
        let twice = |container, begins, ends| {
            [event(container, Status::Working, begins), event(container, Status::Done, ends)]
        };
        match phase {
            Phase::Prepare => Vec::new(),
            Phase::Create => {
                let running = self.running().iter().map(|one| event(one, Status::Done, "Running"));
                // Docker Compose stops them all the same, which does nothing.
                let stopped =
                    self.stopped().iter().flat_map(|one| twice(one, "Stopping", "Stopped"));
                running.chain(stopped).collect()
            }
            Phase::Start => {
                self.healthy().iter().flat_map(|one| twice(one, "Waiting", "Healthy")).collect()
            }
        }
    }
}

fn refused_pull(step: &Step, on_failure: OnFailure, reason: &str) -> Vec<Event> {
    let (status, word) = match on_failure {
        OnFailure::Build => (Status::Warning, "Warning"),
        OnFailure::Fail | OnFailure::GoOn => (Status::Error, "Error"),
    };
    let events = |status, word, details| {
        let subjects = step.action.subjects().into_iter();
        subjects.map(move |subject| Event::new(subject, status, word).details(details))
    };
    events(Status::Working, "Pulling", "").chain(events(status, word, reason)).collect()
}

fn rehearsed(step: &Step) -> Vec<Event> {
    let (begins, ends) = match (&step.action, step.words()) {
        // How these end depends on the engine.
        (Action::PullImage { .. }, (begins, None)) => (begins, Some("Pulled")),
        (Action::CommitContainer { .. }, (begins, None)) => (begins, Some("Committed")),
        (_, words) => words,
    };
    let words = [(Status::Working, begins), (Status::Done, ends)];
    let told = words.into_iter().filter_map(|(status, word)| Some((status, word?)));
    let events = told.flat_map(|(status, word)| {
        let subjects = step.action.subjects().into_iter();
        subjects
            .map(move |subject| Event::new(subject, status, word).details(step.action.details()))
    });
    events.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::plan::{Cause, ContainerRef};

    #[test]
    fn a_rehearsal_tells_what_a_run_would() {
        let mut plan = Plan::new("shop");
        let step = |action| Step::new(action, Cause::new("asked for"));
        let start = Action::StartContainer { container: ContainerRef::created("shop-web-1") };
        let pause = Action::PauseContainer { container: ContainerRef::created("shop-api-1") };
        let started = plan.add(step(start.clone()), []);
        let again = plan.add(step(start).shown(Shown::Untold), [started]);
        plan.add(step(pause), [again]);
        plan.keep_running("web", "shop-web-2");
        let told = plan.rehearsal(&BTreeMap::new());
        assert_eq!(told.failure, None);
        assert_eq!(words(&told), ["Running", "Starting", "Started", "Paused"]);
    }

    #[test]
    fn what_a_registry_does_not_have_ends_a_rehearsal_unless_it_can_be_built() {
        let told = |on_failure| {
            let mut plan = Plan::new("shop");
            let (service, image) = ("web".to_owned(), "web:1".to_owned());
            let others = vec!["api".to_owned()];
            let pull = Action::PullImage { service, others, image, platform: None, on_failure };
            let start = Action::StartContainer { container: ContainerRef::created("shop-web-1") };
            let pull = plan.add(Step::new(pull, Cause::new("asked for")).phase(Phase::Prepare), []);
            plan.add(Step::new(start, Cause::new("asked for")), [pull]);
            let refused = [("web:1".to_owned(), "not found".to_owned())].into();
            let told = plan.rehearsal(&refused);
            (words(&told), told.failure)
        };
        let failure = Some("web:1: not found".to_owned());
        let failed = strings(["Pulling", "Pulling", "Error", "Error"]);
        assert_eq!(told(OnFailure::Fail), (failed, failure));
        let built = strings(["Pulling", "Pulling", "Warning", "Warning", "Starting", "Started"]);
        assert_eq!(told(OnFailure::Build), (built, None));
    }

    fn words(told: &Rehearsal) -> Vec<String> {
        told.events.iter().map(|event| event.text.clone()).collect()
    }

    fn strings<const N: usize>(words: [&str; N]) -> Vec<String> {
        words.map(str::to_owned).into()
    }
}
