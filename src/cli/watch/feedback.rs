//! Who tells what a watch does: lines among the results, or events with `--progress json`.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::words;
use crate::cli::context::Context;
use crate::stack::progress::{Event, Report, Status, Subject};
use crate::ui::{ProgressMode, Style, Ui};
use crate::watch::Landed;

/// Tells what a watch does; clones tell to the same place.
#[derive(Clone)]
pub(super) struct Feedback {
    ui: Ui,
    /// Before each line.
    prefix: String,
    /// Whether the end of a batch is told, too.
    verbose: bool,
}

impl Feedback {
    /// On a terminal, and among the logs of containers, each line is marked.
    pub(super) fn new(context: &Context, among_logs: bool) -> Self {
        let ui = &context.ui;
        let marked = among_logs || ui.appearance().terminals.stdout;
        let colour = ui.appearance().colour_stdout;
        let prefix =
            if marked { format!(" {} ", Style::HELP.paint("⦿", colour)) } else { String::new() };
        Self { ui: ui.clone(), prefix, verbose: context.global.verbose }
    }

    /// All is done that so many changes have led to; told with `--verbose`, in Docker Compose's words.
    pub(super) fn complete(&self, begun: Instant, changes: usize) {
        if self.verbose {
            let took = words::time(begun.elapsed());
            self.ui.information(&format!("batch complete: duration[{took}] count[{changes}]"));
        }
    }

    /// A line about the watch as a whole.
    pub(super) fn tell(&self, line: &str) {
        if self.is_json() {
            self.ui.information(line);
        } else {
            self.ui.print(&format!("{}{line}", self.prefix));
        }
    }

    /// A line about services; `word` is the state that it tells of.
    pub(super) fn state(&self, services: &[String], word: &str, line: &str) {
        if !self.is_json() {
            return self.tell(line);
        }
        for service in services {
            let subject = Subject::Files(service.clone());
            self.ui.event(Event::new(subject, Status::Done, word).details(line));
        }
    }

    /// What landed, and why.
    pub(super) fn landed(&self, landed: &Landed, line: &str) {
        if !self.is_json() {
            return self.tell(line);
        }
        let subject = Subject::Files(landed.service.clone());
        let event = if landed.failures.is_empty() {
            Event::new(subject, Status::Done, "Synced").details(words::figures(landed))
        } else {
            let failures: Vec<&str> = landed.failures.iter().map(String::as_str).collect();
            let details = format!("{}; {}", words::figures(landed), words::failures(&failures));
            Event::new(subject, Status::Error, "Incomplete").details(details)
        };
        self.ui.event(Event { progress: Some((landed.bytes, landed.bytes)), ..event });
    }

    /// What went wrong for a service.
    pub(super) fn failed(&self, service: &str, message: &str) {
        if self.is_json() {
            let subject = Subject::Files(service.to_owned());
            self.ui.event(Event::new(subject, Status::Error, "Error").details(message));
        } else {
            self.ui.warning(&format!("{service}: {message}"));
        }
    }

    /// Something to know.
    pub(super) fn warn(&self, message: &str) {
        self.ui.warning(message);
    }

    /// A line that a program wrote.
    pub(super) fn output(&self, line: &str) {
        self.ui.print(line);
    }

    fn is_json(&self) -> bool {
        self.ui.appearance().progress == ProgressMode::Json
    }
}

/// Takes what builds and plans of a watch report: the output of builds and hooks, and warnings.
pub(super) struct Aside<'a> {
    /// Where to.
    pub(super) feedback: &'a Feedback,
    /// Whether the output of builds is left out.
    pub(super) quiet: bool,
}

impl Report for Aside<'_> {
    fn event(&self, _: Event) {}

    fn warning(&self, message: &str) {
        self.feedback.warn(message);
    }

    fn debug(&self, message: &str) {
        Report::debug(&self.feedback.ui, message);
    }

    fn output(&self, subject: &Subject, line: &str) {
        let ui = &self.feedback.ui;
        match subject {
            Subject::Build(_) if self.quiet => {}
            // The live view belongs to commands that end; Docker Compose has these among its own lines.
            Subject::Build(_) if !self.feedback.is_json() => self.feedback.tell(line),
            _ => ui.output(subject, line),
        }
    }
}

/// How often the same failures are told again at most, however many batches come.
const EVERY: Duration = Duration::from_secs(5);

/// What does not work, until it does.
#[derive(Debug, Default)]
pub(super) struct Failing {
    known: BTreeMap<(String, &'static str), Failure>,
    /// What was told again last, and when.
    reminded: Option<(String, Instant)>,
}

#[derive(Debug)]
struct Failure {
    message: String,
    /// Whether it was told since the last batch began.
    fresh: bool,
    /// Whether another attempt is under way.
    tried: bool,
}

impl Failing {
    /// Takes note of a failure; whether it is a new one, to be told.
    pub(super) fn note(&mut self, service: &str, what: &'static str, message: &str) -> bool {
        let key = (service.to_owned(), what);
        if let Some(known) = self.known.get_mut(&key).filter(|known| known.message == message) {
            known.tried = false;
            return false;
        }
        self.known.insert(key, Failure { message: message.to_owned(), fresh: true, tried: false });
        true
    }

    /// Whether something is known not to work because of what these words say, among others.
    pub(super) fn says(&self, service: &str, what: &'static str, words: &str) -> bool {
        let known = self.known.get(&(service.to_owned(), what));
        known.is_some_and(|failure| failure.message.contains(words))
    }

    /// Another attempt is under way: until its end there is nothing to be said of it.
    pub(super) fn attempt(&mut self, service: &str, what: &'static str) {
        if let Some(failure) = self.known.get_mut(&(service.to_owned(), what)) {
            failure.tried = true;
        }
    }

    /// It works again; whether it did not before.
    pub(super) fn mended(&mut self, service: &str, what: &'static str) -> bool {
        self.known.remove(&(service.to_owned(), what)).is_some()
    }

    /// A batch begins: what was told so far is to be told again behind it.
    pub(super) fn age(&mut self) {
        for failure in self.known.values_mut() {
            failure.fresh = false;
        }
    }

    /// `still failing: build of web, sync of db`; without what was told in this batch, or is tried again just now. Nothing where
    /// the same was told a moment ago.
    pub(super) fn reminder(&mut self, now: Instant) -> Option<String> {
        let told: Vec<String> = self
            .known
            .iter()
            .filter(|(_, failure)| !failure.fresh && !failure.tried)
            .map(|((service, what), _)| format!("{what} of {service}"))
            .collect();
        let line = (!told.is_empty()).then(|| format!("still failing: {}", told.join(", ")));
        let last = self.reminded.as_ref().filter(|(_, at)| now.duration_since(*at) < EVERY);
        let is_known = last.is_some_and(|(last, _)| line.as_ref() == Some(last));
        if !is_known {
            self.reminded = line.clone().map(|line| (line, now));
        }
        line.filter(|_| !is_known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_remembered_until_they_are_mended() {
        let mut failing = Failing::default();
        assert!(failing.note("web", "build", "no such file"));
        assert!(!failing.note("web", "build", "no such file"));
        assert!(failing.note("web", "build", "another"));
        let now = Instant::now();
        assert_eq!(failing.reminder(now), None, "it was told just now");
        failing.age();
        failing.attempt("web", "build");
        assert_eq!(failing.reminder(now), None, "it is tried again");
        assert!(!failing.note("web", "build", "another"));
        assert!(failing.note("db", "sync", "no engine"));
        assert_eq!(failing.reminder(now).unwrap(), "still failing: build of web");
        failing.age();
        assert_eq!(failing.reminder(now).unwrap(), "still failing: sync of db, build of web");
        assert!(failing.mended("web", "build") && !failing.mended("web", "build"));
        assert!(failing.mended("db", "sync"));
        assert_eq!(failing.reminder(now), None);
    }

    #[test]
    fn many_batches_are_reminded_of_the_same_failures_once_in_a_while() {
        let mut failing = Failing::default();
        let begun = Instant::now();
        let mut reminder = |after, service| {
            failing.note(service, "sync", "read-only");
            failing.age();
            failing.reminder(begun + after)
        };
        let moment = Duration::from_millis(20);
        assert!(reminder(moment, "web").is_some());
        assert_eq!(reminder(2 * moment, "web"), None);
        assert_eq!(reminder(3 * moment, "db").unwrap(), "still failing: sync of db, sync of web");
        assert_eq!(reminder(4 * moment, "db"), None);
        assert!(reminder(4 * moment + EVERY, "db").is_some());
    }
}
