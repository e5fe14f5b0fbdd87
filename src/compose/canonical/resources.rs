//! Texts that stand for a mapping of one key, and the deprecated form of `external`.

use super::make;
use crate::compose::yaml::{Mapping, Node, Value};
use crate::diagnostic::{Diagnostic, codes};

/// `x` → `{key: x}`
pub(super) fn wrap(node: &mut Node, key: &str) {
    if matches!(node.value, Value::String(_)) {
        let text = std::mem::replace(&mut node.value, Value::Null);
        *node = make::mapping([(key, text)], node.span);
    }
}

/// `external: {name: n}` → `external: true` and `name: n`.
pub(super) fn external(resource: &mut Mapping, path: &str, diagnostics: &mut Vec<Diagnostic>) {
    let Some(external) = resource.get_mut("external") else { return };
    let Value::Mapping(inner) = &mut external.node.value else { return };
    let inner_name = inner.shift_remove("name");
    external.node.value = Value::Bool(true);
    let Some(inner_name) = inner_name else { return };

    diagnostics.push(
        Diagnostic::warning(
            codes::EXTERNAL_NAME,
            format!("{path}: external.name is deprecated. Please set name and external: true"),
        )
        .at(inner_name.key_span, ""),
    );
    match resource.get("name") {
        Some(name) if !name.node.same_value(&inner_name.node) => diagnostics.push(
            Diagnostic::error(
                codes::EXTERNAL_NAME_CONFLICT,
                format!("{path}: name and external.name conflict; only use name"),
            )
            .at(inner_name.node.span, "one name")
            .at(name.node.span, "and another"),
        ),
        Some(_) => {}
        None => {
            resource.insert("name".to_owned(), inner_name);
        }
    }
}
