//! `extends`: a service that starts from another one, of the same file or of another file
//! (Compose Specification, Services, `extends`).
//!
//! Runs on one document before it is merged with earlier ones, so a service of the same file must
//! stand in the same document.

use std::path::{Path, PathBuf};

use super::Loader;
use super::scope::Scope;
use crate::compose::limits;
use crate::compose::merge::merge_service;
use crate::compose::remote::{PathUse, Remote};
use crate::compose::reset::Resets;
use crate::compose::schema;
use crate::compose::trace::{Extension, ModelStage};
use crate::compose::yaml::{Entry, GAP, Mapping, Node, Value};
use crate::diagnostic::{Diagnostic, Span, codes};

/// The services of one document or extended file.
pub(super) struct Family {
    /// The file, absolute.
    pub(super) file: PathBuf,
    /// The services; those that were asked for have no `extends` any more.
    pub(super) services: Mapping,
    /// What the file's directives remove from what its services extend.
    pub(super) resets: Resets,
    /// Whether services may be missing because of mistakes that were reported.
    pub(super) incomplete: bool,
}

/// One step on the way from a service to its base.
struct Link {
    family: usize,
    service: String,
    /// The value of `extends`.
    place: Span,
}

/// What `extends` says.
struct Reference {
    service: String,
    service_span: Span,
    file: Option<(String, Span)>,
}

/// Gives every service of a document what it extends.
pub(super) fn apply(
    document: &mut Node,
    file: &Path,
    resets: &Resets,
    loader: &mut Loader<'_>,
    scope: &mut Scope,
) {
    let Some(entry) = document.as_mapping_mut().and_then(|mapping| mapping.get_mut("services"))
    else {
        return;
    };
    let key_span = entry.key_span;
    if entry.node.is_broken() {
        return;
    }
    let incomplete = entry.node.is_incomplete();
    let Some(services) = entry.node.as_mapping_mut() else {
        let first = entry.node.as_sequence().and_then(|items| items.first());
        let named = first.and_then(|item| match &item.value {
            Value::Mapping(mapping) => mapping.keys().next().cloned(),
            _ => item.as_str().map(str::to_owned),
        });
        let help = match named {
            Some(name) => format!("write keys, without dashes: `{name}:` and not `- {name}:`"),
            None => "write the services below it, indented".to_owned(),
        };
        loader.report(
            Diagnostic::error(codes::SERVICES_NOT_A_MAPPING, "services must be a mapping")
                .at(key_span, "expected the services of the project below")
                .help(help),
        );
        entry.node.mark_broken();
        return;
    };
    let family = scope.arena.len();
    let names: Vec<String> = services.keys().cloned().collect();
    scope.arena.push(Family {
        file: file.to_owned(),
        services: std::mem::take(services),
        resets: resets.clone(),
        incomplete,
    });
    let mut extending = Extending { loader, scope, root: file, chain: Vec::new() };
    for name in &names {
        extending.service(family, name);
    }
    if let Some(family) = scope.arena.get_mut(family) {
        *services = std::mem::take(&mut family.services);
    }
}

/// Says that a service is no mapping, and how to write it.
fn not_a_service(name: &str, entry: &Entry) -> Diagnostic {
    let message = format!("services.{name} must be a mapping");
    let diagnostic = Diagnostic::error(codes::SERVICES_NOT_A_MAPPING, message)
        .at(entry.key_span, "expected the attributes of a service below");
    let Some(text) = entry.node.as_str() else {
        return diagnostic.help("write its attributes as keys, such as `image:`");
    };
    let attribute = |separator| {
        let (key, value) = text.split_once(separator)?;
        schema::is_service_attribute(key.trim())
            .then(|| format!("{}: {}", key.trim(), value.trim()))
    };
    let meant = attribute('=').or_else(|| attribute(':'));
    if let Some(meant) = meant {
        diagnostic.help(format!("write `{meant}`")).edit(entry.node.span, meant)
    } else if text.contains(char::is_whitespace) {
        diagnostic.help("write its attributes as keys, such as `image:`")
    } else {
        diagnostic
            .help(format!("write `image: {text}` below it, if that is the image"))
            .edit(entry.node.span, format!("{{image: \"{text}\"}}"))
    }
}

struct Extending<'l, 'd> {
    loader: &'l mut Loader<'d>,
    scope: &'l mut Scope,
    /// The file whose document is being read, for messages.
    root: &'l Path,
    chain: Vec<Link>,
}

impl Extending<'_, '_> {
    /// Replaces a service by its base with the service laid on top. Reports what cannot be done,
    /// and leaves a broken `extends` there.
    fn service(&mut self, family: usize, name: &str) {
        let Some(entry) = self.entry(family, name) else { return };
        let extends = match &mut entry.node.value {
            Value::Null | Value::Broken => return,
            Value::Mapping(service) => service.shift_remove("extends"),
            _ => {
                let diagnostic = not_a_service(name, entry);
                entry.node.mark_broken();
                self.loader.report(diagnostic);
                return;
            }
        };
        let Some(mut extends) = extends else { return };
        if self.extend(family, name, &extends).is_none() {
            extends.node.mark_broken();
            if let Some(service) = self.entry(family, name).and_then(|it| it.node.as_mapping_mut())
            {
                service.insert("extends".to_owned(), extends);
            }
        }
    }

    /// Lays a service on its base. `None` if the base is not known.
    fn extend(&mut self, family: usize, name: &str, extends: &Entry) -> Option<()> {
        if extends.node.is_broken() {
            return None;
        }
        let reference = self.reference(name, extends)?;
        let base_family = match &reference.file {
            None => family,
            Some((file, span)) => self.family(name, file, *span)?,
        };
        let place = extends.node.span;
        self.chain.push(Link { family, service: name.to_owned(), place });
        let outcome = if self.chain.len() > limits::EXTENDS_DEPTH {
            let limit = limits::EXTENDS_DEPTH;
            self.report_too_much(format!("more than {limit} services extend each other"), place);
            None
        } else if self.closes_cycle(base_family, &reference.service) {
            self.report_cycle(&reference.service);
            None
        } else if self.entry(base_family, &reference.service).is_none() {
            if !self.scope.arena.get(base_family).is_some_and(|family| family.incomplete) {
                self.report_not_found(name, &reference, base_family);
            }
            None
        } else {
            self.service(base_family, &reference.service);
            self.lay_on_base(family, name, base_family, &reference.service, extends)
        };
        self.chain.pop();
        outcome
    }

    fn entry(&mut self, family: usize, name: &str) -> Option<&mut Entry> {
        self.scope.arena.get_mut(family)?.services.get_mut(name)
    }

    fn lay_on_base(
        &mut self,
        family: usize,
        name: &str,
        base_family: usize,
        base_name: &str,
        extends: &Entry,
    ) -> Option<()> {
        let base = self.entry(base_family, base_name)?;
        if base.node.is_broken() {
            return None;
        }
        if base.node.as_mapping().is_none() {
            // Docker Compose leaves the attribute of a service that extends nothing.
            let service = self.entry(family, name).and_then(|entry| entry.node.as_mapping_mut());
            if let Some(service) = service {
                service.insert("extends".to_owned(), extends.clone());
            }
            return Some(());
        }
        let weight = base.node.weight();
        let before = self.loader.extended;
        self.loader.extended = before.saturating_add(weight);
        if self.loader.extended > limits::EXTENDED_NODES {
            if before <= limits::EXTENDED_NODES {
                let limit = limits::EXTENDED_NODES;
                let message = format!("services take over more than {limit} values from others");
                self.report_too_much(message, extends.node.span);
            }
            return None;
        }
        let mut merged = self.entry(base_family, base_name)?.node.clone();
        self.tell(family, name, base_family, base_name, &merged, extends.node.span);
        if let Some(family) = self.scope.arena.get(family) {
            family.resets.apply_to_service(name, &mut merged);
            self.loader.trace.extended(ModelStage::Reset, &merged);
        }
        let Entry { node, .. } = self.entry(family, name)?;
        let span = node.span;
        let over = std::mem::replace(node, Node::new(Value::Null, span));
        merge_service(name, &mut merged, over, &mut self.loader.diagnostics);
        self.loader.trace.extended(ModelStage::Merged, &merged);
        // The service is still the one that stands here; only what it inherits is from elsewhere.
        merged.span = span;
        self.entry(family, name)?.node = merged;
        Some(())
    }

    fn tell(
        &mut self,
        family_index: usize,
        name: &str,
        base_family: usize,
        base_name: &str,
        base: &Node,
        place: Span,
    ) {
        let family = |index: usize| self.scope.arena.get(index);
        let (Some(own), Some(other)) = (family(family_index), family(base_family)) else { return };
        let Some(service) = own.services.get(name) else { return };
        self.loader.trace.extends(&Extension {
            file: &own.file,
            service: name,
            place,
            base_file: &other.file,
            same_document: family_index == base_family,
            base_name,
            base,
            own: &service.node,
        });
    }

    fn reference(&mut self, name: &str, extends: &Entry) -> Option<Reference> {
        let required = |span| {
            Diagnostic::error(
                codes::EXTENDS_SERVICE_REQUIRED,
                format!("extends.{name}.service is required"),
            )
            .at(span, "which service?")
            .help("write `service: NAME`")
        };
        let node = &extends.node;
        match &node.value {
            Value::String(service) => {
                let service = service.clone();
                Some(Reference { service, service_span: node.span, file: None })
            }
            Value::Mapping(mapping) => {
                let text = |key: &str| {
                    let node = &mapping.get(key)?.node;
                    Some((node.as_str()?.to_owned(), node.span))
                };
                let Some((service, service_span)) = text("service") else {
                    self.loader.report(required(extends.key_span));
                    return None;
                };
                Some(Reference { service, service_span, file: text("file") })
            }
            _ => {
                let root = self.root.display();
                let message =
                    format!("cannot extend service \"{name}\" in {root}: service \"\" not found");
                let diagnostic = Diagnostic::error(codes::EXTENDS_NOT_FOUND, message)
                    .at(extends.key_span, "this names no service");
                let only = match node.as_sequence() {
                    Some([only]) => only.as_str(),
                    _ => None,
                };
                self.loader.report(match only {
                    Some(base) => diagnostic
                        .help(format!("write `extends: {base}`, without a list"))
                        .edit(node.span, base),
                    None => {
                        diagnostic.help("write `extends: NAME`, or `service:` and `file:` below it")
                    }
                });
                None
            }
        }
    }

    /// The services of another file, which is read when it is first asked for.
    fn family(&mut self, name: &str, file: &str, span: Span) -> Option<usize> {
        let path = if Remote::of(file).is_some() {
            self.loader.fetch(file, Some(span))?.file
        } else {
            let path = self.scope.absolute(file);
            if !self.loader.may_use(span, &path, PathUse::Compose) {
                return None;
            }
            path
        };
        if let Some(family) = self.scope.families.get(&path) {
            return Some(*family);
        }
        let mut tree = self.loader.extended_file(&path, span, self.scope)?;
        let incomplete = tree.0.is_incomplete();
        let services = tree.0.as_mapping_mut().and_then(|mapping| mapping.shift_remove("services"));
        let broken = services.as_ref().map_or(incomplete, |services| services.node.is_broken());
        if broken {
            return None;
        }
        let problem = match services.map(|entry| entry.node.value) {
            Some(Value::Mapping(services)) => {
                let family = self.scope.arena.len();
                let resets = tree.1;
                let incomplete = incomplete || services.contains_key(GAP);
                self.scope.arena.push(Family { file: path.clone(), services, resets, incomplete });
                self.scope.families.insert(path, family);
                return Some(family);
            }
            Some(_) => "services must be a mapping",
            None => "no services section",
        };
        let path = path.display();
        self.loader.report(
            Diagnostic::error(
                codes::EXTENDS_NOT_FOUND,
                format!("cannot extend service \"{name}\" in {path}: {problem}"),
            )
            .at(span, "this file has no services"),
        );
        None
    }

    fn closes_cycle(&self, family: usize, service: &str) -> bool {
        self.chain.iter().any(|link| link.service == service && self.same_file(link.family, family))
    }

    fn same_file(&self, one: usize, other: usize) -> bool {
        let file = |family: usize| self.scope.arena.get(family).map(|family| &family.file);
        one == other || file(one) == file(other)
    }

    fn report_too_much(&mut self, message: String, place: Span) {
        self.loader.report(
            Diagnostic::error(codes::EXTENDS_TOO_MUCH, message)
                .at(place, "the limit is passed here"),
        );
    }

    fn report_cycle(&mut self, service: &str) {
        let start = self.chain.iter().position(|link| link.service == service).unwrap_or(0);
        let cycle = &self.chain[start..];
        let names: Vec<String> =
            cycle.iter().map(|link| link.service.clone()).chain([service.to_owned()]).collect();
        let mut diagnostic = Diagnostic::error(
            codes::EXTENDS_CYCLE,
            format!("Circular reference: service {}", names.join(" extends ")),
        );
        for (index, link) in cycle.iter().enumerate() {
            let to = names.get(index + 1).map_or("", String::as_str);
            let base = cycle.get(index + 1).map_or(cycle.first(), Some).map(|link| link.family);
            let file = base.filter(|base| !self.same_file(link.family, *base));
            let file = file.and_then(|base| self.scope.arena.get(base)?.file.file_name());
            let of =
                file.map_or_else(String::new, |file| format!(" of {}", file.to_string_lossy()));
            let message = format!("`{}` extends `{to}`{of}", link.service);
            diagnostic = if index + 1 == cycle.len() {
                diagnostic.at(link.place, message)
            } else {
                diagnostic.with_context(link.place, message)
            };
        }
        // The primary place is the one that closes the cycle.
        diagnostic.labels.sort_by_key(|label| !label.primary);
        self.loader.report(diagnostic.help("let one of them stand on its own"));
    }

    fn report_not_found(&mut self, name: &str, reference: &Reference, family: usize) {
        let Reference { service, service_span, file } = reference;
        let root = self.root.display();
        let mut message =
            format!("cannot extend service \"{name}\" in {root}: service \"{service}\" not found");
        if let Some((file, _)) = file {
            message.push_str(" in ");
            message.push_str(file);
        }
        let mut diagnostic = Diagnostic::error(codes::EXTENDS_NOT_FOUND, message)
            .at(*service_span, "no such service");
        let near = self.scope.arena.get(family).and_then(|family| {
            family
                .services
                .keys()
                .filter(|candidate| candidate.len().abs_diff(service.len()) <= 8)
                .filter(|_| service.len() <= limits::COMPARED_NAME)
                .map(|candidate| (strsim::osa_distance(candidate, service), candidate))
                .filter(|(distance, _)| *distance <= 2)
                .min()
        });
        if let Some((_, near)) = near {
            diagnostic =
                diagnostic.help(format!("did you mean `{near}`?")).edit(*service_span, near);
        } else if file.is_none() {
            diagnostic = diagnostic.help("a service of another file needs `file:` as well");
        }
        self.loader.report(diagnostic);
    }
}
