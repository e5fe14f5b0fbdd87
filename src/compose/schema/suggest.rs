//! What the author probably meant: near misses, attributes written at another level.

use super::project::PROJECT;
use super::service::SERVICE;
use super::shape::{Object, Shape};
use crate::compose::limits;
use crate::compose::yaml::{Entry, Node};
use crate::diagnostic::{Diagnostic, Span};

/// How many unknown keys of one mapping are shown.
const SHOWN: usize = 12;

/// Shows unknown keys and says what to write instead, as far as that can be guessed.
pub(super) fn attributes(
    mut diagnostic: Diagnostic,
    keys: &[(&str, &Entry)],
    path: &str,
    object: &'static Object,
) -> Diagnostic {
    let whole = of_all(keys, path);
    let mut helps: Vec<String> = Vec::new();
    for (key, entry) in keys.iter().take(SHOWN) {
        let guess = of_key(key, entry, path, object);
        let label = match &guess {
            Some(guess) if keys.len() > 1 && whole.is_none() => guess.help.clone(),
            _ => "unknown attribute".to_owned(),
        };
        diagnostic = diagnostic.at(entry.key_span, label);
        let Some(guess) = guess else { continue };
        for (span, replacement) in guess.edits {
            diagnostic = diagnostic.edit(span, replacement);
        }
        if !helps.contains(&guess.help) {
            helps.push(guess.help);
        }
    }
    match (whole, helps.as_slice()) {
        (Some(help), _) => diagnostic.help(help),
        (None, [only]) if keys.len() == 1 => diagnostic.help(only.clone()),
        (None, _) if !diagnostic.edits.is_empty() => {
            diagnostic.help("write them as they are probably meant")
        }
        (None, _) => match object.attributes {
            _ if !helps.is_empty() => diagnostic,
            attributes if attributes.len() <= SHOWN => {
                let names: Vec<String> =
                    attributes.iter().map(|(name, _)| format!("`{name}`")).collect();
                diagnostic.help(format!("here may stand {}", names.join(", ")))
            }
            _ => diagnostic
                .help("remove it, or start its name with `x-` if another tool is to read it"),
        },
    }
}

/// Shows unknown keys and guesses nothing.
pub(super) fn places(diagnostic: Diagnostic, keys: &[(&str, &Entry)]) -> Diagnostic {
    keys.iter().take(SHOWN).fold(diagnostic, |diagnostic, (_, entry)| {
        diagnostic.at(entry.key_span, "unknown attribute")
    })
}

/// A guess at what an unknown key was meant to be.
struct Guess {
    help: String,
    edits: Vec<(Span, String)>,
}

impl Guess {
    fn of(help: impl Into<String>) -> Self {
        Self { help: help.into(), edits: Vec::new() }
    }

    fn renaming(entry: &Entry, help: String, name: &str) -> Self {
        Self { help, edits: vec![(entry.key_span, name.to_owned())] }
    }
}

/// What several unknown keys together say of a file.
fn of_all(keys: &[(&str, &Entry)], path: &str) -> Option<String> {
    let has = |name: &str| keys.iter().any(|(key, _)| *key == name);
    if path.is_empty() && has("kind") && (has("apiVersion") || has("metadata")) {
        return Some("this is a manifest of Kubernetes; a Compose file has `services:`".to_owned());
    }
    let services = keys.iter().all(|(_, entry)| looks_like_service(&entry.node));
    if path.is_empty() && services {
        let names: Vec<String> = keys.iter().take(3).map(|(key, _)| format!("`{key}`")).collect();
        let names = names.join(", ");
        return Some(format!("write `services:` above, and {names} below it, indented"));
    }
    None
}

fn of_key(key: &str, entry: &Entry, path: &str, object: &'static Object) -> Option<Guess> {
    let plain: String = key.chars().filter(|it| !is_invisible(*it)).collect();
    if plain != key {
        let help = if key.starts_with(is_invisible) {
            format!("in front of `{plain}` are no spaces but characters that look like them")
        } else {
            format!("within `{plain}` are characters that cannot be seen")
        };
        let blank: String = key
            .chars()
            .map(|it| if it == '\u{a0}' { ' ' } else { it })
            .filter(|it| !is_invisible(*it))
            .collect();
        return Some(Guess::renaming(entry, help, &blank));
    }
    if key.contains("${") {
        return Some(Guess::of("variables are substituted in values only, not in keys"));
    }
    if let Some(rest) = key.strip_prefix("x_") {
        let extension = format!("x-{rest}");
        return Some(Guess::renaming(entry, format!("did you mean `{extension}`?"), &extension));
    }
    if object.attribute("depends_on").is_some()
        && let Some((_, instead)) = ELSEWHERE.iter().find(|(name, _)| *name == key)
    {
        return Some(Guess::of(*instead));
    }
    if let Some(near) = nearest_attribute(key, object) {
        return Some(Guess::renaming(entry, format!("did you mean `{near}`?"), near));
    }
    if let Some(parent) = home(key, object, 3) {
        return Some(Guess::of(format!("`{key}` belongs in `{parent}`")));
    }
    if path.is_empty() {
        if looks_like_service(&entry.node) {
            return Some(Guess::of(format!(
                "services are written under `services:`, so `{key}` too"
            )));
        }
        if SERVICE.attribute(key).is_some() {
            return Some(Guess::of(format!("`{key}` belongs in a service, under `services:`")));
        }
    } else if PROJECT.attribute(key).is_some() && SERVICE.attribute(key).is_none() {
        return Some(Guess::of(format!("`{key}` belongs at the top level of the file")));
    } else if let Some((service, inner)) = within_service(path) {
        if SERVICE.attribute(key).is_some() {
            return Some(Guess::of(format!(
                "`{key}` belongs to service `{service}`, beside `{inner}`"
            )));
        }
        if inner == "logging" {
            return Some(Guess::of(format!("`{key}` belongs in `options`")));
        }
    }
    None
}

/// The service and its attribute that a path leads into.
fn within_service(path: &str) -> Option<(&str, &str)> {
    let (service, rest) = path.strip_prefix("services.")?.split_once('.')?;
    Some((service, rest.split('.').next().unwrap_or(rest)))
}

/// Whether a character is a blank that YAML does not take for one, or nothing to be seen.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{a0}' | '\u{ad}' | '\u{2000}'
            ..='\u{200f}' | '\u{202f}' | '\u{2060}' | '\u{3000}' | '\u{feff}'
    )
}

/// Flags of `docker run`, and attributes of old, that services do not have.
const ELSEWHERE: [(&str, &str); 7] = [
    ("detach", "`docker compose up -d` starts in the background; the file does not say so"),
    ("rm", "`docker compose down` removes containers; the file does not say so"),
    ("interactive", "write `stdin_open: true`"),
    ("net", "write `network_mode:`, or `networks:`"),
    ("log_driver", "write `logging:`, and `driver:` below it"),
    ("log_opt", "write `logging:`, and `options:` below it"),
    ("gpu", "write `gpus: all`"),
];

/// What to write for keys that are missing.
pub(super) fn missing(keys: &[&'static str]) -> String {
    let examples: Vec<String> = keys
        .iter()
        .map(|key| {
            let example = match *key {
                "capabilities" => "[gpu]",
                "type" => "bind` or `type: volume",
                "path" => "./src",
                "action" => "sync",
                "model" => "ai/smollm2",
                "soft" | "hard" => "1024",
                "test" => "[CMD, …]",
                _ => "…",
            };
            format!("`{key}: {example}`")
        })
        .collect();
    format!("add {}", examples.join(" and "))
}

/// Says which of the words that a pattern means is near, or what it means.
pub(super) fn pattern(
    diagnostic: Diagnostic,
    meaning: &str,
    found: &str,
    place: Span,
) -> Diagnostic {
    let words = meaning.split('`').skip(1).step_by(2).filter(|word| word.len() > 2);
    match nearest(found, words) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")).edit(place, near),
        None => diagnostic.help(format!("write {meaning}")),
    }
}

/// The attribute that a key nearly says.
pub(super) fn nearest_attribute(key: &str, object: &'static Object) -> Option<&'static str> {
    nearest(key, object.attributes.iter().map(|(name, _)| *name))
}

/// Says which word is near, or which there are.
pub(super) fn word(diagnostic: Diagnostic, allowed: &[&'static str], found: &Node) -> Diagnostic {
    let word = found.as_str().unwrap_or_default();
    // `healthy` for `service_healthy`.
    let part = |candidate: &&str| word.len() > 3 && candidate.contains(word);
    let part = allowed.iter().copied().find(part);
    if let Some(near) = nearest(word, allowed.iter().copied()).or(part) {
        return diagnostic.help(format!("did you mean `{near}`?")).edit(found.span, near);
    }
    let words: Vec<String> = allowed.iter().map(|word| format!("`{word}`")).collect();
    diagnostic.help(format!("write one of {}", words.join(", ")))
}

/// The nearest of some words, if it is near enough to be what was meant.
pub(in crate::compose) fn nearest<'a>(
    word: &str,
    among: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    if word.len() > limits::COMPARED_NAME {
        return None;
    }
    let tolerated = match word.chars().count() {
        0..=2 => 0,
        3..=5 => 1,
        _ => 2,
    };
    let normal = |text: &str| text.to_ascii_lowercase().replace('-', "_");
    let word = normal(word);
    let abbreviated = |candidate| ABBREVIATIONS.contains(&(word.as_str(), candidate));
    among
        .filter_map(|candidate| {
            let distance = strsim::osa_distance(&word, &normal(candidate));
            let abbreviated = abbreviated(candidate);
            let distance = if abbreviated { 0 } else { distance };
            (distance <= tolerated).then_some((distance, candidate))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// What people write for short, or know from elsewhere.
const ABBREVIATIONS: [(&str, &str); 22] = [
    ("env", "environment"),
    ("envs", "environment"),
    ("cmd", "command"),
    ("vols", "volumes"),
    ("volume", "volumes"),
    ("port", "ports"),
    ("workdir", "working_dir"),
    ("name", "container_name"),
    ("src", "source"),
    ("dst", "target"),
    ("dest", "target"),
    ("destination", "target"),
    ("mem", "memory"),
    ("mem", "mem_limit"),
    ("memory", "mem_limit"),
    ("ram", "memory"),
    ("cpu", "cpus"),
    ("external_name", "name"),
    ("health_check", "healthcheck"),
    ("host", "hostname"),
    ("ro", "read_only"),
    ("readonly", "read_only"),
];

/// The way from `object` to an attribute that has `key`, through attributes of attributes.
fn home(key: &str, object: &'static Object, depth: usize) -> Option<String> {
    let inner = |shape: &'static Shape| -> Option<&'static Object> {
        match shape {
            Shape::Object(object) => Some(object),
            Shape::Either(shapes) => shapes.iter().find_map(|shape| match shape {
                Shape::Object(object) => Some(*object),
                _ => None,
            }),
            _ => None,
        }
    };
    let inner: Vec<_> =
        object.attributes.iter().filter_map(|(name, shape)| Some((*name, inner(shape)?))).collect();
    let direct = inner.iter().find(|(_, object)| object.attribute(key).is_some());
    if let Some((name, _)) = direct {
        return Some((*name).to_owned());
    }
    if depth == 1 {
        return None;
    }
    inner
        .iter()
        .find_map(|(name, object)| Some(format!("{name}.{}", home(key, object, depth - 1)?)))
}

fn looks_like_service(node: &Node) -> bool {
    node.as_mapping().is_some_and(|mapping| {
        mapping.contains_key("image")
            || mapping.contains_key("build")
            || mapping.contains_key("extends")
    })
}
