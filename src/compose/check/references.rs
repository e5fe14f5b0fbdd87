//! Whether what a service refers to exists.

use std::collections::BTreeMap;

use super::{Checker, invalid};
use crate::compose::limits;
use crate::compose::model::Service;
use crate::compose::yaml::Node;
use crate::diagnostic::{Diagnostic, Span, codes};

/// How alike two names must be, from 0 to 1, for one to be a slip of the other.
const ALIKE: f64 = 0.7;

pub(super) fn check(checker: &mut Checker<'_>, service: &Service) {
    networks(checker, service);
    let project = checker.project;
    let reference = |kind, name| Reference { service: &service.name, kind, name };
    let source = |attribute: &'static str, index: usize| {
        move |checker: &Checker<'_>| {
            let path = format!("services.{}.{attribute}[{index}].source", service.name);
            checker.project.origin(&path)
        }
    };
    for (index, mount) in service.volumes.iter().enumerate() {
        if mount.r#type == "volume" && !mount.source.is_empty() {
            let volume = reference("volume", &mount.source);
            checker.expect(volume, &project.volumes, source("volumes", index));
        }
    }
    for (index, secret) in service.build.iter().flat_map(|build| &build.secrets).enumerate() {
        if secret.source.is_empty() && checker.is_unknown(service, "build.secrets", index) {
            continue;
        }
        let secret = reference("build secret", &secret.source);
        checker.expect(secret, &project.secrets, source("build.secrets", index));
    }
    for (index, config) in service.configs.iter().enumerate() {
        if config.source.is_empty() && checker.is_unknown(service, "configs", index) {
            continue;
        }
        let config = reference("config", &config.source);
        checker.expect(config, &project.configs, source("configs", index));
    }
    for model in service.models.keys() {
        checker.expect(reference("model", model), &project.models, |checker| {
            checker.key(&format!("services.{}.models", service.name), model)
        });
    }
    for (index, secret) in service.secrets.iter().enumerate() {
        if secret.source.is_empty() && checker.is_unknown(service, "secrets", index) {
            continue;
        }
        let secret = reference("secret", &secret.source);
        checker.expect(secret, &project.secrets, source("secrets", index));
    }
    dependencies(checker, service);
    contexts(checker, service);
}

fn networks(checker: &mut Checker<'_>, service: &Service) {
    let name = &service.name;
    let path = format!("services.{name}");
    if !service.network_mode.is_empty() && !service.networks.is_empty() {
        checker.report(
            codes::EXCLUSIVE_ATTRIBUTES,
            invalid(format!(
                "service {name} declares mutually exclusive `network_mode` and `networks`"
            )),
            &format!("{path}.network_mode"),
            "either this",
        );
        checker.explain(&format!("{path}.networks"), "or this");
        checker.advise("remove one of them");
        return;
    }
    for network in service.networks.keys() {
        let reference = Reference { service: name, kind: "network", name: network };
        checker.expect(reference, &checker.project.networks, |checker| {
            checker.key(&format!("{path}.networks"), network)
        });
    }
}

fn dependencies(checker: &mut Checker<'_>, service: &Service) {
    let project = checker.project;
    let path = format!("services.{}.depends_on", service.name);
    for (target, dependency) in &service.depends_on {
        let disabled = project.disabled_services.contains_key(target);
        if project.services.contains_key(target) || (disabled && !dependency.required) {
            continue;
        }
        if !disabled && !checker.complete("services") {
            continue;
        }
        let message = invalid(format!(
            "service \"{}\" depends on undefined service \"{target}\"",
            service.name
        ));
        let place = checker.key(&path, target);
        let place = place.map(|place| checker.written(place, target).unwrap_or(place));
        let problem =
            Diagnostic::error(codes::UNDEFINED_SERVICE, message).at(place, "no such service");
        checker.problems.push(problem);
        match project.disabled_services.get(target) {
            Some(disabled) => {
                let profiles = disabled.profiles.join("`, `");
                checker.explain(&format!("services.{target}"), "defined here, but not enabled");
                checker.advise(format!("activate one of its profiles: `{profiles}`"));
            }
            None => checker.suggest(target, project.services.keys()),
        }
    }
    if let Some(target) = service.network_mode.strip_prefix("service:")
        && !project.services.contains_key(target)
        && !service.depends_on.contains_key(target)
        && checker.complete("services")
    {
        checker.report(
            codes::UNDEFINED_SERVICE,
            format!("service \"{target}\" not found for network_mode 'service:{target}'"),
            &format!("services.{}.network_mode", service.name),
            "",
        );
        checker.suggest(target, project.services.keys());
    }
}

fn contexts(checker: &mut Checker<'_>, service: &Service) {
    let project = checker.project;
    let name = &service.name;
    for (context, source) in service.build.iter().flat_map(|build| &build.additional_contexts) {
        let Some(target) = source.strip_prefix("service:") else { continue };
        let path = format!("services.{name}.build.additional_contexts.{context}");
        match project.services.get(target) {
            None if !checker.complete("services") => {}
            None => {
                checker.report(
                    codes::UNDEFINED_SERVICE,
                    format!(
                        "service \"{name}\" declares unknown service \"{target}\" as additional contexts {context}"
                    ),
                    &path,
                    "",
                );
                checker.suggest(target, project.services.keys());
            }
            Some(other) if other.build.is_none() => {
                checker.report(
                    codes::CONTEXT_NOT_BUILT,
                    format!(
                        "service \"{name}\" declares non-buildable service \"{target}\" as additional contexts {context}"
                    ),
                    &path,
                    "",
                );
                checker.explain(&format!("services.{target}"), "it has no `build` section");
            }
            Some(_) => {}
        }
    }
}

/// A name in a service that stands for something at the top of the file.
#[derive(Clone, Copy)]
struct Reference<'a> {
    service: &'a str,
    kind: &'static str,
    name: &'a str,
}

impl Checker<'_> {
    /// Whether what an item refers to cannot be told, for a mistake that was reported.
    fn is_unknown(&self, service: &Service, attribute: &str, index: usize) -> bool {
        let path = format!("services.{}.{attribute}[{index}]", service.name);
        self.project.tree.at_path(&path).is_none_or(|item| {
            item.is_broken()
                || item.is_incomplete()
                || item.get("source").is_some_and(Node::is_broken)
        })
    }

    /// Reports a name that is not defined; `place` finds where it is written.
    fn expect<T>(
        &mut self,
        Reference { service, kind, name }: Reference<'_>,
        defined: &BTreeMap<String, T>,
        place: impl FnOnce(&Self) -> Option<Span>,
    ) {
        if defined.contains_key(name) {
            return;
        }
        let section = match kind {
            "build secret" => "secrets".to_owned(),
            kind => format!("{kind}s"),
        };
        if !self.complete(&section) {
            return;
        }
        let message = invalid(format!("service \"{service}\" refers to undefined {kind} {name}"));
        let place = place(self).map(|place| self.written(place, name).unwrap_or(place));
        let label = format!("no such {kind}");
        let problem = Diagnostic::error(codes::UNDEFINED_RESOURCE, message).at(place, label);
        self.problems.push(problem);
        let example = match section.as_str() {
            "networks" | "volumes" => "",
            "models" => ", with `model:`",
            _ => ", with `file:` or `environment:`",
        };
        self.advise(format!("define it at the top level, under `{section}:`{example}"));
        self.suggest(name, defined.keys());
    }

    /// Advises to write one of the names that exist, if one is much like the one that does not.
    fn suggest<'k>(&mut self, wrong: &str, names: impl Iterator<Item = &'k String>) {
        // A list in which so many are wrong or wrongly named is not mended by guesses.
        if wrong.len() > limits::COMPARED_NAME || self.problems.len() > limits::MISTAKES {
            return;
        }
        let closest = names
            .filter(|name| name.len() <= limits::COMPARED_NAME)
            .map(|name| {
                let swapped = name.len() > 2 && strsim::osa_distance(wrong, name) == 1;
                let likeness = strsim::jaro_winkler(wrong, name);
                (if swapped { likeness.max(ALIKE) } else { likeness }, name)
            })
            .filter(|(likeness, _)| *likeness >= ALIKE)
            .max_by(|left, right| left.0.total_cmp(&right.0));
        if let Some((_, name)) = closest {
            self.advise(format!("did you mean `{name}`?"));
            let place = self.problems.last().and_then(|problem| problem.labels.first());
            if let Some(place) = place.and_then(|label| self.written(label.span, wrong)) {
                self.amend(|problem| problem.edit(place, name.as_str()));
            }
        }
    }

    /// Where exactly a name is written, within the value that has it.
    fn written(&self, place: Span, name: &str) -> Option<Span> {
        let text = self.project.sources.file(place.file)?.text.get(place.range())?;
        let (start, _) = text.match_indices(name).next()?;
        let before = text[..start].chars().next_back();
        let after = text[start + name.len()..].chars().next();
        let apart =
            |it: Option<char>| it.is_none_or(|it| !(it.is_alphanumeric() || "._-".contains(it)));
        let start = place.start + u32::try_from(start).ok()?;
        let end = start + u32::try_from(name.len()).ok()?;
        (apart(before) && apart(after)).then_some(Span { start, end, ..place })
    }
}
