//! Short syntax to long syntax (Compose Specification): every attribute that may be written in
//! several ways gets the one form that later stages read.
//!
//! Applies to a tree that fits the schema and may be applied again to one that was transformed
//! before. New nodes take the place of the text they were made from. Attributes that are lists or
//! mappings of `KEY=value` pairs (`environment`, `labels`, …) stay as they are written.

mod devices;
mod lists;
mod make;
mod mounts;
mod ports;
mod resources;

use crate::compose::yaml::{Mapping, Node, Value};
use crate::diagnostic::{Diagnostic, Span, codes};

pub(super) use mounts::target as mount_target;

/// Gives every attribute of a tree its long form.
///
/// With `lenient` a text that cannot be taken apart stays as it is: it may hold a variable that
/// was not substituted.
pub fn transform(tree: &mut Node, lenient: bool, diagnostics: &mut Vec<Diagnostic>) {
    let mut context = Context { lenient, ports: 0, diagnostics };
    let Some(tree) = tree.as_mapping_mut() else { return };
    if let Some(services) = section(tree, "services") {
        for entry in services.values_mut() {
            if let Some(service) = entry.node.as_mapping_mut() {
                context.service(service);
            }
        }
    }
    for key in ["networks", "volumes", "secrets", "configs"] {
        for (name, entry) in section(tree, key).into_iter().flatten() {
            if let Some(resource) = entry.node.as_mapping_mut() {
                resources::external(resource, &format!("{key}.{name}"), context.diagnostics);
            }
        }
    }
}

fn section<'a>(mapping: &'a mut Mapping, key: &str) -> Option<&'a mut Mapping> {
    mapping.get_mut(key)?.node.as_mapping_mut()
}

struct Context<'d> {
    lenient: bool,
    /// Ports of all services so far.
    ports: usize,
    diagnostics: &'d mut Vec<Diagnostic>,
}

impl Context<'_> {
    fn service(&mut self, service: &mut Mapping) {
        for (key, entry) in service.iter_mut() {
            let node = &mut entry.node;
            match key.as_str() {
                "build" => self.build(node),
                "depends_on" => lists::depends_on(node),
                "env_file" => lists::env_files(node),
                "label_file" => lists::text_to_list(node),
                "dns" => {
                    lists::text_to_list(node);
                    lists::drop_empty(node);
                }
                "networks" | "models" => lists::names_to_mapping(node),
                "configs" | "secrets" => lists::file_references(node),
                "gpus" => devices::gpus(node),
                "ports" => ports::transform(node, self),
                "devices" => self.items(node, devices::mapping),
                "volumes" => self.items(node, mounts::mount),
                "develop" => {
                    let watch = node.get_mut("watch").and_then(Node::as_sequence_mut);
                    for rule in watch.into_iter().flatten() {
                        for key in ["ignore", "include"] {
                            if let Some(patterns) = rule.get_mut(key) {
                                lists::text_to_list(patterns);
                            }
                        }
                    }
                }
                "extends" => resources::wrap(node, "service"),
                _ => {}
            }
        }
    }

    fn build(&mut self, build: &mut Node) {
        resources::wrap(build, "context");
        let Some(build) = build.as_mapping_mut() else { return };
        for (key, entry) in build {
            let node = &mut entry.node;
            let result = match key.as_str() {
                "secrets" => {
                    lists::file_references(node);
                    Ok(())
                }
                "provenance" | "sbom" => {
                    if let Value::Bool(value) = node.value {
                        node.value = Value::String(value.to_string());
                    }
                    Ok(())
                }
                "ssh" => lists::ssh_keys(node),
                "additional_contexts" => lists::pairs_to_mapping(node),
                _ => Ok(()),
            };
            if let Err((message, span)) = result {
                self.refuse(message, span);
            }
        }
    }

    /// Replaces each text of a list by what it stands for.
    fn items(&mut self, list: &mut Node, expand: fn(&str, Span) -> Result<Node, String>) {
        for item in list.as_sequence_mut().into_iter().flatten() {
            let Some(text) = item.as_str() else { continue };
            match expand(text, item.span) {
                Ok(long) => *item = long,
                Err(message) => {
                    let span = item.span;
                    self.refuse(message, span);
                }
            }
        }
    }

    fn refuse(&mut self, message: String, span: Span) {
        if !self.lenient {
            self.diagnostics.push(Diagnostic::error(codes::SHORT_SYNTAX, message).at(span, ""));
        }
    }
}
