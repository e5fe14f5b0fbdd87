//! Rules of a service on the same files: the most particular one counts, and a build before all.

use std::path::Path;

use super::{Action, Reconcile, Rule};
use crate::build::dockerignore::Matcher;

/// Leaves of rules about the same files one, and takes out of the others what is another's.
pub(super) fn resolve(rules: &mut Vec<Rule>, reconcile: &[Reconcile]) {
    let all = std::mem::take(rules);
    for rule in &all {
        let is_built = rule.action != Action::Rebuild
            && all.iter().any(|it| it.action == Action::Rebuild && is_same(it, rule));
        let is_known = rules
            .iter()
            .any(|it| is_same(it, rule) && it.action == rule.action && it.target == rule.target);
        if !is_built && !is_known {
            rules.push(rule.clone());
        }
    }
    let others = rules.clone();
    for rule in rules.iter_mut() {
        for other in &others {
            if other.action != rule.action
                && let Some(patterns) = within(other, rule)
            {
                add(rule, patterns);
            }
        }
        let compose_files = reconcile.iter().filter(|file| {
            file.services.is_empty()
                && file.path.extension().is_some_and(|it| it == "yaml" || it == "yml")
        });
        for file in compose_files {
            if rule.include.is_empty()
                && let Some(path) = relative(&file.path, &rule.path)
            {
                add(rule, vec![path]);
            }
        }
    }
    // A build of the whole is one of its parts.
    let builds: Vec<Rule> =
        rules.iter().filter(|it| it.action == Action::Rebuild).cloned().collect();
    rules.retain(|rule| {
        let is_covered = |whole: &Rule| {
            let Some(path) = relative(&rule.path, &whole.path) else { return false };
            whole.ignore_file == rule.ignore_file && includes(whole, &path)
        };
        rule.action != Action::Rebuild || !builds.iter().any(is_covered)
    });
}

fn is_same(one: &Rule, other: &Rule) -> bool {
    one.path == other.path && one.include == other.include
}

/// What of a rule's files another one has, as patterns for its ignore list.
fn within(part: &Rule, whole: &Rule) -> Option<Vec<String>> {
    let below = if part.path == whole.path {
        (!part.include.is_empty()).then(String::new)?
    } else {
        relative(&part.path, &whole.path)?
    };
    if !whole.include.is_empty() {
        return (part.include.is_empty() && includes(whole, &below)).then(|| vec![below]);
    }
    if part.include.is_empty() {
        return Some(vec![below]);
    }
    let prefix = if below.is_empty() { below } else { format!("{below}/") };
    Some(part.include.iter().map(|pattern| format!("{prefix}{pattern}")).collect())
}

/// Whether a rule is about a path below its own, as far as its patterns say.
fn includes(rule: &Rule, path: &str) -> bool {
    let matches = |patterns: &[String]| Matcher::new(patterns).is_ok_and(|it| it.matches(path));
    (rule.include.is_empty() || matches(&rule.include)) && !matches(&rule.ignore)
}

/// A path below a directory as a pattern that means nothing else; `None` for the same and others.
pub(super) fn relative(path: &Path, directory: &Path) -> Option<String> {
    let rest = path.strip_prefix(directory).ok()?.to_str()?;
    (!rest.is_empty()).then(|| literal(rest))
}

/// A text as a pattern.
pub(super) fn literal(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for character in text.chars() {
        if ['*', '?', '[', ']', '\\'].contains(&character) {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}

fn add(rule: &mut Rule, patterns: Vec<String>) {
    for pattern in patterns {
        if !rule.ignore.contains(&pattern) {
            rule.ignore.push(pattern);
        }
    }
}
