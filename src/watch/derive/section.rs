//! Rules as a `develop` section, and the edit that writes it into a Compose file.

use std::path::{Component, Path, PathBuf};

use super::{Action, Rule};
use crate::compose::edit::{Replacement, apply, set};
use crate::compose::yaml::{Shape, Written, layout};

/// Holds the place of the list while the edit is made.
const LIST: &str = "\u{1}";

/// The section of a service, as a mapping in block style without indentation; empty without rules. Paths are
/// relative to `base`, the directory that paths of the file are based on.
pub fn section(rules: &[&Rule], base: &Path) -> String {
    let rules = &expressible(rules);
    if rules.is_empty() {
        return String::new();
    }
    format!("develop:\n  watch:\n{}\n", block(rules, base, 4, 2, "\n"))
}

/// Whether a Compose file has a service.
pub fn has(text: &str, service: &str) -> bool {
    layout(text).is_some_and(|documents| is_in(text, &documents, service))
}

fn is_in(text: &str, documents: &[Written], service: &str) -> bool {
    documents.iter().any(|document| {
        let services = document.pairs().and_then(|it| it.get(text, "services"));
        services.and_then(|it| it.value.pairs()?.get(text, service)).is_some()
    })
}

/// The text of a Compose file with the section of a service put in; every other byte stays, but for an empty list
/// of rules. `None` if the file does not have the service, or that has rules already, or it cannot be done in place. Whoever writes it loads
/// it first and compares: the edit goes by the layout alone.
pub fn inserted(text: &str, service: &str, rules: &[&Rule], base: &Path) -> Option<String> {
    let rules = &expressible(rules);
    let documents = layout(text)?;
    if !is_in(text, &documents, service) || rules.is_empty() {
        return None;
    }
    let keys = ["services", service, "develop", "watch"];
    let edit = emptied(text, &documents, keys).or_else(|| set(text, &documents, &keys, LIST))?;
    let mut text = apply(text, vec![edit])?;
    let at = text.find(LIST)?;
    let line = text.get(..at)?.rsplit('\n').next()?;
    let column = line.len() - line.trim_start_matches(' ').len();
    let in_block = line.trim_start_matches(' ').trim_end() == "watch:";
    let list = if in_block {
        let feed = if text.contains("\r\n") { "\r\n" } else { "\n" };
        // The file's own step: from `develop` to `watch`.
        let above = text.get(..at)?.lines().rev().nth(1).unwrap_or_default();
        let outer = above.len() - above.trim_start_matches(' ').len();
        let step = column.checked_sub(outer).filter(|step| *step > 0).unwrap_or(2);
        format!("{feed}{}", block(rules, base, column + step, step, feed))
    } else {
        // What is JSON stays JSON.
        let quote = if line.trim_end().ends_with("\"watch\":") { "\"" } else { "" };
        flow(rules, base, quote)
    };
    // No blank stays between the key and a list below it.
    let start = if in_block { without_blanks(&text, at) } else { at };
    text.replace_range(start..at + LIST.len(), &list);
    Some(text)
}

/// Where what stands before an offset ends, without blanks.
fn without_blanks(text: &str, at: usize) -> usize {
    text.get(..at).map_or(at, |before| before.trim_end_matches(' ').len())
}

/// What puts the list in the place of an empty one.
fn emptied(text: &str, documents: &[Written], keys: [&str; 4]) -> Option<Replacement> {
    documents.iter().rev().find_map(|document| {
        let mut pair = None;
        let mut written = document;
        for key in keys {
            let found = written.pairs()?.get(text, key)?;
            pair = Some(found);
            written = &found.value;
        }
        let range = written.range.clone();
        let is_empty = match &written.shape {
            Shape::Sequence(items) => items.is_empty(),
            Shape::Scalar => matches!(text.get(range.clone()), Some("" | "null" | "~")),
            Shape::Alias(_) | Shape::Mapping(_) => false,
        };
        if !is_empty || written.anchor.is_some() {
            return None;
        }
        if !range.is_empty() {
            return Some(Replacement { range, text: LIST.to_owned() });
        }
        // Nothing is written behind the colon.
        let key = pair?.key.range.end;
        let colon = text.get(key..)?.find(':').map(|at| key + at + 1)?;
        Some(Replacement { range: colon..colon, text: format!(" {LIST}") })
    })
}

/// The rules without those of which a section has no like.
fn expressible<'a>(rules: &[&'a Rule]) -> Vec<&'a Rule> {
    rules.iter().copied().filter(|rule| rule.action.is_expressible()).collect()
}

/// The list in block style, each rule below its reason.
fn block(rules: &[&Rule], base: &Path, column: usize, step: usize, feed: &str) -> String {
    let margin = " ".repeat(column);
    // Keys of an item are behind the dash.
    let inner = " ".repeat(column + 2);
    let deep = " ".repeat(column + 2 + step);
    let mut lines = Vec::new();
    for rule in rules {
        lines.push(format!("{margin}# {}", comment(rule)));
        for (at, (key, value)) in fields(rule, base).into_iter().enumerate() {
            let start = if at == 0 { format!("{margin}- ") } else { inner.clone() };
            match value {
                Value::Text(text) => lines.push(format!("{start}{key}: {}", scalar(&text, false))),
                Value::List(items) => {
                    lines.push(format!("{start}{key}:"));
                    lines.extend(items.iter().map(|it| format!("{deep}- {}", scalar(it, false))));
                }
            }
        }
    }
    lines.join(feed)
}

/// The list on one line, with `quote` around keys.
fn flow(rules: &[&Rule], base: &Path, quote: &str) -> String {
    let rules = rules.iter().map(|rule| {
        let fields = fields(rule, base).into_iter().map(|(key, value)| match value {
            Value::Text(text) => format!("{quote}{key}{quote}: {}", scalar(&text, true)),
            Value::List(items) => {
                let items: Vec<_> = items.iter().map(|item| scalar(item, true)).collect();
                format!("{quote}{key}{quote}: [{}]", items.join(", "))
            }
        });
        format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
    });
    format!("[{}]", rules.collect::<Vec<_>>().join(", "))
}

enum Value {
    Text(String),
    List(Vec<String>),
}

fn fields(rule: &Rule, base: &Path) -> Vec<(&'static str, Value)> {
    let mut fields = vec![
        ("action", Value::Text(rule.action.name().to_owned())),
        ("path", Value::Text(relative(&rule.path, base))),
    ];
    if rule.action.syncs() {
        fields.push(("target", Value::Text(rule.target.clone())));
    }
    for (key, patterns) in [("include", &rule.include), ("ignore", &rule.ignore)] {
        if !patterns.is_empty() {
            fields.push((key, Value::List(patterns.clone())));
        }
    }
    fields
}

/// Why the rule is there, and what of it the section cannot say.
fn comment(rule: &Rule) -> String {
    let reason = rule.reason.replace(['\n', '\r'], " ");
    match &rule.action {
        Action::Signal(_) | Action::Exec(_) => {
            format!("{reason}; a section can only restart it")
        }
        _ => reason,
    }
}

/// A path as it is written below a directory.
fn relative(path: &Path, base: &Path) -> String {
    let mut up = PathBuf::new();
    for around in base.ancestors() {
        if let Ok(rest) = path.strip_prefix(around) {
            // The root alone in common is none.
            if around.parent().is_none() && around != base {
                break;
            }
            let whole = up.join(rest);
            let is_up = matches!(whole.components().next(), Some(Component::ParentDir));
            return match whole.to_string_lossy() {
                text if text.is_empty() => ".".to_owned(),
                text if is_up => text.into_owned(),
                text => format!("./{text}"),
            };
        }
        up.push("..");
    }
    path.display().to_string()
}

/// A text as a scalar that means it: Compose takes `$` for variables.
fn scalar(text: &str, in_flow: bool) -> String {
    let text = text.replace('$', "$$");
    let is_plain =
        |it: char| it.is_alphanumeric() || matches!(it, '/' | '.' | '_' | '-' | '+' | '$');
    let starts = text.starts_with(|it: char| it.is_alphabetic() || matches!(it, '/' | '.' | '_'));
    // Dots and digits alone may be a number; a flow text may be JSON, which quotes all.
    let is_number =
        text.chars().all(|it| it.is_ascii_digit() || matches!(it, '.' | '_' | '+' | '-'));
    let is_word = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word));
    let is_dot = text == ".";
    if starts && text.chars().all(is_plain) && (!is_number || is_dot) && !is_word && !in_flow {
        text
    } else {
        serde_json::Value::String(text).to_string()
    }
}
