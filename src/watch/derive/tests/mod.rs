//! Projects as people write them.

mod dockerfiles;
mod languages;
mod made;
mod mounts;
mod sections;

use std::path::Path;

use super::{Derived, Input, derive};
use crate::compose::files::Memory;
use crate::compose::loaded::Loaded;

/// What is derived for a project in `/srv/app` with these files.
fn derived(compose: &str, files: &[(&str, &str)]) -> Derived {
    let project = Loaded::from(compose).project();
    let memory = files.iter().fold(Memory::default(), |memory, (name, text)| {
        memory.file(format!("/srv/app/{name}"), *text)
    });
    derive(&Input { project: &project, files: &memory })
}

/// Rules as lines: action, path with what of it is included, target, place.
fn lines(compose: &str, files: &[(&str, &str)]) -> Vec<String> {
    let derived = derived(compose, files);
    assert_eq!(derived.notes, []);
    let base = Path::new("/srv/app");
    let line = |rule: &super::Rule| {
        let path = rule.path.strip_prefix(base).unwrap_or(&rule.path).display().to_string();
        let include = rule.include.iter().fold(String::new(), |text, it| text + "/" + it);
        let target =
            if rule.action.syncs() { format!(" → {}", rule.target) } else { String::new() };
        let place = rule.place.as_ref().map(|it| format!(" {it}")).unwrap_or_default();
        let action = match &rule.action {
            super::Action::Signal(signal) => (*signal).to_owned(),
            super::Action::Exec(words) => words.join(" "),
            action @ (super::Action::Renew | super::Action::Revive) => action.deed(),
            action => action.name().to_owned(),
        };
        let path = if path.is_empty() { "." } else { &path };
        format!("{action} {path}{include}{target}{place}")
    };
    derived.rules.iter().map(line).collect()
}

/// The rules of a service `web` that is built here.
fn built(dockerfile: &str, files: &[(&str, &str)]) -> Vec<String> {
    let mut all = vec![("Dockerfile", dockerfile)];
    all.extend(files);
    lines("services: {web: {build: .}}", &all)
}
