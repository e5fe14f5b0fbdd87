//! Bireme's own settings of a service, `x-bireme`: what they do not know has no effect.

use crate::compose::model::Project;
use crate::compose::schema::nearest;
use crate::compose::yaml::Value;
use crate::diagnostic::{Diagnostic, Span, codes};

/// The settings, each with the values that it takes.
const SETTINGS: [(&str, &[&str]); 2] =
    [("emulation", &["accepted"]), ("replay", &["false", "true"])];

pub(super) fn check(project: &Project) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    let services = project.tree.get("services");
    for name in project.services.keys() {
        let service = services.and_then(|services| services.get(name));
        let Some(node) = service.and_then(|service| service.get("x-bireme")) else { continue };
        let path = format!("services.{name}.x-bireme");
        let Some(settings) = node.as_mapping() else {
            if !node.is_null() && !node.is_broken() {
                let message = format!("{path}: settings are a mapping");
                warnings.push(
                    Diagnostic::warning(codes::OWN_SETTING, message)
                        .at(node.span, "")
                        .help("write `x-bireme: {emulation: accepted}`"),
                );
            }
            continue;
        };
        for (key, entry) in settings {
            let key = key.as_str();
            let known = SETTINGS.iter().find(|(setting, _)| *setting == key);
            let Some((_, words)) = known else {
                let names = SETTINGS.iter().map(|(setting, _)| *setting);
                let message = format!("{path}: there is no setting {key:?}");
                warnings.push(unknown(message, key, names, entry.key_span));
                continue;
            };
            let word = entry.node.as_str();
            if entry.node.is_broken() || is_taken(&entry.node.value, words) {
                continue;
            }
            let found = match (&entry.node.value, word) {
                (Value::Null, _) => "nothing".to_owned(),
                // Its words are right, its type is not.
                (_, Some(word)) if words.contains(&word) => format!("the string {word:?}"),
                (_, Some(word)) => format!("{word:?}"),
                _ => "this".to_owned(),
            };
            let message = format!("{path}.{key}: {found} means nothing");
            let word = word.unwrap_or_default();
            warnings.push(unknown(message, word, words.iter().copied(), entry.node.span));
        }
    }
    warnings
}

/// Whether a value is one of those that a setting takes; `true` and `false` are no strings.
fn is_taken(value: &Value, taken: &[&str]) -> bool {
    match value {
        Value::Bool(value) => taken.contains(&if *value { "true" } else { "false" }),
        Value::String(word) => taken.contains(&word.as_str()) && !taken.contains(&"true"),
        _ => false,
    }
}

/// A warning of a word that is not known, with the one that may be meant.
fn unknown<'a>(
    message: String,
    word: &str,
    known: impl Iterator<Item = &'a str> + Clone,
    span: Span,
) -> Diagnostic {
    let warning = Diagnostic::warning(codes::OWN_SETTING, message).at(span, "");
    if let Some(near) = nearest(word, known.clone()) {
        return warning.help(format!("did you mean `{near}`?")).edit(span, near);
    }
    let words: Vec<String> = known.map(|word| format!("`{word}`")).collect();
    warning.help(format!("write {}", words.join(" or ")))
}
