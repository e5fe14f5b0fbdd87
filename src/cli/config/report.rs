//! `config --diagnostics`: what is wrong with the files, in a form for people or for programs.

use std::path::{Path, PathBuf};

use super::Context;
use super::answer::{Answer, Refusal};
use crate::cli::failure::{Failure, Result};
use crate::compose::files::{Disk, Files};
use crate::compose::load;
use crate::diagnostic::{
    Diagnostic, SourceMap, Style, annotations, json, render, render_short, sarif,
};

/// How diagnostics are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(in crate::cli) enum Format {
    /// With the lines of the files, for people.
    Text,
    /// One line each: `path:line:column: severity: message`.
    Short,
    /// JSON, for editors and scripts.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Workflow commands that annotate the lines of a change, for GitHub Actions.
    Github,
}

/// Writes all errors and warnings of a load. The exit code is what it would be without.
pub(super) fn report(
    format: Format,
    answer: std::result::Result<Answer, Refusal>,
    output: Option<&str>,
    context: &Context,
) -> Result {
    let (diagnostics, sources, outcome) = match answer {
        Ok(Answer { failure: Some(failure), .. }) | Err(Refusal::Request(failure)) => {
            return Err(failure);
        }
        Ok(Answer { warnings, sources, .. }) => (warnings, sources, Ok(())),
        Err(Refusal::Files(load::Failure { diagnostics, sources, .. })) => {
            (diagnostics, sources, Err(Failure::Status(1)))
        }
    };
    let directory = context.process.directory.as_path();
    let exit_code = u8::from(outcome.is_err());
    let colour = output.is_none() && context.ui.appearance().colour_stdout;
    let text = match format {
        Format::Text => drawn(&diagnostics, &sources, colour),
        Format::Short => diagnostics.iter().map(|it| render_short(it, &sources) + "\n").collect(),
        Format::Json => json::report(&diagnostics, &sources),
        Format::Sarif => {
            let root = root(directory, &Disk::default());
            sarif::report(&diagnostics, &sources, sarif::Run { root: &root, directory, exit_code })
        }
        Format::Github => {
            annotations::report(&diagnostics, &sources, &root(directory, &Disk::default()))
        }
    };
    super::write(text, output, context)?;
    outcome
}

/// As on standard error, an empty line between them.
fn drawn(diagnostics: &[Diagnostic], sources: &SourceMap, colour: bool) -> String {
    let style = if colour { Style::Coloured } else { Style::Plain };
    let drawings: Vec<String> =
        diagnostics.iter().map(|it| render(it, sources, style) + "\n").collect();
    drawings.join("\n")
}

/// The root of the source tree: the nearest directory upwards that a version control system
/// keeps, else the one that the program runs in.
fn root(directory: &Path, files: &dyn Files) -> PathBuf {
    let kept = |directory: &&Path| {
        [".git", ".hg", ".jj", ".svn"]
            .iter()
            .any(|name| files.kind(&directory.join(name)).is_some())
    };
    directory.ancestors().find(kept).unwrap_or(directory).to_owned()
}
