//! What a project gives of this machine to containers, builds and itself: paths, variables that it
//! takes by name, and what else can be named in a file. Works on the canonical tree with absolute
//! paths.

use std::path::PathBuf;

use super::access::{Local, PathUse};
use crate::compose::paths::{clean, is_elsewhere};
use crate::compose::yaml::{Mapping, Node, Value};
use crate::diagnostic::Span;

/// Something of this machine that a tree names, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::compose) struct Named {
    /// What is named.
    pub(in crate::compose) local: Local,
    /// Where.
    pub(in crate::compose) span: Span,
    /// Whether it is only used when the project is built or runs.
    pub(in crate::compose) when_run: bool,
}

/// Everything of this machine that a tree names.
pub(in crate::compose) fn named(tree: &Node) -> Vec<Named> {
    let mut walk = Walk { found: Vec::new() };
    for service in section(tree, "services") {
        walk.service(service);
    }
    for (key, using) in [("secrets", PathUse::Secret), ("configs", PathUse::Config)] {
        for object in section(tree, key) {
            walk.path(object.get("file"), using);
            if let Some(variable) = object.get("environment")
                && let Some(name) = variable.as_str()
            {
                walk.add(Local::Variable(name.to_owned()), variable.span, false);
            }
        }
    }
    for volume in section(tree, "volumes") {
        let Some(options) = volume.get("driver_opts") else { continue };
        let device = options
            .get("device")
            .filter(|device| device.as_str().is_some_and(|path| path.starts_with(['/', '~', '.'])));
        walk.path(device, PathUse::Mount);
    }
    walk.found
}

struct Walk {
    found: Vec<Named>,
}

impl Walk {
    fn add(&mut self, local: Local, span: Span, when_run: bool) {
        self.found.push(Named { local, span, when_run });
    }

    fn path(&mut self, node: Option<&Node>, using: PathUse) {
        let Some(node) = node else { return };
        if let Some(path) = node.as_str().filter(|path| !path.is_empty()) {
            let local = Local::Path(PathBuf::from(clean(path)), using);
            self.add(local, node.span, !using.is_read_by_loading());
        }
    }

    fn service(&mut self, service: &Node) {
        for file in items(service.get("env_file")) {
            self.path(file.get("path").or(Some(file)), PathUse::EnvFile);
        }
        for file in items(service.get("label_file")) {
            self.path(Some(file), PathUse::LabelFile);
        }
        self.by_name(service.get("environment"), false);
        for mount in items(service.get("volumes")) {
            let kind = mount.get("type").and_then(Node::as_str);
            if matches!(kind, Some("bind" | "npipe")) {
                self.path(mount.get("source"), PathUse::Mount);
            }
        }
        for device in items(service.get("devices")) {
            let source = device.get("source").or(Some(device));
            let path = source.and_then(Node::as_str).is_some_and(|path| path.starts_with('/'));
            self.path(source.filter(|_| path), PathUse::Device);
        }
        if let Some(build) = service.get("build") {
            self.build(build);
        }
        if let Some(develop) = service.get("develop") {
            for rule in items(develop.get("watch")) {
                self.path(rule.get("path"), PathUse::Watch);
            }
        }
        let credentials = service.get("credential_spec").and_then(|spec| spec.get("file"));
        self.path(credentials, PathUse::Config);
        if let Some(socket) = service.get("use_api_socket")
            && matches!(socket.value, Value::Bool(true))
        {
            self.add(Local::EngineSocket, socket.span, true);
        }
        if let Some(kind) = service.get("provider").and_then(|provider| provider.get("type"))
            && let Some(name) = kind.as_str()
        {
            self.add(Local::Program(name.to_owned()), kind.span, true);
        }
    }

    fn build(&mut self, build: &Node) {
        let context = build.get("context");
        let local = |node: &&Node| node.as_str().is_some_and(|text| !is_elsewhere(text));
        self.path(context.filter(local), PathUse::Build);
        if let (Some(context), Some(dockerfile)) =
            (context.filter(local).and_then(Node::as_str), build.get("dockerfile"))
            && let Some(path) = dockerfile.as_str()
        {
            let path = if path.starts_with('/') {
                clean(path)
            } else {
                clean(&format!("{context}/{path}"))
            };
            self.add(Local::Path(PathBuf::from(path), PathUse::Build), dockerfile.span, true);
        }
        for (_, context) in entries(build.get("additional_contexts")) {
            let Some(text) = context.as_str() else { continue };
            let layout = text.strip_prefix("oci-layout://");
            if let Some(path) = layout.or(Some(text).filter(|text| !is_elsewhere(text))) {
                let local = Local::Path(PathBuf::from(clean(path)), PathUse::Build);
                self.add(local, context.span, true);
            }
        }
        for (_, key) in entries(build.get("ssh")) {
            match key.as_str() {
                Some(path) if !path.is_empty() => self.path(Some(key), PathUse::Build),
                _ => self.add(Local::SshAgent, key.span, true),
            }
        }
        for key in items(build.get("ssh")) {
            match key.as_str().and_then(|text| text.split_once('=')) {
                Some((_, path)) => {
                    let local = Local::Path(PathBuf::from(clean(path)), PathUse::Build);
                    self.add(local, key.span, true);
                }
                None => self.add(Local::SshAgent, key.span, true),
            }
        }
        self.by_name(build.get("args"), true);
        for key in ["cache_from", "cache_to"] {
            for cache in items(build.get(key)) {
                let text = cache.as_str().unwrap_or_default();
                let fields = || text.split(',').filter_map(|field| field.split_once('='));
                let kind = fields().any(|field| field == ("type", "local"));
                for (name, path) in fields().filter(|_| kind) {
                    if matches!(name, "src" | "dest") {
                        let local = Local::Path(PathBuf::from(clean(path)), PathUse::Build);
                        self.add(local, cache.span, true);
                    }
                }
            }
        }
    }

    /// Variables without a value, which have the one that they have outside.
    fn by_name(&mut self, variables: Option<&Node>, when_run: bool) {
        for item in items(variables) {
            if let Some(name) = item.as_str().filter(|text| !text.contains('=')) {
                self.add(Local::Variable(name.to_owned()), item.span, when_run);
            }
        }
        let mapping = variables.and_then(Node::as_mapping);
        for (name, entry) in mapping.into_iter().flatten() {
            if entry.node.is_null() {
                self.add(Local::Variable(name.clone()), entry.key_span, when_run);
            }
        }
    }
}

fn section<'a>(tree: &'a Node, key: &str) -> impl Iterator<Item = &'a Node> {
    entries(tree.get(key)).map(|(_, node)| node)
}

fn entries(node: Option<&Node>) -> impl Iterator<Item = (&String, &Node)> {
    node.and_then(Node::as_mapping)
        .into_iter()
        .flat_map(Mapping::iter)
        .map(|(key, entry)| (key, &entry.node))
}

/// The items of a list, or the only one where no list is written.
fn items(node: Option<&Node>) -> impl Iterator<Item = &Node> {
    let single = node.filter(|node| node.as_str().is_some());
    node.and_then(Node::as_sequence).into_iter().flatten().chain(single)
}
