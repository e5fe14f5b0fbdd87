//! What loads and is probably not meant: warnings that Docker Compose does not have.
//!
//! Each must be right about every file that it speaks of; where the files alone cannot tell, it is
//! silent. Nothing here changes what is loaded.

mod binds;
mod dependencies;
mod documents;
mod edits;
mod extension;
mod modes;
mod ports;
mod unused;

#[cfg(test)]
mod tests;

use super::files::Files;
use super::model::Project;
use super::yaml::{Entry, Node};
use crate::diagnostic::{Diagnostic, SourceMap, Span};

/// What is noticed about a document as it is written, before merging hides it.
pub fn of_document(document: &Node, sources: &SourceMap) -> Vec<Diagnostic> {
    documents::check(document, sources)
}

/// What no service uses, whichever services are asked for.
pub fn unused(project: &Project) -> Vec<Diagnostic> {
    unused::check(project)
}

/// What is noticed about the services that are asked for.
pub fn of_services(project: &Project, files: &dyn Files) -> Vec<Diagnostic> {
    let mut warnings = modes::check(project);
    warnings.extend(ports::check(project));
    warnings.extend(dependencies::check(project));
    warnings.extend(extension::check(project));
    warnings.extend(binds::check(project, files));
    warnings
}

/// The edit that takes out a line which holds nothing else.
pub(super) use edits::without_lines;

/// The entry of a mapping of the project's tree.
fn entry<'a>(project: &'a Project, mapping: &str, key: &str) -> Option<&'a Entry> {
    project.tree.at_path(mapping)?.as_mapping()?.get(key)
}

/// What stands at a place, as it is written.
fn written(sources: &SourceMap, span: Span) -> Option<&str> {
    sources.file(span.file)?.text.get(span.range())
}

/// Names for a sentence: the first few, and how many more.
fn enumerate(names: &[&str]) -> String {
    const SHOWN: usize = 5;
    match names {
        [] => String::new(),
        [only] => (*only).to_owned(),
        names if names.len() > SHOWN + 1 => {
            format!("{} and {} more", names[..SHOWN].join(", "), names.len() - SHOWN)
        }
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
