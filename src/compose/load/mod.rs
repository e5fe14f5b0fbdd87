//! From the texts of a project's files to one tree: merged, validated, canonical, with defaults
//! and absolute paths. The order of stages is Docker Compose 2.40.3's.
//!
//! Every stage reports all that it finds; the next one runs only on what has no errors.

mod extends;
mod include;
mod model;
mod scope;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::PathBuf;
use std::rc::Rc;

use super::files::Files;
use super::remote::Remote;
use super::yaml::Node;
use crate::diagnostic::{Diagnostic, Severity, SourceMap, Span, codes};

/// Which stages of a load to leave out, and what to select.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoadOptions {
    /// Leave variables in the files as they are written.
    pub no_interpolate: bool,
    /// Leave out defaults that need the whole project, such as names and the default network.
    pub no_normalize: bool,
    /// Leave relative paths relative.
    pub no_path_resolution: bool,
    /// Leave out checks that need the whole project.
    pub no_consistency: bool,
    /// Leave environment files unread.
    pub no_environment_resolution: bool,
    /// Active profiles.
    pub profiles: Vec<String>,
}

/// Reads and remembers texts, and collects what is wrong with them.
struct Loader<'a> {
    files: &'a dyn Files,
    options: &'a LoadOptions,
    /// What `~` stands for.
    home: Option<PathBuf>,
    sources: SourceMap,
    /// The documents of texts that were read; `None` if they cannot be used.
    documents: HashMap<PathBuf, Option<Rc<Vec<Node>>>>,
    diagnostics: Vec<Diagnostic>,
}

impl Loader<'_> {
    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    fn report_remote(&mut self, remote: Remote, reference: &str, span: Span) {
        let kind = match remote {
            Remote::Oci => "an OCI artifact",
            Remote::Git => "a Git repository",
        };
        self.report(
            Diagnostic::error(
                codes::REMOTE_FILE,
                format!("remote Compose files are not supported yet: {reference}"),
            )
            .at(span, format!("this is {kind}"))
            .help("fetch the files first and refer to the local copy"),
        );
    }

    fn errors(&self) -> usize {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count()
    }
}
