//! What a run of a plan would tell, if nothing went wrong.

use super::{Action, Plan, Shown, Step};
use crate::stack::progress::{Event, Status};

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

impl Plan {
    /// The progress of its steps, in an order in which they may run.
    pub fn rehearsal(&self) -> Vec<Event> {
        self.steps().into_iter().flat_map(|(_, step)| rehearsed(step)).collect()
    }
}

fn rehearsed(step: &Step) -> impl Iterator<Item = Event> {
    let (begins, ends) = match (&step.action, step.words()) {
        // How it ends depends on the engine.
        (Action::PullImage { .. }, (begins, None)) => (begins, Some("Pulled")),
        (_, words) => words,
    };
    let event = |status, word| {
        Event::new(step.action.subject(), status, word).details(step.action.details())
    };
    let begins = begins.map(|word| event(Status::Working, word));
    let ends = ends.map(|word| event(Status::Done, word));
    begins.into_iter().chain(ends)
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
        let told: Vec<String> = plan.rehearsal().into_iter().map(|event| event.text).collect();
        assert_eq!(told, ["Starting", "Started", "Paused"]);
    }
}
