//! Whether the parts of a project fit together (Compose Specification; the conditions and their
//! words are Docker Compose's).
//!
//! Only enabled services are looked at. Every mistake is told, in the order of the services.

mod cycle;
mod limits;
mod mounts;
mod references;

use super::model::{Project, Service};
use super::schema;
use super::yaml::Node;
use crate::diagnostic::{Code, Diagnostic, Span, codes};

/// What is wrong with a project; nothing if its parts fit together.
pub fn check(project: &Project) -> Vec<Diagnostic> {
    let mut checker = Checker { project, problems: Vec::new() };
    let written = project.tree.get("services");
    for service in project.services.values() {
        // Of a service that could not be read there is nothing more to say.
        if written.and_then(|it| it.get(&service.name)).is_some_and(Node::is_broken) {
            continue;
        }
        checker.image(service);
        references::check(&mut checker, service);
        checker.health_test(service);
        limits::check(&mut checker, service);
        checker.watch_rules(service);
        mounts::check(&mut checker, service);
    }
    checker.secrets();
    checker.cycles();
    checker.problems
}

/// Whether two services have the same container name, which an engine would refuse.
pub fn container_names(project: &Project) -> Vec<Diagnostic> {
    container_names_of(project, project.services.values())
}

/// The same of some services.
pub fn container_names_of<'a>(
    project: &Project,
    services: impl Iterator<Item = &'a Service>,
) -> Vec<Diagnostic> {
    let mut checker = Checker { project, problems: Vec::new() };
    let mut taken = std::collections::BTreeMap::new();
    for service in services.filter(|it| !it.container_name.is_empty()) {
        let (name, container) = (&service.name, &service.container_name);
        let Some(other) = taken.insert(container, name) else { continue };
        checker.report(
            codes::CONTAINER_NAME_TWICE,
            format!(
                "services.{name}: container name \"{container}\" is already in use by service {other}"
            ),
            &format!("services.{name}.container_name"),
            "used a second time",
        );
        checker.explain(&format!("services.{other}.container_name"), "first used here");
    }
    checker.problems
}

/// A project under examination.
struct Checker<'a> {
    project: &'a Project,
    problems: Vec<Diagnostic>,
}

impl Checker<'_> {
    fn report(&mut self, code: Code, message: impl Into<String>, path: &str, label: &str) {
        let place = self.place(path);
        self.problems.push(Diagnostic::error(code, message).at(place, label));
    }

    /// Adds a place to the problem that was reported last.
    fn explain(&mut self, path: &str, label: &str) {
        let place = self.place(path);
        self.amend(|problem| problem.with_context(place, label));
    }

    /// Adds advice to the problem that was reported last.
    fn advise(&mut self, help: impl Into<String>) {
        self.amend(|problem| problem.help(help));
    }

    fn amend(&mut self, change: impl FnOnce(Diagnostic) -> Diagnostic) {
        if let Some(problem) = self.problems.pop() {
            self.problems.push(change(problem));
        }
    }

    fn image(&mut self, service: &Service) {
        let name = &service.name;
        let path = format!("services.{name}");
        let Some(build) = &service.build else {
            if service.image.is_empty() && service.provider.is_none() && !self.may_run(name) {
                self.report(
                    codes::SERVICE_WITHOUT_IMAGE,
                    invalid(format!(
                        "service \"{name}\" has neither an image nor a build context specified"
                    )),
                    &path,
                    "",
                );
                self.explain_image(name);
            }
            return;
        };
        if !build.dockerfile.is_empty() && !build.dockerfile_inline.is_empty() {
            self.report(
                codes::EXCLUSIVE_ATTRIBUTES,
                invalid(format!(
                    "service \"{name}\" declares mutualy exclusive dockerfile and dockerfile_inline"
                )),
                &format!("{path}.build.dockerfile"),
                "either this",
            );
            self.explain(&format!("{path}.build.dockerfile_inline"), "or this");
        }
        let platform = &service.platform;
        if !platform.is_empty()
            && !build.platforms.is_empty()
            && !build.platforms.contains(platform)
        {
            self.report(
                codes::PLATFORM_NOT_BUILT,
                invalid(format!(
                    "service.build.platforms MUST include service.platform \"{platform}\""
                )),
                &format!("{path}.platform"),
                "the service runs on this platform",
            );
            self.explain(&format!("{path}.build.platforms"), "the image is built for these");
        }
    }

    fn health_test(&mut self, service: &Service) {
        let test = service.healthcheck.as_ref().and_then(|healthcheck| healthcheck.test.first());
        let wrong = |first: &String| !matches!(first.as_str(), "CMD" | "CMD-SHELL" | "NONE");
        if !test.is_some_and(wrong) {
            return;
        }
        let path = format!("services.{}.healthcheck.test", service.name);
        if !self.broken(&format!("{path}[0]")) {
            self.report(
                codes::HEALTH_TEST,
                "healthcheck.test must start either by \"CMD\", \"CMD-SHELL\" or \"NONE\"",
                &path,
                "it starts with a word that is none of these",
            );
            self.advise(
                "write `[\"CMD\", …]` to run a program, `[\"CMD-SHELL\", \"…\"]` for a shell",
            );
            let test = self.project.tree.at_path(&path);
            let start = test.filter(|test| self.is_in_brackets(test.span)).map(|test| test.span);
            if let Some(start) = start {
                let inside = Span { start: start.start + 1, end: start.start + 1, ..start };
                self.amend(|problem| problem.edit(inside, "CMD, "));
            }
        }
    }

    fn is_in_brackets(&self, place: Span) -> bool {
        let text = self.project.sources.file(place.file).map(|file| &file.text);
        text.and_then(|text| text.get(place.range())).is_some_and(|text| text.starts_with('['))
    }

    fn watch_rules(&mut self, service: &Service) {
        let rules = service.develop.iter().flat_map(|develop| &develop.watch).enumerate();
        for (index, rule) in rules {
            let copies = !matches!(rule.action.as_str(), "rebuild" | "restart");
            if copies && rule.target.is_empty() {
                let name = &service.name;
                self.report(
                    codes::WATCH_WITHOUT_TARGET,
                    invalid(format!(
                        "services.{name}.develop.watch: target is required for non-rebuild actions"
                    )),
                    &format!("services.{name}.develop.watch[{index}]"),
                    "this rule copies files",
                );
                self.advise("add `target:` with the path in the container");
            }
        }
    }

    fn secrets(&mut self) {
        for (key, secret) in &self.project.secrets {
            let nothing = secret.file.is_empty() && secret.environment.is_empty();
            if !secret.external && nothing && !self.incomplete(&format!("secrets.{key}")) {
                self.report(
                    codes::SECRET_WITHOUT_CONTENT,
                    invalid(format!(
                        "secret \"{key}\" must declare either `file` or `environment`"
                    )),
                    &format!("secrets.{key}"),
                    "",
                );
            }
        }
    }

    fn cycles(&mut self) {
        let services = &self.project.services;
        let edges = services
            .values()
            .map(|service| {
                let targets = service.depends_on.keys().map(String::as_str);
                (service.name.as_str(), targets.collect())
            })
            .collect();
        for cycle in cycle::cycles(&edges) {
            let message = format!("dependency cycle detected: {}", cycle.join(" -> "));
            for (index, edge) in cycle.windows(2).enumerate() {
                let [from, to] = edge else { continue };
                let path = format!("services.{from}.depends_on.{to}");
                let label = format!("`{from}` waits for `{to}`");
                if index == 0 {
                    self.report(codes::DEPENDENCY_CYCLE, message.clone(), &path, &label);
                } else {
                    self.explain(&path, &label);
                }
            }
            self.advise("let one of them start without waiting for the other");
        }
    }

    /// Says why a service has no image: its name may be a slip, its image may be empty.
    fn explain_image(&mut self, service: &str) {
        let image = self.project.tree.at_path(&format!("services.{service}.image"));
        if let Some(place) = image.map(|image| image.span) {
            self.amend(|problem| problem.with_context(place, "this is empty"));
        }
        let own = self.key("services", service).map(|place| place.file);
        let near = self.project.services.keys().find(|other| {
            let place = self.key("services", other).map(|place| place.file);
            place != own && strsim::osa_distance(other, service) <= 2
        });
        match near.cloned() {
            Some(near) => self.advise(format!(
                "did you mean `{near}`? A service of its own needs `image:` or `build:`"
            )),
            None => self
                .advise("add `image:` with the image to run, or `build:` with where to build it"),
        }
    }

    /// Whether a mistake was reported at a place.
    fn broken(&self, path: &str) -> bool {
        self.project.tree.at_path(path).is_some_and(Node::is_broken)
    }

    /// Whether what a mapping lacks may have been lost by a mistake that was reported.
    fn incomplete(&self, path: &str) -> bool {
        self.project.tree.is_incomplete()
            || self.project.tree.at_path(path).is_some_and(|node| {
                let entries = node.as_mapping().into_iter().flatten();
                node.is_broken() || entries.into_iter().any(|(_, entry)| entry.node.is_broken())
            })
    }

    /// Whether a service may have an image or a build section that a reported mistake hides.
    fn may_run(&self, service: &str) -> bool {
        let path = format!("services.{service}");
        let node = self.project.tree.at_path(&path);
        let hides = |key: &str| {
            matches!(key, "image" | "build" | "extends" | "provider")
                || !schema::is_service_attribute(key)
        };
        let mut entries = node.and_then(Node::as_mapping).into_iter().flatten();
        self.project.tree.is_incomplete()
            || entries.any(|(key, entry)| entry.node.is_broken() && hides(key))
    }

    /// Whether all of a section is known.
    fn complete(&self, section: &str) -> bool {
        let tree = &self.project.tree;
        let unknown = tree.as_mapping().into_iter().flatten();
        !tree.is_incomplete()
            && !tree.get(section).is_some_and(Node::is_incomplete)
            && !unknown.into_iter().any(|(key, entry)| {
                entry.node.is_broken() && !key.starts_with("x-") && !schema::is_section(key)
            })
    }

    /// Where to point for a value: at itself, or at the key of what may fill many lines.
    fn place(&self, path: &str) -> Option<Span> {
        let node = self.project.tree.at_path(path);
        let large = node.is_some_and(|it| it.as_mapping().is_some() || it.as_sequence().is_some());
        let key = path.rsplit_once('.').filter(|_| large);
        key.and_then(|(parent, key)| self.key(parent, key)).or_else(|| self.project.origin(path))
    }

    /// The key's place rather than the value's, for entries that may have no value.
    fn key(&self, path: &str, key: &str) -> Option<Span> {
        let parent = self.project.tree.at_path(path)?.as_mapping()?;
        parent.get(key).map(|entry| entry.key_span)
    }
}

/// A message with the ending that Docker Compose gives to most of these.
fn invalid(message: impl std::fmt::Display) -> String {
    format!("{message}: invalid compose project")
}

#[cfg(test)]
mod tests;
