//! What hooks write while somebody looks: among the logs, under the name of the container that they
//! run in.

use std::collections::BTreeMap;

use crate::cli::stream::Watched;
use crate::compose::model::Project;
use crate::stack::course::{Course, Moment, Observation};
use crate::stack::progress::{Event, Report, Subject};
use crate::stack::query::ProjectContainer;
use crate::ui::logs::LogPrinter;

/// Passes everything on, but for the output of hooks, which goes to the logs.
pub(super) struct WithHooks<'a, R> {
    inner: &'a R,
    printer: &'a LogPrinter,
    /// Names before log lines, by the names of containers.
    names: BTreeMap<String, String>,
}

impl<'a, R: Report> WithHooks<'a, R> {
    /// Shows hooks of `containers` by `printer`.
    pub(super) fn new(
        inner: &'a R,
        printer: &'a LogPrinter,
        project: &Project,
        containers: &[ProjectContainer],
    ) -> Self {
        let names = containers
            .iter()
            .map(|one| (one.name.clone(), Watched::of(one, &project.name).name))
            .collect();
        Self { inner, printer, names }
    }
}

impl<R: Report> Report for WithHooks<'_, R> {
    fn event(&self, event: Event) {
        self.inner.event(event);
    }

    fn warning(&self, message: &str) {
        self.inner.warning(message);
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
        match subject {
            Subject::Container(name) => {
                self.printer.hook(self.names.get(name).unwrap_or(name), line);
            }
            _ => self.inner.output(subject, line),
        }
    }
}
