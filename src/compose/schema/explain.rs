//! Puts a [`Problem`] into words: Docker Compose's message, labels, help and edits.

use std::path::Path;

use super::shape::{Keys, Shape, Types};
use super::walk::{Kind, Problem};
use super::{mends, suggest};
use crate::compose::yaml::{Node, Value};
use crate::diagnostic::{Diagnostic, codes};

/// The diagnostic of one problem; with `guess` also what unknown keys were probably meant to be.
pub(super) fn diagnostic(problem: &Problem<'_>, file: &Path, guess: bool) -> Diagnostic {
    let Problem { path, span, kind } = problem;
    let error = |code, reason: String| {
        let file = file.display();
        let separator =
            if matches!(kind, Kind::Unknown { .. }) || !path.is_empty() { " " } else { "" };
        Diagnostic::error(code, format!("validating {file}: {path}{separator}{reason}"))
    };
    match kind {
        Kind::Unknown { keys, object } => {
            let diagnostic = error(
                codes::SCHEMA_UNKNOWN_ATTRIBUTE,
                not_allowed(keys.iter().map(|(key, _)| *key)),
            );
            if guess {
                suggest::attributes(diagnostic, keys, path, object)
            } else {
                suggest::places(diagnostic, keys)
            }
        }
        Kind::BadNames { keys, names } => {
            let mut diagnostic =
                error(codes::SCHEMA_BAD_NAME, not_allowed(keys.iter().map(|(key, _)| *key)));
            for (_, entry) in keys {
                diagnostic = diagnostic.at(entry.key_span, "not a valid name");
            }
            diagnostic.help(match names {
                Keys::Name => "a name has only letters, digits, `.`, `_` and `-`",
                Keys::Lowercase => "a name has only lower-case letters",
                Keys::NotEmpty => "a name must not be empty",
            })
        }
        Kind::Missing { keys } => {
            let list = quoted(keys.iter().copied());
            let noun = if keys.len() == 1 { "property" } else { "properties" };
            error(codes::SCHEMA_MISSING_ATTRIBUTE, format!("missing {noun} {list}"))
                .at(*span, format!("{} must be set here", ticked(keys)))
                .help(suggest::missing(keys))
        }
        Kind::Type { shape, found: Node { value: Value::Timestamp(_), .. } } => {
            let diagnostic =
                error(codes::SCHEMA_WRONG_TYPE, "invalid jsonType time.Time".to_owned())
                    .at(*span, format!("expected {}, found a date", forms(shape)));
            diagnostic.help("put it in quotes to make it text")
        }
        Kind::Type { shape, found } => {
            let forms = forms(shape);
            let diagnostic = wrong_type(path, found)
                .unwrap_or_else(|| {
                    error(codes::SCHEMA_WRONG_TYPE, format!("must be a {}", json_types(shape)))
                })
                .at(*span, format!("expected {forms}, found {}", found_type(found)));
            mends::of_type(diagnostic, path, shape, found)
        }
        Kind::Word { allowed, found } => {
            let list = quoted(allowed.iter().copied());
            let reason = if allowed.len() == 1 {
                format!("value must be {list}")
            } else {
                format!("value must be one of {list}")
            };
            let diagnostic = error(codes::SCHEMA_UNKNOWN_WORD, reason).at(*span, "not one of them");
            suggest::word(diagnostic, allowed, found)
        }
        Kind::Pattern { pattern, found } => {
            let message = format!("'{found}' does not match pattern '{}'", pattern.expression);
            let diagnostic = error(codes::SCHEMA_PATTERN, message).at(*span, "");
            suggest::pattern(diagnostic, pattern.meaning, found, *span)
        }
        Kind::Below(minimum) => {
            error(codes::SCHEMA_OUT_OF_RANGE, format!("must be greater than or equal to {minimum}"))
                .at(*span, "")
        }
        Kind::Above(maximum) => {
            error(codes::SCHEMA_OUT_OF_RANGE, format!("must be less than or equal to {maximum}"))
                .at(*span, "")
        }
        Kind::Repeated { first, second, first_span } => {
            error(codes::SCHEMA_REPEATED_ITEM, format!("items at {first} and {second} are equal"))
                .at(*span, "the same item again")
                .with_context(*first_span, "first here")
                .help("remove one of them")
        }
    }
}

/// What Docker Compose says of a mapping among `KEY=value` items, before it looks at the schema.
fn wrong_type(path: &str, found: &Node) -> Option<Diagnostic> {
    let (list, index) = path.rsplit_once('.')?;
    let pairs = list.ends_with(".environment")
        || [".args", ".annotations", "labels"].iter().any(|it| list.ends_with(it));
    let is_item = index.bytes().all(|byte| byte.is_ascii_digit());
    (pairs && is_item && found.as_mapping().is_some()).then(|| {
        let message = format!("{list}.[{index}]: unexpected type map[string]interface {{}}");
        Diagnostic::error(codes::SCHEMA_WRONG_TYPE, message)
    })
}

fn not_allowed<'a>(keys: impl Iterator<Item = &'a str>) -> String {
    format!("additional properties {} not allowed", quoted(keys))
}

/// `'a', 'b'`, as JSON Schema messages have it.
fn quoted<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.map(|word| format!("'{word}'")).collect::<Vec<_>>().join(", ")
}

fn ticked(words: &[&str]) -> String {
    listed(&words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>(), "and")
}

/// `a, b or c`.
fn listed<S: AsRef<str>>(words: &[S], conjunction: &str) -> String {
    match words {
        [] => String::new(),
        [only] => only.as_ref().to_owned(),
        [most @ .., last] => {
            let most = most.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ");
            format!("{most} {conjunction} {}", last.as_ref())
        }
    }
}

/// The types that Docker Compose names: those of the first form.
fn json_types(shape: &Shape) -> String {
    match shape {
        Shape::Scalar(types) => listed(&types.names().collect::<Vec<_>>(), "or"),
        Shape::Bounded { .. } | Shape::Pattern(_) | Shape::Word(_) => "string".to_owned(),
        Shape::List { .. } => "array".to_owned(),
        Shape::Object(object) => {
            let mut names: Vec<_> = object.or.names().chain(["mapping"]).collect();
            names.sort_unstable();
            listed(&names, "or")
        }
        Shape::Map(_) => "mapping".to_owned(),
        Shape::Either(shapes) => shapes.first().map(json_types).unwrap_or_default(),
    }
}

/// All forms that a shape has, for people.
fn forms(shape: &Shape) -> String {
    let mut words = Vec::new();
    collect_forms(shape, &mut words);
    listed(&words, "or")
}

fn collect_forms(shape: &Shape, words: &mut Vec<&'static str>) {
    let mut push = |word| {
        if !words.contains(&word) {
            words.push(word);
        }
    };
    match shape {
        Shape::Scalar(types) => collect_scalars(*types, words),
        Shape::Bounded { .. } => {
            push("a whole number");
            push("text");
        }
        Shape::Pattern(_) | Shape::Word(_) => push("text"),
        Shape::List { .. } => push("a list"),
        Shape::Object(object) => {
            collect_scalars(object.or, words);
            words.push("a mapping");
        }
        Shape::Map(_) => push("a mapping"),
        Shape::Either(shapes) => shapes.iter().for_each(|shape| collect_forms(shape, words)),
    }
}

fn collect_scalars(types: Types, words: &mut Vec<&'static str>) {
    for (one, word) in [
        (Types::STRING, "text"),
        (Types::NUMBER, "a number"),
        (Types::INTEGER, "a whole number"),
        (Types::BOOLEAN, "`true` or `false`"),
        (Types::NULL, "nothing"),
    ] {
        if types.meets(one) && !words.contains(&word) {
            words.push(word);
        }
    }
}

fn found_type(node: &Node) -> &'static str {
    match node.value {
        Value::Null | Value::Broken => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Int(_) | Value::Float(_) => "a number",
        Value::String(_) => "text",
        Value::Timestamp(_) => "a date",
        Value::Sequence(_) => "a list",
        Value::Mapping(_) => "a mapping",
    }
}
