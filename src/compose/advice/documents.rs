//! What is lost in a list of `KEY=value` items once it is a mapping: that a key was there twice,
//! and that quotes became part of a value.

use std::collections::BTreeMap;

use super::written;
use crate::compose::yaml::Node;
use crate::diagnostic::{Diagnostic, SourceMap, Span, codes};

pub(super) fn check(document: &Node, sources: &SourceMap) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    let services = document.get("services").and_then(Node::as_mapping);
    for (name, service) in services.into_iter().flatten() {
        for list in ["environment", "labels", "build.args"] {
            let items = service.node.at_path(list).and_then(Node::as_sequence).unwrap_or_default();
            let path = format!("services.{name}.{list}");
            repeated(&path, items, &mut warnings);
            if list == "environment" {
                warnings.extend(items.iter().filter_map(|item| quoted(&path, item, sources)));
            }
        }
    }
    warnings
}

/// Keys that an item further down gives another value.
fn repeated(path: &str, items: &[Node], warnings: &mut Vec<Diagnostic>) {
    let mut first: BTreeMap<&str, &Node> = BTreeMap::new();
    for item in items {
        let Some((key, _)) = item.as_str().and_then(|text| text.split_once('=')) else { continue };
        let Some(other) = first.insert(key, item) else { continue };
        if other.as_str() == item.as_str() {
            continue;
        }
        warnings.push(
            Diagnostic::warning(codes::KEY_SET_TWICE, format!("{path}: {key} is set twice"))
                .at(item.span, "this value is taken")
                .with_context(other.span, "this one has no effect")
                .help("remove one of them"),
        );
    }
}

/// A value within quotes that YAML does not take off, since they do not enclose the whole item.
fn quoted(path: &str, item: &Node, sources: &SourceMap) -> Option<Diagnostic> {
    let (key, value) = item.as_str()?.split_once('=')?;
    let quote = value.chars().next().filter(|first| matches!(first, '"' | '\''))?;
    let inside = value.strip_prefix(quote)?.strip_suffix(quote)?;
    // The item as it is written, so that nothing which comes out of a variable is judged.
    if inside.contains(quote) || written(sources, item.span)? != item.as_str()? {
        return None;
    }
    let start = item.span.range().end - value.len();
    let span = Span::new(item.span.file, start, item.span.range().end);
    let warning = Diagnostic::warning(
        codes::QUOTES_IN_VALUE,
        format!("{path}: the quotes are part of the value of {key}"),
    )
    .at(span, "")
    .help("YAML takes off quotes only where they enclose the whole item");
    let plain = !inside.contains([':', '#', '\\']) && !inside.trim().is_empty();
    Some(if plain { warning.edit(span, inside) } else { warning })
}
