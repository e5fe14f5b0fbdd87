//! What the author probably meant: near misses, attributes written one level too high, values in
//! need of quotes.

use super::project::PROJECT;
use super::service::SERVICE;
use super::shape::{Object, Shape, Types};
use crate::compose::yaml::{Entry, Node, Value};
use crate::diagnostic::{Diagnostic, Span};

/// Says what to write instead of an unknown key, if that can be guessed.
pub(super) fn attribute(
    diagnostic: Diagnostic,
    key: &str,
    entry: &Entry,
    path: &str,
    object: &'static Object,
) -> Diagnostic {
    if let Some(near) = nearest_attribute(key, object) {
        return diagnostic.help(format!("did you mean `{near}`?")).edit(entry.key_span, near);
    }
    if let Some(parent) = home(key, object) {
        return diagnostic.help(format!("`{key}` belongs in `{parent}`"));
    }
    if path.is_empty() {
        if looks_like_service(&entry.node) {
            return diagnostic
                .help(format!("services are written under `services:`, so `{key}` too"));
        }
        if SERVICE.attribute(key).is_some() {
            return diagnostic.help(format!("`{key}` belongs in a service, under `services:`"));
        }
    } else if PROJECT.attribute(key).is_some() {
        return diagnostic.help(format!("`{key}` belongs at the top level of the file"));
    }
    diagnostic
}

/// The attribute that a key nearly says.
pub(super) fn nearest_attribute(key: &str, object: &'static Object) -> Option<&'static str> {
    nearest(key, object.attributes.iter().map(|(name, _)| *name))
}

/// Says which word is near, or which there are.
pub(super) fn word(diagnostic: Diagnostic, allowed: &[&'static str], found: &Node) -> Diagnostic {
    match nearest(found.as_str().unwrap_or_default(), allowed.iter().copied()) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")).edit(found.span, near),
        None => diagnostic,
    }
}

/// Mends a value of a wrong type where that needs no more than quotes, brackets or braces.
pub(super) fn type_mend(diagnostic: Diagnostic, shape: &Shape, found: &Node) -> Diagnostic {
    let empty = found.span.start == found.span.end;
    match &found.value {
        Value::Null => diagnostic.help("remove the key, or give it a value"),
        Value::Bool(_) | Value::Int(_) | Value::Float(_) if takes_text(shape) && !empty => {
            diagnostic
                .help("put the value in quotes")
                .edit(before(found.span), "\"")
                .edit(after(found.span), "\"")
        }
        Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::String(_)
            if takes_list(shape) && !empty =>
        {
            diagnostic
                .help("write a list, even of one item")
                .edit(before(found.span), "[")
                .edit(after(found.span), "]")
        }
        _ => diagnostic,
    }
}

fn takes_text(shape: &Shape) -> bool {
    match shape {
        Shape::Scalar(types) => types.meets(Types::STRING),
        Shape::Pattern(_) => true,
        Shape::Either(shapes) => shapes.iter().any(takes_text),
        _ => false,
    }
}

fn takes_list(shape: &Shape) -> bool {
    matches!(shape, Shape::List { items: Shape::Scalar(_) | Shape::Either(_), .. })
        || matches!(shape, Shape::Either(shapes) if shapes.iter().any(takes_list))
}

fn before(span: Span) -> Span {
    Span { end: span.start, ..span }
}

fn after(span: Span) -> Span {
    Span { start: span.end, ..span }
}

/// The nearest of some words, if it is near enough to be what was meant.
fn nearest<'a>(word: &str, among: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let tolerated = match word.chars().count() {
        0..=2 => 0,
        3..=5 => 1,
        _ => 2,
    };
    let normal = |text: &str| text.to_ascii_lowercase().replace('-', "_");
    let word = normal(word);
    let abbreviated = ABBREVIATIONS.iter().find(|(short, _)| *short == word).map(|(_, long)| *long);
    among
        .filter_map(|candidate| {
            let distance = strsim::osa_distance(&word, &normal(candidate));
            let meant = distance <= tolerated || abbreviated == Some(candidate);
            meant.then_some((distance, candidate))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// What people write for short.
const ABBREVIATIONS: [(&str, &str); 4] =
    [("env", "environment"), ("envs", "environment"), ("cmd", "command"), ("vols", "volumes")];

/// The attribute of `object` whose value would have `key`.
fn home(key: &str, object: &'static Object) -> Option<&'static str> {
    object.attributes.iter().find(|(_, shape)| has_key(shape, key)).map(|(name, _)| *name)
}

fn has_key(shape: &'static Shape, key: &str) -> bool {
    match shape {
        Shape::Object(object) => object.attribute(key).is_some(),
        Shape::Either(shapes) => shapes.iter().any(|shape| has_key(shape, key)),
        _ => false,
    }
}

fn looks_like_service(node: &Node) -> bool {
    node.as_mapping().is_some_and(|mapping| {
        mapping.contains_key("image")
            || mapping.contains_key("build")
            || mapping.contains_key("extends")
    })
}
