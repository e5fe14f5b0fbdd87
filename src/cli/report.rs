//! Reports of which only a part is shown (`--quiet-pull`, `--quiet-build`).

use crate::stack::course::{Course, Moment, Observation};
use crate::stack::progress::{Event, Report, Subject};

/// Passes on a part of what a run tells.
pub(super) struct Filtered<'a> {
    inner: &'a dyn Report,
    events: bool,
    layers: bool,
    build_output: bool,
    platforms: bool,
}

impl<'a> Filtered<'a> {
    /// Warnings only.
    pub(super) fn silent(inner: &'a dyn Report) -> Self {
        Self { inner, events: false, layers: false, build_output: false, platforms: true }
    }

    /// Without the layers of pulls (`quiet_pull`), without the output of builds (`quiet_build`).
    pub(super) fn new(inner: &'a dyn Report, quiet_pull: bool, quiet_build: bool) -> Self {
        let (layers, build_output) = (!quiet_pull, !quiet_build);
        Self { inner, events: true, layers, build_output, platforms: true }
    }

    /// The same, without the engine's warnings of images for another platform: there are verdicts.
    pub(super) fn with_verdicts(self) -> Self {
        Self { platforms: false, ..self }
    }
}

impl Report for Filtered<'_> {
    fn event(&self, event: Event) {
        let is_layer =
            event.part.is_some() && matches!(event.subject, Subject::Pull(_) | Subject::Push(_));
        if self.events && (self.layers || !is_layer) {
            self.inner.event(event);
        }
    }

    fn warning(&self, message: &str) {
        if self.platforms || !is_of_platform(message) {
            self.inner.warning(message);
        }
    }

    fn debug(&self, message: &str) {
        self.inner.debug(message);
    }

    fn course(&self, course: &Course) {
        self.inner.course(course);
    }

    fn step(&self, step: usize, moment: Moment) {
        self.inner.step(step, moment);
    }

    fn observed(&self, step: usize, observation: Observation) {
        self.inner.observed(step, observation);
    }

    fn output(&self, subject: &Subject, line: &str) {
        if self.events && (self.build_output || !matches!(subject, Subject::Build(_))) {
            self.inner.output(subject, line);
        }
    }
}

/// Whether an engine warns that an image is not for its own platform.
fn is_of_platform(message: &str) -> bool {
    message.starts_with("The requested image's platform (") && message.contains("does not match")
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::stack::progress::Status;

    #[derive(Default)]
    struct Recorder(Mutex<Vec<String>>);

    impl Report for Recorder {
        fn event(&self, event: Event) {
            self.0.lock().unwrap().push(event.text);
        }
        fn warning(&self, message: &str) {
            self.0.lock().unwrap().push(message.to_owned());
        }
        fn output(&self, _: &Subject, line: &str) {
            self.0.lock().unwrap().push(line.to_owned());
        }
    }

    fn told(filter: impl Fn(&dyn Report) -> Filtered<'_>) -> Vec<String> {
        let recorder = Recorder::default();
        let report = filter(&recorder);
        let image = Subject::Pull("a".to_owned());
        report.event(Event::new(image.clone(), Status::Working, "Pulling"));
        report.event(Event {
            part: Some("layer".to_owned()),
            ..Event::new(image, Status::Working, "Downloading")
        });
        report.output(&Subject::Build("b".to_owned()), "step 1");
        report.warning("beware");
        recorder.0.into_inner().unwrap()
    }

    #[test]
    fn each_switch_hides_its_part_and_never_a_warning() {
        assert_eq!(told(|inner| Filtered::silent(inner)), ["beware"]);
        assert_eq!(
            told(|inner| Filtered::new(inner, true, false)),
            ["Pulling", "step 1", "beware"]
        );
        assert_eq!(
            told(|inner| Filtered::new(inner, false, true)),
            ["Pulling", "Downloading", "beware"]
        );
    }

    #[test]
    fn an_engines_warning_of_a_platform_gives_way_to_verdicts() {
        let warning = "The requested image's platform (linux/arm64/v8) does not match the detected host \
                       platform (linux/amd64) and no specific platform was requested";
        let recorder = Recorder::default();
        Filtered::new(&recorder, false, false).warning(warning);
        Filtered::new(&recorder, false, false).with_verdicts().warning(warning);
        assert_eq!(recorder.0.into_inner().unwrap(), [warning]);
    }
}
