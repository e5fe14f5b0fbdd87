//! The pipeline on files in memory.

mod merge;
mod recovery;
mod references;
mod schema;
mod short_syntax;

use std::collections::BTreeMap;
use std::path::Path;

use super::{Failure, LoadOptions, Merged, merged};
use crate::compose::files::Memory;
use crate::compose::source::Request;
use crate::compose::yaml::{Node, Value};
use crate::diagnostic::{Diagnostic, SourceMap};

/// What came out of loading `/p/compose.yaml` and others.
struct Outcome {
    tree: Option<Node>,
    diagnostics: Vec<Diagnostic>,
    sources: SourceMap,
}

impl Outcome {
    /// The value at a path as compact JSON, or the first message.
    fn at(&self, path: &str) -> String {
        match &self.tree {
            Some(tree) => tree.at_path(path).map_or_else(|| "nothing".to_owned(), json),
            None => self.messages().join("\n"),
        }
    }

    fn messages(&self) -> Vec<String> {
        self.diagnostics.iter().map(|diagnostic| diagnostic.message.clone()).collect()
    }

    /// `file:line:column` of the value at a path.
    fn origin(&self, path: &str) -> String {
        let node = self.tree.as_ref().and_then(|tree| tree.at_path(path));
        node.map_or_else(String::new, |node| self.sources.describe(node.span))
    }
}

fn json(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::String(text) => format!("\"{text}\""),
        Value::Sequence(items) => {
            format!("[{}]", items.iter().map(json).collect::<Vec<_>>().join(","))
        }
        Value::Mapping(mapping) => {
            let entries: Vec<String> =
                mapping.iter().map(|(key, entry)| format!("{key}:{}", json(&entry.node))).collect();
            format!("{{{}}}", entries.join(","))
        }
        scalar => crate::compose::scalar_text::scalar_text(scalar).into_owned(),
    }
}

/// Loads `/p/a.yaml` and, if there is one, `/p/b.yaml`; the other files are for them to refer to.
fn load(files: &[(&str, &str)]) -> Outcome {
    load_with(files, &LoadOptions::default())
}

fn load_with(files: &[(&str, &str)], options: &LoadOptions) -> Outcome {
    let memory = files.iter().fold(Memory::default(), |memory, (name, text)| {
        memory.file(Path::new("/p").join(name), *text)
    });
    let main =
        files.iter().map(|(name, _)| *name).filter(|name| matches!(*name, "a.yaml" | "b.yaml"));
    let request = Request {
        files: main.map(str::to_owned).collect(),
        current_directory: "/p".into(),
        environment: BTreeMap::from([("V".to_owned(), "value".to_owned())]),
        home: Some("/root".into()),
        ..Request::default()
    };
    match merged(&request, options, &memory).and_then(Merged::valid) {
        Ok(Merged { tree, diagnostics, sources, .. }) => {
            Outcome { tree: Some(tree), diagnostics, sources }
        }
        Err(Failure { diagnostics, sources, .. }) => Outcome { tree: None, diagnostics, sources },
    }
}

/// One service `a` with these attributes in one file, or in one file each.
fn service(attributes: &[&str]) -> Outcome {
    let texts: Vec<String> = attributes
        .iter()
        .map(|attributes| {
            let lines: Vec<String> =
                attributes.lines().map(|line| format!("    {line}\n")).collect();
            format!("services:\n  a:\n{}", lines.concat())
        })
        .collect();
    let files: Vec<(&str, &str)> =
        ["a.yaml", "b.yaml"].into_iter().zip(texts.iter().map(String::as_str)).collect();
    load(&files)
}
