//! Build arguments that get another value.

use super::bench::{Attempt, Bench};
use super::same::Matter;
use crate::compose::edit::{Replacement, apply};
use crate::compose::interpolate;
use crate::compose::load::Merged;
use crate::compose::yaml::{Mapping, Node, Value};
use crate::diagnostic::Span;

/// A build argument that is to have another value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NewValue {
    /// The service that is built with it.
    pub service: String,
    /// The argument.
    pub name: String,
    /// The value, of letters, digits and `/_.-`.
    pub value: String,
}

/// Where a service has a build argument from.
struct Given<'m> {
    /// Its key, or the item of a list.
    key: Span,
    /// What is written of its value; with its name in a list.
    value: Span,
    /// Its value.
    text: &'m str,
}

impl<'m> Given<'m> {
    fn of(merged: &'m Merged, service: &str, name: &str) -> Option<Self> {
        let args = merged.tree.get("services")?.get(service)?.get("build")?.get("args")?;
        match &args.value {
            Value::Mapping(mapping) => {
                let entry = mapping.get(name)?;
                let text = entry.node.as_str()?;
                Some(Self { key: entry.key_span, value: entry.node.span, text })
            }
            Value::Sequence(items) => items.iter().rev().find_map(|item| {
                let text = item.as_str()?.strip_prefix(name)?.strip_prefix('=')?;
                Some(Self { key: item.span, value: item.span, text })
            }),
            _ => None,
        }
    }
}

impl Bench<'_> {
    /// Gives an argument its new value, or leaves everything as it is and says why. `all` are those that
    /// are asked for.
    pub(super) fn set_argument(&mut self, new: &NewValue, all: &[NewValue]) -> Result<(), String> {
        let NewValue { service, name, value } = new;
        let merged = self.merged();
        let Some(given) = Given::of(merged, service, name) else {
            return Err(format!("the build argument {name} is not written in a file"));
        };
        if given.text == value {
            // Another service has it from the same place.
            return Ok(());
        }
        let place = self.place(given.value);
        let written = merged.sources.file(given.value.file);
        let written = written.and_then(|file| file.text.get(given.value.range()));
        if let Some(variable) = written.and_then(|text| interpolate::names(text).next()) {
            return Err(format!(
                "the build argument {name} at {place} comes from the variable {variable}"
            ));
        }
        let key = given.key;
        let services = all
            .iter()
            .filter(|other| other.name == *name && other.value == *value)
            .map(|other| other.service.clone())
            .collect();
        let matter = Matter::Argument(name);
        let is_set = |merged: &Merged| {
            Given::of(merged, service, name).is_some_and(|given| given.text == value)
        };
        let at = ["services", service, "build", "args", name];
        let attempts = [self.in_its_place(new, &given, all), self.override_with(&at, value)];
        let next = attempts.into_iter().flatten().find_map(|attempt| {
            let shared = attempt.in_place.then_some(key);
            self.accepted(attempt, &services, matter, shared).filter(|state| is_set(state.merged()))
        });
        match next {
            Some(state) => {
                self.go_on(state);
                Ok(())
            }
            None => Err(format!(
                "the build argument {name} at {place} could not be changed without changing anything else"
            )),
        }
    }

    /// Another text where the value stands, if all who have it from there are to have it.
    fn in_its_place(&self, new: &NewValue, given: &Given<'_>, all: &[NewValue]) -> Option<Attempt> {
        let is_plain = |it: char| it.is_ascii_alphanumeric() || "/_.-".contains(it);
        let is_asked = |service: &str| {
            let is_it = |it: &NewValue| (&it.name, &it.value) == (&new.name, &new.value);
            all.iter().any(|other| is_it(other) && other.service == service)
        };
        let merged = self.merged();
        let services = merged.tree.get("services").and_then(Node::as_mapping);
        let mut users = services.into_iter().flat_map(Mapping::keys).filter(|service| {
            Given::of(merged, service, &new.name).is_some_and(|other| other.key == given.key)
        });
        if !new.value.chars().all(is_plain) || !users.all(|service| is_asked(service)) {
            return None;
        }
        let path = merged.sources.name(given.value.file);
        let text = self.editable(path)?;
        let range = given.value.range();
        let start = range.start + text.get(range)?.rfind(given.text)?;
        let range = start..start + given.text.len();
        let text = apply(&text, vec![Replacement { range, text: new.value.clone() }])?;
        Some(Attempt { path: path.to_owned(), text, in_place: true, named: false })
    }
}
