//! Short syntax of `volumes`: `[SOURCE:]TARGET[:OPTIONS]`.
//!
//! A colon after a single letter belongs to a Windows drive, wherever it stands; so `v:/v` is one
//! path, and a volume whose name is one letter needs the long syntax. Docker Compose does the same.

use super::make;
use crate::compose::paths::clean;
use crate::compose::yaml::{Mapping, Node, Value};
use crate::diagnostic::Span;

/// The long form of a mount.
pub(super) fn mount(text: &str, span: Span) -> Result<Node, String> {
    let spec = Spec::parse(text)?;
    let bind = is_path(spec.source);
    let kind = if bind { "bind" } else { "volume" };
    let mut mount = Mapping::new();
    let mut set = |key: &str, value| mount.insert(key.to_owned(), make::entry(value, span));
    set("type", make::text(kind));
    if !spec.source.is_empty() {
        set("source", make::text(spec.source));
    }
    set("target", make::text(clean(spec.target)));
    if spec.read_only {
        set("read_only", Value::Bool(true));
    }
    if spec.nocopy || (!bind && !spec.bare) {
        let options = spec.nocopy.then_some(("nocopy", Value::Bool(true)));
        set("volume", make::mapping(options, span).value);
    }
    if bind || spec.selinux.is_some() || spec.propagation.is_some() {
        let options = [
            spec.selinux.map(|option| ("selinux", make::text(option))),
            spec.propagation.map(|option| ("propagation", make::text(option))),
            bind.then_some(("create_host_path", Value::Bool(true))),
        ];
        set("bind", make::mapping(options.into_iter().flatten(), span).value);
    }
    Ok(Node::new(Value::Mapping(mount), span))
}

/// The path inside the container, as written; `None` if the text is no mount.
pub(in crate::compose) fn target(text: &str) -> Option<&str> {
    Spec::parse(text).ok().map(|spec| spec.target)
}

#[derive(Default)]
struct Spec<'t> {
    source: &'t str,
    target: &'t str,
    read_only: bool,
    nocopy: bool,
    selinux: Option<&'t str>,
    propagation: Option<&'t str>,
    /// Too short to have been taken apart.
    bare: bool,
}

impl<'t> Spec<'t> {
    fn parse(text: &'t str) -> Result<Self, String> {
        match text.len() {
            0 => return Err("invalid empty volume spec".to_owned()),
            1 | 2 => return Ok(Self { target: text, bare: true, ..Self::default() }),
            _ => {}
        }
        let sections = sections(text);
        let invalid = |reason| Err(format!("invalid spec: {text}: {reason}"));
        if sections.iter().any(|section| section.is_empty()) {
            return invalid("empty section between colons");
        }
        let mut spec = Self::default();
        match sections.as_slice() {
            [target] => spec.target = target,
            [source, target] => (spec.source, spec.target) = (source, target),
            [source, target, options] => {
                (spec.source, spec.target) = (source, target);
                options.split(',').for_each(|option| spec.option(option));
            }
            _ => return invalid("too many colons"),
        }
        Ok(spec)
    }

    /// Unknown options are ignored, as Docker Compose ignores them.
    fn option(&mut self, option: &'t str) {
        match option {
            "ro" => self.read_only = true,
            "rw" => self.read_only = false,
            "nocopy" => self.nocopy = true,
            "z" | "Z" => self.selinux = Some(option),
            "private" | "rprivate" | "shared" | "rshared" | "slave" | "rslave" => {
                self.propagation = Some(option);
            }
            _ => {}
        }
    }
}

/// Splits at colons that do not follow a drive letter and do not stand in a variable (`${V:-x}`).
fn sections(text: &str) -> Vec<&str> {
    let mut sections = Vec::with_capacity(3);
    let mut start = 0;
    let mut variables = 0_usize;
    for (offset, character) in text.char_indices() {
        match character {
            '$' if text[offset..].starts_with("${") => variables += 1,
            '}' => variables = variables.saturating_sub(1),
            ':' if variables == 0 && !is_drive_letter(&text[start..offset]) => {
                sections.push(&text[start..offset]);
                start = offset + 1;
            }
            _ => {}
        }
    }
    sections.push(&text[start..]);
    sections
}

fn is_drive_letter(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(char::is_alphabetic) && characters.next().is_none()
}

/// Whether a source is a path on the engine's machine rather than the name of a volume.
fn is_path(source: &str) -> bool {
    source.starts_with(['.', '/', '~'])
        || source.starts_with(r"\\")
        || source.split_once(':').is_some_and(|(drive, _)| is_drive_letter(drive))
}
