//! Relative paths to absolute ones (Compose Specification): which attributes hold paths on the
//! machine that reads the file, and what they are based on.
//!
//! Works on the canonical tree. Paths are text here: nothing is looked up except where a watched
//! path leads, through [`Files`].

use std::path::Path;

use super::files::Files;
use super::remote::Remote;
use super::yaml::{Mapping, Node, Value};

/// What relative paths are based on.
#[derive(Clone, Copy)]
pub struct Base<'a> {
    /// The directory, absolute; or relative, to move paths of an extended file under it.
    pub directory: &'a Path,
    /// What `~` stands for.
    pub home: Option<&'a Path>,
}

/// Makes the paths of a tree absolute.
pub fn resolve(tree: &mut Node, base: Base<'_>, files: &dyn Files) {
    for service in section(tree, "services") {
        resolve_service(service, base, files);
    }
    for key in ["configs", "secrets"] {
        for object in section(tree, key) {
            change(object.get_mut("file"), |path| base.host_path(path));
        }
    }
    for volume in section(tree, "volumes") {
        if is(volume.get("driver"), "local")
            && let Some(options) = volume.get_mut("driver_opts")
            && is(options.get("o"), "bind")
        {
            change(options.get_mut("device"), |path| base.host_path(path));
        }
    }
}

fn resolve_service(service: &mut Node, base: Base<'_>, files: &dyn Files) {
    if let Some(build) = service.get_mut("build") {
        change(build.get_mut("context"), |context| base.context(context));
        for context in values(build.get_mut("additional_contexts")) {
            change(Some(context), |context| base.context(context));
        }
        for key in values(build.get_mut("ssh")) {
            change(Some(key), |path| base.host_path(path));
        }
    }
    for file in items(service.get_mut("env_file")) {
        change(file.get_mut("path"), |path| base.path(path));
    }
    for file in items(service.get_mut("label_file")) {
        change(Some(file), |path| base.path(path));
    }
    if let Some(extends) = service.get_mut("extends") {
        change(extends.get_mut("file"), |path| {
            if Remote::of(path).is_some() { path.to_owned() } else { base.path(path) }
        });
    }
    if let Some(develop) = service.get_mut("develop") {
        for rule in items(develop.get_mut("watch")) {
            change(rule.get_mut("path"), |path| {
                let path = base.path(path);
                match files.canonical(Path::new(&path)) {
                    Some(real) => real.to_string_lossy().into_owned(),
                    None => path,
                }
            });
        }
    }
    for mount in items(service.get_mut("volumes")) {
        if is(mount.get("type"), "bind") {
            change(mount.get_mut("source"), |path| base.host_path(path));
        }
    }
}

impl Base<'_> {
    /// A path on this machine; the empty one stays empty.
    fn path(self, path: &str) -> String {
        let path = self.expand(path);
        if path.is_empty() || path.starts_with('/') { path } else { self.join(&path) }
    }

    /// A path on the engine's machine, which may be a Windows one.
    fn host_path(self, path: &str) -> String {
        let path = self.expand(path);
        if path.starts_with('/') || is_windows_absolute(&path) { path } else { self.join(&path) }
    }

    /// A build context: a path, unless it is a URL, a repository or another service.
    fn context(self, context: &str) -> String {
        if is_elsewhere(context) { context.to_owned() } else { self.path(context) }
    }

    fn expand(self, path: &str) -> String {
        match (path.strip_prefix('~'), self.home) {
            (Some(rest), Some(home)) => clean(&format!("{}/{rest}", home.display())),
            _ => path.to_owned(),
        }
    }

    fn join(self, path: &str) -> String {
        clean(&format!("{}/{path}", self.directory.display()))
    }
}

/// Whether a build context is no path: a URL, a repository or another service.
pub fn is_elsewhere(context: &str) -> bool {
    context.contains("://")
        || ["service:", "github.com/", "git@"].iter().any(|prefix| context.starts_with(prefix))
}

/// The shortest path that means the same by its text alone: no `.`, no `//`, no `x/..`.
pub fn clean(path: &str) -> String {
    let absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if absolute => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (absolute, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

/// `C:\x`, `C:/x` and `\\server\share`.
fn is_windows_absolute(path: &str) -> bool {
    let bytes = path.as_bytes();
    let separator = |index: usize| bytes.get(index).is_some_and(|byte| b"/\\".contains(byte));
    let drive = bytes.first().is_some_and(u8::is_ascii_alphabetic) && bytes.get(1) == Some(&b':');
    (drive && separator(2)) || (separator(0) && separator(1))
}

fn section<'a>(tree: &'a mut Node, key: &str) -> impl Iterator<Item = &'a mut Node> {
    values(tree.get_mut(key))
}

fn values(node: Option<&mut Node>) -> impl Iterator<Item = &mut Node> {
    node.and_then(Node::as_mapping_mut)
        .into_iter()
        .flat_map(Mapping::values_mut)
        .map(|entry| &mut entry.node)
}

fn items(node: Option<&mut Node>) -> impl Iterator<Item = &mut Node> {
    node.and_then(Node::as_sequence_mut).into_iter().flatten()
}

fn is(node: Option<&Node>, text: &str) -> bool {
    node.and_then(Node::as_str) == Some(text)
}

fn change(node: Option<&mut Node>, resolve: impl FnOnce(&str) -> String) {
    let Some(node) = node else { return };
    if let Value::String(text) = &node.value {
        node.value = Value::String(resolve(text));
    }
}
