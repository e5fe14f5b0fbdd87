//! `devices` and `gpus`.

use super::make;
use crate::compose::yaml::{Node, Value};
use crate::diagnostic::Span;

/// `SOURCE[:TARGET[:PERMISSIONS]]` → a mapping.
pub(super) fn mapping(text: &str, span: Span) -> Result<Node, String> {
    let mut parts = text.split(':');
    let source = parts.next().unwrap_or_default();
    let target = parts.next().filter(|target| !target.is_empty()).unwrap_or(source);
    let permissions = parts.next().unwrap_or("rwm");
    if parts.next().is_some() {
        return Err(format!("confusing device mapping, please use long syntax: {text}"));
    }
    Ok(make::mapping(
        [
            ("source", make::text(source)),
            ("target", make::text(target)),
            ("permissions", make::text(permissions)),
        ],
        span,
    ))
}

/// `all` → `[{count: all}]`
pub(super) fn gpus(node: &mut Node) {
    if matches!(node.value, Value::String(_)) {
        let count = std::mem::replace(&mut node.value, Value::Null);
        node.value = Value::Sequence(vec![make::mapping([("count", count)], node.span)]);
    }
}
