//! Mounts and ports of the command line, in the short syntax of the files and read by the same
//! rules: as a small project of their own.

use std::path::Path;

use crate::cli::failure::{Failure, Result};
use crate::compose::model::{Mount, Port, Project};
use crate::compose::paths::{Base, resolve};
use crate::compose::yaml::{Entry, Mapping, Node, Value};
use crate::compose::{canonical, decode, files::Disk};
use crate::diagnostic::{SourceMap, Span};

/// What the flags add to a container.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Parts {
    /// `--volume`.
    pub(super) volumes: Vec<Mount>,
    /// `--publish`.
    pub(super) ports: Vec<Port>,
}

/// Reads the values of `--volume` and `--publish`. Relative paths start at the project's directory.
pub(super) fn parts(volumes: &[String], ports: &[String], project: &Project) -> Result<Parts> {
    if volumes.is_empty() && ports.is_empty() {
        return Ok(Parts::default());
    }
    // The words become a text of their own, so that what is wrong can be underlined.
    let mut sources = SourceMap::default();
    let text = [volumes, ports].concat().join("\n");
    let file = sources.add("command line", text);
    let mut start = 0;
    let mut list = |words: &[String]| {
        let items = words.iter().map(|word| {
            let span = Span::new(file, start, start + word.len());
            start += word.len() + 1;
            Node::new(Value::String(word.clone()), span)
        });
        Node::new(Value::Sequence(items.collect()), Span::new(file, 0, 0))
    };
    let (volumes, ports) = (list(volumes), list(ports));
    let nothing = Span::new(file, 0, 0);
    let mapping = |entries: Vec<(&str, Node)>| {
        let entries = entries
            .into_iter()
            .map(|(key, node)| (key.to_owned(), Entry { key_span: nothing, node }));
        Node::new(Value::Mapping(entries.collect::<Mapping>()), nothing)
    };
    let service = mapping(vec![("volumes", volumes), ("ports", ports)]);
    let mut tree = mapping(vec![("services", mapping(vec![("run", service)]))]);

    let mut diagnostics = Vec::new();
    canonical::transform(&mut tree, false, &mut diagnostics);
    let home = project.environment.get("HOME").map(Path::new);
    resolve(&mut tree, Base { directory: &project.working_dir, home }, &Disk::default());
    let (mut sections, problems) = decode::decode(&tree);
    if diagnostics.is_empty() {
        diagnostics = problems;
    }
    if !diagnostics.is_empty() {
        return Err(Failure::Diagnostics { diagnostics, sources: Box::new(sources) });
    }
    let service = sections.services.swap_remove("run").unwrap_or_default();
    Ok(Parts { volumes: service.volumes, ports: service.ports })
}
