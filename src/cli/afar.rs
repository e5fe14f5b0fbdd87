//! Projects of other machines: fetched when a file refers to them, and asked for the user's yes to
//! what they want of this machine.

use std::path::PathBuf;
use std::sync::Arc;

use super::context::Context;
use super::failure::{Failure, Result};
use super::machine::Machine;
use crate::compose::load;
use crate::compose::model::Project;
use crate::compose::remote::{Access, Remote, Trust};
use crate::compose::source::Request;
use crate::diagnostic::SourceMap;
use crate::engine::Warn;
use crate::remote::{Fetcher, Files, Settings};
use crate::stack::progress::Report;
use crate::ui::{ProgressMode, Stream, read_answer};

/// What files from afar may have of this machine without being asked for: everything, or what the
/// files of these references ask for.
const TRUST: &str = "BIREME_TRUST_REMOTE";

/// What a load fails with, which may be a question.
pub(super) trait MayAsk {
    /// The failure, if a yes to what it asks for would help.
    fn question(&self) -> Option<&load::Failure>;
}

impl MayAsk for load::Failure {
    fn question(&self) -> Option<&load::Failure> {
        Some(self).filter(|failure| !failure.asked.is_empty())
    }
}

impl Context {
    /// The files of this machine, and those of others.
    pub(super) fn files(&self) -> Files {
        Files::new(Arc::clone(self.remote()))
    }

    /// Who speaks to registries and repositories.
    pub(super) fn remote(&self) -> &Arc<Fetcher> {
        self.fetcher.get_or_init(|| {
            let ui = self.ui.clone();
            let warn: Warn = Arc::new(move |text| ui.warning(&text));
            Arc::new(Fetcher::new(Settings {
                variables: self.process.variables.clone(),
                home: self.process.home(),
                insecure_registries: self.global.insecure_registries.clone(),
                surroundings: Box::new(Machine::new(&self.process.variables, &self.global.engine)),
                warn,
            }))
        })
    }

    /// What the environment trusts files from afar with.
    pub(super) fn trust(&self) -> Trust {
        let setting = self.process.variables.get(TRUST);
        setting.map(|setting| Trust::parse(setting)).unwrap_or_default()
    }

    /// Loads, asking the user for what files from afar want of this machine, until they want no more.
    /// Off a terminal their wishes are errors.
    pub(super) fn agreed<T, E: MayAsk>(
        &self,
        request: &mut Request,
        mut load: impl FnMut(&Request) -> std::result::Result<T, E>,
    ) -> Result<std::result::Result<T, E>> {
        loop {
            let outcome = load(request);
            let question = outcome.as_ref().err().and_then(E::question);
            let Some(failure) = question.filter(|_| self.can_ask()) else { return Ok(outcome) };
            self.ask(&failure.asked, &failure.sources)?;
            request.trust.grant(&failure.asked);
        }
    }

    fn can_ask(&self) -> bool {
        let terminals = self.process.terminals;
        terminals.stdin && terminals.stderr
    }

    /// Shows all that is asked for, and goes on only with a yes.
    fn ask(&self, asked: &[Access], sources: &SourceMap) -> Result {
        let mut lines = Vec::new();
        let mut by = "";
        for access in asked {
            if access.by != by {
                by = &access.by;
                lines.push(format!("{by} asks to"));
            }
            let place = access.place.map(|span| sources.describe(span)).unwrap_or_default();
            let file = PathBuf::from(&place);
            let name = file.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
            let place = if name.is_empty() { String::new() } else { format!("  [{name}]") };
            lines.push(format!("  - {}{place}", access.describe_with_value()));
        }
        lines.push("Do you trust it with that? [y/N]: ".to_owned());
        self.ui.write(Stream::Stderr, lines.join("\n"));
        self.ui.flush();
        if read_answer() {
            return Ok(());
        }
        Err(Failure::new("operation cancelled by user"))
    }

    /// Tells where the files of a project from afar are.
    pub(super) fn tell_location(&self, project: &Project) {
        let quiet =
            matches!(self.ui.appearance().progress, ProgressMode::Quiet | ProgressMode::Json);
        let first = self.global.files.first().filter(|file| Remote::of(file).is_some());
        if let Some(reference) = first.filter(|_| !quiet) {
            let directory = project.working_dir.display();
            self.ui
                .print(&format!("Your compose stack {reference:?} is stored in \"{directory}\""));
        }
    }
}
