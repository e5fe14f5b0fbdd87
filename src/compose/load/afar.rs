//! Files of other machines within a load: fetched, and kept from what is on this machine.

use std::path::{Path, PathBuf};

use super::Loader;
use super::scope::Scope;
use crate::compose::files::absolute;
use crate::compose::interpolate;
use crate::compose::remote::{Local, LocalCopy, PathUse, Used, named};
use crate::compose::yaml::Node;
use crate::diagnostic::Span;

impl Loader<'_> {
    /// The local copy of what a reference leads to. `place` is where the reference is written.
    pub(super) fn fetch(&mut self, reference: &str, place: Option<Span>) -> Option<LocalCopy> {
        // With variables missing, it may be another reference than the one that is meant.
        if !self.tally.are_all_known {
            return None;
        }
        // Until the user has agreed to what a file asks for, it reaches no other machine, which
        // could be told in the reference what the file has learned here.
        if place.is_some_and(|span| self.is_remote(span)) && !self.guard.asked().is_empty() {
            return None;
        }
        match self.files.remotes().fetch(reference) {
            Ok(copy) => {
                self.guard.add(copy.clone());
                Some(copy)
            }
            Err(error) => {
                self.report(error.at(place, "refers to this"));
                None
            }
        }
    }

    /// Whether a text came from elsewhere.
    pub(super) fn is_remote(&self, span: Span) -> bool {
        self.guard.is_remote(span, &self.texts.sources)
    }

    /// Whether the text at `span` may use a path of this machine. If not, the user will be asked.
    pub(super) fn may_use(&mut self, span: Span, path: &Path, using: PathUse) -> bool {
        self.guard.path(span, path, using, self.files, &self.texts.sources)
    }

    /// Substitutes the variables of a document; asks for those of this machine where the document
    /// is not.
    pub(super) fn substitute(&mut self, document: &mut Node, scope: &Scope) {
        if !self.is_remote(document.span) {
            let lookup = |name: &str| scope.environment.get(name).cloned();
            interpolate::tree(document, &lookup, &mut self.tally, &mut self.diagnostics);
            return;
        }
        let written = document.clone();
        let used = Used::default();
        let lookup = |name: &str| used.lookup(name, &scope.environment);
        interpolate::tree(document, &lookup, &mut self.tally, &mut self.diagnostics);
        let file = self.texts.sources.name(document.span.file).to_owned();
        for name in used.names() {
            let place = interpolate::place_of(&written, &name);
            self.guard.variable(&file, &name, place, &scope.environment, &scope.given);
        }
    }

    /// Asks for what texts from elsewhere in the model of a project name of this machine.
    pub(super) fn ask_for_named(&mut self, model: &Node, scope: &Scope) {
        if self.guard.copies().is_empty() {
            return;
        }
        for item in named(model) {
            if (item.when_run && !self.options.to_run) || !self.is_remote(item.span) {
                continue;
            }
            match item.local {
                Local::Variable(name) => {
                    let file = self.texts.sources.name(item.span.file).to_owned();
                    let (environment, given) = (&scope.environment, &scope.given);
                    self.guard.variable(&file, &name, Some(item.span), environment, given);
                }
                Local::Path(path, using) => {
                    if self.is_used(using) {
                        let path = self.on_this_machine(&path, scope);
                        self.may_use(item.span, &path, using);
                    }
                }
                local => {
                    self.guard.other(item.span, local, &self.texts.sources);
                }
            }
        }
    }

    /// Whether the files that services name for a purpose will be read.
    fn is_used(&self, using: PathUse) -> bool {
        match using {
            PathUse::EnvFile => !(self.options.no_interpolate || self.options.no_env_resolution),
            PathUse::LabelFile => !self.options.no_interpolate,
            _ => true,
        }
    }

    /// A path as it will be looked up. Where relative paths stay relative, that is from where the
    /// process is, and not where the file is that they are written in.
    fn on_this_machine(&self, path: &Path, scope: &Scope) -> PathBuf {
        if scope.base.is_absolute() {
            path.to_owned()
        } else {
            absolute(&self.current_directory, path)
        }
    }
}
