//! File modes whose digits look octal and are read as decimal: `mode: 440` is `0670`.

use std::collections::BTreeSet;

use super::written;
use crate::compose::model::Project;
use crate::compose::yaml::{Node, Value};
use crate::diagnostic::{Diagnostic, codes};

/// Modes that people give to files and directories. A number that reads as one of them, and whose
/// value is none of them, was meant octal.
const USUAL: [&str; 21] = [
    "400", "440", "444", "500", "550", "555", "600", "640", "644", "660", "664", "666", "700",
    "710", "711", "750", "755", "770", "775", "777", "1777",
];

pub(super) fn check(project: &Project) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    let mut told = BTreeSet::new();
    let services = project.tree.get("services");
    for name in project.services.keys() {
        let Some(service) = services.and_then(|services| services.get(name)) else { continue };
        for (list, mode) in [
            ("secrets", "mode"),
            ("configs", "mode"),
            ("build.secrets", "mode"),
            ("volumes", "tmpfs.mode"),
        ] {
            let items = service.at_path(list).and_then(Node::as_sequence).unwrap_or_default();
            for (index, item) in items.iter().enumerate() {
                let Some(node) = item.at_path(mode) else { continue };
                let path = format!("services.{name}.{list}[{index}].{mode}");
                if let Some(warning) = decimal(project, &path, node)
                    && told.insert(node.span)
                {
                    warnings.push(warning);
                }
            }
        }
    }
    warnings
}

fn decimal(project: &Project, path: &str, node: &Node) -> Option<Diagnostic> {
    let Value::Int(value) = node.value else { return None };
    let digits = written(&project.sources, node.span)?;
    let octal = format!("{value:o}");
    if digits != value.to_string() || !USUAL.contains(&digits) || USUAL.contains(&octal.as_str()) {
        return None;
    }
    Some(
        Diagnostic::warning(
            codes::MODE_DECIMAL,
            format!("{path}: {digits} is a decimal number, which makes the mode 0{octal}"),
        )
        .at(node.span, "read as decimal")
        .help("an octal number begins with a zero")
        .edit(node.span, format!("0{digits}")),
    )
}
