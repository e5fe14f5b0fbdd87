//! Two trees laid over each other: the YAML before and behind a line `-- over --`.

use bireme::compose::yaml::{Mapping, Node, Value, parse};
use bireme::compose::{merge, unicity};
use bireme::diagnostic::{FileId, SourceMap};

use super::archive::{Member, members};
use super::diagnostics;

/// Nothing laid over a tree changes it, a tree laid over nothing is itself, and places are those
/// of the two texts.
pub fn check(data: &[u8]) {
    let mut sources = SourceMap::default();
    let mut trees = Vec::new();
    for member in members(data, "base") {
        let Member::File { name, content } = member else { continue };
        let text = String::from_utf8_lossy(&content);
        let file = sources.add(name, &*text);
        trees.extend(parse(file, &text).documents);
    }
    let mut trees = trees.into_iter().filter(|tree| tree.as_mapping().is_some());
    let (Some(base), Some(over)) = (trees.next(), trees.next()) else { return };
    let mut problems = Vec::new();

    for nothing in [Value::Mapping(Mapping::new()), Value::Null] {
        let nothing = Node::new(nothing, over.span);
        let mut merged = base.clone();
        merge::merge(&mut merged, nothing, &mut problems);
        assert!(merged.same_value(&base) || holds_nan(&base), "{merged:?}\nfrom\n{base:?}");
    }
    let mut merged = Node::new(Value::Mapping(Mapping::new()), base.span);
    merge::merge(&mut merged, over.clone(), &mut problems);
    assert!(merged.same_value(&over) || holds_nan(&over), "{merged:?}\nfrom\n{over:?}");
    assert!(problems.is_empty(), "{problems:?}");

    let mut merged = base;
    merge::merge(&mut merged, over, &mut problems);
    diagnostics::check(&problems, &sources);
    unicity::enforce(&mut merged);
    let once = merged.clone();
    unicity::enforce(&mut merged);
    assert!(merged.same_value(&once) || holds_nan(&once), "unique once is unique");
    check_spans(&merged, &sources);
}

fn check_spans(node: &Node, sources: &SourceMap) {
    assert_ne!(node.span.file, FileId(u32::MAX));
    diagnostics::check_span(node.span, sources);
    for item in node.as_sequence().into_iter().flatten() {
        check_spans(item, sources);
    }
    for entry in node.as_mapping().into_iter().flat_map(Mapping::values) {
        diagnostics::check_span(entry.key_span, sources);
        check_spans(&entry.node, sources);
    }
}

/// Not-a-number equals nothing, not even itself.
fn holds_nan(node: &Node) -> bool {
    match &node.value {
        Value::Float(value) => value.is_nan(),
        Value::Sequence(items) => items.iter().any(holds_nan),
        Value::Mapping(entries) => entries.values().any(|entry| holds_nan(&entry.node)),
        _ => false,
    }
}
