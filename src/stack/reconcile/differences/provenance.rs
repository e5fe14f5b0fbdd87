//! Which values may be shown. What stands literally in a Compose file may be; what came from an
//! environment, a file of variables or a secret may not, unless the user asks for it.

use std::collections::BTreeSet;

use crate::compose::model::{Project, Service};
use crate::compose::yaml::{Node, Value};
use crate::diagnostic::Span;

/// Fields that are texts of any kind, so that a variable in them may be a secret. Others, such as
/// `image` and `ports`, are shown by every list of containers anyway.
const FREE_TEXT: &[&str] = &[
    "annotations",
    "command",
    "entrypoint",
    "environment",
    "healthcheck",
    "labels",
    "logging",
    "storage_opt",
    "sysctls",
];

/// Names of variables and labels whose values are nobody's business, wherever they stand.
const CONFIDENTIAL: &[&str] = &[
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "SECRET",
    "TOKEN",
    "CREDENTIAL",
    "PRIVATE",
    "_KEY",
    "APIKEY",
];

/// The shortest text that can be a key of some kind.
const KEY_LENGTH: usize = 20;

/// Whether the value that a service has at a path below it came from outside of the Compose files.
pub(super) fn from_outside(project: &Project, service: &str, path: &str) -> bool {
    let whole = project.tree.at_path(&format!("services.{service}"));
    if !is_free_text(path) || whole.is_none() {
        return false;
    }
    let at = |path: &str| project.tree.at_path(&format!("services.{service}.{path}"));
    match at(path) {
        Some(node) => is_interpolated(project, node) || is_captured(project, path, node),
        // Nothing in the Compose files: a file of variables or labels.
        None => path.starts_with("environment.") || path.starts_with("labels."),
    }
}

/// Fields of a service, as facts have them, whose values came from outside.
pub(in crate::stack) fn outside_fields(project: &Project, service: &Service) -> BTreeSet<String> {
    let variables = service.environment.keys().map(|name| format!("environment.{name}"));
    let labels = service.labels.keys().map(|key| format!("labels.{key}"));
    let others = FREE_TEXT.iter().map(|field| (*field).to_owned());
    variables
        .chain(labels)
        .chain(others.filter(|field| !matches!(field.as_str(), "environment" | "labels")))
        .filter(|path| {
            let in_tree = || project.tree.at_path(&format!("services.{}.{path}", service.name));
            path.contains('.') || in_tree().is_some()
        })
        .filter(|path| from_outside(project, &service.name, path))
        .collect()
}

/// Whether a value should not be shown for what it is called or looks like.
pub(super) fn is_confidential(path: &str, values: [Option<&String>; 2]) -> bool {
    is_free_text(path) && is_telling(path, values)
}

/// Whether a name or a value is that of a secret.
fn is_telling(path: &str, values: [Option<&String>; 2]) -> bool {
    let name = path.to_ascii_uppercase();
    CONFIDENTIAL.iter().any(|word| name.contains(word))
        || values.into_iter().flatten().any(|value| looks_like_credential(value))
}

/// Whether values at a path that is below no service should not be shown.
pub(in crate::stack::reconcile) fn is_nobodys_business(
    project: &Project,
    path: &str,
    values: [Option<&String>; 2],
) -> bool {
    let is_free = path.contains(".driver_opts.") || path.contains(".labels.");
    let node = project.tree.at_path(path).filter(|_| is_free);
    node.is_some_and(|node| is_interpolated(project, node)) || (is_free && is_telling(path, values))
}

fn is_free_text(path: &str) -> bool {
    let field = path.split(['.', '[']).next().unwrap_or(path);
    FREE_TEXT.contains(&field) || path.contains(".driver_opts.")
}

/// Whether a variable has a say in a value: some text of it has one, or it is a key without a value,
/// which is taken from outside.
fn is_interpolated(project: &Project, node: &Node) -> bool {
    match &node.value {
        Value::Mapping(mapping) => {
            mapping.iter().any(|(_, entry)| is_interpolated(project, &entry.node))
        }
        Value::Sequence(items) => items.iter().any(|item| is_interpolated(project, item)),
        Value::Null => true,
        _ => written(project, node.span)
            .is_none_or(|written| written.replace("$$", "").contains('$')),
    }
}

/// Whether a variable is only named, so that its value is that of the outside.
fn is_captured(project: &Project, path: &str, node: &Node) -> bool {
    let Some(name) = path.strip_prefix("environment.") else { return false };
    let (Some(value), Some(written)) = (node.as_str(), written(project, node.span)) else {
        return false;
    };
    let written = written.trim().trim_matches(['\'', '"']);
    let nothing = matches!(written, "" | "~" | "null" | "Null" | "NULL");
    (nothing && !value.is_empty())
        || (written == name && value.starts_with(&format!("{name}=")))
        || (written == name && value == name && is_item(project, node))
}

/// Whether a value is an item of a block list or a flow list.
fn is_item(project: &Project, node: &Node) -> bool {
    let text = project.sources.file(node.span.file).map(|file| &file.text);
    let before = text.and_then(|text| text.get(..node.span.start as usize)).unwrap_or_default();
    before.trim_end_matches(['\'', '"']).trim_end().ends_with(['-', '[', ','])
}

fn written(project: &Project, span: Span) -> Option<&str> {
    project.sources.file(span.file)?.text.get(span.range())
}

/// An address with a password in it, or a word that looks random.
fn looks_like_credential(value: &str) -> bool {
    let password_in_address = value.split_once("://").is_some_and(|(_, rest)| {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
        authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'))
    });
    password_in_address || value.split_whitespace().any(looks_random)
}

fn looks_random(word: &str) -> bool {
    let has = |is: fn(&char) -> bool| word.chars().any(|c| is(&c));
    let plain = word.chars().all(|c| c.is_ascii_alphanumeric() || "+=_-".contains(c));
    word.len() >= KEY_LENGTH
        && plain
        && has(char::is_ascii_digit)
        && word.chars().filter(char::is_ascii_digit).count() * 8 >= word.len()
        && has(char::is_ascii_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::loaded::Loaded;

    #[test]
    fn literal_values_are_shown_and_others_are_not() {
        let project = Loaded::from(
            "services:\n  a:\n    image: x:${TAG}\n    command: run --key ${KEY}\n    \
             env_file: a.env\n    environment:\n      PLAIN: x\n      MONEY: a$$b\n      \
             MIXED: a${KEY}b\n      TAKEN:\n  b:\n    image: x\n    environment: [PLAIN=x, \
             'MIXED=$KEY', TAKEN]\n",
        )
        .variable("TAG", "1")
        .variable("KEY", "k")
        .variable("TAKEN", "t")
        .file("a.env", "FILE=f\n")
        .project();
        let fields = |service: &str| {
            let fields = outside_fields(&project, &project.services[service]);
            fields.into_iter().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(fields("a"), "command environment.FILE environment.MIXED environment.TAKEN");
        assert_eq!(fields("b"), "environment.MIXED environment.TAKEN");
        assert!(!from_outside(&project, "a", "image"));
    }

    #[test]
    fn what_looks_like_a_credential_is_hidden() {
        for (path, value, hidden) in [
            ("environment.MODE", "debug", false),
            ("environment.DB_PASSWORD", "x", true),
            ("environment.URL", "postgres://db/shop", false),
            ("environment.URL", "postgres://shop:s3@db/shop", true),
            ("environment.X", "ghp_16C7e42F292c6912E7710c838347Ae178B4a", true),
            ("environment.PATH", "/usr/local/sbin:/usr/local/bin", false),
            ("environment.X", "a-long-word-that-says-something", false),
            ("image", "registry/app:0123456789abcdef01234567", false),
        ] {
            let value = value.to_owned();
            assert_eq!(is_confidential(path, [None, Some(&value)]), hidden, "{path} {value}");
        }
    }
}
