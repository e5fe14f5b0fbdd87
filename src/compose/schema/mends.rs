//! How to write a value that has a wrong type: in quotes, as a list, as a mapping.

use super::shape::{Shape, Types};
use crate::compose::scalar_text::scalar_text;
use crate::compose::yaml::{Entry, Mapping, Node, Value};
use crate::diagnostic::{Diagnostic, Span};

/// Attributes that hold lengths of time.
const DURATIONS: [&str; 9] = [
    "interval",
    "timeout",
    "start_period",
    "start_interval",
    "stop_grace_period",
    "delay",
    "monitor",
    "window",
    "max_failure_ratio",
];

/// Says how to write a value of a wrong type at a path, with edits where that is sure.
pub(super) fn of_type(
    diagnostic: Diagnostic,
    path: &str,
    shape: &Shape,
    found: &Node,
) -> Diagnostic {
    let key = path.rsplit('.').next().unwrap_or(path);
    let empty = found.span.start == found.span.end;
    match &found.value {
        Value::Null => diagnostic.help(nothing(path, key)),
        Value::Mapping(_) if key == "command" || key == "entrypoint" => {
            diagnostic.help("write one text, or a list of its words")
        }
        Value::Mapping(mapping) if takes_list(shape) => {
            list_of(diagnostic, key, mapping, found.span)
        }
        Value::Mapping(mapping) => in_place_of_text(diagnostic, path, mapping, found.span),
        Value::Sequence(items) => in_place_of_list(diagnostic, key, shape, items, found.span),
        _ if empty => diagnostic,
        Value::Bool(false) if key == "restart" => {
            diagnostic.help("write `\"no\"`, in quotes").edit(found.span, "\"no\"")
        }
        Value::Int(number @ (0 | 1))
            if takes(shape, Types::BOOLEAN) && !takes(shape, Types::INTEGER) =>
        {
            let meant = if *number == 1 { "true" } else { "false" };
            diagnostic.help(format!("write `{meant}`")).edit(found.span, meant)
        }
        Value::Int(number) if takes(shape, Types::STRING) && DURATIONS.contains(&key) => {
            let text = format!("{number}s");
            diagnostic.help(format!("write a unit: `{text}` for seconds")).edit(found.span, text)
        }
        Value::Int(number) if key == "gpus" => {
            let text = format!("[{{count: {number}}}]");
            diagnostic.help(format!("write `{text}`, or `all`")).edit(found.span, text)
        }
        Value::Bool(_) | Value::Int(_) | Value::Float(_) if takes_text(shape) => diagnostic
            .help("put the value in quotes")
            .edit(before(found.span), "\"")
            .edit(after(found.span), "\""),
        Value::String(text) if takes_list(shape) && text.starts_with('-') => {
            diagnostic.help("write a space behind each dash: `- ` starts an item, `-` does not")
        }
        Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::String(_)
            if takes_list(shape) =>
        {
            diagnostic
                .help("write a list, even of one item")
                .edit(before(found.span), "[")
                .edit(after(found.span), "]")
        }
        Value::String(_) => in_place_of_mapping(diagnostic, path, shape, found),
        _ => diagnostic,
    }
}

/// What to write where nothing stands.
fn nothing(path: &str, key: &str) -> String {
    let levels: Vec<&str> = path.split('.').collect();
    match levels.as_slice() {
        ["services", _] => "give it an `image:` or a `build:`, or remove it".to_owned(),
        ["services", _, "depends_on", _] => {
            "write `condition: service_started` below it, or list the names: `- …`".to_owned()
        }
        ["services", _, "build"] => "write where the Dockerfile is: `build: .`".to_owned(),
        ["secrets" | "configs", _] => {
            "say where its content comes from: `file: ./…`, or `external: true`".to_owned()
        }
        _ => format!("give `{key}` a value, or remove it"),
    }
}

/// A mapping where a list belongs.
fn list_of(diagnostic: Diagnostic, key: &str, mapping: &Mapping, place: Span) -> Diagnostic {
    let Some((name, first)) = mapping.iter().next() else {
        return diagnostic.help("write `[]` for an empty list");
    };
    let is_in_braces = place.start < first.key_span.start;
    match key {
        "ports" if mapping.len() < 10 && mapping.values().all(is_on_one_line) => {
            let port = |name: &str, entry: &Entry| {
                format!("\"{name}:{}\"", scalar_text(&entry.node.value))
            };
            if is_in_braces {
                let ports: Vec<String> =
                    mapping.iter().map(|(name, entry)| port(name, entry)).collect();
                let list = format!("[{}]", ports.join(", "));
                return diagnostic
                    .help(format!("write a list of texts: `{list}`"))
                    .edit(place, list);
            }
            let mut diagnostic =
                diagnostic.help(format!("write items, each in quotes: `- {}`", port(name, first)));
            for (name, entry) in mapping {
                diagnostic = diagnostic.edit(whole(entry), format!("- {}", port(name, entry)));
            }
            diagnostic
        }
        "volumes" => diagnostic.help(format!(
            "write items: `- {name}:/path/in/the/container`; volumes are defined at the top level"
        )),
        "config" if is_in_braces => diagnostic
            .help("write a list, even of one item")
            .edit(before(place), "[")
            .edit(after(place), "]"),
        "config" if mapping.values().all(is_on_one_line) => {
            let mut diagnostic = diagnostic.help("write a list: put `- ` before its first key");
            for (index, entry) in mapping.values().enumerate() {
                let text = if index == 0 { "- " } else { "  " };
                diagnostic = diagnostic.edit(before(entry.key_span), text);
            }
            diagnostic
        }
        _ => diagnostic.help("write items, each behind `- `"),
    }
}

/// A mapping where a text belongs.
fn in_place_of_text(
    diagnostic: Diagnostic,
    path: &str,
    mapping: &Mapping,
    place: Span,
) -> Diagnostic {
    let mut levels = path.rsplit('.');
    let (key, list) = (levels.next().unwrap_or_default(), levels.next().unwrap_or_default());
    let is_item = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit());
    let first = mapping.iter().next();
    match (list, first) {
        ("environment" | "labels" | "args" | "annotations" | "sysctls", Some((name, entry)))
            if is_item && mapping.len() == 1 && is_on_one_line(entry) =>
        {
            let text = format!("{name}={}", scalar_text(&entry.node.value));
            let text = if text.contains(": ") || text.contains(" #") || text.contains('"') {
                format!("'{}'", text.replace('\'', "''"))
            } else {
                text
            };
            diagnostic
                .help(format!("write `- {text}`, or leave out all dashes of `{list}`"))
                .edit(place, text)
        }
        ("environment" | "labels" | "args", _) => {
            diagnostic.help("a variable or label has one text, no keys of its own")
        }
        ("depends_on" | "networks", Some((name, _))) if is_item => diagnostic.help(format!(
            "leave out the dashes of `{list}`: write `{name}:`, and its keys below it"
        )),
        ("expose" | "volumes" | "ports", Some((name, _))) if is_item => {
            diagnostic.help(format!("put the item in quotes: `- \"{name}:…\"`"))
        }
        _ => diagnostic.help("write one text, without keys below it"),
    }
}

/// A list where something else belongs.
fn in_place_of_list(
    diagnostic: Diagnostic,
    key: &str,
    shape: &Shape,
    items: &[Node],
    place: Span,
) -> Diagnostic {
    if let Shape::Map(_) | Shape::Object(_) = shape {
        let named = items.iter().find_map(|item| match &item.value {
            Value::String(text) => Some(text.clone()),
            Value::Mapping(mapping) => mapping.keys().next().cloned(),
            _ => None,
        });
        return match named {
            Some(name) => {
                diagnostic.help(format!("write keys, without dashes: `{name}:` and not `- {name}`"))
            }
            None => diagnostic.help("write keys, without dashes"),
        };
    }
    match items {
        [only @ Node { value: Value::String(_) | Value::Int(_) | Value::Float(_), .. }] => {
            let text = scalar_text(&only.value);
            let diagnostic = diagnostic.help(format!("write `{key}: {text}`, without a list"));
            let fits =
                matches!(only.value, Value::String(_)) && !text.contains([':', '#', '$', '"']);
            if fits { diagnostic.edit(place, text) } else { diagnostic }
        }
        _ => diagnostic.help("write one value, not a list"),
    }
}

/// A text where a mapping belongs.
fn in_place_of_mapping(
    diagnostic: Diagnostic,
    path: &str,
    shape: &Shape,
    found: &Node,
) -> Diagnostic {
    let Value::String(text) = &found.value else { return diagnostic };
    let has = |name: &str| match shape {
        Shape::Object(object) => object.attribute(name).is_some(),
        _ => false,
    };
    let top = path.split('.').next().unwrap_or_default();
    let attribute = match top {
        "secrets" | "configs" if has("file") => "file",
        "networks" | "volumes" if has("driver") => "driver",
        "models" if has("model") => "model",
        _ => return diagnostic.help("write its keys below it, indented"),
    };
    let fits = !text.contains([',', '}', '{', '#', '"', '\n']);
    let mended = format!("{{{attribute}: {text}}}");
    let diagnostic = diagnostic.help(format!("write `{attribute}: {text}` below it"));
    if fits { diagnostic.edit(found.span, mended) } else { diagnostic }
}

fn takes(shape: &Shape, wanted: Types) -> bool {
    match shape {
        Shape::Scalar(types) => types.meets(wanted),
        Shape::Bounded { .. } => wanted.meets(Types::INTEGER.or(Types::STRING)),
        Shape::Either(shapes) => shapes.iter().any(|shape| takes(shape, wanted)),
        _ => false,
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
    match shape {
        Shape::List { .. } => true,
        Shape::Either(shapes) => shapes.iter().any(takes_list),
        _ => false,
    }
}

/// Whether a value is a scalar behind its key.
fn is_on_one_line(entry: &Entry) -> bool {
    let scalar = !matches!(entry.node.value, Value::Sequence(_) | Value::Mapping(_) | Value::Null);
    let (key, value) = (entry.key_span, entry.node.span);
    scalar && key.file == value.file && value.start >= key.end && value.start - key.end < 40
}

/// A key with its value.
fn whole(entry: &Entry) -> Span {
    Span { end: entry.node.span.end, ..entry.key_span }
}

fn before(span: Span) -> Span {
    Span { end: span.start, ..span }
}

fn after(span: Span) -> Span {
    Span { start: span.end, ..span }
}
