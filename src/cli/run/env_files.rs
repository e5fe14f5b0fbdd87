//! `--env-from-file`: variables of dotenv files.

use std::collections::BTreeMap;

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Result};
use crate::compose::dotenv;
use crate::diagnostic::SourceMap;

/// The variables of the files; a later file wins. What stands in them may refer to `environment`
/// and to what was read before.
pub(super) fn read(
    files: &[String],
    environment: &BTreeMap<String, String>,
    context: &Context,
) -> Result<BTreeMap<String, Option<String>>> {
    let mut variables: BTreeMap<String, Option<String>> = BTreeMap::new();
    let mut sources = SourceMap::default();
    let mut diagnostics = Vec::new();
    for file in files {
        let path = context.process.directory.join(file);
        let text = std::fs::read_to_string(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => {
                Failure::new(format!("open {file}: no such file or directory"))
            }
            _ => Failure::new(format!("open {file}: {error}")),
        })?;
        let lookup = |name: &str| {
            environment.get(name).cloned().or_else(|| variables.get(name).cloned().flatten())
        };
        let parsed = match dotenv::parse(&text, &lookup) {
            Ok(parsed) => parsed,
            Err(mut mistaken) => {
                let id = sources.add(&path, text.as_str());
                mistaken.mistakes.retain(|it| diagnostics.is_empty() || !it.is_missing_variable());
                diagnostics.extend(mistaken.diagnostics(id, &path));
                mistaken.rest
            }
        };
        variables.extend(parsed.variables.into_iter().map(|(key, value)| (key, Some(value))));
    }
    if diagnostics.is_empty() {
        return Ok(variables);
    }
    Err(Failure::Diagnostics { diagnostics, sources: Box::new(sources) })
}
