//! Where a service's platform is written.

use crate::compose::interpolate;
use crate::compose::load::Merged;
use crate::compose::yaml::{Entry, Mapping, Node};
use crate::diagnostic::Span;
use crate::platform::Platform;

/// The entry that gives a service a platform that is not the native one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pin {
    /// Its key. It may stand in another service, or in what several share.
    pub(super) key: Span,
    /// Its value, by the anchor where it is an alias.
    pub(super) value: Span,
}

impl Pin {
    /// The pin of a service; `None` if nothing, an empty text or the `native` platform stands there.
    pub(super) fn of(merged: &Merged, service: &str, native: &Platform) -> Option<Self> {
        let entry = platform(&merged.tree, service)?;
        let is_native = |text: &str| Platform::parse(text, native).as_ref() == Ok(native);
        let text = entry.node.as_str();
        let is_pin =
            !entry.node.is_null() && !text.is_some_and(|it| it.is_empty() || is_native(it));
        is_pin.then_some(Self { key: entry.key_span, value: entry.node.span })
    }

    /// The services that have their platform from this very place.
    pub(super) fn users<'m>(&self, merged: &'m Merged) -> impl Iterator<Item = &'m str> {
        let key = self.key;
        let services = merged.tree.get("services").and_then(Node::as_mapping);
        services.into_iter().flat_map(Mapping::keys).map(String::as_str).filter(move |service| {
            platform(&merged.tree, service).is_some_and(|entry| entry.key_span == key)
        })
    }

    /// The variables in it, as they are written.
    pub(super) fn variables(&self, merged: &Merged) -> Vec<String> {
        self.written(merged).map(|text| interpolate::names(text).collect()).unwrap_or_default()
    }

    /// What is written of it, without quotes around it.
    pub(super) fn written<'m>(&self, merged: &'m Merged) -> Option<&'m str> {
        let text = merged.sources.file(self.value.file)?.text.get(self.value.range())?;
        Some(text.trim_matches(['"', '\'']))
    }
}

fn platform<'m>(tree: &'m Node, service: &str) -> Option<&'m Entry> {
    tree.get("services")?.get(service)?.as_mapping()?.get("platform")
}
