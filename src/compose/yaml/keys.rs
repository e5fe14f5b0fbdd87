//! Keys of mappings: which are merge keys, which are no text, which were there before; and the
//! path that they make up.

use std::fmt::Write as _;

use super::tree::{Builder, Content, Origin};
use super::{Mapping, Node, Value};
use crate::diagnostic::{Diagnostic, Span, codes};

/// A key whose value comes next.
pub(super) enum Key {
    Text(String, Span),
    /// `<<`
    Merge(Span),
    /// A mistake that was reported; the value is dropped.
    Refused,
    /// A list or a mapping, which was reported; what it is in is probably no mapping at all.
    Collection,
}

impl Builder<'_> {
    /// Judges a key. The mapping's own frame is off the stack meanwhile.
    pub(super) fn key(
        &mut self,
        node: Node,
        origin: &Origin,
        entries: &Mapping,
        merged: Option<&(Span, Node)>,
    ) -> Key {
        let span = node.span;
        if origin.merge_key {
            if let Some((first, _)) = merged {
                return self.duplicate("<<", span, *first);
            }
            return Key::Merge(span);
        }
        let shown = match node.value {
            Value::String(text) => {
                return match entries.get(&text) {
                    Some(first) => self.duplicate(&text, span, first.key_span),
                    None => Key::Text(text, span),
                };
            }
            Value::Null => "<nil>".to_owned(),
            Value::Bool(value) => value.to_string(),
            Value::Int(value) => value.to_string(),
            Value::Timestamp(value) => value,
            Value::Float(_) => self.text[span.range()].to_owned(),
            Value::Broken => return Key::Refused,
            Value::Sequence(_) | Value::Mapping(_) => {
                let template = self.text[..span.range().start].ends_with('{')
                    && self.text[span.range()].starts_with('{');
                let (label, help) = if template {
                    (
                        "this is a template",
                        "render the template first; Compose itself substitutes `${VARIABLE}` only",
                    )
                } else {
                    ("a list or a mapping", "write the key as text")
                };
                self.parsed.diagnostics.push(
                    Diagnostic::error(
                        codes::YAML_NON_STRING_KEY,
                        "yaml: invalid map key: a key must be text",
                    )
                    .at(span, label)
                    .help(help),
                );
                return Key::Collection;
            }
        };
        let message = match self.path().as_str() {
            "" => format!("non-string key at top level: {shown}"),
            path => format!("non-string key in {path}: {shown}"),
        };
        let written = &self.text[span.range()];
        let path = self.path();
        let last = path.rsplit('.').next().unwrap_or_default();
        let is_port = last == "ports" || last.starts_with("ports[");
        if is_port && let Some(diagnostic) = self.port(&message, span, path.ends_with(']')) {
            self.parsed.diagnostics.push(diagnostic);
            return Key::Collection;
        }
        let mut diagnostic =
            Diagnostic::error(codes::YAML_NON_STRING_KEY, message).at(span, "a key must be text");
        if !written.is_empty() && !written.contains(['"', '\n']) {
            let quoted = format!("\"{written}\"");
            diagnostic =
                diagnostic.help(format!("write it in quotes: {quoted}")).edit(span, quoted);
        }
        self.parsed.diagnostics.push(diagnostic);
        // Read on as if it were in quotes.
        if entries.contains_key(&shown) { Key::Refused } else { Key::Text(shown, span) }
    }

    /// Says how to write `8080: 80`, which was meant to be a port.
    fn port(&self, message: &str, key: Span, is_item: bool) -> Option<Diagnostic> {
        let line = self.text[key.range().start..].lines().next().unwrap_or_default();
        let (host, container) = line.split_once(':')?;
        let container = container.trim();
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
        if !digits(host) || !digits(container) {
            return None;
        }
        let end = key.start + u32::try_from(line.trim_end().len()).ok()?;
        let port = format!("\"{host}:{container}\"");
        let port = if is_item { port } else { format!("- {port}") };
        Some(
            Diagnostic::error(codes::YAML_NON_STRING_KEY, message)
                .at(key, "with a space behind its colon this is a mapping")
                .help(format!("write the port as one text: `{port}`"))
                .edit(Span { end, ..key }, port),
        )
    }

    fn duplicate(&mut self, key: &str, second: Span, first: Span) -> Key {
        let message = format!(
            "line {}: mapping key {key:?} already defined at line {}",
            self.line(second.range().start),
            self.line(first.range().start),
        );
        let help = if key == "<<" {
            let value = |key: Span| {
                let rest = self.text[key.range().end..].lines().next().unwrap_or_default();
                rest.trim_start_matches(':').trim().to_owned()
            };
            match (value(first), value(second)) {
                (one, other) if one.starts_with('*') && other.starts_with('*') => {
                    format!("merge both at once: `<<: [{one}, {other}]`")
                }
                _ => "merge both at once: `<<: [*one, *other]`".to_owned(),
            }
        } else {
            "remove one of them, or merge their values".to_owned()
        };
        self.parsed.diagnostics.push(
            Diagnostic::error(codes::YAML_DUPLICATE_KEY, message)
                .at(second, "defined again")
                .with_context(first, "first defined here")
                .help(help),
        );
        Key::Refused
    }

    /// Where the parser is, as `services.web.ports[1]`; empty at the top.
    pub(super) fn path(&self) -> String {
        let mut path = String::new();
        for frame in &self.frames {
            match &frame.content {
                Content::Broken => {}
                Content::Sequence(items) => {
                    let _ = write!(path, "[{}]", items.len());
                }
                Content::Mapping { key, .. } => {
                    let key = match key {
                        Some(Key::Text(text, _)) => text.as_str(),
                        Some(Key::Merge(_)) => "<<",
                        Some(Key::Refused | Key::Collection) | None => continue,
                    };
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(key);
                }
            }
        }
        path
    }
}
